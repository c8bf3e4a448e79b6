/**
 * SEARCH and UID SEARCH (RFC 9051 6.4.4, RFC 3501 6.4.4; ESEARCH RFC 4731, SEARCHRES RFC 5182, CONDSTORE RFC 7162 3.1.5). The
 * view stands still during a command, so the numbers found are those the client knows.
 */
import type { SearchCommand } from '../../codec/imap/search.js';
import { enableCondstore } from '../condstore.js';
import { type Outcome, ok } from '../outcome.js';
import { columnsOf, searchQuery } from '../search-program.js';
import { searchResult } from '../search-result.js';
import { type Session, selectedOf } from '../session.js';

const nothing = new Uint32Array(0);

export async function search(session: Session, tag: string, command: SearchCommand): Promise<Outcome> {
  const { login, mailbox } = selectedOf(session);
  const { connection } = session;
  const { view } = mailbox.cursor;
  // RFC 7162 3.1: the MODSEQ key shows that the client knows CONDSTORE.
  if (command.usesModseq) enableCondstore(session, login);
  const context = { view, saved: mailbox.savedResult };
  // RFC 9051 6.4.4.1: if the search fails, `$` names nothing.
  if (command.return?.save === true) mailbox.savedResult = nothing;
  const columns = columnsOf(command.key);
  if (columns.length > 0) await view.load(columns, connection.signal);
  const indexes = await login.account.search(view, searchQuery(command.key, context), connection.signal);
  const result = searchResult(tag, command, view, indexes, login.enabled.imap4rev2);
  if (result.saved !== undefined) mailbox.savedResult = result.saved;
  if (result.response !== undefined) connection.write(result.response);
  return ok('Search completed');
}
