import { noSupportWrites } from '../../database/commits.js';
import type { MailboxId, ModSeq } from '../../kernel/ids.js';
import type { CopyResult } from '../account.js';
import { octetsOf } from '../apply-op.js';
import type { Command } from '../draft.js';
import type { EntryBuilder } from '../entry-builder.js';
import { seenBit } from '../flags.js';
import { type AddsOp, maxRowsInEntry } from '../log-entry.js';
import type { Columns } from '../mailbox-columns.js';
import { addGoneOp } from './expunge.js';
import { pick, spillRows } from './spill.js';
import { uidsAt } from './store-flags.js';

export interface CopyRequest {
  readonly account: string;
  readonly from: MailboxId;
  readonly uids: Uint32Array;
  readonly to: MailboxId;
  readonly move: boolean;
  readonly by: string;
  readonly quotaBytes: number | undefined;
}

/**
 * COPY (RFC 9051 6.4.7) and MOVE (RFC 6851): one entry, so that no protocol ever sees a message twice or not at all. Message
 * id, thread and slot stay; no message or content is touched (store design section 2).
 */
export function copyCommand(request: CopyRequest): Command<CopyResult> {
  const { account, from, to, move } = request;
  return {
    by: request.by,
    supports: noSupportWrites,
    bytes: 4096 + 48 * Math.min(request.uids.length, maxRowsInEntry),
    columns: [{ box: from, cold: true }],
    run(entry) {
      entry.box(from);
      const target = entry.box(to);
      const columns = entry.view.columns(from);
      const indexes = columns.indexesOf(request.uids);
      if (indexes.length === 0) {
        return {
          uidValidity: target.uv,
          sourceUids: indexes,
          targetUids: indexes,
          modseq: entry.view.state.n as ModSeq,
        };
      }
      // A MOVE is judged on its net (store design section 5), so what goes is counted first.
      if (move) addGoneOp(entry, account, from, columns, indexes);
      const lo = addCopies(entry, request, columns, indexes);
      return {
        uidValidity: target.uv,
        sourceUids: uidsAt(columns, indexes),
        targetUids: indexes.map((_, i) => lo + i),
        modseq: entry.n as ModSeq,
      };
    },
  };
}

function addCopies(entry: EntryBuilder, request: CopyRequest, columns: Columns, indexes: Uint32Array): number {
  const lo = entry.takeUids(request.to, indexes.length);
  const rows = pick(columns, indexes, (i) => lo + i, entry.n);
  let bytes = 0;
  for (let i = 0; i < rows.count; i++) bytes += rows.cold!.size[i]!;
  if (!request.move) entry.checkQuota(bytes, request.quotaBytes);
  addRows(entry, request.account, request.to, lo, rows);
  return lo;
}

/** `adds` of rows whose uids, from `lo` on, were taken for them, and what it does to totals. */
export function addRows(entry: EntryBuilder, account: string, to: string, lo: number, rows: Columns): void {
  let bytes = 0;
  let unseen = 0;
  let firstUnseen = 0;
  for (let i = 0; i < rows.count; i++) {
    bytes += rows.cold!.size[i]!;
    if ((rows.flags[i]! & seenBit) !== 0) continue;
    if (unseen === 0) firstUnseen = i;
    unseen += 1;
  }
  const op = addsOp(entry, account, to, lo, rows);
  entry.ops.push(op);
  if (op.segs !== undefined) entry.spilled.set(op, rows);
  entry.countAdded(to, rows.count, unseen, firstUnseen, bytes);
}

function addsOp(entry: EntryBuilder, account: string, box: string, lo: number, rows: Columns): AddsOp {
  if (rows.count > maxRowsInEntry) {
    return { o: 'adds', box, lo, c: rows.count, segs: spillRows(entry, account, rows) };
  }
  const cold = rows.cold!;
  const [kw1, kw2, kw3] = rows.keywords.map((column) => (column === undefined ? undefined : octetsOf(column)));
  return {
    o: 'adds',
    box,
    lo,
    c: rows.count,
    cols: {
      flags: octetsOf(rows.flags),
      ...(kw1 === undefined ? {} : { kw1 }),
      ...(kw2 === undefined ? {} : { kw2 }),
      ...(kw3 === undefined ? {} : { kw3 }),
      id: cold.id,
      size: octetsOf(cold.size),
      date: octetsOf(cold.date),
      thread: cold.thread,
      slot: octetsOf(cold.slot),
    },
  };
}
