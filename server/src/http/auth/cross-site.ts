/**
 * Whose page made a request. Browsers say it in Sec-Fetch-Site (W3C Fetch Metadata), older ones in Origin (RFC 6454 7), and no
 * page can change either. What our own pages ask by script carries the header `X-Vaguemestre: 1` besides, which a foreign
 * page could only send after asking us first (CORS), and we never answer that.
 */
import type { FastifyRequest } from 'fastify';
import { MailError } from '../../kernel/errors.js';
import type { WebPeer } from './web-peer.js';

const ownHeader = 'x-vaguemestre';

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** RFC 9110 9.2.1: reads only, whatever the headers say. */
export const isSafe = (request: FastifyRequest): boolean => safeMethods.has(request.method);

type Site = 'own' | 'foreign' | 'unknown';

/** Where an unsafe request came from. `none` is the person's own hand: an address typed, a page asked for again. */
export function siteOf(request: FastifyRequest, { secure, host }: WebPeer): Site {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'own' : 'foreign';
  const { origin } = request.headers;
  if (origin === undefined) return 'unknown';
  if (host === undefined) return 'foreign';
  return origin.toLowerCase() === `${secure ? 'https' : 'http'}://${host.toLowerCase()}` ? 'own' : 'foreign';
}

/** A form that signs in: what carries no word of a browser at all came from no page. */
export function refuseForeign(request: FastifyRequest, from: WebPeer): void {
  if (siteOf(request, from) !== 'foreign') return;
  throw new MailError('authorizationFailed', 'This was asked by another site. Open the webmail and try again there.');
}

/** A form of ours that uses the session the browser carries. */
export function requireOwnForm(request: FastifyRequest, from: WebPeer): void {
  if (siteOf(request, from) !== 'own') requireOwnCall(request, from);
}

/** A call of our script. */
export function requireOwnCall(request: FastifyRequest, from: WebPeer): void {
  refuseForeign(request, from);
  if (request.headers[ownHeader] !== undefined) return;
  throw new MailError('authorizationFailed', 'Send the header X-Vaguemestre: 1 with what changes something.');
}

/**
 * A picture, script, frame or fetch that another site, or a neighbour under the same domain, put into its page: it gets what
 * a stranger gets. A person who follows a link is no such thing.
 */
export function isForeignLoad(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== 'cross-site' && site !== 'same-site') return false;
  return request.headers['sec-fetch-mode'] !== 'navigate' || request.headers['sec-fetch-dest'] !== 'document';
}
