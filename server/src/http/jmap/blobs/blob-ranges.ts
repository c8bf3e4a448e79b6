/** Parts of blobs in memory, within a budget: what RFC 9404 puts into requests and answers. */
import type { OpenBlob } from './open-blob.js';

export interface ByteBudget {
  /** Octets that may still be held. */
  left: number;
}

export interface BlobRange {
  readonly octets: Buffer;
  /** Of the whole blob. */
  readonly size: number;
  /** The range goes beyond the end of the blob. */
  readonly isTruncated: boolean;
}

export interface RangeOrder {
  readonly offset: number;
  /** undefined: to the end. */
  readonly length: number | undefined;
}

/** undefined: it does not fit the budget. */
export async function readRange(
  blob: OpenBlob,
  { offset, length }: RangeOrder,
  budget: ByteBudget,
): Promise<BlobRange | undefined> {
  const end = length === undefined ? Number.POSITIVE_INFINITY : offset + length;
  const pieces: Uint8Array[] = [];
  let at = 0;
  for await (const piece of blob.octets()) {
    const from = Math.max(0, offset - at);
    const to = Math.min(piece.length, end - at);
    if (from < to) {
      budget.left -= to - from;
      if (budget.left < 0) return undefined;
      // A decoder may use its buffer again.
      pieces.push(Uint8Array.from(piece.subarray(from, to)));
    }
    at += piece.length;
    // The rest is read only to know the size.
    if (at >= end && blob.size !== undefined) break;
  }
  const size = blob.size ?? at;
  return { octets: Buffer.concat(pieces), size, isTruncated: length !== undefined && end > size };
}
