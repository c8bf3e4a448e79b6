import { statusLine } from '../codec/imap/response.js';
import type { Session } from './session.js';
import type { LoggedIn } from './session-state.js';

/**
 * RFC 7162 3.1: some commands show that a client knows CONDSTORE; from the first of them on every FETCH that tells of flags
 * carries MODSEQ. With a mailbox selected, its HIGHESTMODSEQ is said then (3.1.1): what changed before is known to have
 * been told without.
 */
export function enableCondstore(session: Session, login: LoggedIn): void {
  if (login.enabled.condstore) return;
  login.enabled.condstore = true;
  const { state } = session;
  if (state.kind !== 'selected') return;
  session.connection.write(statusLine('*', 'OK', 'Newest change', `HIGHESTMODSEQ ${state.mailbox.toldModseq}`));
}
