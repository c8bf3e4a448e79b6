import { type Outcome, ok } from '../outcome.js';
import { leaveMailbox, type Session } from '../session.js';

/** RFC 9051 6.1.3: BYE, then the tagged OK, then the end. */
export async function logout(session: Session): Promise<Outcome> {
  leaveMailbox(session);
  session.connection.write('* BYE Logging out\r\n');
  return {
    ...ok('LOGOUT completed'),
    after: () => {
      if (session.state.kind === 'authenticated') session.state.login.account.release();
      session.state = { kind: 'logout' };
    },
  };
}
