import { newObjectId } from '../database/contents.js';
import type { SegmentDocument } from '../database/documents.js';
import { octetsOf } from './apply-op.js';
import { idBytes, type Rows, threadBytes } from './mailbox-columns.js';

/** Messages of a full segment (store design section 11: measured against 256, 1,024 and 16,384). */
export const rowsPerSegment = 4096;
/** A modseq column spans 2^32 a segment (store design section 13). */
const maxModSpan = 0xffffffff;

/** A segment of the rows from `start` to `end`, under a new id. The rows have their cold columns. */
export function segmentDocument(account: string, rows: Rows, start: number, end: number): SegmentDocument {
  const { cold } = rows;
  if (cold === undefined) throw new TypeError('a segment needs all columns');
  const count = end - start;
  let modBase = Number.MAX_SAFE_INTEGER;
  for (let i = start; i < end; i++) modBase = Math.min(modBase, rows.modseq[i]!);
  const mod = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const offset = rows.modseq[start + i]! - modBase;
    if (offset > maxModSpan) throw new RangeError('the modseqs of a segment are too far apart');
    mod[i] = offset;
  }
  const u32 = (column: Uint32Array): Uint8Array => octetsOf(column.subarray(start, end));
  const [kw1, kw2, kw3] = rows.keywords.map((column) =>
    column?.subarray(start, end).some((word) => word !== 0) === true ? u32(column) : undefined,
  );
  return {
    _id: `${account}/${newObjectId()}`,
    a: account,
    c: count,
    lo: rows.uid[start]!,
    hi: rows.uid[end - 1]!,
    modBase,
    uid: u32(rows.uid),
    flags: u32(rows.flags),
    ...(kw1 === undefined ? {} : { kw1 }),
    ...(kw2 === undefined ? {} : { kw2 }),
    ...(kw3 === undefined ? {} : { kw3 }),
    mod: octetsOf(mod),
    id: cold.id.slice(idBytes * start, idBytes * end),
    size: u32(cold.size),
    date: u32(cold.date),
    thread: cold.thread.slice(threadBytes * start, threadBytes * end),
    slot: u32(cold.slot),
  };
}

/** The id of a segment as roots and ops name it. */
export function segmentId(document: SegmentDocument): string {
  return document._id.slice(document.a.length + 1);
}
