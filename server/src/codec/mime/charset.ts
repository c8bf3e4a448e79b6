/**
 * From octets in a named charset to text. The platform's decoder knows the charsets of the Encoding Standard; iconv-lite
 * those that only mail still carries (UTF-7, code pages of DOS and the Macintosh ...). Unknown charsets and undeclared 8-bit octets are read
 * as UTF-8 where they are valid UTF-8, else as Windows-1252. Never fails: bad sequences become U+FFFD.
 */
import { isAscii } from 'node:buffer';
import iconv from 'iconv-lite';
import { type BinaryString, toOctets } from './header-fields.js';
import { createUtf7Decoder } from './utf7-decoder.js';

export interface CharsetDecoder {
  /** Text of complete characters so far. */
  push(octets: Uint8Array): string;
  end(): string;
}

type Kind = 'western' | 'platform' | 'utf-7' | 'iconv' | 'guess';

interface Charset {
  readonly kind: Kind;
  readonly label: string;
}

const guess: Charset = { kind: 'guess', label: '' };

/** Names seen in mail that neither decoder knows. */
const aliases = new Map([
  ['unicode-1-1-utf-7', 'utf-7'],
  ['x-unicode-2-0-utf-7', 'utf-7'],
  ['utf8mb4', 'utf-8'],
  ['cp-850', 'cp850'],
  ['iso-8859-8-i', 'iso-8859-8'],
  ['ks_c_5601-1987', 'euc-kr'],
  ['x-gbk', 'gbk'],
  ['ansi_x3.4-1968', 'windows-1252'],
  ['ansi_x3.110-1983', 'windows-1252'],
]);

const resolved = new Map<string, Charset>();
/** Charset names come from messages: the table must not grow with them. */
const maxResolved = 500;

function resolve(name: string): Charset {
  const key = name.trim().toLowerCase();
  const known = resolved.get(key);
  if (known !== undefined) return known;
  const charset = find(key);
  if (resolved.size < maxResolved) resolved.set(key, charset);
  return charset;
}

function find(name: string): Charset {
  if (name === '' || name.length > 60) return guess;
  const label = aliases.get(name) ?? name;
  // US-ASCII with 8-bit octets is a lie about something else: guess. So is what no registry knows.
  if (label === 'us-ascii' || label === 'ascii' || label === 'unknown-8bit' || label === 'x-unknown') return guess;
  if (label === 'utf-7' || label === 'utf7') return { kind: 'utf-7', label };
  try {
    const { encoding } = new TextDecoder(label);
    return { kind: encoding === 'windows-1252' ? 'western' : 'platform', label: encoding };
  } catch {
    return iconv.encodingExists(label) ? { kind: 'iconv', label } : guess;
  }
}

/** Whether text in that charset can be decoded by its name. */
export function isKnownCharset(name: string): boolean {
  return name.toLowerCase() === 'us-ascii' || resolve(name).kind !== 'guess';
}

/** A streaming decoder; the charset may be anything. */
export function createCharsetDecoder(name: string): CharsetDecoder {
  const charset = resolve(name);
  switch (charset.kind) {
    case 'guess':
      return createGuessingDecoder();
    case 'western':
      return { push: decodeWindows1252, end: () => '' };
    case 'utf-7':
      return createUtf7Decoder();
    case 'iconv': {
      const decoder = iconv.getDecoder(charset.label);
      return {
        push: (octets) => decoder.write(Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)),
        end: () => decoder.end() ?? '',
      };
    }
    default:
      return createPlatformDecoder(charset.label);
  }
}

/** 0x80 to 0x9F of Windows-1252 (Encoding Standard, index windows-1252). */
const windows1252 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/**
 * Windows-1252, which ISO-8859-1 and US-ASCII stand for too. Not the platform's decoder: several releases of Node read it as
 * ISO-8859-1 and lose quotes, dashes and the euro sign.
 */
