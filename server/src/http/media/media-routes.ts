/**
 * Remote pictures of a message, fetched by us so that the sender learns neither who reads nor when nor from where.
 * `POST /api/media/sign` gives the addresses after the reader has said yes; `GET /media/<signature>` fetches and hands over. The
 * signature is made with a key that is derived from the browser's session and covers message and address: it serves this
 * person in this session only, nothing has to be kept for it, and it ends with the session. Only what our page asked for
 * is ever fetched: this is no open proxy.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { rebuildRaster } from '../../codec/image/raster.js';
import { MailError } from '../../kernel/errors.js';
import { MiB } from '../../kernel/limits.js';
import { webVisit } from '../auth/identify.js';
import { requireSignedIn } from '../auth/signed-in.js';
import { goneSignal } from '../gone-signal.js';
import type { OutsideRules } from '../outside/ask-outside.js';
import { outsideUrl } from '../outside/remote-address.js';
import { fetchPicture } from './fetch-picture.js';
import { createPictureSlots, pictureSlotLimits } from './picture-slots.js';

export interface MediaOptions {
  readonly rules: OutsideRules;
}

const signBody = {
  type: 'object',
  properties: {
    emailId: { type: 'string', minLength: 1, maxLength: 255 },
    urls: { type: 'array', maxItems: 500, items: { type: 'string' } },
  },
  required: ['emailId', 'urls'],
  additionalProperties: false,
} as const;

const maxSignBytes = 1 * MiB;
const purpose = 'pictures of messages';
const keptSeconds = 3600;

export const mediaRoutes: FastifyPluginAsync<MediaOptions> = async (app, { rules }) => {
  const slots = createPictureSlots(pictureSlotLimits);

  app.post('/api/media/sign', { bodyLimit: maxSignBytes, schema: { body: signBody } }, async (request, reply) => {
    requireSignedIn(request);
    const key = keyOf(request);
    const { emailId, urls } = request.body as { readonly emailId: string; readonly urls: readonly string[] };
    const signed = urls.flatMap((asked): [string, string][] => {
      const url = outsideUrl(asked)?.href;
      if (url === undefined) return [];
      const query = new URLSearchParams({ m: emailId, u: url });
      return [[asked, `/media/${signature(key, emailId, url)}?${query}`]];
    });
    return reply.header('cache-control', 'no-store').send({ urls: Object.fromEntries(signed) });
  });

  app.get('/media/:signature', async (request, reply) => {
    const { principal, signal } = requireSignedIn(request);
    const { m: emailId, u: url } = request.query as { readonly m?: unknown; readonly u?: unknown };
    const given = (request.params as { readonly signature: string }).signature;
    if (typeof emailId !== 'string' || typeof url !== 'string') throw notSigned();
    if (!same(given, signature(keyOf(request), emailId, url))) throw notSigned();
    const ending = AbortSignal.any([signal, goneSignal(reply)]);
    const octets = await slots.run(principal.account, () => fetchPicture(url, rules, ending));
    const picture = rebuildRaster(octets);
    if (picture === undefined) throw new MailError('cannot', 'This is not a picture that can be shown.');
    return reply
      .header('content-type', picture.type)
      .header('content-disposition', 'inline')
      .header('cache-control', webVisit(request)?.session.own ? `private, max-age=${keptSeconds}` : 'no-store')
      .send(Buffer.concat(picture.pieces));
  });
};

function keyOf(request: FastifyRequest): Buffer {
  const web = webVisit(request);
  if (web === undefined) throw new MailError('authorizationFailed', 'Sign in to the webmail with a browser for this.');
  return web.deriveKey(purpose);
}

/** The length stands before the first part, so that no two pairs give the same octets. */
const signature = (key: Buffer, emailId: string, url: string): string =>
  createHmac('sha256', key).update(`${emailId.length} ${emailId} ${url}`).digest('base64url');

function same(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const notSigned = (): MailError => new MailError('authorizationFailed', 'Ask for this picture from its message.');
