import type { Maildrop } from './maildrop.js';
import { type Outcome, type Pop3Session, refuseIn } from './session.js';

/** Undefined: the message is there and not deleted (RFC 1939 5). Otherwise it was refused. */
export function findMessage(session: Pop3Session, maildrop: Maildrop, number: number): Outcome | undefined {
  if (number < 1 || number > maildrop.numbers) return refuseIn(session, 'noMessage');
  return maildrop.isDeleted(number) ? refuseIn(session, 'deleted') : undefined;
}
