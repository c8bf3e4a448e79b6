/**
 * Fetches a picture from a stranger's server without telling it who reads: no cookie, no referrer, no address but ours, one
 * and the same request whoever asks. Safe against being sent into inner networks (SSRF): a name is resolved once, every
 * address it has must be allowed, the connection goes to the address that was judged and to no other, and each redirect is
 * judged again. One time limit for all of it.
 *
 * Throws MailError `cannot` when the picture is not to be had, whatever the reason: what the other side answered, or whether
 * there is one, is not told.
 */
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { MailError } from '../../kernel/errors.js';
import { MiB } from '../../kernel/limits.js';
import { pictureUrl } from './remote-address.js';
import type { ResolveName } from './resolve-name.js';

export interface FetchRules {
  /** An IP address may be connected to. */
  readonly allowed: (address: string) => boolean;
  readonly resolve: ResolveName;
  /** The port in place of 80 and 443: tests play the outside on this machine. */
  readonly port?: number;
  readonly timeoutMs?: number;
}

const maxPictureBytes = 8 * MiB;
const fetchTimeoutMs = 6_000;
const maxRedirects = 3;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const maxHeaderBytes = 16_384;

export async function fetchPicture(address: string, rules: FetchRules, signal: AbortSignal): Promise<Buffer> {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(rules.timeoutMs ?? fetchTimeoutMs)]);
  try {
    let url = pictureUrl(address);
    for (let hops = 0; url !== undefined && hops <= maxRedirects; hops++) {
      const response = await ask(url, await judged(url.hostname, rules, ending), rules, ending);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) return await body(response);
      response.destroy();
      if (!redirects.has(statusCode) || headers.location === undefined) break;
      url = pictureUrl(new URL(headers.location, url).href);
    }
  } catch (error) {
    throw new MailError('cannot', 'This picture cannot be fetched.', { cause: error });
  }
  throw new MailError('cannot', 'This picture cannot be fetched.');
}

/** An address of the host that may be connected to; throws if any of its addresses may not. */
async function judged(host: string, rules: FetchRules, signal: AbortSignal): Promise<string> {
  // As a URL writes an IPv6 address.
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  const addresses = isIP(bare) === 0 ? await abortable(rules.resolve(bare), signal) : [bare];
  // A name that is here and there at once (rebinding) has no honest use.
  if (!addresses.every((one) => rules.allowed(one))) throw new Error('an inner address');
  const [first] = addresses;
  if (first === undefined) throw new Error('no address');
  return first;
}

function ask(url: URL, address: string, rules: FetchRules, signal: AbortSignal): Promise<IncomingMessage> {
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
        agent: false,
        lookup: pinned,
        port: rules.port ?? (tls ? 443 : 80),
        maxHeaderSize: maxHeaderBytes,
        headers: {
          accept: 'image/webp,image/png,image/jpeg,image/gif',
          'accept-encoding': 'identity',
          'user-agent': 'Mozilla/5.0 (compatible; image proxy)',
        },
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
    request.end();
  });
}

async function body(response: IncomingMessage): Promise<Buffer> {
  if (Number(response.headers['content-length'] ?? 0) > maxPictureBytes) {
    response.destroy();
    throw new Error('too large');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop destroys the response.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxPictureBytes) throw new Error('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