export function decodeWindows1252(octets: Uint8Array): string {
  const text = asciiText(octets);
  let out = '';
  let from = 0;
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i]!;
    if (octet < 0x80 || octet > 0x9f) continue;
    out += text.slice(from, i) + windows1252[octet - 0x80];
    from = i + 1;
  }
  return from === 0 ? text : out + text.slice(from);
}

/** In these, octets under 128 are not always ASCII. */
const notAscii = new Set(['utf-16le', 'utf-16be', 'iso-2022-jp', 'replacement', 'x-user-defined']);

/** Most mail is ASCII whatever it says: the decoder, which is dear to make, is made at the first other octet. */
function createPlatformDecoder(label: string): CharsetDecoder {
  let decoder = notAscii.has(label) ? new TextDecoder(label, { ignoreBOM: true }) : undefined;
  return {
    push(octets) {
      if (decoder === undefined) {
        if (isAscii(octets)) return asciiText(octets);
        decoder = new TextDecoder(label, { ignoreBOM: true });
      }
      return decoder.decode(octets, { stream: true });
    },
    end: () => decoder?.decode() ?? '',
  };
}

function asciiText(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
}

/**
 * UTF-8 until something is not, then Windows-1252 for the rest. (A text in Windows-1252 shows itself at its first accented
 * letter, and one in UTF-8 never does.) Where the text is cut into chunks makes no difference.
 */
function createGuessingDecoder(): CharsetDecoder {
  let western = false;
  /** The first octets of a sequence that goes on in the next chunk. */
  let pending: Uint8Array = none;
  return {
    push(octets) {
      if (western) return decodeWindows1252(octets);
      if (pending.length === 0 && isAscii(octets)) return asciiText(octets);
      const all = pending.length === 0 ? octets : joined(pending, octets);
      const valid = utf8Prefix(all);
      let text = utf8Text(all, valid);
      pending = all.slice(valid);
      if (pending.length > 0 && !isUnfinished(pending)) {
        western = true;
        text += decodeWindows1252(pending);
        pending = none;
      }
      return text;
    },
    end() {
      const rest = pending;
      pending = none;
      return decodeWindows1252(rest);
    },
  };
}

const none = new Uint8Array(0);

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function utf8Text(octets: Uint8Array, length: number): string {
  return Buffer.from(octets.buffer, octets.byteOffset, length).toString('utf8');
}

/** Length of the longest prefix that is complete, valid UTF-8 (RFC 3629 4). */
function utf8Prefix(octets: Uint8Array): number {
  let i = 0;
  while (i < octets.length) {
    const first = octets[i]!;
    if (first < 0x80) {
      i++;
      continue;
    }
    const length = sequenceLength(first);
    if (length === 0 || i + length > octets.length) return i;
    for (let k = 1; k < length; k++) if (!isContinuation(first, k, octets[i + k]!)) return i;
    i += length;
  }
  return i;
}

/** The octets begin a sequence that more octets could complete. */
function isUnfinished(octets: Uint8Array): boolean {
  const length = sequenceLength(octets[0]!);
  if (octets.length >= length) return false;
  for (let k = 1; k < octets.length; k++) if (!isContinuation(octets[0]!, k, octets[k]!)) return false;
  return true;
}

function sequenceLength(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 0;
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
}

function isContinuation(first: number, index: number, octet: number): boolean {
  if (index === 1) {
    if (first === 0xe0) return octet >= 0xa0 && octet <= 0xbf;
    if (first === 0xed) return octet >= 0x80 && octet <= 0x9f;
    if (first === 0xf0) return octet >= 0x90 && octet <= 0xbf;
    if (first === 0xf4) return octet >= 0x80 && octet <= 0x8f;
  }
  return (octet & 0xc0) === 0x80;
}

/** Decodes octets that are all there. */
export function decodeCharset(octets: Uint8Array, name: string): string {
  const decoder = createCharsetDecoder(name);
  return decoder.push(octets) + decoder.end();
}

/** Header octets outside encoded words: ASCII, or UTF-8 (RFC 6532), or a guess. */
export function decodeRaw(text: BinaryString): string {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return decodeCharset(toOctets(text), '');
  return text;
}
