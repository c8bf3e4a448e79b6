import { type Outcome, ok } from '../outcome.js';
import { leaveMailbox, type Session, selectedOf } from '../session.js';

/** RFC 9051 6.4.1: removes what is marked \Deleted, silently, then leaves; under EXAMINE it only leaves. */
export async function close(session: Session): Promise<Outcome> {
  const { login, mailbox } = selectedOf(session);
  if (!mailbox.readOnly) await login.account.expunge(mailbox.cursor.view.mailbox);
  leaveMailbox(session);
  return ok('CLOSE completed');
}

/** RFC 9051 6.4.2: leaves without removing anything. */
export async function unselect(session: Session): Promise<Outcome> {
  selectedOf(session);
  leaveMailbox(session);
  return ok('UNSELECT completed');
}
