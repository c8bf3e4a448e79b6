/** FLAGS and PERMANENTFLAGS of a selected mailbox (RFC 9051 7.3.1, 7.1). Keywords belong to the account, so every mailbox shows all. */
import { flagsLine, permanentFlagsCode, statusLine } from '../codec/imap/response.js';
import type { Account } from '../mailstore/account.js';
import { systemFlags } from '../mailstore/flags.js';
import type { Selected, Session } from './session.js';

/** Both lines again if the account has keywords that this session was not told of: before any flags that may use them. */
export function tellKeywords({ connection }: Session, { login, mailbox }: Selected): void {
  const { keywords } = login.account;
  if (keywords.length === mailbox.toldKeywords) return;
  mailbox.toldKeywords = keywords.length;
  connection.write(flagLists(login.account, mailbox.readOnly));
}

/** Both lines. Under EXAMINE nothing can be changed for good. */
export function flagLists({ keywords, keywordsFull }: Account, readOnly: boolean): string {
  const names = [...systemFlags, ...keywords];
  const permanent = readOnly ? permanentFlagsCode([], false) : permanentFlagsCode(names, !keywordsFull);
  return flagsLine(names) + statusLine('*', 'OK', readOnly ? 'Read-only' : 'Flags permitted', permanent);
}
