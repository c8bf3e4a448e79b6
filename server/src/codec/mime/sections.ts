/**
 * Where a section (RFC 9051 6.4.5.1) lies in a message, by its part tree, and the octets behind a transfer encoding for
 * BINARY (RFC 3516). A part that does not exist has no place: NIL.
 */
import { MailError } from '../../kernel/errors.js';
import type { MimePart } from './part.js';
import { createTransferDecoder, isIdentity, isKnownEncoding, type TransferDecoder } from './transfer-encoding.js';

/** A path of part numbers, empty for the message itself, and what of it. */
export interface SectionPlace {
  readonly part: readonly number[];
  readonly text: 'all' | 'header' | 'text' | 'mime' | 'headerFields' | 'headerFieldsNot';
}

export interface OctetRange {
  readonly start: number;
  readonly end: number;
}

/** The octets that hold the section; for HEADER.FIELDS the whole header to choose from (field-selector.ts). */
export function sectionRange(root: MimePart, place: SectionPlace): OctetRange | undefined {
  const { part: path, text } = place;
  if (path.length === 0) {
    if (text === 'all') return { start: root.headerStart, end: root.end };
    if (text === 'text') return { start: root.bodyStart, end: root.end };
    return { start: root.headerStart, end: root.bodyStart };
  }
  const part = partAt(root, path);
  if (part === undefined) return undefined;
  if (text === 'all') return { start: part.bodyStart, end: part.end };
  if (text === 'mime') return { start: part.headerStart, end: part.bodyStart };
  // HEADER and TEXT behind part numbers are those of an encapsulated message.
  const message = part.kind === 'message' ? part.children[0] : undefined;
  if (message === undefined) return undefined;
  if (text === 'text') return { start: message.bodyStart, end: message.end };
  return { start: message.headerStart, end: message.bodyStart };
}

/**
 * The parts of a multipart are numbered from 1; a message that is no multipart has one part, 1; inside a message/rfc822
 * part the numbers go on with the parts of its message.
 */
export function partAt(root: MimePart, path: readonly number[]): MimePart | undefined {
  let container: MimePart | undefined = root;
  let part: MimePart | undefined;
  for (const number of path) {
    if (container === undefined) return undefined;
    if (container.kind === 'multipart') part = container.children[number - 1];
    else part = number === 1 ? container : undefined;
    if (part === undefined) return undefined;
    container = part.kind === 'message' ? part.children[0] : part.kind === 'multipart' ? part : undefined;
  }
  return part;
}

/**
 * The decoder for BINARY[part] and BINARY.SIZE. Throws MailError `unknownEncoding` (RFC 3516 4.3, UNKNOWN-CTE) where the
 * encoding is not known; what is only badly encoded is decoded as far as it goes.
 */
export function createBinaryDecoder(part: MimePart): TransferDecoder {
  const { encoding } = part.content;
  if (part.kind !== 'leaf') {
    // RFC 2045 6.4: composite types are never encoded.
    if (isIdentity(encoding)) return createTransferDecoder('binary');
  } else if (isKnownEncoding(encoding)) return createTransferDecoder(encoding);
  throw new MailError('unknownEncoding', 'The content transfer encoding of this part is not known');
}
