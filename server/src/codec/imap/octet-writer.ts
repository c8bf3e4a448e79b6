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

/** Writes a number below 2^32 with at least `width` digits, gives the position after it. */
function writeDigits(buffer: Uint8Array, from: number, value: number, width: number): number {
  let rest = value >>> 0;
  let count = 1;
  for (let bound = 10; bound <= rest && count < 10; bound *= 10) count++;
  if (count < width) count = width;
  for (let i = from + count - 1; i >= from; i--) {
    const quotient = (rest / 10) >>> 0;
    buffer[i] = 0x30 + (rest - quotient * 10);
    rest = quotient;
  }
  return from + count;
}
