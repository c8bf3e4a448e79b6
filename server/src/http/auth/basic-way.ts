/**
 * HTTP Basic (RFC 7617) for JMAP clients that are no browser: name and password with every request, judged as a password is
 * at any other door. We never ask for it in a 401, so that no browser keeps a password and sends it unasked; the webmail's
 * own pages are not opened by it. A right one is remembered for some seconds, because such a client asks often.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Authenticator, Principal } from '../../auth/authenticator.js';
import type { Clock } from '../../kernel/clock.js';
import { MailError } from '../../kernel/errors.js';
import { newProcessNonce } from '../../kernel/ids.js';
import type { Visit, WayIn } from './identify.js';

/** Somebody disabled or with another password is out after it. */
const rememberMs = 2_000;
const maxRemembered = 1_000;
/** An event stream opened with a password is judged again after it: the client opens the next one. */
const longestVisitMs = 15 * 60_000;
const maxMarkOctets = 2_048;
const paths = /^\/(?:jmap(?:\/|$)|\.well-known\/jmap$)/;

interface Remembered {
  readonly principal: Principal;
  readonly session: string;
  readonly until: number;
}

export function basicWay(authenticator: Authenticator, clock: Clock): WayIn {
  const key = randomBytes(32);
  const remembered = new Map<string, Remembered>();

  function remember(tag: string, principal: Principal): Remembered {
    const one = { principal, session: `basic-${newProcessNonce()}`, until: clock.monotonicMs() + rememberMs };
    remembered.set(tag, one);
    const [oldest] = remembered.keys();
    if (remembered.size > maxRemembered && oldest !== undefined) remembered.delete(oldest);
    return one;
  }

  return {
    ambient: false,
    mark(request) {
      const { authorization = '' } = request.headers;
      return isJmap(request) && /^basic /i.test(authorization)
        ? authorization.slice('basic '.length).trim()
        : undefined;
    },
    async enter(mark, { peer, secure }): Promise<Visit | undefined> {
      if (!secure && !peer.local) throw new MailError('privacyRequired', 'Use an https address: a password goes here.');
      const credentials = decode(mark);
      if (credentials === undefined) return undefined;
      const tag = createHmac('sha256', key).update(peer.address).update('\0').update(mark).digest('base64');
      let known = remembered.get(tag);
      if (known === undefined || known.until < clock.monotonicMs()) {
        remembered.delete(tag);
        known = remember(tag, await authenticator.login({ ...credentials, protocol: 'webmail', peer, secure }));
      }
      const { principal, session } = known;
      return { principal, session, peer, signal: AbortSignal.timeout(longestVisitMs), leave: () => undefined };
    },
  };
}

const isJmap = (request: FastifyRequest): boolean => paths.test(request.routeOptions.url ?? '');

/** RFC 7617 section 2: base64 of `user-id:password`; the first colon divides, and the password may hold others. */
function decode(mark: string): { readonly identity: string; readonly password: Uint8Array } | undefined {
  if (mark.length > maxMarkOctets) return undefined;
  const octets = Buffer.from(mark, 'base64');
  const colon = octets.indexOf(0x3a);
  if (colon < 1) return undefined;
  return { identity: octets.toString('utf8', 0, colon), password: octets.subarray(colon + 1) };
}
