/**
 * Encoded words (RFC 2047) to text, for search, preview and JMAP; IMAP sends them raw. Accepts what mail carries: words
 * inside quoted strings, blanks inside words, characters split over two words (joined before the charset is decoded), RFC
 * 2231 language tags. What is not a word stays as it is. Linear.
 */
import { createCharsetDecoder, decodeRaw } from './charset.js';
import { type BinaryString, isWhite } from './header-fields.js';

/** `value` is unfolded. */
export function decodeEncodedWords(value: BinaryString): string {
  let start = value.indexOf('=?');
  if (start === -1) return decodeRaw(value);
  let out = '';
  let from = 0;
  let open: { readonly charset: string; readonly decoder: ReturnType<typeof createCharsetDecoder> } | undefined;
  while (start !== -1) {
    const word = readWord(value, start);
    if (word === undefined) {
      start = value.indexOf('=?', start + 2);
      continue;
    }
    const between = value.slice(from, start);
    // RFC 2047 6.2: white space between two words is not text.
    const adjacent = open !== undefined && isBlankText(between);
    if (open !== undefined && (!adjacent || open.charset !== word.charset || isStateful(word.charset))) {
      out += open.decoder.end();
      open = undefined;
    }
    if (!adjacent) out += decodeRaw(between);
    open ??= { charset: word.charset, decoder: createCharsetDecoder(word.charset) };
    out += open.decoder.push(word.octets);
    from = word.end;
    start = value.indexOf('=?', from);
  }
  if (open !== undefined) out += open.decoder.end();
  return out + decodeRaw(value.slice(from));
}

interface Word {
  readonly charset: string;
  readonly octets: Uint8Array;
  readonly end: number;
}

/** Charsets with shift states begin each word in the state of ASCII (RFC 2047 3): nothing of one goes on in the next. */
function isStateful(charset: string): boolean {
  return charset.startsWith('iso-2022-') || charset.endsWith('utf-7') || charset === 'hz-gb-2312';
}

/** Charset names are short; a long one is no word. */
const maxCharsetName = 60;

function readWord(value: BinaryString, start: number): Word | undefined {
  let i = start + 2;
  const limit = Math.min(value.length, i + maxCharsetName);
  while (i < limit && value.charCodeAt(i) !== 63) {
    if (value.charCodeAt(i) <= 32) return undefined;
    i++;
  }
  if (i === start + 2 || value.charCodeAt(i) !== 63 || value.charCodeAt(i + 2) !== 63) return undefined;
  const encoding = value.charCodeAt(i + 1) | 32;
  if (encoding !== 113 && encoding !== 98) return undefined; // q, b
  const textFrom = i + 3;
  // The text of a word holds no question mark (RFC 2047 2), so each is looked for once only.
  const textTo = value.indexOf('?', textFrom);
  if (textTo === -1 || value.charCodeAt(textTo + 1) !== 61) return undefined;
  const name = value.slice(start + 2, i);
  const star = name.indexOf('*');
  const text = value.slice(textFrom, textTo);
  return {
    charset: (star === -1 ? name : name.slice(0, star)).toLowerCase(),
    octets: encoding === 98 ? Buffer.from(text, 'base64') : decodeQ(text),
    end: textTo + 2,
  };
}

function isBlankText(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isWhite(text.charCodeAt(i))) return false;
  return true;
}

function decodeQ(text: BinaryString): Uint8Array {
  const out = new Uint8Array(text.length);
  let to = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 95) out[to++] = 32;
    else if (c === 61) {
      const high = hexDigit(text.charCodeAt(i + 1));
      const low = hexDigit(text.charCodeAt(i + 2));
      if (high >= 0 && low >= 0) {
        out[to++] = high * 16 + low;
        i += 2;
      } else out[to++] = c;
    } else out[to++] = c;
  }
  return out.subarray(0, to);
}

export function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const letter = c | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
