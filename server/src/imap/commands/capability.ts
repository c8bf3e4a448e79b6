import { type Outcome, ok } from '../outcome.js';
import { capabilitiesOf, type Session } from '../session.js';

/** RFC 9051 6.1.1. */
export async function capability(session: Session): Promise<Outcome> {
  session.connection.write(`* CAPABILITY ${capabilitiesOf(session)}\r\n`);
  return ok('CAPABILITY completed');
}
