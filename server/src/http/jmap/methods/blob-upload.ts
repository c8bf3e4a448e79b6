/** Blob/upload (RFC 9404 4.1): blobs made inside of a request, of text, base64 and pieces of other blobs. */
import { capability } from '@vaguemestre/shared/jmap/core';
import type { SetError } from '@vaguemestre/shared/jmap/errors';
import { maxJmapObjectsInSet } from '../../../kernel/limits.js';
import { formatBlobId } from '../blobs/blob-id.js';
import { maxBlobDataSources, maxInlineBlobBytes } from '../blobs/blob-limits.js';
import { readRange } from '../blobs/blob-ranges.js';
import { openBlob } from '../blobs/open-blob.js';
import { mediaType } from '../download-headers.js';
import { setErrorFrom } from '../error-types.js';
import { type JmapMethod, type JsonObject, type MethodContext, MethodError } from '../method.js';
import { invalidArguments, readArguments } from '../standard/arguments.js';
import { realId } from '../standard/get.js';
import { creationOrder } from '../standard/set.js';
import { invalidProperties, SetFailure } from '../standard/set-failure.js';
import { isObject, isUnsignedInt } from '../values.js';

export const blobUpload: JmapMethod = {
  name: 'Blob/upload',
  capability: capability.blob,
  async run(rawArguments, context) {
    const args = readArguments(rawArguments);
    const given = args.object('create');
    args.done();
    if (given === undefined) throw invalidArguments('create is missing', { arguments: ['create'] });
    const create = new Map<string, JsonObject>();
    for (const [creationId, object] of Object.entries(given)) {
      if (!isObject(object)) throw invalidArguments('create must map to objects', { arguments: ['create'] });
      create.set(creationId, object);
    }
    if (create.size > maxJmapObjectsInSet) {
      throw new MethodError('requestTooLarge', `At most ${maxJmapObjectsInSet} blobs are made by one call`);
    }
    const created: [string, JsonObject][] = [];
    const notCreated: [string, SetError][] = [];
    for (const creationId of creationOrder(create, sourceIds)) {
      context.signal.throwIfAborted();
      try {
        const blob = await upload(create.get(creationId)!, context);
        context.createdIds.set(creationId, blob.id);
        created.push([creationId, blob]);
      } catch (error) {
        notCreated.push([creationId, error instanceof SetFailure ? error.error : setErrorFrom(error)]);
      }
    }
    const orNull = (list: readonly (readonly [string, unknown])[]): JsonObject | null =>
      list.length === 0 ? null : Object.fromEntries(list);
    return { response: { accountId: args.accountId, created: orNull(created), notCreated: orNull(notCreated) } };
  },
};

function sourceIds({ data }: JsonObject): readonly unknown[] {
  return Array.isArray(data) ? data.map((source: unknown) => (isObject(source) ? source['blobId'] : undefined)) : [];
}

async function upload(object: JsonObject, context: MethodContext): Promise<JsonObject & { readonly id: string }> {
  const { data, type = null, ...rest } = object;
  const wrong = Object.keys(rest);
  if (!Array.isArray(data) || data.length > maxBlobDataSources) wrong.push('data');
  if (type !== null && (typeof type !== 'string' || mediaType(type) === undefined)) wrong.push('type');
  if (wrong.length > 0) throw invalidProperties(wrong, `wrong, unknown or missing: ${wrong.join(', ').slice(0, 200)}`);
  const pieces: Buffer[] = [];
  const budget = { left: maxInlineBlobBytes };
  for (const source of data as readonly unknown[]) {
    const octets = await octetsOf(source, budget, context);
    budget.left -= octets.length;
    if (budget.left < 0) throw tooLarge();
    pieces.push(octets);
  }
  const incoming = await context.account.uploads.receive({
    type: typeof type === 'string' ? type : 'application/octet-stream',
    maxBytes: maxInlineBlobBytes,
  });
  for (const piece of pieces) await incoming.write(piece);
  const { id, size } = await incoming.finish();
  return { id: formatBlobId({ of: 'upload', id, part: [] }), type, size };
}

/** RFC 9404 4.1: exactly one of the three; nothing is guessed. */
async function octetsOf(source: unknown, budget: { readonly left: number }, context: MethodContext): Promise<Buffer> {
  if (!isObject(source)) throw wrongData('A data source must be an object');
  const { 'data:asText': text, 'data:asBase64': base64, blobId, offset = null, length = null, ...rest } = source;
  const kinds = [text, base64, blobId].filter((each) => each !== undefined);
  const ranged = offset !== null || length !== null;
  if (kinds.length !== 1 || Object.keys(rest).length > 0 || (ranged && blobId === undefined)) {
    throw wrongData('A data source is one of data:asText, data:asBase64 and blobId');
  }
  if (typeof text === 'string') return Buffer.from(text);
  if (typeof base64 === 'string') {
    const octets = Buffer.from(base64, 'base64');
    if (octets.toString('base64') !== base64) throw wrongData('data:asBase64 is no base64');
    return octets;
  }
  if (typeof blobId !== 'string') throw wrongData('A data source has a wrong type');
  if ((offset !== null && !isUnsignedInt(offset)) || (length !== null && !isUnsignedInt(length))) {
    throw wrongData('offset and length are integers of at least 0');
  }
  const blob = await openBlob(context.account, realId(blobId, context.createdIds), context.signal);
  if (blob === undefined) throw new SetFailure({ type: 'blobNotFound', notFound: [blobId] });
  const order = { offset: offset ?? 0, length: length ?? undefined };
  const range = await readRange(blob, order, { left: budget.left });
  if (range === undefined) throw tooLarge();
  if (range.isTruncated || order.offset > range.size) throw wrongData('The range goes beyond the end of the blob');
  return range.octets;
}

function wrongData(description: string): SetFailure {
  return invalidProperties(['data'], description);
}

function tooLarge(): SetFailure {
  return new SetFailure({ type: 'tooLarge', maxSize: maxInlineBlobBytes });
}
