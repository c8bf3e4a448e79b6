/**
 * The cookie of a web session. `__Host-` makes the browser refuse one that was set without TLS or by a neighbour under the
 * same domain (RFC 6265bis 4.1.3.2), so nobody can plant a session. In clear it has a plain name and exists on the machine
 * itself only: over any other way nobody can sign in (sign-in-routes.ts).
 */
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { stepMs } from '../../auth/sign-in-steps.js';
import { sessionSpans } from '../../auth/web-sessions.js';
import type { WebPeer } from './web-peer.js';

const nameOf = (secure: boolean): string => (secure ? '__Host-vaguemestre' : 'vaguemestre');

const attributes = (secure: boolean): CookieSerializeOptions => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict',
  secure,
});

const stepNameOf = (secure: boolean): string => `${nameOf(secure)}-step`;

/** Between password and code. */
export function stepToken(request: FastifyRequest, { secure }: WebPeer): string | undefined {
  return request.cookies[stepNameOf(secure)];
}

export function giveStep(reply: FastifyReply, { secure }: WebPeer, token: string): void {
  reply.setCookie(stepNameOf(secure), token, { ...attributes(secure), maxAge: stepMs / 1000 });
}

export function takeStep(reply: FastifyReply, { secure }: WebPeer): void {
  reply.clearCookie(stepNameOf(secure), attributes(secure));
}

export function sessionToken(request: FastifyRequest, { secure }: WebPeer): string | undefined {
  return request.cookies[nameOf(secure)];
}

/** On a shared computer the cookie goes with the browser; how long it opens anything, the store decides. */
export function giveToken(reply: FastifyReply, { secure }: WebPeer, token: string, own: boolean): void {
  const lasting = own ? { maxAge: sessionSpans.own.longestMs / 1000 } : {};
  reply.setCookie(nameOf(secure), token, { ...attributes(secure), ...lasting });
}

export function takeToken(reply: FastifyReply, { secure }: WebPeer): void {
  reply.clearCookie(nameOf(secure), attributes(secure));
}
