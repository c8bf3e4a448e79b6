/**
 * What an account names (store design section 4, Collector): every message, segment, pack and shared content that its root or a
 * young entry of its log leads to. What is not in here and is older than a day is garbage.
 */
import type { MailDatabase } from '../../database/database.js';
import type { RootDocument } from '../../database/documents.js';
import type { SegmentRows } from '../../database/segments.js';
import { u32Column } from '../apply-op.js';
import type { Entry } from '../log-entry.js';
import { idBytes } from '../mailbox-columns.js';

export interface Inventory {
  readonly root: RootDocument;
  /** Message ids in hex. */
  readonly messages: ReadonlySet<string>;
  /** Slots of those messages. */
  readonly slots: ReadonlySet<number>;
  readonly segments: ReadonlySet<string>;
  readonly packs: ReadonlySet<string>;
}

/** Nothing younger is ever pruned or collected (store design sections 2 and 4). */
export const graceMs = 24 * 3600 * 1000;
const entriesPerRead = 1_000;
const segmentsPerRead = 64;
const maxAttempts = 5;

/** undefined when the account is gone, or is folded all the time. */
export async function takeInventory(
  database: MailDatabase,
  account: string,
  nowMs: number,
): Promise<Inventory | undefined> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const root = await database.roots.get(account);
    if (root === undefined) return undefined;
    const messages = new Set<string>();
    const slots = new Set<number>();
    const segments = new Set<string>();
    for (const box of root.boxes) for (const line of box.segs) segments.add(line.s);
    for (const box of root.prev) for (const line of box.segs) segments.add(line.s);
    for (const { s } of root.dead) segments.add(s);
    for await (const entry of youngEntries(database, account, root, nowMs)) noteEntry(entry, messages, slots, segments);
    const complete = await readIds(database, account, [...segments], messages, slots);
    if (complete && (await database.roots.generation(account)) === root.g) {
      const packs = new Set([...root.packs, ...root.dead.map(({ s }) => s)]);
      return { root, messages, slots, segments, packs };
    }
  }
  return undefined;
}

/** Entries above the root, and those of the last day below it. */
async function* youngEntries(
  database: MailDatabase,
  account: string,
  root: RootDocument,
  nowMs: number,
): AsyncIterable<Entry> {
  // Everything young lies above the first entry that is young: the log is in order of time, a skew of minutes aside.
  let from = 0;
  for (;;) {
    const old = await database.upkeep.oldestChanges(account, root.n, entriesPerRead, from);
    const firstYoung = old.find((entry) => entry.t.getTime() > nowMs - graceMs - skewMs);
    if (firstYoung !== undefined) {
      from = firstYoung.n - 1;
      break;
    }
    if (old.length < entriesPerRead) {
      from = root.n;
      break;
    }
    from = old.at(-1)!.n;
  }
  for (;;) {
    const entries = (await database.changes.after(account, from, entriesPerRead)) as readonly Entry[];
    yield* entries;
    if (entries.length < entriesPerRead) return;
    from = entries.at(-1)!.n;
  }
}

const skewMs = 10 * 60 * 1000;

function noteEntry(entry: Entry, messages: Set<string>, slots: Set<number>, segments: Set<string>): void {
  for (const op of entry.ops) {
    if (op.o === 'add') {
      messages.add(Buffer.from(op.id).toString('hex'));
      slots.add(op.slot);
    } else if (op.o === 'adds' || op.o === 'gone') {
      for (const s of op.segs ?? []) segments.add(s);
      if (op.o === 'adds' && op.cols !== undefined) {
        noteIds(Buffer.from(op.cols.id), messages);
        for (const slot of u32Column(op.cols.slot)) slots.add(slot);
      }
    }
  }
}

function noteIds(ids: Buffer, messages: Set<string>): void {
  for (let at = 0; at + idBytes <= ids.length; at += idBytes) messages.add(ids.toString('hex', at, at + idBytes));
}

/** False when a segment that the root lists was not there: a fold came between. */
async function readIds(
  database: MailDatabase,
  account: string,
  segments: readonly string[],
  messages: Set<string>,
  slots: Set<number>,
): Promise<boolean> {
  const note = (row: SegmentRows): void => {
    noteIds(row.column('id')!, messages);
    for (const slot of u32Column(row.column('slot')!)) slots.add(slot);
  };
  for (let i = 0; i < segments.length; i += segmentsPerRead) {
    const some = segments.slice(i, i + segmentsPerRead);
    const rows = await database.segments.load(account, some, ['id', 'slot']);
    if (rows === undefined) {
      // A dead segment may have been deleted by another collector; then those that are there are read one by one.
      for (const s of some) {
        const [row] = (await database.segments.load(account, [s], ['id', 'slot'])) ?? [];
        if (row !== undefined) note(row);
        else if (!(await isDead(database, account, s))) return false;
      }
      continue;
    }
    for (const row of rows) note(row);
  }
  return true;
}

async function isDead(database: MailDatabase, account: string, segment: string): Promise<boolean> {
  const root = await database.roots.get(account);
  return root?.boxes.every((box) => box.segs.every((line) => line.s !== segment)) ?? true;
}
