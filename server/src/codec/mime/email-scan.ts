/**
 * One pass over a message for JMAP (RFC 8621 4.1.4): its tree of parts with the header block and the decoded size of each, and the
 * text of those parts that are wanted. A message is never in memory whole: texts are kept up to a limit each and together.
 */
import { maxMailTextBytes } from '../../kernel/limits.js';
import { type CharsetDecoder, createCharsetDecoder, isKnownCharset } from './charset.js';
import type { BinaryString } from './header-fields.js';
import { plainParameter } from './parameters.js';
import type { MimePart } from './part.js';
import type { BodySink } from './scan-tap.js';
import { MimeScanner } from './scanner.js';
import { createTransferDecoder, isIdentity, isKnownEncoding } from './transfer-encoding.js';

/** RFC 8621 4.1.4, EmailBodyValue. */
export interface TextValue {
  readonly value: string;
  readonly isEncodingProblem: boolean;
  readonly isTruncated: boolean;
}

export interface ScannedEmail {
  readonly root: MimePart;
  readonly size: number;
  /** '' for a part without one. */
  headerOf(part: MimePart): BinaryString;
  /** Octets behind the transfer encoding. */
  decodedSize(part: MimePart): number;
  /** undefined for what is no text or was not wanted. */
  textOf(part: MimePart): TextValue | undefined;
}

export interface EmailScanOptions {
  /** Which text parts are kept. */
  readonly texts: 'none' | 'shown' | 'all';
  /** Octets of UTF-8 of one text; 0: only our own limit. */
  readonly maxTextBytes: number;
}

export interface EmailScan {
  push(chunk: Uint8Array): void;
  end(): ScannedEmail;
}

export function createEmailScan(options: EmailScanOptions): EmailScan {
  const blocks: BinaryString[] = [];
  const sizes = new Map<MimePart, number>();
  const texts = new Map<MimePart, TextValue>();
  let room = maxMailTextBytes;

  const scanner = new MimeScanner({
    header: (block) => void blocks.push(block),
    leaf(part) {
      const { type, encoding } = part.content;
      const isText = type === 'text' && isWanted(part, options.texts);
      if (!isText && isIdentity(encoding)) return undefined;
      const text = isText ? textCollector(part, options.maxTextBytes) : undefined;
      return decodingSink(encoding, text, (size) => {
        sizes.set(part, size);
        if (text === undefined) return;
        const value = text.finish(room);
        room -= Buffer.byteLength(value.value);
        texts.set(part, value);
      });
    },
  });
  return {
    push: (chunk) => scanner.push(chunk),
    end() {
      const root = scanner.end();
      const headers = headersByPart(root, blocks);
      return {
        root,
        size: scanner.size,
        headerOf: (part) => headers.get(part) ?? '',
        decodedSize: (part) => sizes.get(part) ?? part.end - part.bodyStart,
        textOf: (part) => texts.get(part),
      };
    },
  };
}

function isWanted(part: MimePart, which: EmailScanOptions['texts']): boolean {
  return which === 'all' || (which === 'shown' && part.content.disposition?.head !== 'attachment');
}

function decodingSink(encoding: string, text: TextCollector | undefined, ended: (size: number) => void): BodySink {
  const decoder = createTransferDecoder(encoding);
  let size = 0;
  const take = (octets: Uint8Array): void => {
    size += octets.length;
    text?.push(octets);
  };
  return {
    push: (octets) => take(decoder.push(octets)),
    end() {
      take(decoder.end());
      ended(size);
    },
  };
}

interface TextCollector {
  push(octets: Uint8Array): void;
  finish(room: number): TextValue;
}

function textCollector(part: MimePart, maxTextBytes: number): TextCollector {
  const charset = plainParameter(part.content.parameters, 'charset') ?? '';
  const decoder: CharsetDecoder = createCharsetDecoder(charset);
  const limit = maxTextBytes === 0 ? maxMailTextBytes : Math.min(maxTextBytes, maxMailTextBytes);
  let text = '';
  let bytes = 0;
  let full = false;
  const take = (piece: string): void => {
    if (full || piece === '') return;
    text += piece;
    bytes += Buffer.byteLength(piece);
    // CRLF becomes LF in the end, so twice as much is surely enough.
    full = bytes > 2 * limit;
  };
  return {
    push(octets) {
      if (!full) take(decoder.push(octets));
    },
    finish(room) {
      if (!full) take(decoder.end());
      const value = text.replaceAll('\r\n', '\n');
      const kept = cutText(value, Math.min(limit, room), part.content.subtype === 'html');
      const known = (charset === '' || isKnownCharset(charset)) && isKnownEncoding(part.content.encoding);
      return {
        value: kept,
        isEncodingProblem: !known || kept.includes('\ufffd'),
        isTruncated: full || kept.length < value.length,
      };
    },
  };
}

/** RFC 8621 4.2: at most so many octets of UTF-8, never inside of a character, and of HTML not inside of a tag. */
function cutText(text: string, maxBytes: number, isHtml: boolean): string {
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const octets = Buffer.from(text.slice(0, maxBytes));
  let end = Math.min(maxBytes, octets.length);
  while (end > 0 && (octets[end]! & 0xc0) === 0x80) end -= 1;
  const cut = octets.toString('utf8', 0, end);
  if (!isHtml) return cut;
  const open = cut.lastIndexOf('<');
  return open > cut.lastIndexOf('>') ? cut.slice(0, open) : cut;
}

/**
 * Header blocks come in the order in which parts begin. Of a multipart in which no delimiter came, the part that stands for its text
 * has none: it begins where no delimiter lets a part begin.
 */
function headersByPart(root: MimePart, blocks: readonly BinaryString[]): ReadonlyMap<MimePart, BinaryString> {
  const headers = new Map<MimePart, BinaryString>();
  let next = 0;
  const visit = (part: MimePart, parent: MimePart | undefined): void => {
    if (parent?.kind === 'multipart' && part.headerStart === parent.bodyStart) return;
    headers.set(part, blocks[next++] ?? '');
    for (const child of part.children) visit(child, part);
  };
  visit(root, undefined);
  return headers;
}
