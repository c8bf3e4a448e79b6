import type { RootDocument, SegmentColumn } from '../database/documents.js';
import type { SegmentRows, Segments } from '../database/segments.js';
import { applyFlags, rowsOfAdd, rowsOfAdds, u32Column } from './apply-op.js';
import type { AddsOp, Entry, Op } from './log-entry.js';
import { type ColdColumns, Columns, idBytes, newColdColumns, type Rows, threadBytes } from './mailbox-columns.js';
import { decodeUids } from './uid-set.js';

/**
 * Builds the columns of a mailbox: its segments as the root lists them, then the ops of the tail (store design section 3).
 * Pure but for reading segments; the caller makes sure that root and tail belong together.
 */

/** Rows of ops that were spilled into segments, by op: read before they are applied. */
export type SpilledRows = WeakMap<AddsOp, Rows>;

const hotColumns: readonly SegmentColumn[] = ['uid', 'flags', 'kw1', 'kw2', 'kw3', 'mod'];
const allColumns: readonly SegmentColumn[] = [...hotColumns, 'id', 'size', 'date', 'thread', 'slot'];

/** A stretch of the tail during which the messages lay in `box`; `takenAt` ends it: the entry that took them further. */
export interface Stretch {
  readonly box: string;
  readonly from: number;
  readonly to: number;
  readonly takenAt: number | undefined;
}

export interface Lineage {
  /** Whose segments the messages begin with; undefined when they begin with none. */
  readonly base: string | undefined;
  readonly stretches: readonly Stretch[];
}

/** Where the messages of `box` come from: `take` moves all messages of a mailbox into another (RENAME INBOX). */
export function lineageOf(box: string, tail: readonly Entry[]): Lineage {
  const stretches: Stretch[] = [];
  let current = box;
  let end = tail.length;
  let takenAt: number | undefined;
  for (let i = tail.length - 1; i >= 0; i--) {
    const entry = tail[i]!;
    const take = entry.ops.find((op) => op.o === 'take' && (op.from === current || op.to === current));
    if (take?.o !== 'take') continue;
    stretches.unshift({ box: current, from: i + 1, to: end, takenAt });
    // What was taken away before is another mailbox's; this one began empty there.
    if (take.from === current) return { base: undefined, stretches };
    current = take.from;
    end = i;
    takenAt = entry.n;
  }
  stretches.unshift({ box: current, from: 0, to: end, takenAt });
  return { base: current, stretches };
}

/** Ids of the segments that the messages of a lineage begin with. */
export function segmentsOf(lineage: Lineage, root: RootDocument): readonly string[] {
  const box = root.boxes.find((one) => one.id === lineage.base);
  return box === undefined ? [] : box.segs.map((line) => line.s);
}

/** undefined when a segment is missing: the root was replaced meanwhile, read it again. */
export async function readSegments(
  segments: Segments,
  account: string,
  ids: readonly string[],
  cold: boolean,
): Promise<Columns | undefined> {
  if (ids.length === 0) return new Columns(0, true);
  const list = await segments.load(account, ids, cold ? allColumns : hotColumns);
  if (list === undefined) return undefined;
  const columns = new Columns(
    list.reduce((sum, rows) => sum + rows.count, 64),
    cold,
  );
  for (const rows of list) columns.append(rowsOfSegment(rows, cold));
  return columns;
}

export function rowsOfSegment(segment: SegmentRows, cold: boolean): Rows {
  const { count, modBase } = segment;
  const u32 = (name: SegmentColumn): Uint32Array => {
    const octets = segment.column(name);
    if (octets === undefined || octets.byteLength < 4 * count)
      throw new TypeError(`damaged segment ${segment.s}: ${name}`);
    return u32Column(octets);
  };
  const keyword = (name: SegmentColumn): Uint32Array | undefined =>
    segment.column(name) === undefined ? undefined : u32(name);
  const octets = (name: SegmentColumn, width: number): Uint8Array => {
    const column = segment.column(name);
    if (column === undefined || column.byteLength < width * count) {
      throw new TypeError(`damaged segment ${segment.s}: ${name}`);
    }
    return column;
  };
  const mod = u32('mod');
  const modseq = new Float64Array(count);
  for (let i = 0; i < count; i++) modseq[i] = modBase + mod[i]!;
  return {
    count,
    uid: u32('uid'),
    flags: u32('flags'),
    keywords: [keyword('kw1'), keyword('kw2'), keyword('kw3')],
    modseq,
    cold: cold
      ? {
          id: octets('id', idBytes),
          size: u32('size'),
          date: u32('date'),
          thread: octets('thread', threadBytes),
          slot: u32('slot'),
        }
      : undefined,
  };
}

