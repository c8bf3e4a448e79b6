/**
 * Fills in `request.signedIn` before any handler runs. There may be several ways to be somebody: each claims the requests that
 * carry its mark and says whether a browser sends that mark by itself, in which case what changes something must prove
 * that our own page asked for it.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Entered, WebSessions } from '../../auth/web-sessions.js';
import { MailError } from '../../kernel/errors.js';
import type { Networks } from '../../net/address.js';
import { isForeignLoad, isSafe, refuseForeign, requireOwnCall, requireOwnForm } from './cross-site.js';
import { sessionToken } from './session-cookie.js';
import type { SignedIn } from './signed-in.js';
import { type WebPeer, webPeer } from './web-peer.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A form that works without script posts here: it cannot carry the header of our scripts. */
    form?: boolean;
    /** The same for everybody: nobody asks who it is. */
    forAnybody?: boolean;
  }
}

/** Who came in by one of the ways, until the request is over. */
export interface Visit extends SignedIn {
  /** Of a browser's session. */
  readonly web?: Pick<Entered, 'session' | 'deriveKey'>;
  leave(): void;
}

export interface WayIn {
  /** What the request carries of it; undefined: not this way. */
  mark(request: FastifyRequest, from: WebPeer): string | undefined;
  /** Undefined: the mark opens nothing. Throws MailError unavailable, throttled. */
  enter(mark: string, from: WebPeer): Promise<Visit | undefined>;
  /** Browsers send the mark unasked, for whatever page: RFC 6265 8.2. */
  readonly ambient: boolean;
}

export function cookieWay(sessions: WebSessions): WayIn {
  return {
    ambient: true,
    mark: (request, from) => (isSafe(request) && isForeignLoad(request) ? undefined : sessionToken(request, from)),
    async enter(token, from) {
      const entered = await sessions.enter(token, from.peer);
      if (entered === undefined) return undefined;
      const { session, principal, signal, leave } = entered;
      return { principal, session: session.id, peer: from.peer, signal, leave, web: entered };
    },
  };
}

const visits = new WeakMap<FastifyRequest, Visit>();
const peers = new WeakMap<FastifyRequest, WebPeer>();

/** The browser's session behind a request, for the pages that manage it. */
export const webVisit = (request: FastifyRequest): Visit['web'] => visits.get(request)?.web;

export function peerOf(request: FastifyRequest): WebPeer {
  const peer = peers.get(request);
  if (peer === undefined) throw new Error('the request was not looked at');
  return peer;
}

/** Our own address as the client names it. */
export function originOf(request: FastifyRequest): string {
  const { secure, host } = peerOf(request);
  return `${secure ? 'https' : 'http'}://${host ?? request.host}`;
}

export function identifyRequests(app: FastifyInstance, ways: readonly WayIn[], proxies: Networks): void {
  app.decorateRequest('signedIn', undefined);
  app.decorateRequest('signInError', undefined);
  app.addHook('onRequest', async (request, reply) => {
    const { forAnybody, form } = request.routeOptions.config;
    if (forAnybody === true) return;
    const from = webPeer(request, proxies);
    peers.set(request, from);
    const unsafe = !isSafe(request);
    if (unsafe && form === true) refuseForeign(request, from);
    for (const way of ways) {
      const mark = way.mark(request, from);
      if (mark === undefined) continue;
      if (unsafe && way.ambient) (form === true ? requireOwnForm : requireOwnCall)(request, from);
      if (await enter(request, reply, way, mark, from)) return;
    }
  });
}

/** False: the mark opens nothing, and another may. */
async function enter(
  request: FastifyRequest,
  reply: FastifyReply,
  way: WayIn,
  mark: string,
  from: WebPeer,
): Promise<boolean> {
  try {
    const visit = await way.enter(mark, from);
    if (visit === undefined) return false;
    visits.set(request, visit);
    request.signedIn = visit;
    if (reply.raw.destroyed) visit.leave();
    else reply.raw.once('close', () => visit.leave());
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    request.signInError = error;
  }
  return true;
}
