/**
 * One item of a FETCH that is answered from the message itself, made ready: its size is known and nothing can go wrong any more
 * but the loss of the store. So the response is begun only when all of it can be said.
 */
import type { Section } from '../codec/imap/section.js';
import { createFieldSelector } from '../codec/mime/field-selector.js';
import type { MimePart } from '../codec/mime/part.js';
import { createBinaryDecoder, type OctetRange, partAt, sectionRange } from '../codec/mime/sections.js';
import type { TransferDecoder } from '../codec/mime/transfer-encoding.js';
import type { OpenMessage } from '../mailstore/open-message.js';
import { clip } from './fetch-cards.js';
import type { ContentItem, Span } from './fetch-plan.js';

export type ReadyItem =
  | { readonly kind: 'nil'; readonly name: string }
  | { readonly kind: 'number'; readonly name: string; readonly value: number }
  /** A literal of octets at hand. */
  | { readonly kind: 'octets'; readonly name: string; readonly octets: Uint8Array; readonly binary: boolean }
  /** A literal whose octets are read as they are written. */
  | {
      readonly kind: 'stream';
      readonly name: string;
      readonly size: number;
      readonly binary: boolean;
      readonly pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
    };

/** Up to this size a decoded part is held; larger ones are decoded twice, to count and to send. */
const maxHeldBytes = 1024 * 1024;

export async function readyItem(message: OpenMessage, item: ContentItem): Promise<ReadyItem> {
  switch (item.kind) {
    case 'section': {
      const { section, name, partial } = item;
      if (section.text === 'all' && section.part.length === 0) {
        return range(message, name, { start: 0, end: message.size }, partial);
      }
      const found =
        section.part.length === 0 ? await topRange(message, section.text) : sectionRange(await message.tree(), section);
      if (found === undefined) return { kind: 'nil', name };
      if (section.text !== 'headerFields' && section.text !== 'headerFieldsNot') {
        return range(message, name, found, partial);
      }
      const fields = new Set(section.fields.map((field) => field.toLowerCase()));
      const choose = createFieldSelector(fields, section.text === 'headerFieldsNot');
      const header = await gather(message.pieces(found.start, found.end));
      const octets = clip(choose(header), partial);
      return { kind: 'octets', name, octets, binary: false };
    }
    case 'binary':
      return binary(message, item.name, item.part, item.partial);
    case 'binarySize': {
      const part = await binaryPart(message, item.part);
      if (part === undefined) return { kind: 'nil', name: item.name };
      return { kind: 'number', name: item.name, value: (await measure(decoded(message, part))).size };
    }
    default:
      return item satisfies never;
  }
}

/** HEADER and TEXT of the message itself need no part tree. */
async function topRange(message: OpenMessage, text: Section['text']): Promise<OctetRange> {
  const bodyStart = await message.bodyStart();
  return text === 'text' ? { start: bodyStart, end: message.size } : { start: 0, end: bodyStart };
}

function range(message: OpenMessage, name: string, { start, end }: OctetRange, partial: Span): ReadyItem {
  const from = partial === undefined ? start : Math.min(end, start + partial.offset);
  const to = partial === undefined ? end : Math.min(end, from + partial.count);
  return { kind: 'stream', name, size: to - from, binary: false, pieces: message.pieces(from, to) };
}

interface EncodedPart extends OctetRange {
  /** A fresh one each time; undefined: the octets are as they should be. */
  readonly decoder: (() => TransferDecoder) | undefined;
}

async function binaryPart(message: OpenMessage, path: readonly number[]): Promise<EncodedPart | undefined> {
  if (path.length === 0) return { start: 0, end: message.size, decoder: undefined };
  const part: MimePart | undefined = partAt(await message.tree(), path);
  if (part === undefined) return undefined;
  // Throws UNKNOWN-CTE where nothing was written yet.
  createBinaryDecoder(part);
  return { start: part.bodyStart, end: part.end, decoder: () => createBinaryDecoder(part) };
}

async function binary(message: OpenMessage, name: string, path: readonly number[], partial: Span): Promise<ReadyItem> {
  const part = await binaryPart(message, path);
  if (part === undefined) return { kind: 'nil', name };
  if (part.end - part.start <= maxHeldBytes) {
    const octets = clip(await gather(decoded(message, part)), partial);
    return { kind: 'octets', name, octets, binary: octets.includes(0) };
  }
  const { size, hasNul } = await measure(decoded(message, part));
  const from = partial === undefined ? 0 : Math.min(size, partial.offset);
  const to = partial === undefined ? size : Math.min(size, from + partial.count);
  return { kind: 'stream', name, size: to - from, binary: hasNul, pieces: cut(decoded(message, part), from, to) };
}

/** RFC 3516 4.2, 4.3: the part's octets with its Content-Transfer-Encoding undone. */
async function* decoded(message: OpenMessage, part: EncodedPart): AsyncGenerator<Uint8Array> {
  const pieces = message.pieces(part.start, part.end);
  if (part.decoder === undefined) {
    yield* pieces;
    return;
  }
  const decoder = part.decoder();
  // What a decoder gives is valid until its next call only, and a connection keeps what it is given.
  for await (const piece of pieces) yield Buffer.from(decoder.push(piece));
  yield Buffer.from(decoder.end());
}

async function* cut(pieces: AsyncIterable<Uint8Array>, start: number, end: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of pieces) {
    if (at >= end) return;
    const from = Math.max(0, start - at);
    const to = Math.min(piece.length, end - at);
    if (from < to) yield piece.subarray(from, to);
    at += piece.length;
  }
}

async function gather(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const piece of pieces) chunks.push(piece);
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

async function measure(pieces: AsyncIterable<Uint8Array>): Promise<{ size: number; hasNul: boolean }> {
  let size = 0;
  let hasNul = false;
  for await (const piece of pieces) {
    size += piece.length;
    hasNul ||= piece.includes(0);
  }
  return { size, hasNul };
}
