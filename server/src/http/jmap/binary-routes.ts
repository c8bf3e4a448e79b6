/**
 * Upload and download (RFC 8620 6.1, 6.2). Octets stream through with backpressure, an upload in pieces of 1 MiB.
 *
 * On failure: limits are problem details of JMAP's type; a blob of somebody else and none at all are both 404.
 */
import { Readable } from 'node:stream';
import type { UploadedBlob } from '@vaguemestre/shared/jmap/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { MailError } from '../../kernel/errors.js';
import { maxJmapConcurrentUploads, minInputBytesPerSecond } from '../../kernel/limits.js';
import type { Mailstore } from '../../mailstore/mailstore.js';
import type { IncomingUpload } from '../../mailstore/uploads.js';
import { webVisit } from '../auth/identify.js';
import { requireSignedIn, type SignedIn } from '../auth/signed-in.js';
import { goneSignal } from '../gone-signal.js';
import { formatBlobId } from './blobs/blob-id.js';
import { type OpenBlob, openBlob } from './blobs/open-blob.js';
import { concurrency } from './concurrency.js';
import { downloadHeaders, mediaType } from './download-headers.js';
import { limitFailure } from './request.js';
import { openAccountOf, withAccount } from './request-account.js';
import { jmapPaths } from './session-object.js';

export interface BinaryOptions {
  readonly mailstore: Mailstore;
  readonly maxUploadBytes: number;
}

export function binaryRoutes(app: FastifyInstance, { mailstore, maxUploadBytes }: BinaryOptions): void {
  const uploading = concurrency(maxJmapConcurrentUploads);
  app.removeAllContentTypeParsers();
  // The body is read by the handler, as it comes.
  app.addContentTypeParser('*', (_request, _body, done) => done(null));

  app.post<{ Params: { accountId: string } }>(
    jmapPaths.upload,
    { bodyLimit: Number.MAX_SAFE_INTEGER, config: { longBody: true } },
    async (request, reply) => {
      const signedIn = requireSignedIn(request);
      requireOwn(request.params.accountId, signedIn);
      if (Number(request.headers['content-length'] ?? 0) > maxUploadBytes) throw tooLarge(maxUploadBytes);
      const leave = uploading.enter(signedIn.principal.account);
      if (leave === undefined) {
        throw limitFailure('maxConcurrentUpload', 429, `At most ${maxJmapConcurrentUploads} uploads at once`);
      }
      try {
        const type = mediaType(request.headers['content-type']) ?? 'application/octet-stream';
        const uploaded: UploadedBlob = await withAccount(mailstore, signedIn, async ({ id, uploads }) => {
          const incoming = await uploads.receive({ type, maxBytes: maxUploadBytes });
          await readBody(request, incoming, signedIn.signal, maxUploadBytes);
          const upload = await incoming.finish();
          return {
            accountId: id,
            blobId: formatBlobId({ of: 'upload', id: upload.id, part: [] }),
            type,
            size: upload.size,
          };
        });
        reply.header('cache-control', 'no-store');
        return await reply.code(201).send(uploaded);
      } finally {
        leave();
      }
    },
  );

  app.get<{
    Params: { accountId: string; blobId: string; name: string };
    Querystring: { type?: unknown };
  }>(jmapPaths.download, async (request, reply) => {
    const signedIn = requireSignedIn(request);
    requireOwn(request.params.accountId, signedIn);
    const signal = AbortSignal.any([signedIn.signal, goneSignal(reply)]);
    const account = await openAccountOf(mailstore, signedIn);
    let release: (() => void) | undefined = () => account.release();
    try {
      await account.refresh();
      const blob = await openBlob(account, request.params.blobId, signal);
      if (blob === undefined) throw new MailError('nonexistent', 'There is no such blob');
      const { name } = request.params;
      downloadHeaders(reply, blob, { name, type: request.query.type, browser: webVisit(request)?.session });
      const body = Readable.from(octetsOf(blob, signal), { objectMode: false });
      body.once('close', release);
      release = undefined;
      return await reply.send(body);
    } finally {
      release?.();
    }
  });
}

/** Somebody else's account and none at all are answered alike (invariant 5). */
function requireOwn(accountId: string, { principal }: SignedIn): void {
  if (accountId !== principal.account) throw new MailError('nonexistent', 'There is no such account');
}

const tooLarge = (maxBytes: number): Error =>
  limitFailure('maxSizeUpload', 413, `An upload has at most ${maxBytes} octets`);

async function readBody(
  request: FastifyRequest,
  incoming: IncomingUpload,
  signal: AbortSignal,
  maxBytes: number,
): Promise<void> {
  const rate = minimumRate(request);
  try {
    for await (const chunk of request.raw as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      rate.arrived(chunk.length);
      await incoming.write(chunk);
    }
  } catch (error) {
    incoming.abort();
    throw error instanceof MailError && error.code === 'tooBig' ? tooLarge(maxBytes) : error;
  } finally {
    rate.stop();
  }
}

/** A body that comes an octet a minute would hold its slot for years: the connection is cut when it falls below the rate. */
function minimumRate(request: FastifyRequest): { arrived(bytes: number): void; stop(): void } {
  const everyMs = 60_000;
  let arrived = 0;
  const timer = setInterval(() => {
    if (arrived < (minInputBytesPerSecond * everyMs) / 1000) request.raw.destroy();
    arrived = 0;
  }, everyMs);
  return {
    arrived(bytes) {
      arrived += bytes;
    },
    stop: () => clearInterval(timer),
  };
}

async function* octetsOf(blob: OpenBlob, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const piece of blob.octets()) {
    signal.throwIfAborted();
    yield piece;
  }
}
