/**
 * Signatures of up to 4,096 parts, turned by 90 degrees (store design section 7): row r holds bit r of every part, so a needle
 * of seven trigrams reads seven rows of 512 octets instead of 4,096 signatures. Stored as 1,024 documents of eight rows:
 * row r is `group(r >> 3)` at `(r & 7) * rowBytes`.
 */
import { signatureBits, signatureBytes } from '../../codec/mime/signature.js';

export const partsPerPack = 4_096;
export const rowBytes = partsPerPack / 8;
export const rowsPerGroup = 8;
export const groupBytes = rowBytes * rowsPerGroup;
export const groupsPerPack = signatureBits / rowsPerGroup;

export const groupOf = (bit: number): number => bit >>> 3;

/** All groups of one pack, end to end: 4 MiB. */
export function emptyPack(): Uint8Array {
  return new Uint8Array(groupsPerPack * groupBytes);
}

/** Sets column `part` from a signature. Only set bits cost anything. */
export function setPart(pack: Uint8Array, part: number, signature: Uint8Array): void {
  const octet = part >>> 3;
  const bit = 1 << (part & 7);
  for (let group = 0; group < signatureBytes; group++) {
    let bits = signature[group]!;
    const base = group * groupBytes + octet;
    while (bits !== 0) {
      const row = 31 - Math.clz32(bits & -bits);
      pack[base + row * rowBytes]! |= bit;
      bits &= bits - 1;
    }
  }
}

export const groupAt = (pack: Uint8Array, group: number): Uint8Array =>
  pack.subarray(group * groupBytes, (group + 1) * groupBytes);

/** Parts that have every one of `bits`: one bit a part. `groups` holds the groups of those bits. */
export function partsWith(bits: readonly number[], groups: (group: number) => Uint8Array): Uint8Array {
  const parts = new Uint8Array(rowBytes).fill(0xff);
  for (const bit of bits) {
    const octets = groups(groupOf(bit));
    const row = (bit & 7) * rowBytes;
    for (let i = 0; i < rowBytes; i++) parts[i]! &= octets[row + i]!;
  }
  return parts;
}
