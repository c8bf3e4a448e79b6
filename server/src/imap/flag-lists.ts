/** FLAGS and PERMANENTFLAGS of a selected mailbox (RFC 9051 7.3.1, 7.1). Keywords belong to the account, so every mailbox shows all. */
import { flagsLine, permanentFlagsCode, statusLine } from '../codec/imap/response.js';
import type { Account } from '../mailstore/account.js';
import { systemFlags } from '../mailstore/flags.js';

/** Both lines. Under EXAMINE nothing can be changed for good. */
export function flagLists({ keywords, keywordsFull }: Account, readOnly: boolean): string {
  const names = [...systemFlags, ...keywords];
  const permanent = readOnly ? permanentFlagsCode([], false) : permanentFlagsCode(names, !keywordsFull);
  return flagsLine(names) + statusLine('*', 'OK', readOnly ? 'Read-only' : 'Flags permitted', permanent);
}
