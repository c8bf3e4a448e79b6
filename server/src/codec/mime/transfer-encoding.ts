/**
 * Content-Transfer-Encoding (RFC 2045 6), undone on a stream. Lenient as every reader of mail must be: octets outside the base64
 * alphabet are skipped, `=` before no hex digits stays. Never fails; what an unknown encoding means, the caller decides
 * (`isKnownEncoding`). The same octets come out however the input was cut.
 */
import { hexDigit } from './encoded-words.js';

export interface TransferDecoder {
  /** The result may be the input itself, and is only valid until the next call. */
  push(octets: Uint8Array): Uint8Array;
  end(): Uint8Array;
}

const none = new Uint8Array(0);

export function isKnownEncoding(encoding: string): boolean {
  return isIdentity(encoding) || encoding === 'base64' || encoding === 'quoted-printable';
}

export function isIdentity(encoding: string): boolean {
  return encoding === '7bit' || encoding === '8bit' || encoding === 'binary';
}

/** `encoding` in lower case; an unknown one passes unchanged. */
export function createTransferDecoder(encoding: string): TransferDecoder {
  if (encoding === 'base64') return createBase64Decoder();
  if (encoding === 'quoted-printable') return createQuotedPrintableDecoder();
  return { push: (octets) => octets, end: () => none };
}

const skip = 255;
const pad = 254;
const base64Values = new Uint8Array(256).fill(skip);
for (let i = 0; i < 64; i++) {
  base64Values['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charCodeAt(i)] = i;
}
base64Values[61] = pad;

function createBase64Decoder(): TransferDecoder {
  /** Bits of an unfinished quantum and how many characters made them. */
  let bits = 0;
  let count = 0;
  return {
    push(octets) {
      const out = new Uint8Array(((octets.length + count) >> 2) * 3 + 3);
      let to = 0;
      for (let i = 0; i < octets.length; i++) {
        const value = base64Values[octets[i]!]!;
        if (value < 64) {
          bits = (bits << 6) | value;
          if (++count === 4) {
            out[to++] = bits >> 16;
            out[to++] = bits >> 8;
            out[to++] = bits;
            bits = 0;
            count = 0;
          }
        } else if (value === pad) {
          // The quantum ends; several encoded runs may stand one behind the other.
          if (count >= 2) out[to++] = bits >> (count === 2 ? 4 : 10);
          if (count === 3) out[to++] = bits >> 2;
          bits = 0;
          count = 0;
        }
      }
      return out.subarray(0, to);
    },
    end() {
      // Padding left out.
      const last = count === 2 ? [bits >> 4] : count === 3 ? [bits >> 10, bits >> 2] : [];
      bits = 0;
      count = 0;
      return Uint8Array.from(last);
    },
  };
}

/** White space that waits for what follows it; more than this is text whatever follows. */
const maxHeldBlanks = 1_000;

/** Where in `=XX` or a soft line break (`=`, blanks, line end) the decoder is. */
type QuotedState = 'text' | 'equals' | 'digit' | 'blanks' | 'cr';

function createQuotedPrintableDecoder(): TransferDecoder {
  let state: QuotedState = 'text';
  let digit = 0;
  const blanks = new Uint8Array(maxHeldBlanks);
  let held = 0;
  let out: Uint8Array = none;
  let to = 0;

  const releaseBlanks = (): void => {
    for (let k = 0; k < held; k++) out[to++] = blanks[k]!;
    held = 0;
  };
  const holdBlank = (c: number): void => {
    if (held === maxHeldBlanks) {
      if (state === 'blanks') out[to++] = equals;
      state = 'text';
      releaseBlanks();
    }
    blanks[held++] = c;
  };
  /** True if `c` is used up by the escape that is under way. */
  const goOn = (c: number): boolean => {
    switch (state) {
      case 'digit':
        state = 'text';
        if (hexDigit(c) >= 0) {
          out[to++] = hexDigit(digit) * 16 + hexDigit(c);
          return true;
        }
        out[to++] = equals;
        out[to++] = digit;
        return false;
      case 'cr':
        state = 'text';
        return c === 10;
      default:
        if (state === 'equals' && hexDigit(c) >= 0) {
          digit = c;
          state = 'digit';
          return true;
        }
        if (c === 32 || c === 9) {
          state = 'blanks';
          holdBlank(c);
          return true;
        }
        if (c === 13 || c === 10) {
          held = 0;
          state = c === 13 ? 'cr' : 'text';
          return true;
        }
        state = 'text';
        out[to++] = equals;
        releaseBlanks();
        return false;
    }
  };
  return {
    push(octets) {
      out = new Uint8Array(octets.length + held + 4);
      to = 0;
      for (let i = 0; i < octets.length; i++) {
        const c = octets[i]!;
        if (state !== 'text' && goOn(c)) continue;
        if (c === 32 || c === 9) holdBlank(c);
        else if (c === 13 || c === 10) {
          held = 0; // RFC 2045 6.7 (3): white space at the end of a line was added on the way
          out[to++] = c;
        } else {
          if (held > 0) releaseBlanks();
          if (c === equals) state = 'equals';
          else out[to++] = c;
        }
      }
      return out.subarray(0, to);
    },
    end() {
      const last = state === 'digit' ? [equals, digit] : state === 'equals' || state === 'blanks' ? [equals] : [];
      state = 'text';
      held = 0;
      return Uint8Array.from(last);
    },
  };
}

const equals = 61;
