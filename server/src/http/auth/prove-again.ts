/** What changes who may come in is done in a browser only, and asks for the password again: a session may have been left open. */
import type { FastifyRequest } from 'fastify';
import type { Authenticator } from '../../auth/authenticator.js';
import { MailError } from '../../kernel/errors.js';
import { peerOf, webVisit } from './identify.js';
import { requireSignedIn, type SignedIn } from './signed-in.js';

/** MailError authorizationFailed for a program. */
export function requireBrowser(request: FastifyRequest): SignedIn {
  const signedIn = requireSignedIn(request);
  if (webVisit(request) !== undefined) return signedIn;
  throw new MailError('authorizationFailed', 'Sign in to the webmail with a browser for this.');
}

/** Judged as at the door, so that guessing here is slowed all the same. MailError cannot: the password is wrong. */
export async function provePassword(
  authenticator: Authenticator,
  request: FastifyRequest,
  password: string,
): Promise<void> {
  const { principal } = requireBrowser(request);
  const { peer, secure } = peerOf(request);
  try {
    await authenticator.login({
      identity: principal.address,
      password: Buffer.from(password),
      protocol: 'webmail',
      peer,
      secure,
      by: 'page',
    });
  } catch (error) {
    // Not 401, which would mean that nobody is signed in.
    if (!(error instanceof MailError) || error.code !== 'authenticationFailed') throw error;
    throw new MailError('cannot', 'The current password is wrong.');
  }
}
