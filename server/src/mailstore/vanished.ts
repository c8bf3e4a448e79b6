import type { MailDatabase } from '../database/database.js';
import type { AccountView } from './account-view.js';
import { entriesAbove } from './entries-above.js';
import type { Columns } from './mailbox-columns.js';
import { decodeUids } from './uid-set.js';

export type UidRange = readonly [number, number];

/**
 * Uids that went from a mailbox since modseq `since`, of those in `known`: the `gone` ops above `since` while the log still
 * has them, else every gap below UIDNEXT (store design section 5; RFC 7162 3.2.5 allows more than went). Ascending, disjoint.
 */
export async function vanishedSince(
  database: MailDatabase,
  view: AccountView,
  box: string,
  since: number,
  known: readonly UidRange[] | undefined,
): Promise<readonly UidRange[]> {
  const uidNext = view.state.boxes.get(box)?.un ?? 1;
  const asked = known ?? [[1, Math.max(1, uidNext - 1)]];
  const exact = await goneSince(database, view, box, since);
  if (exact !== undefined) return rangesWithin(exact, asked);
  const columns = view.mailboxes.get(box)?.generation.columns;
  return columns === undefined ? [] : gaps(columns, uidNext, asked);
}

/** undefined when the log does not reach back to `since`, or the mailbox was emptied as a whole. */
async function goneSince(
  database: MailDatabase,
  view: AccountView,
  box: string,
  since: number,
): Promise<Set<number> | undefined> {
  const gone = new Set<number>();
  for await (const entries of entriesAbove(database, view, since)) {
    if (entries === undefined) return undefined;
    for (const entry of entries) {
      for (const op of entry.ops) {
        if (op.o === 'take' && op.from === box) return undefined;
        if (op.o !== 'gone' || op.box !== box) continue;
        for (const uid of decodeUids(op.u)) gone.add(uid);
      }
    }
  }
  return gone;
}

function rangesWithin(uids: ReadonlySet<number>, asked: readonly UidRange[]): UidRange[] {
  const sorted = Uint32Array.from(uids).sort();
  const ranges: [number, number][] = [];
  let at = 0;
  for (const uid of sorted) {
    while (at < asked.length && asked[at]![1] < uid) at += 1;
    if (at >= asked.length) break;
    if (uid < asked[at]![0]) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === uid - 1) last[1] = uid;
    else ranges.push([uid, uid]);
  }
  return ranges;
}

/** What of `asked` is below UIDNEXT and not in the mailbox. */
function gaps(columns: Columns, uidNext: number, asked: readonly UidRange[]): UidRange[] {
  const ranges: UidRange[] = [];
  for (const [first, last] of asked) {
    let from = first;
    const end = Math.min(last, uidNext - 1);
    for (let i = columns.lowerBound(first); i < columns.count && columns.uid[i]! <= end; i++) {
      const uid = columns.uid[i]!;
      if (uid > from) ranges.push([from, uid - 1]);
      from = uid + 1;
    }
    if (from <= end) ranges.push([from, end]);
  }
  return ranges;
}
