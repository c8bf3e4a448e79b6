/**
 * Programs that are no browser and speak JMAP: what proves who they are comes with every request, in `Authorization`, and is judged as
 * at any other door. The webmail's own pages are not opened by it. A right one is remembered for some seconds, because such a
 * program asks often.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../auth/authenticator.js';
import type { Clock } from '../../kernel/clock.js';
import { MailError } from '../../kernel/errors.js';
import { newProcessNonce } from '../../kernel/ids.js';
import type { Visit, WayIn } from './identify.js';
import type { WebPeer } from './web-peer.js';

/** Somebody disabled or with another password is out after it. */
const rememberMs = 2_000;
const maxRemembered = 1_000;
/** An event stream is judged again after it: the client opens the next one. */
const longestVisitMs = 15 * 60_000;
const maxMarkOctets = 2_048;
const paths = /^\/(?:jmap(?:\/|$)|\.well-known\/jmap$)/;

interface Remembered {
  readonly principal: Principal;
  readonly session: string;
  readonly until: number;
}

/** `login` gives undefined for what is no such proof at all. `scheme` in lower case (RFC 9110 11.1: any case). */
export function programWay(
  scheme: string,
  login: (mark: string, from: WebPeer) => Promise<Principal | undefined>,
  clock: Clock,
): WayIn {
  const key = randomBytes(32);
  const remembered = new Map<string, Remembered>();

  function remember(tag: string, principal: Principal): Remembered {
    const one = { principal, session: `${scheme}-${newProcessNonce()}`, until: clock.monotonicMs() + rememberMs };
    remembered.set(tag, one);
    const [oldest] = remembered.keys();
    if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest);
    return one;
  }

  return {
    ambient: false,
    mark: (request) => (paths.test(request.routeOptions.url ?? '') ? credentialsOf(request, scheme) : undefined),
    async enter(mark, from): Promise<Visit | undefined> {
      const { peer, secure } = from;
      if (!secure && !peer.local) throw new MailError('privacyRequired', 'Use an https address: a password goes here.');
      if (mark.length > maxMarkOctets) return undefined;
      const tag = createHmac('sha256', key).update(peer.address).update('\0').update(mark).digest('base64');
      let known = remembered.get(tag);
      if (known === undefined || known.until < clock.monotonicMs()) {
        remembered.delete(tag);
        const principal = await login(mark, from);
        if (principal === undefined) return undefined;
        known = remember(tag, principal);
      }
      const { principal, session } = known;
      return { principal, session, peer, signal: AbortSignal.timeout(longestVisitMs), leave: () => undefined };
    },
  };
}

/** What stands behind the scheme; undefined: another scheme, or none. */
export function credentialsOf({ headers }: FastifyRequest, scheme: string): string | undefined {
  const { authorization = '' } = headers;
  if (authorization.slice(0, scheme.length + 1).toLowerCase() !== `${scheme} `) return undefined;
  return authorization.slice(scheme.length + 1).trim();
}
