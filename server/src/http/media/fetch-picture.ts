/**
 * Fetches a picture from a stranger's server (../outside/ask-outside.ts): up to three redirects, each judged again, a largest
 * size, and one time limit for all of it.
 *
 * Throws MailError `cannot` when the picture is not to be had, whatever the reason: what the other side answered, or whether
 * there is one, is not told.
 */
import type { IncomingMessage } from 'node:http';
import { MailError } from '../../kernel/errors.js';
import { MiB } from '../../kernel/limits.js';
import { askOutside, type OutsideRequest, type OutsideRules } from '../outside/ask-outside.js';
import { outsideUrl } from '../outside/remote-address.js';

const maxPictureBytes = 8 * MiB;
const fetchTimeoutMs = 6_000;
const maxRedirects = 3;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const asked: OutsideRequest = {
  method: 'GET',
  headers: {
    accept: 'image/webp,image/png,image/jpeg,image/gif',
    'accept-encoding': 'identity',
    'user-agent': 'Mozilla/5.0 (compatible; image proxy)',
  },
};

export async function fetchPicture(address: string, rules: OutsideRules, signal: AbortSignal): Promise<Buffer> {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(rules.timeoutMs ?? fetchTimeoutMs)]);
  try {
    let url = outsideUrl(address);
    for (let hops = 0; url !== undefined && hops <= maxRedirects; hops++) {
      const response = await askOutside(url, asked, rules, ending);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) return await body(response);
      response.destroy();
      if (!redirects.has(statusCode) || headers.location === undefined) break;
      url = outsideUrl(new URL(headers.location, url).href);
    }
  } catch (error) {
    throw new MailError('cannot', 'This picture cannot be fetched.', { cause: error });
  }
  throw new MailError('cannot', 'This picture cannot be fetched.');
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
