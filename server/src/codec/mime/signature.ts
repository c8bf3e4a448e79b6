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

export function createSignatureBuilder(): SignatureBuilder {
  const parts: Uint8Array[] = [];
  let bits = new Uint8Array(signatureBytes);
  /** Trigrams of the open part, open addressing; + 1, so that 0 is free. */
  const table = new Int32Array(tableSize);
  let distinct = 0;
  let total = 0;
  let full = false;
  /** The last three octets. */
  let trigram = 0;
  /** Octets since the last separator, at most 3. */
  let run = 0;
  /** The last octets pushed before, at most `overlap`. */
  let tail: Uint8Array = new Uint8Array(0);

  const cut = (octets: Uint8Array, at: number): void => {
    parts.push(bits);
    if (parts.length >= maxSignatureParts) {
      full = true;
      return;
    }
    bits = new Uint8Array(signatureBytes);
    table.fill(0);
    distinct = 0;
    run = 0;
    const before =
      at >= overlap
        ? octets.subarray(at - overlap, at)
        : Buffer.concat([tail, octets.subarray(0, at)]).subarray(-overlap);
    add(before, 0);
  };
  const add = (octets: Uint8Array, depth: number): void => {
    for (let i = 0; i < octets.length; i++) {
      const octet = octets[i]!;
      if (octet === 0) {
        run = 0;
        continue;
      }
      trigram = ((trigram << 8) | octet) & 0xffffff;
      if (run < 2) {
        run++;
        continue;
      }
      const hash = Math.imul(trigram, 0x9e3779b1);
      let slot = hash >>> 20;
      const stored = trigram + 1;
      while (table[slot] !== 0 && table[slot] !== stored) slot = (slot + 1) & (tableSize - 1);
      if (table[slot] === stored) continue;
      if (distinct === maxDistinct && depth === 0) {
        cut(octets, i);
        if (full) return;
        i--; // the octet again, in the new part
        continue;
      }
      table[slot] = stored;
      distinct++;
      const bit = hash >>> 19;
      bits[bit >>> 3]! |= 1 << (bit & 7);
    }
  };
  return {
    get full() {
      return full;
    },
    push(octets) {
      if (full || octets.length === 0) return;
      total += octets.length;
      if (total > maxSignedBytes) {
        full = true;
        return;
      }
      add(octets, 0);
      tail = octets.length >= overlap ? octets.slice(-overlap) : Buffer.concat([tail, octets]).subarray(-overlap);
    },
    finish: () => (full ? undefined : [...parts, bits]),
  };
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
