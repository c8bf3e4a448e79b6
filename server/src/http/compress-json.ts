/**
 * Compresses large JSON answers of routes that say so (`config: { compress: true }`), on libuv's threads.
 *
 * What mixes secrets with text that others can choose may be guessed from its compressed length (BREACH). So: routes that
 * answer with a key or a signature never compress. A list of mail does hold text of strangers beside that of others; but
 * nobody can make a browser ask for it unseen (SameSite=Strict, fetch metadata), the guess would have to be mailed again
 * for each step, and a random length is added to every answer, so that one look at the wire says little.
 */
import { randomBytes, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { KiB } from '../kernel/limits.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its answers are JSON without keys or signatures, and may be large. */
    compress?: boolean;
  }
}

/** Two packets: below, nobody waits less. */
export const compressFromBytes = 2 * KiB;
const brotliQuality = 4;
const gzipLevel = 5;
const maxPaddingBytes = 48;

const withBrotli = promisify(brotliCompress);
const withGzip = promisify(gzip);

export function compressJson(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    if (request.routeOptions.config.compress !== true) return payload;
    reply.header('vary', 'accept-encoding');
    if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
    const octets = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const coding = octets.length < compressFromBytes ? undefined : codingOf(request.headers['accept-encoding']);
    if (coding === undefined) return octets;
    reply.header('content-encoding', coding).removeHeader('content-length');
    reply.header('x-padding', randomBytes(randomInt(maxPaddingBytes)).toString('base64url'));
    return coding === 'br'
      ? withBrotli(octets, brotliParameters(octets.length))
      : withGzip(octets, { level: gzipLevel });
  });
}

const brotliParameters = (size: number) => ({
  params: {
    [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: size,
  },
});

/** RFC 9110 12.5.3: what the client takes, weight 0 meaning that it does not. */
function codingOf(acceptEncoding: string | string[] | undefined): 'br' | 'gzip' | undefined {
  const taken = new Set<string>();
  for (const item of String(acceptEncoding ?? '')
    .slice(0, 500)
    .split(',')) {
    const [name = '', weight] = item.trim().toLowerCase().split(';');
    if (weight === undefined || Number(weight.trim().slice(2)) > 0) taken.add(name.trim());
  }
  if (taken.has('br')) return 'br';
  return taken.has('gzip') ? 'gzip' : undefined;
}
