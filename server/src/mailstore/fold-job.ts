import type { MailDatabase } from '../database/database.js';
import type { BoxDocument, RootDocument, SegmentDocument } from '../database/documents.js';
import type { Clock } from '../kernel/clock.js';
import type { AccountView } from './account-view.js';
import { Deliveries } from './deliveries.js';
import { foldSegments } from './fold-segments.js';
import { boxesOf, type Entry } from './log-entry.js';
import { lineageOf } from './mailbox-loader.js';

/**
 * The fold (store design section 4): writes the columns that the tail changed into new segments and compares and sets the
 * root. By whoever notices; no lock. It changes nothing that anybody sees: a crash at any point leaves documents that nothing
 * names, and a lost race costs the work. It deletes nothing.
 */
export interface FoldContext {
  readonly database: MailDatabase;
  readonly clock: Clock;
  /** Entries of the tail that make a fold due. */
  readonly entries?: number;
  /**
   * Called with a fold that took effect: what derives from it (cards of blocks that became full, packs of signatures,
   * pruning) goes on from there.
   */
  folded?(view: AccountView, root: RootDocument, entries: readonly Entry[]): void;
}

/** Folds the view as it is. Resolves with true when the root is the new one. */
export async function fold(view: AccountView, context: FoldContext): Promise<boolean> {
  const { database, clock } = context;
  if ((await database.roots.generation(view.account)) !== view.root.g) {
    // Somebody folded already: take that root, and look again when there is more.
    await view.readRoot();
    return false;
  }
  const { root, state } = view;
  const tail = [...view.tail];
  if (tail.length === 0) return false;
  const now = new Date(clock.nowMs());
  const touched = new Set(tail.flatMap((entry) => entry.ops.flatMap(boxesOf)));
  const before = new Map(root.boxes.map((box) => [box.id, box.segs]));
  const documents: SegmentDocument[] = [];
  const boxes: BoxDocument[] = [];
  for (const { role, so, ...box } of state.boxes.values()) {
    let segs = before.get(box.id) ?? [];
    if (touched.has(box.id)) {
      const lineage = lineageOf(box.id, tail);
      const old = lineage.base === undefined ? [] : (before.get(lineage.base) ?? []);
      const folded = await foldSegments(database.segments, view.account, old, lineage, tail, view.spilled);
      if (folded === undefined) {
        await view.readRoot();
        return false;
      }
      documents.push(...folded.documents);
      segs = folded.lines;
    }
    boxes.push({ ...box, ...(role !== undefined && { role }), ...(so !== 0 && { so }), segs });
  }
  const next: RootDocument = {
    ...root,
    n: state.n,
    w: state.w,
    boxes,
    keywords: state.keywords,
    use: state.use,
    blocks: state.blocks,
    uv: state.uv,
    lastFold: now,
    g: root.g + 1,
    seen: new Deliveries(root, tail).packed(Math.floor(now.getTime() / 1000)),
    subs: [...state.subs],
    dead: [...root.dead, ...replacedBetween(root.boxes, boxes).map((s) => ({ s, t: now }))],
    prev: root.boxes.filter((box) => touched.has(box.id)).map(({ id, segs }) => ({ id, segs })),
  };
  await database.segments.insert(documents);
  let won = false;
  try {
    won = await database.roots.replace(next, root.g);
  } finally {
    // Lost, or unknown: the root says which (store design 4.2).
    if (!won) await view.readRoot();
  }
  if (!won) return false;
  await view.adopt(next);
  context.folded?.(view, next, tail);
  return true;
}

/** Segments that no mailbox of the new root lists any more; they stay for a day as the way back (store design 4.3). */
function replacedBetween(before: readonly BoxDocument[], after: readonly BoxDocument[]): readonly string[] {
  const listed = new Set(after.flatMap((box) => box.segs.map((line) => line.s)));
  return before.flatMap((box) => box.segs.map((line) => line.s)).filter((s) => !listed.has(s));
}
