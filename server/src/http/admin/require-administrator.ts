import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../auth/authenticator.js';
import { MailError } from '../../kernel/errors.js';
import { requireSignedIn } from '../auth/signed-in.js';

/** MailError authenticationFailed, or authorizationFailed for people who are no administrators, and for programs of those who are. */
export function requireAdministrator(request: FastifyRequest): Principal {
  const { principal } = requireSignedIn(request);
  if (!principal.admin || principal.app !== undefined)
    throw new MailError('authorizationFailed', 'This is for administrators');
  return principal;
}
