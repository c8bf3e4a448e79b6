import { namespaceLine } from '../../codec/imap/response.js';
import { type Outcome, ok } from '../outcome.js';
import { loginOf, type Session } from '../session.js';

/** RFC 9051 6.3.10: one personal namespace without a prefix; nobody's mailboxes but one's own. */
export async function namespace(session: Session): Promise<Outcome> {
  loginOf(session);
  session.connection.write(namespaceLine);
  return ok('NAMESPACE completed');
}
