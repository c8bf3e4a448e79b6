/**
 * One request to a stranger's server, without telling it who is behind it: no cookie, no referrer, no address but ours, the
 * same request whoever asks. Safe against being sent into inner networks (SSRF): a name is resolved once, every address it
 * has must be allowed, and the connection goes to the address that was judged and to no other. Redirects are the caller's to
 * judge. Throws plain errors, which the caller turns into one answer for all: what the other side said, or whether there is
 * one, is nobody's to know.
 */
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { abortable } from '../../kernel/abortable.js';
import type { ResolveName } from './resolve-name.js';

export interface OutsideRules {
  /** An IP address may be connected to. */
  readonly allowed: (address: string) => boolean;
  readonly resolve: ResolveName;
  /** The port in place of 80 and 443: tests play the outside on this machine. */
  readonly port?: number;
  readonly timeoutMs?: number;
  /** Authorities in place of the system's: tests sign for themselves. */
  readonly authorities?: string;
}

export interface OutsideRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

const maxHeaderBytes = 16_384;

/** The response, unread: whoever gets it reads or destroys it. */
export async function askOutside(
  url: URL,
  asked: OutsideRequest,
  rules: OutsideRules,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const address = await judged(url.hostname, rules, signal);
  const tls = url.protocol === 'https:';
  const pinned: LookupFunction = (_name, options, done) => {
    const family = isIP(address);
    if (options.all === true) done(null, [{ address, family }]);
    else done(null, address, family);
  };
  return new Promise((resolve, reject) => {
    const request = (tls ? tlsRequest : plainRequest)(
      url,
      {
        method: asked.method,
        agent: false,
        lookup: pinned,
        port: rules.port ?? (tls ? 443 : 80),
        maxHeaderSize: maxHeaderBytes,
        headers: asked.headers,
        ...(rules.authorities === undefined ? {} : { ca: rules.authorities }),
        signal,
      },
      resolve,
    );
    request.once('socket', (socket) => {
      // A literal address passes no look-up: what is connected to is judged in any case.
      socket.once('connect', () => {
        if (!rules.allowed(socket.remoteAddress ?? '')) request.destroy(new Error('an inner address'));
      });
    });
    request.once('error', reject);
    request.end(asked.body);
  });
}

/** An address of the host that may be connected to; throws if any of its addresses may not. */
async function judged(host: string, rules: OutsideRules, signal: AbortSignal): Promise<string> {
  // As a URL writes an IPv6 address.
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  const addresses = isIP(bare) === 0 ? await abortable(rules.resolve(bare), signal) : [bare];
  // A name that is here and there at once (rebinding) has no honest use.
  if (!addresses.every((one) => rules.allowed(one))) throw new Error('an inner address');
  const [first] = addresses;
  if (first === undefined) throw new Error('no address');
  return first;
}
