/**
 * `check --repair` (store design section 9), on an account that no process serves: totals are recomputed, a damaged segment is
 * taken out of its mailbox and the messages it held go into a new mailbox "Recovered", derived data is made anew. Nothing is
 * deleted that cannot be explained, and running it again is harmless.
 */
import type { BoxDocument, RootDocument, SegmentDocument } from '../../database/documents.js';
import { segmentColumns } from '../../database/documents.js';
import { MailError } from '../../kernel/errors.js';
import type { AccountId, MailboxId } from '../../kernel/ids.js';
import { AccountView, type ViewContext } from '../account-view.js';
import { CommitQueue } from '../commit-queue.js';
import { writePack } from '../derived/build-cards.js';
import { packOf, placeOf } from '../derived/card-pack.js';
import { changeRoot } from '../derived/change-root.js';
import { slotsOf } from '../derived/slots.js';
import { Columns } from '../mailbox-columns.js';
import { lineageOf, replay, rowsOfSegment, segmentsOf } from '../mailbox-loader.js';
import { rowsPerSegment, segmentDocument, segmentId } from '../segment-document.js';
import { recount } from './check-boxes.js';
import { rebuild } from './check-derived.js';
import { type LostMessage, recoverCommand } from './recover-command.js';

export interface RepairContext extends ViewContext {
  readonly nextWriter: () => string;
}

export interface Repaired {
  readonly segmentsDropped: number;
  readonly messagesRecovered: number;
}

const messagesPerCommand = 500;

export async function repairAccount(context: RepairContext, account: AccountId): Promise<Repaired> {
  const { database } = context;
  const view = await AccountView.load(account, context);
  const sound = await soundBoxes(context, view);
  const next = await changeRoot(database, account, (root) => (root.g === view.root.g ? { ...sound.root } : undefined));
  if (next === undefined) throw new MailError('inUse', 'The account is being changed: stop the service, then repair');
  const mended = await AccountView.load(account, context);
  const slots = slotsOf(await columnsOf(mended));
  const lost = sound.dropped === 0 ? [] : await lostMessages(context, account, slots, sound.damaged);
  if (lost.length > 0) await recover(context, mended, lost);
  await remakeDerived(context, account, slotsOf(await columnsOf(mended)));
  return { segmentsDropped: sound.dropped, messagesRecovered: lost.length };
}

async function columnsOf(view: AccountView): Promise<readonly Columns[]> {
  const all: Columns[] = [];
  for (const box of view.state.boxes.keys()) all.push((await view.load(box as MailboxId, true)).generation.columns);
  return all;
}

interface SoundBoxes {
  readonly root: RootDocument;
  readonly damaged: ReadonlySet<string>;
  readonly dropped: number;
}

/** Everything folded into new segments as far as it can be read, with totals counted from it. */
async function soundBoxes({ database, clock }: RepairContext, view: AccountView): Promise<SoundBoxes> {
  const { root, state, tail } = view;
  const documents: SegmentDocument[] = [];
  const boxes: BoxDocument[] = [];
  const damaged = new Set<string>();
  let dropped = 0;
  for (const { role, ...box } of state.boxes.values()) {
    const lineage = lineageOf(box.id, tail);
    const columns = new Columns(64, true);
    for (const s of segmentsOf(lineage, root)) {
      const [segment] = (await database.segments.load(view.account, [s], segmentColumns)) ?? [];
      try {
        if (segment === undefined) throw new TypeError('missing');
        const rows = rowsOfSegment(segment, true);
        const last = columns.count === 0 ? 0 : columns.uid[columns.count - 1]!;
        if (rows.uid.some((uid, i) => uid <= (i === 0 ? last : rows.uid[i - 1]!))) throw new TypeError('not in order');
        columns.append(rows);
      } catch {
        damaged.add(box.id);
        dropped++;
      }
    }
    replay(columns, lineage, tail, view.spilled);
    const segs = [];
    for (let start = 0; start < columns.count; start += rowsPerSegment) {
      const document = segmentDocument(view.account, columns, start, Math.min(columns.count, start + rowsPerSegment));
      documents.push(document);
      segs.push({ s: segmentId(document), lo: document.lo, hi: document.hi, c: document.c });
    }
    const last = columns.count === 0 ? 0 : columns.uid[columns.count - 1]!;
    boxes.push({
      ...box,
      ...(role === undefined ? {} : { role }),
      ...recount(columns),
      un: Math.max(box.un, last + 1),
      segs,
    });
  }
  await database.segments.insert(documents);
  const now = new Date(clock.nowMs());
  const replaced = root.boxes.flatMap((box) => box.segs.map((line) => ({ s: line.s, t: now })));
  return {
    damaged,
    dropped,
    root: {
      ...root,
      n: state.n,
      w: state.w,
      boxes,
      keywords: state.keywords,
      use: boxes.reduce((sum, box) => sum + box.by, 0),
      blocks: state.blocks,
      uv: state.uv,
      lastFold: now,
      subs: [...state.subs],
      dead: [...root.dead, ...replaced],
      prev: root.boxes.map(({ id, segs }) => ({ id, segs })),
    },
  };
}

/** Messages that lay first in a damaged mailbox and that no mailbox names: deleted ones of the last day come back too. */
async function lostMessages(
  { database }: RepairContext,
  account: string,
  named: ReadonlyMap<string, number>,
  damaged: ReadonlySet<string>,
): Promise<readonly LostMessage[]> {
  const lost: LostMessage[] = [];
  for await (const batch of database.upkeep.scan('messages', account)) {
    const ids = batch.map(({ id }) => id).filter((id) => !named.has(id));
    for (const one of await database.messages.places(account, ids)) if (damaged.has(one.box)) lost.push(one);
  }
  return lost;
}

async function recover(context: RepairContext, view: AccountView, lost: readonly LostMessage[]): Promise<void> {
  const queue = new CommitQueue(view, {
    commits: context.database.commits,
    clock: context.clock,
    nextWriter: context.nextWriter,
    committed: () => undefined,
  });
  const nowSeconds = Math.floor(context.clock.nowMs() / 1000);
  for (let i = 0; i < lost.length; i += messagesPerCommand) {
    await queue.commit(recoverCommand(lost.slice(i, i + messagesPerCommand), nowSeconds));
  }
}

/** Cards of every block that has messages, and a single signature of every message: packs of them come with folds. */
async function remakeDerived(
  { database }: RepairContext,
  account: string,
  slots: ReadonlyMap<string, number>,
): Promise<void> {
  await changeRoot(database, account, ({ sliced: _, ...root }) => ({ ...root, packs: [] }));
  await database.cards.remove(account);
  await database.signatures.remove(account);
  const packs = new Map<number, Map<number, string>>();
  for (const [id, slot] of slots) {
    const places = packs.get(packOf(slot)) ?? new Map<number, string>();
    places.set(placeOf(slot), id);
    packs.set(packOf(slot), places);
  }
  for (const [pack, places] of packs) {
    const ids = [...places.values()];
    // An open block gets its card when it is full.
    if (places.size === 128) await writePack(database, account, pack, places);
    const sources = await database.messages.sources(account, ids);
    const signatures = [];
    for (const [id, source] of sources) {
      const b = await rebuild(database, account, id, source);
      if (b !== undefined) signatures.push({ _id: `${account}/${id}`, a: account, b });
    }
    await database.commits.writeSupports({ contents: [], messages: [], segments: [], signatures });
  }
}
