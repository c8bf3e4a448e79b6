/**
 * Octets written one after another into a buffer that grows: what the responses that come in thousands are made with.
 * `take` gives what was written and starts anew; the buffer that was given is never written to again, so that it can go to a
 * connection uncopied.
 */
export interface OctetWriter {
  /** Octets written since the last `take`. */
  readonly length: number;
  /** One octet. */
  octet(code: number): void;
  /** ASCII text, short. */
  ascii(text: string): void;
  bytes(octets: Uint8Array): void;
  /** A non-negative integer up to 2^53, in decimal. */
  number(value: number): void;
  take(): Buffer;
  /** For a row that is written by hand: at least `count` octets of `buffer` from `position` on may be written to ... */
  reserve(count: number): void;
  readonly buffer: Uint8Array;
  readonly position: number;
  /** ... and this says where they end. */
  advance(position: number): void;
}

/** Up to here copying by a loop beats the call to `set`. */
const shortCopy = 40;
const digitsOf2To53 = 16;

export function createOctetWriter(chunkBytes = 16_384): OctetWriter {
  let buffer = Buffer.allocUnsafeSlow(chunkBytes);
  let start = 0;
  let end = 0;

  /** Makes room for `count` octets more. */
  function reserve(count: number): void {
    if (end + count <= buffer.length) return;
    const used = end - start;
    const grown = Buffer.allocUnsafeSlow(Math.max(chunkBytes, 2 * (used + count)));
    buffer.copy(grown, 0, start, end);
    buffer = grown;
    start = 0;
    end = used;
  }

  return {
    get length() {
      return end - start;
    },
    get buffer() {
      return buffer;
    },
    get position() {
      return end;
    },
    reserve,
    advance(position) {
      end = position;
    },
    octet(code) {
      reserve(1);
      buffer[end++] = code;
    },
    ascii(text) {
      const { length } = text;
      reserve(length);
      for (let i = 0; i < length; i++) buffer[end++] = text.charCodeAt(i);
    },
    bytes(octets) {
      const { length } = octets;
      reserve(length);
      if (length <= shortCopy) for (let i = 0; i < length; i++) buffer[end++] = octets[i]!;
      else {
        buffer.set(octets, end);
        end += length;
      }
    },
    number(value) {
      reserve(digitsOf2To53);
      let low = value;
      if (value > 0xffff_ffff) {
        const high = Math.floor(value / 1e9);
        low = value - high * 1e9;
        end = writeDigits(buffer, end, high, 1);
        end = writeDigits(buffer, end, low, 9);
      } else end = writeDigits(buffer, end, low, 1);
    },
    take() {
      const taken = buffer.subarray(start, end);
      // What is left is used for the next piece, unless little is.
      if (buffer.length - end < chunkBytes / 4) {
        buffer = Buffer.allocUnsafeSlow(chunkBytes);
        start = 0;
        end = 0;
      } else start = end;
      return taken;
    },
  };
}

/** Two digits a look-up. */
const digitPairs = Buffer.from(Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0')).join(''));

function countDigits(value: number): number {
  if (value < 100_000) {
    if (value < 100) return value < 10 ? 1 : 2;
    return value < 1000 ? 3 : value < 10_000 ? 4 : 5;
  }
  if (value < 10_000_000) return value < 1_000_000 ? 6 : 7;
  return value < 100_000_000 ? 8 : value < 1_000_000_000 ? 9 : 10;
}

/** Writes a number below 2^32 with at least `width` digits, gives the position after it. There must be room. */
export function writeDigits(buffer: Uint8Array, from: number, value: number, width: number): number {
  let rest = value >>> 0;
  const count = countDigits(rest);
  const end = from + (count < width ? width : count);
  let at = end;
  while (rest >= 10) {
    const quotient = (rest / 100) >>> 0;
    const pair = (rest - quotient * 100) << 1;
    at -= 2;
    buffer[at] = digitPairs[pair]!;
    buffer[at + 1] = digitPairs[pair + 1]!;
    rest = quotient;
    // A pair that began with 0 may have been the last digit alone.
    if (rest === 0) break;
  }
  if (rest !== 0 || at === end) buffer[--at] = 0x30 + rest;
  while (at > from) buffer[--at] = 0x30;
  return end;
}
