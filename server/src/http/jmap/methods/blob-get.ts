/** Blob/get (RFC 9404 4.2): octets of blobs, or a range of them, as text or base64, with their digests. */
import { createHash } from 'node:crypto';
import { capability } from '@vaguemestre/shared/jmap/core';
import { MiB } from '../../../kernel/limits.js';
import { supportedDigests } from '../blobs/blob-limits.js';
import { type BlobRange, type ByteBudget, readRange } from '../blobs/blob-ranges.js';
import { type OpenBlob, openBlob } from '../blobs/open-blob.js';
import { type JsonObject, MethodError } from '../method.js';
import { getMethod } from '../standard/get.js';

/** Octets of all blobs of one call together. */
const maxBytesOfCall = 16 * MiB;
const digestPrefix = 'digest:';
const hashNames: Readonly<Record<(typeof supportedDigests)[number], string>> = {
  'sha-256': 'sha256',
  'sha-512': 'sha512',
  sha: 'sha1',
};
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const blobGet = getMethod({
  name: 'Blob',
  capability: capability.blob,
  properties: [
    'id',
    'data:asText',
    'data:asBase64',
    'data',
    'size',
    ...supportedDigests.map((name) => digestPrefix + name),
  ],
  defaultProperties: ['data', 'size'],
  mayGetAll: false,
  exact: true,
  extra: (args) => ({ offset: args.unsignedInt('offset') ?? 0, length: args.unsignedInt('length') }),
  async read({ ids = [], properties }, { account, signal }, range) {
    const budget = { left: maxBytesOfCall };
    const found: JsonObject[] = [];
    for (const id of ids) {
      signal.throwIfAborted();
      const blob = await openBlob(account, id, signal);
      if (blob !== undefined) found.push(await blobObject(blob, properties, range, budget));
    }
    return found;
  },
});

async function blobObject(
  blob: OpenBlob,
  properties: ReadonlySet<string>,
  order: { readonly offset: number; readonly length: number | undefined },
  budget: ByteBudget,
): Promise<JsonObject> {
  const onlySize = [...properties].every((name) => name === 'id' || name === 'size');
  const range =
    onlySize && blob.size !== undefined
      ? { octets: Buffer.alloc(0), size: blob.size, isTruncated: false }
      : await readRange(blob, onlySize ? { offset: 0, length: 0 } : order, budget);
  if (range === undefined)
    throw new MethodError('requestTooLarge', 'That is too much at once: ask for ranges, or download');
  const digests = supportedDigests
    .filter((name) => properties.has(digestPrefix + name))
    .map((name) => [digestPrefix + name, createHash(hashNames[name]).update(range.octets).digest('base64')]);
  return {
    id: blob.id,
    ...(properties.has('size') && { size: range.size }),
    ...Object.fromEntries(digests),
    ...(onlySize ? {} : dataOf(range, properties)),
  };
}

function dataOf({ octets, isTruncated }: BlobRange, properties: ReadonlySet<string>): JsonObject {
  const asksForData = properties.has('data');
  const asksForText = properties.has('data:asText');
  const text = asksForData || asksForText ? textOf(octets) : undefined;
  const isEncodingProblem = (asksForData || asksForText) && text === undefined;
  const inText = asksForText || (asksForData && text !== undefined);
  const inBase64 = properties.has('data:asBase64') || (asksForData && text === undefined);
  return {
    ...(inText && { 'data:asText': text ?? null }),
    ...(inBase64 && { 'data:asBase64': octets.toString('base64') }),
    ...(isEncodingProblem && { isEncodingProblem }),
    ...(isTruncated && { isTruncated }),
  };
}

function textOf(octets: Buffer): string | undefined {
  try {
    return utf8.decode(octets);
  } catch {
    return undefined;
  }
}
