/**
 * Trigram signatures of folded text (store design section 7): which messages cannot hold a needle is known without reading
 * them. A part is 8,192 bits, one bit a trigram, of at most 2,000 distinct trigrams; a longer text is cut into parts that
 * overlap by 255 octets, so any needle of at most 256 octets lies whole in one of them. What needs more than 64 parts, or is
 * longer than `maxSignedBytes`, has no signature: always look.
 *
 * The format is stored: the hash must not change.
 */
export const signatureBits = 8_192;
export const signatureBytes = signatureBits / 8;
export const maxSignatureParts = 64;
const maxDistinct = 2_000;
const overlap = 255;
/** Folded octets that a delivery spends time on: a text that repeats itself for 50 MB fills no part. */
export const maxSignedBytes = 8 * 1024 * 1024;
/** Only so much of a needle is looked up. */
export const maxNeedleBytes = 256;

const tableSize = 4_096;

export interface SignatureBuilder {
  /** Folded octets, in any chunks. */
  push(octets: Uint8Array): void;
  /** No more octets will change the result: the text has no signature. */
  readonly full: boolean;
  /** Parts of `signatureBytes` each, at least one; undefined: always look. */
  finish(): readonly Uint8Array[] | undefined;
}

/** Tables of builders that are done: a fresh one of 16 KB a message costs more than the trigrams of a short one. */
const spareTables: Int32Array[] = [];
const maxSpareTables = 16;

export function createSignatureBuilder(): SignatureBuilder {
  const parts: Uint8Array[] = [];
  let bits = newPart();
  /** Trigrams of the open part, open addressing; + 1, so that 0 is free. */
  const table = spareTables.pop()?.fill(0) ?? new Int32Array(tableSize);
  let distinct = 0;
  let total = 0;
  let full = false;
  /** The last three octets. */
  let lastThree = 0;
  /** Octets since the last separator, at most 2. */
  let run = 0;
  /** The last octets of earlier pushes, at most `overlap`. */
  let tail: Uint8Array = new Uint8Array(0);

  const beginPart = (): void => {
    bits = newPart();
    table.fill(0);
    distinct = 0;
    run = 0;
  };
  /** Adds octets from `from` on until the part is full; returns the index of the first that did not fit. */
  const add = (octets: Uint8Array, from: number): number => {
    const part = bits;
    const length = octets.length;
    let trigram = lastThree;
    let since = run;
    let count = distinct;
    let i = from;
    for (; i < length; i++) {
      const octet = octets[i]!;
      if (octet === 0) {
        since = 0;
        continue;
      }
      const next = ((trigram << 8) | octet) & 0xffffff;
      if (since < 2) {
        since++;
        trigram = next;
        continue;
      }
      const hash = Math.imul(next, 0x9e3779b1);
      const stored = next + 1;
      let slot = hash >>> 20;
      let found = table[slot]!;
      while (found !== 0 && found !== stored) {
        slot = (slot + 1) & (tableSize - 1);
        found = table[slot]!;
      }
      if (found === 0) {
        if (count === maxDistinct) break;
        table[slot] = stored;
        count++;
        part[hash >>> 22]! |= 1 << ((hash >>> 19) & 7);
      }
      trigram = next;
    }
    lastThree = trigram;
    run = since;
    distinct = count;
    return i;
  };
  return {
    get full() {
      return full;
    },
    push(octets) {
      if (full || octets.length === 0) return;
      total += octets.length;
      let at = total > maxSignedBytes ? octets.length : add(octets, 0);
      full = total > maxSignedBytes;
      while (at < octets.length) {
        parts.push(bits);
        if (parts.length >= maxSignatureParts) {
          full = true;
          return;
        }
        beginPart();
        add(at >= overlap ? octets.subarray(at - overlap, at) : joinTail(tail, octets.subarray(0, at)), 0);
        at = add(octets, at);
      }
      tail = octets.length >= overlap ? octets.slice(-overlap) : joinTail(tail, octets);
    },
    finish() {
      if (spareTables.length < maxSpareTables) spareTables.push(table);
      return full ? undefined : [...parts, bits];
    },
  };
}

/** From Node's pool: a buffer of its own for each kilobyte costs the collector more than the kilobyte. */
function newPart(): Uint8Array {
  return Buffer.allocUnsafe(signatureBytes).fill(0);
}

function joinTail(before: Uint8Array, octets: Uint8Array): Uint8Array {
  return Buffer.concat([before, octets]).subarray(-overlap);
}

/** Bits that every part that holds the (folded) needle has set, ascending; empty if the needle is too short to tell. */
export function needleBits(needle: Uint8Array): number[] {
  const bits = new Set<number>();
  const length = Math.min(needle.length, maxNeedleBytes);
  let trigram = 0;
  let run = 0;
  for (let i = 0; i < length; i++) {
    if (needle[i] === 0) {
      run = 0;
      continue;
    }
    trigram = ((trigram << 8) | needle[i]!) & 0xffffff;
    if (run < 2) run++;
    else bits.add(Math.imul(trigram, 0x9e3779b1) >>> 19);
  }
  return [...bits].sort((a, b) => a - b);
}

/** Whether a part may hold a needle with these bits. */
export function mayHold(part: Uint8Array, bits: readonly number[]): boolean {
  for (const bit of bits) if ((part[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
  return true;
}
