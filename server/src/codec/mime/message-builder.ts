/**
 * Writes a new message (RFC 5322, RFC 2045 to 2047, RFC 2231): a tree of parts with their header fields as they go out and their
 * octets, given as a stream. The transfer encoding is chosen by content: text as 7bit, quoted-printable or base64, whichever reads
 * and travels best; files as base64; messages as they are (RFC 2046 5.2.1). No line is over 998 octets but inside of a message that
 * is passed on.
 */
import { randomBytes } from 'node:crypto';
import { parametersField } from './header-writer.js';

export type NewPart = NewTextPart | NewFilePart | NewMultipart;

interface PartHeader {
  /** `text/plain`, in lower case. */
  readonly type: string;
  /** Beside charset and boundary. */
  readonly parameters: readonly (readonly [string, string])[];
  /** Other fields of the part, each with its CRLF: no Content-Type, no Content-Transfer-Encoding. */
  readonly fields: string;
}

export interface NewTextPart extends PartHeader {
  readonly kind: 'text';
  /** Lines may end in LF or CRLF. */
  readonly text: string;
}

export interface NewFilePart extends PartHeader {
  readonly kind: 'file';
  octets(): AsyncIterable<Uint8Array>;
}

export interface NewMultipart extends PartHeader {
  readonly kind: 'multipart';
  readonly parts: readonly NewPart[];
}

/** `fields` are those of the message, each with its CRLF; the root's Content fields follow them. */
export async function* buildMessage(fields: string, root: NewPart): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${fields}MIME-Version: 1.0\r\n`);
  yield* writePart(root);
}

async function* writePart(part: NewPart): AsyncGenerator<Uint8Array> {
  switch (part.kind) {
    case 'text':
      yield* writeText(part);
      return;
    case 'file':
      yield* writeFile(part);
      return;
    case 'multipart':
      yield* writeMultipart(part);
      return;
  }
}

function header(
  part: NewPart,
  parameters: readonly (readonly [string, string])[],
  encoding: string | undefined,
): Buffer {
  const type = parametersField('Content-Type', part.type, [...parameters, ...part.parameters]);
  return Buffer.from(
    `${type}${encoding === undefined ? '' : `Content-Transfer-Encoding: ${encoding}\r\n`}${part.fields}\r\n`,
  );
}

async function* writeMultipart(part: NewMultipart): AsyncGenerator<Uint8Array> {
  // RFC 2046 5.1.1: a line that no part can hold. 120 random bits; "=_" occurs in no quoted-printable and no base64.
  const boundary = `=_${randomBytes(15).toString('base64url')}`;
  yield header(part, [['boundary', boundary]], undefined);
  for (const child of part.parts) {
    yield Buffer.from(`--${boundary}\r\n`);
    yield* writePart(child);
    yield Buffer.from('\r\n');
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

async function* writeText(part: NewTextPart): AsyncGenerator<Uint8Array> {
  const octets = Buffer.from(withLineEnds(part.text));
  const encoding = textEncoding(octets);
  yield header(part, [['charset', 'utf-8']], encoding);
  if (encoding === '7bit') yield octets;
  else if (encoding === 'base64') yield* base64(single(octets));
  else yield Buffer.from(quotedPrintable(octets), 'latin1');
}

async function* writeFile(part: NewFilePart): AsyncGenerator<Uint8Array> {
  if (part.type === 'message/rfc822' || part.type === 'message/global') {
    yield header(part, [], '8bit');
    yield* part.octets();
    return;
  }
  yield header(part, [], 'base64');
  yield* base64(part.octets());
}

async function* single(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets;
}

/** RFC 2045 2.8 and 6.7: a line end in text is CRLF. */
function withLineEnds(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replaceAll('\n', '\r\n');
}

const maxLine = 998;

function textEncoding(octets: Uint8Array): '7bit' | 'quoted-printable' | 'base64' {
  let line = 0;
  let longest = 0;
  let encoded = 0;
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i]!;
    if (octet === 10) line = 0;
    else longest = Math.max(longest, ++line);
    if (octet > 126 || (octet < 32 && octet !== 9 && octet !== 10 && octet !== 13)) encoded += 1;
  }
  if (encoded === 0 && longest <= maxLine && !hasFromLine(octets)) return '7bit';
  // Quoted-printable takes three octets for one, base64 four for three.
  return encoded * 6 > octets.length ? 'base64' : 'quoted-printable';
}

/** RFC 5322 says nothing of it, but a line that begins with `From ` is changed on its way by what keeps mail in mbox files. */
function hasFromLine(octets: Uint8Array): boolean {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  return buffer.includes('\nFrom ') || buffer.subarray(0, 5).equals(fromOctets);
}

const fromOctets = Buffer.from('From ');
const hex = '0123456789ABCDEF';

/** RFC 2045 6.7: lines of at most 76 characters. */
function quotedPrintable(octets: Uint8Array): string {
  const out: string[] = [];
  let line = '';
  const soft = (width: number): void => {
    if (line.length + width <= 75) return;
    out.push(`${line}=\r\n`);
    line = '';
  };
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i]!;
    const endsLine = octets[i] === 13 && octets[i + 1] === 10;
    if (endsLine) {
      out.push(`${line}\r\n`);
      line = '';
      i += 1;
      continue;
    }
    const beforeEnd = i + 1 === octets.length || octets[i + 1] === 13;
    const isBlank = octet === 32 || octet === 9;
    // A dot alone on a line ends SMTP's DATA for careless programs; `From ` is changed by mbox files.
    const startsLine =
      line === '' && (octet === 46 || (octet === 70 && octets[i + 1] === 114 && octets[i + 2] === 111));
    const plain = (octet > 32 && octet < 127 && octet !== 61 && !startsLine) || (isBlank && !beforeEnd);
    const piece = plain ? String.fromCharCode(octet) : `=${hex[octet >> 4]}${hex[octet & 15]}`;
    soft(piece.length);
    line += piece;
  }
  out.push(line);
  return out.join('');
}

/** Octets of one line of 76 characters; a chunk is many of them. */
const base64Line = 57;
const base64Chunk = base64Line * 1024;

async function* base64(octets: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0);
  for await (const piece of octets) {
    const all =
      rest.length === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength) : Buffer.concat([rest, piece]);
    const whole = all.length - (all.length % base64Line);
    for (let at = 0; at < whole; at += base64Chunk)
      yield base64Lines(all.subarray(at, Math.min(whole, at + base64Chunk)));
    // The source may use its buffer again.
    rest = Buffer.from(all.subarray(whole));
  }
  if (rest.length > 0) yield base64Lines(rest);
}

function base64Lines(octets: Buffer): Buffer {
  const text = octets.toString('base64');
  let out = '';
  for (let at = 0; at < text.length; at += 76) out += `${text.slice(at, at + 76)}\r\n`;
  return Buffer.from(out, 'latin1');
}
