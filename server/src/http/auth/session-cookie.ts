/**
 * The cookie of a web session. `__Host-` makes the browser refuse one that was set without TLS or by a neighbour under the
 * same domain (RFC 6265bis 4.1.3.2), so nobody can plant a session. In clear it has a plain name and exists on the machine
 * itself only: over any other way nobody can sign in (sign-in-routes.ts).
 */
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { stepMs } from '../../auth/sign-in-steps.js';
import { deriveSessionKey, sessionSpans } from '../../auth/web-sessions.js';
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

export function takeToken(request: FastifyRequest, reply: FastifyReply, from: WebPeer): void {
  reply.clearCookie(nameOf(from.secure), attributes(from.secure));
  takeKeepingKeys(request, reply, from);
}

/** Scripts of the page may read it. */
const readable = (secure: boolean): CookieSerializeOptions => ({ ...attributes(secure), httpOnly: false });
const keyForm = /^[A-Za-z0-9_-]{43}$/;
/** Long enough to open the webmail after signing in. */
const beforeSeconds = 600;

export function takeKeepingKeys(request: FastifyRequest, reply: FastifyReply, { secure }: WebPeer): void {
  for (const suffix of ['-key', '-key-before']) {
    const name = nameOf(secure) + suffix;
    if (name in request.cookies) reply.clearCookie(name, readable(secure));
  }
}

/**
 * On a reader's own computer the webmail keeps mail for its next start, sealed with a key that is wrapped under this one: it lives
 * in the browser as long as the session, so that the page can open what it kept also when the service is away. It opens nothing on
 * the service. The one of the session before stays a moment: the same reader's drafts go on.
 */
export function giveKeepingKey(request: FastifyRequest, reply: FastifyReply, { secure }: WebPeer, token: string): void {
  const name = `${nameOf(secure)}-key`;
  const key = deriveSessionKey(token, 'cache of the browser').toString('base64url');
  const before = request.cookies[name];
  if (before === key) return;
  if (before !== undefined && keyForm.test(before)) {
    reply.setCookie(`${name}-before`, before, { ...readable(secure), maxAge: beforeSeconds });
  }
  reply.setCookie(name, key, { ...readable(secure), maxAge: sessionSpans.own.longestMs / 1000 });
}
