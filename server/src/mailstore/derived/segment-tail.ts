import type { SegmentLine } from '../../database/documents.js';
import type { Segments } from '../../database/segments.js';
import { u32Column } from '../apply-op.js';
import { idBytes } from '../mailbox-columns.js';

/** Which message lies in which slot, for the newest messages of a mailbox. */
export interface SlotRows {
  readonly count: number;
  /** 12 octets a message. */
  readonly ids: Buffer;
  readonly slots: Uint32Array;
}

/** The last segments of a mailbox that hold at least `messages` of its messages; none when they were replaced meanwhile. */
export async function rowsWithin(
  segments: Segments,
  account: string,
  lines: readonly SegmentLine[],
  messages: number,
): Promise<readonly SlotRows[]> {
  let count = 0;
  let first = lines.length;
  while (first > 0 && count < messages) count += lines[--first]!.c;
  const wanted = lines.slice(first).map((line) => line.s);
  const rows = wanted.length === 0 ? [] : await segments.load(account, wanted, ['id', 'slot']);
  return (rows ?? []).map((row) => ({
    count: row.count,
    ids: row.column('id')!,
    slots: u32Column(row.column('slot')!),
  }));
}

export const idAt = (ids: Buffer, index: number): string => ids.toString('hex', idBytes * index, idBytes * (index + 1));

/** When the message was made: the first four octets of an ObjectId, in seconds. */
export const madeAt = (ids: Buffer, index: number): number => ids.readUInt32BE(idBytes * index);
