/**
 * Who speaks, on every request that needs a person. `http/auth` alone fills it in, from the cookie of a web session today,
 * from app passwords of other programs later; everything behind it sees only this.
 */
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../auth/authenticator.js';
import { MailError } from '../../kernel/errors.js';
import type { Peer } from '../../net/connection.js';

export interface SignedIn {
  readonly principal: Principal;
  /** Of the session in the store: marks the log entries it makes, and ends what hangs on it when it is revoked. */
  readonly session: string;
  /** Where the request came from, by the word of a proxy if we believe it: sending may depend on the network. */
  readonly peer: Peer;
  /** Aborted when the session is revoked or ends: open event streams and long downloads stop. */
  readonly signal: AbortSignal;
}

declare module 'fastify' {
  interface FastifyRequest {
    signedIn: SignedIn | undefined;
    /** Why `signedIn` could not be found out: the store is away. Not the same as nobody. */
    signInError: MailError | undefined;
  }
}

/**
 * MailError authenticationFailed when nobody is signed in: HTTP 401 in the problem form. `unavailable` when that is not known:
 * a client that took it for a sign-out would throw away what it keeps.
 */
export function requireSignedIn(request: FastifyRequest): SignedIn {
  if (request.signedIn !== undefined) return request.signedIn;
  throw request.signInError ?? new MailError('authenticationFailed', 'Sign in first.');
}
