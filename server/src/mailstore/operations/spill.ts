import type { EntryBuilder } from '../entry-builder.js';
import { Columns, idBytes, newColdColumns, threadBytes } from '../mailbox-columns.js';
import { rowsPerSegment, segmentDocument, segmentId } from '../segment-document.js';

/**
 * Rows of an op that are too many for its entry (store design section 1): segments written before the entry, under new ids
 * with every attempt, because uids and modseq depend on where the entry lands (store design 2.4).
 */
export function spill(
  entry: EntryBuilder,
  account: string,
  columns: Columns,
  indexes: Uint32Array,
  uidAt: (i: number) => number,
): readonly string[] {
  return spillRows(entry, account, pick(columns, indexes, uidAt, entry.n));
}

export function spillRows(entry: EntryBuilder, account: string, rows: Columns): readonly string[] {
  const segs: string[] = [];
  for (let start = 0; start < rows.count; start += rowsPerSegment) {
    const segment = segmentDocument(account, rows, start, Math.min(rows.count, start + rowsPerSegment));
    entry.segments.push(segment);
    segs.push(segmentId(segment));
  }
  return segs;
}

/** The messages at `indexes` as rows of their own, with other uids and modseq `n`. */
export function pick(columns: Columns, indexes: Uint32Array, uidAt: (i: number) => number, n: number): Columns {
  const count = indexes.length;
  const rows = new Columns(count, false);
  const cold = newColdColumns(count);
  const from = columns.cold!;
  rows.count = count;
  rows.modseq.fill(n);
  for (let i = 0; i < count; i++) {
    const index = indexes[i]!;
    rows.uid[i] = uidAt(i);
    rows.flags[i] = columns.flags[index]!;
    cold.size[i] = from.size[index]!;
    cold.date[i] = from.date[index]!;
    cold.slot[i] = from.slot[index]!;
    cold.id.set(from.id.subarray(idBytes * index, idBytes * (index + 1)), idBytes * i);
    cold.thread.set(from.thread.subarray(threadBytes * index, threadBytes * (index + 1)), threadBytes * i);
  }
  for (let word = 0; word < 3; word++) {
    const column = columns.keywords[word];
    if (column === undefined) continue;
    const picked = rows.keywordColumn(word);
    for (let i = 0; i < count; i++) picked[i] = column[indexes[i]!]!;
  }
  rows.cold = cold;
  return rows;
}