export interface ReplayOptions {
  /** Messages that went stay in: whoever was not told of it yet still needs their ids. */
  readonly keepGone?: boolean;
}

/** Applies the ops of the tail to the columns that the root's segments gave. */
export function replay(
  columns: Columns,
  lineage: Lineage,
  tail: readonly Entry[],
  spilled: SpilledRows,
  options: ReplayOptions = {},
): void {
  for (const stretch of lineage.stretches) {
    for (let i = stretch.from; i < stretch.to; i++) {
      const entry = tail[i]!;
      for (const op of entry.ops) applyOp(columns, stretch.box, op, entry.n, spilled, options);
    }
    // `take` counts as a change of every message it moved (store design section 1).
    if (stretch.takenAt !== undefined) columns.modseq.fill(stretch.takenAt, 0, columns.count);
  }
}

/** Applies one op to the columns of `box`; ops of other mailboxes do nothing. */
export function applyOp(
  columns: Columns,
  box: string,
  op: Op,
  n: number,
  spilled: SpilledRows,
  options: ReplayOptions = {},
): void {
  if (!('box' in op) || op.box !== box) return;
  switch (op.o) {
    case 'add':
    case 'adds':
      columns.append(rowsOf(op, n, spilled));
      return;
    case 'flag':
      applyFlags(columns, columns.indexesOf(decodeUids(op.u)), op, n);
      return;
    case 'gone':
      if (options.keepGone !== true) columns.remove(columns.indexesOf(decodeUids(op.u)));
      return;
    case 'drop':
      return;
  }
}

export function rowsOf(op: Extract<Op, { o: 'add' | 'adds' }>, n: number, spilled: SpilledRows): Rows {
  if (op.o === 'add') return rowsOfAdd(op, n);
  if (op.cols !== undefined) return rowsOfAdds(op, n);
  const rows = spilled.get(op);
  if (rows === undefined) throw new TypeError('the rows of a spilled op were not read');
  return rows;
}

/** Reads what an op was spilled into. undefined when it is missing. */
export async function readSpilled(
  segments: Segments,
  account: string,
  op: AddsOp,
  n: number,
): Promise<Rows | undefined> {
  const columns = await readSegments(segments, account, op.segs ?? [], true);
  if (columns === undefined) return undefined;
  columns.modseq.fill(n);
  for (let i = 0; i < columns.count; i++) columns.uid[i] = op.lo + i;
  return columns;
}

/** The cold columns of the messages in `columns`, taken from `all` by uid; zeros for what is not there any more. */
export function coldFor(columns: Columns, all: Columns): ColdColumns {
  const from = all.cold;
  if (from === undefined) throw new TypeError('the cold columns were not read');
  const cold = newColdColumns(columns.uid.length);
  let i = 0;
  let j = 0;
  while (i < columns.count && j < all.count) {
    if (all.uid[j]! < columns.uid[i]!) j += 1;
    else if (all.uid[j]! > columns.uid[i]!) i += 1;
    else {
      // Mostly one run: whole columns are copied at once.
      let length = 1;
      const most = Math.min(columns.count - i, all.count - j);
      while (length < most && all.uid[j + length] === columns.uid[i + length]) length += 1;
      copyCold(from, j, cold, i, length);
      i += length;
      j += length;
    }
  }
  return cold;
}

function copyCold(from: Readonly<ColdColumns>, start: number, to: ColdColumns, at: number, count: number): void {
  to.id.set(from.id.subarray(idBytes * start, idBytes * (start + count)), idBytes * at);
  to.thread.set(from.thread.subarray(threadBytes * start, threadBytes * (start + count)), threadBytes * at);
  to.size.set(from.size.subarray(start, start + count), at);
  to.date.set(from.date.subarray(start, start + count), at);
  to.slot.set(from.slot.subarray(start, start + count), at);
}
