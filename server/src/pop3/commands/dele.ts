import type { Maildrop } from '../maildrop.js';
import { findMessage } from '../message-number.js';
import { type Outcome, ok, type Pop3Session } from '../session.js';
import { say } from '../words.js';

/** DELE (RFC 1939 5): takes effect at QUIT. */
export function dele(session: Pop3Session, maildrop: Maildrop, number: number): Outcome {
  const refused = findMessage(session, maildrop, number);
  if (refused !== undefined) return refused;
  maildrop.delete(number);
  return ok(session, say('marked', session.lang));
}

/** RSET (RFC 1939 5, RFC 1460: LAST begins anew too). */
export function rset(session: Pop3Session, maildrop: Maildrop): Outcome {
  maildrop.reset();
  return ok(session, say('reset', session.lang));
}
