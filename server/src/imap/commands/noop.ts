import { type Outcome, ok } from '../outcome.js';
import type { Session } from '../session.js';

/**
 * NOOP (RFC 9051 6.1.2) and CHECK (RFC 3501 6.4.1): a poll. What was acknowledged to anybody before it is told before its
 * tagged response; the updates themselves are the command loop's.
 */
export async function noop(session: Session, name: 'NOOP' | 'CHECK'): Promise<Outcome> {
  const { state } = session;
  if (state.kind === 'selected' || state.kind === 'authenticated') {
    await state.login.account.refresh(session.connection.signal);
  }
  return ok(`${name} completed`);
}
