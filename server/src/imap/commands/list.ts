/**
 * LIST and LSUB (RFC 9051 6.3.9, RFC 3501 6.3.9; LIST-EXTENDED RFC 5258, LIST-STATUS RFC 5819, SPECIAL-USE RFC 6154, CHILDREN
 * RFC 3348). What is shown is decided in mailbox-listing.ts.
 */
import type { ListCommand, LsubCommand } from '../../codec/imap/list.js';
import { compileListPattern } from '../../codec/imap/list-pattern.js';
import { listLine } from '../../codec/imap/response.js';
import { enableCondstore } from '../condstore.js';
import { listNames, lsubNames, matchingNames } from '../mailbox-listing.js';
import { type Outcome, ok } from '../outcome.js';
import { loginOf, namesInUtf8, type Session } from '../session.js';
import { statusLine } from './status.js';

export async function list(session: Session, command: ListCommand): Promise<Outcome> {
  const login = loginOf(session);
  const { account } = login;
  const { connection } = session;
  // RFC 9051 6.3.9: an empty pattern asks for the delimiter; phones show nothing without this very line.
  if (command.patterns.length === 1 && command.patterns[0] === '' && command.select === undefined) {
    connection.write('* LIST (\\Noselect) "/" ""\r\n');
    return ok('LIST completed');
  }
  await account.refresh(connection.signal);
  const items = command.return?.status;
  // RFC 7162 3.1.7, as with STATUS.
  if (items?.includes('highestModseq') === true) enableCondstore(session, login);
  const all = account.mailboxes();
  const subscriptions = account.subscriptions();
  const patterns = command.patterns.map((pattern) => compileListPattern(command.reference, pattern));
  const paths = new Set([...all.map((info) => info.path), ...subscriptions]);
  const matching = await matchingNames(patterns, paths);
  for (const name of listNames(command, all, subscriptions, matching)) {
    connection.write(listLine('LIST', name, namesInUtf8(login.enabled)));
    // RFC 5819 2: no STATUS for a name that cannot be selected.
    if (items !== undefined && name.info !== undefined) {
      connection.write(await statusLine(session, login, name.info, items));
    }
    await connection.drained();
  }
  return ok('LIST completed');
}

export async function lsub(session: Session, command: LsubCommand): Promise<Outcome> {
  const { account, enabled } = loginOf(session);
  const { connection } = session;
  // RFC 3501 6.3.8, for LIST: an empty pattern asks for the delimiter; clients send it with LSUB too.
  if (command.pattern === '') {
    connection.write('* LSUB (\\Noselect) "/" ""\r\n');
    return ok('LSUB completed');
  }
  await account.refresh(connection.signal);
  const subscriptions = account.subscriptions();
  const matching = await matchingNames([compileListPattern(command.reference, command.pattern)], subscriptions);
  for (const name of lsubNames(subscriptions, matching)) {
    connection.write(listLine('LSUB', name, namesInUtf8(enabled)));
    await connection.drained();
  }
  return ok('LSUB completed');
}
