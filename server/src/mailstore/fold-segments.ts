import type { SegmentDocument, SegmentLine } from '../database/documents.js';
import type { Segments } from '../database/segments.js';
import { addedUidls, maxUidlBytes, readUidls } from './imported-uidls.js';
import type { Entry } from './log-entry.js';
import { Columns } from './mailbox-columns.js';
import { type Lineage, replay, rowsOfSegment, type SpilledRows } from './mailbox-loader.js';
import { rowsPerSegment, segmentDocument, segmentId } from './segment-document.js';
import { decodeUids } from './uid-set.js';

/**
 * The segments of one mailbox after a fold (store design 4.1): those that the tail touched are written anew under new ids,
 * full at 4,096 messages, neighbours under 1,024 joined; the others are kept as they are, unread.
 */
export interface FoldedBox {
  readonly lines: readonly SegmentLine[];
  /** To be written before the root. */
  readonly documents: readonly SegmentDocument[];
  /** Ids that the new root does not list any more. */
  readonly replaced: readonly string[];
}

const smallSegment = 1024;

/** undefined when a segment is missing: somebody else folded meanwhile. */
export async function foldSegments(
  segments: Segments,
  account: string,
  old: readonly SegmentLine[],
  lineage: Lineage,
  tail: readonly Entry[],
  spilled: SpilledRows,
): Promise<FoldedBox | undefined> {
  const touched = touchedSegments(old, lineage, tail);
  const ids = old.filter((_, i) => touched[i]).map((line) => line.s);
  const loaded = ids.length === 0 ? [] : await segments.load(account, ids, [...foldColumns, 'uidl']);
  if (loaded === undefined) return undefined;
  const columns = new Columns(
    loaded.reduce((sum, rows) => sum + rows.count, 64),
    true,
  );
  const uidls = new Map<number, string>();
  for (const rows of loaded) {
    const decoded = rowsOfSegment(rows, true);
    columns.append(decoded);
    readUidls(rows, decoded.uid, uidls);
  }
  replay(columns, lineage, tail, spilled);
  addedUidls(lineage, tail, uidls);
  return distribute(account, old, touched, columns, uidls);
}

const foldColumns = ['uid', 'flags', 'kw1', 'kw2', 'kw3', 'mod', 'id', 'size', 'date', 'thread', 'slot'] as const;

/** True for each segment that has to be written anew. */
function touchedSegments(old: readonly SegmentLine[], lineage: Lineage, tail: readonly Entry[]): boolean[] {
  // `take` gives every message another modseq.
  const all = lineage.stretches.length > 1;
  const touched = old.map(() => all);
  let grows = false;
  for (const { box, from, to } of lineage.stretches) {
    for (let i = from; i < to; i++) {
      for (const op of tail[i]!.ops) {
        if (!('box' in op) || op.box !== box) continue;
        if (op.o === 'add' || op.o === 'adds') grows = true;
        else if (op.o === 'flag' || op.o === 'gone') markTouched(old, decodeUids(op.u), touched);
      }
    }
  }
  const last = old.length - 1;
  if (grows && last >= 0 && old[last]!.c < rowsPerSegment) touched[last] = true;
  for (let i = 0; i + 1 < old.length; i++) {
    if (old[i]!.c >= smallSegment || old[i + 1]!.c >= smallSegment || !(touched[i] || touched[i + 1])) continue;
    touched[i] = true;
    touched[i + 1] = true;
  }
  return touched;
}

function markTouched(old: readonly SegmentLine[], uids: Uint32Array, touched: boolean[]): void {
  let at = 0;
  for (const uid of uids) {
    while (at < old.length && old[at]!.hi < uid) at += 1;
    if (at === old.length) return;
    if (old[at]!.lo <= uid) touched[at] = true;
  }
}

/** The lines of the new root: kept segments where they were, the rows between them in segments of their own. */
function distribute(
  account: string,
  old: readonly SegmentLine[],
  touched: readonly boolean[],
  columns: Columns,
  uidls: ReadonlyMap<number, string>,
): FoldedBox {
  const lines: SegmentLine[] = [];
  const documents: SegmentDocument[] = [];
  let row = 0;
  const writeUpTo = (end: number): void => {
    for (; row < end; row += rowsPerSegment) {
      const until = Math.min(end, row + rowsPerSegment);
      const document = withUidls(segmentDocument(account, columns, row, until), columns, row, until, uidls);
      documents.push(document);
      lines.push({ s: segmentId(document), lo: document.lo, hi: document.hi, c: document.c });
    }
    row = end;
  };
  for (const [i, line] of old.entries()) {
    if (touched[i]) continue;
    writeUpTo(columns.lowerBound(line.lo));
    lines.push(line);
  }
  writeUpTo(columns.count);
  return { lines, documents, replaced: old.filter((_, i) => touched[i]).map((line) => line.s) };
}

function withUidls(
  document: SegmentDocument,
  columns: Columns,
  start: number,
  end: number,
  uidls: ReadonlyMap<number, string>,
): SegmentDocument {
  if (uidls.size === 0) return document;
  const values: Buffer[] = [];
  let any = false;
  for (let i = start; i < end; i++) {
    const uidl = Buffer.from(uidls.get(columns.uid[i]!) ?? '', 'latin1').subarray(0, maxUidlBytes);
    any ||= uidl.length > 0;
    values.push(Buffer.of(uidl.length), uidl);
  }
  return any ? { ...document, uidl: Buffer.concat(values) } : document;
}
