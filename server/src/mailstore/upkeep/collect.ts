/**
 * The collector (store design section 4): removes documents that nothing names and that are older than a day, entries of the log
 * that nobody can need any more, and segments and packs that folds replaced. It can never race with a new reference: a message
 * is named only by what was written within minutes, or by copying from what is alive.
 */
import { bornSeconds } from '../../database/contents.js';
import type { MailDatabase } from '../../database/database.js';
import { maxClockSkewMs } from '../../database/trusted-time.js';
import { MailError } from '../../kernel/errors.js';
import { changeRoot } from '../derived/change-root.js';
import { graceMs, type Inventory, takeInventory } from './inventory.js';
import { rebuildCards } from './rebuild-cards.js';
import { rebuildSlices } from './rebuild-slices.js';

export interface Collected {
  /** Documents removed, by collection; entries of the log as `changes`; single cards as `cards`,
   *  signatures in packs as `parts`. */
  readonly removed: Readonly<Record<string, number>>;
}

/** Store design 4.3. */
const logDaysMs = 14 * 24 * 3600 * 1000;
const logEntries = 20_000;
const pruneBatch = 2_000;
const dayMs = 24 * 3600 * 1000;

/** Collects one account. `nowMs` is the trusted time. */
export async function collectAccount(database: MailDatabase, account: string, nowMs: number): Promise<Collected> {
  const removed: Record<string, number> = {};
  const count = (name: string, more: number) => {
    if (more > 0) removed[name] = (removed[name] ?? 0) + more;
  };
  const newest = await database.upkeep.newestChange(account);
  if (newest !== undefined && newest.t.getTime() > nowMs + maxClockSkewMs) {
    throw new MailError('cannot', 'The log of an account is ahead of the clock by more than five minutes');
  }
  count('changes', await pruneLog(database, account, nowMs));
  count('dead', await dropDead(database, account, nowMs));
  const inventory = await takeInventory(database, account, nowMs);
  if (inventory === undefined) return { removed };

  const isOld = (id: string) => bornSeconds(id) * 1000 < nowMs - graceMs;
  const shared = new Set<string>();
  const remaining = new Set<string>();
  const garbage: string[] = [];
  for await (const batch of database.upkeep.scan('messages', account)) {
    for (const { id, content } of batch) {
      if (!inventory.messages.has(id) && isOld(id)) garbage.push(id);
      else if (content !== undefined) {
        if (content.startsWith(`${account}/`)) remaining.add(content.slice(account.length + 1));
        else shared.add(content);
      }
    }
  }
  await database.upkeep.remove('messages', account, garbage);
  count('messages', garbage.length);
  count('contents', await sweep(database, 'contents', account, (id) => !remaining.has(id) && isOld(id)));
  const withContent = new Set<string>();
  for await (const batch of database.upkeep.scan('contents', account)) for (const { id } of batch) withContent.add(id);
  count(
    'pieces',
    await sweep(database, 'pieces', account, (id) => !withContent.has(id.split('/', 1)[0]!) && isOld(id)),
  );
  const given = (await database.upkeep.sharedContents(account)).filter(
    (id) => !shared.has(id) && isOld(id.slice(id.indexOf('/') + 1)),
  );
  await database.upkeep.disown(account, given);
  count('owners', given.length);
  count('segments', await sweep(database, 'segments', account, (id) => !inventory.segments.has(id) && isOld(id)));
  count('sigs', await sweep(database, 'sigs', account, (id) => !inventory.messages.has(id) && isOld(id)));
  const thorough = Math.floor(nowMs / dayMs) % 7 === 0;
  const isDead = (id: string) => !inventory.messages.has(id) && isOld(id);
  count('cards', await rebuildCards(database, account, { isDead, thorough }));
  count('parts', await rebuildSlices(database, account, inventory, { thorough, now: new Date(nowMs) }));
  count('slices', await dropPacks(database, account, inventory, isOld));
  return { removed };
}

async function sweep(
  database: MailDatabase,
  collection: 'contents' | 'pieces' | 'segments' | 'sigs',
  account: string,
  isGarbage: (id: string) => boolean,
): Promise<number> {
  let count = 0;
  for await (const batch of database.upkeep.scan(collection, account)) {
    const garbage = batch.map(({ id }) => id).filter(isGarbage);
    await database.upkeep.remove(collection, account, garbage);
    count += garbage.length;
  }
  return count;
}

async function dropPacks(
  database: MailDatabase,
  account: string,
  inventory: Inventory,
  isOld: (id: string) => boolean,
): Promise<number> {
  const packs = new Set<string>();
  for await (const batch of database.upkeep.scan('slices', account)) {
    for (const { id } of batch) packs.add(id.split('/', 1)[0]!);
  }
  const garbage = [...packs].filter((pack) => !inventory.packs.has(pack) && isOld(pack));
  await database.signatures.removePacks(account, garbage);
  return garbage.length;
}

/** Entries at or below the root that are older than 14 days, or older than a day and beyond the last 20,000. */
async function pruneLog(database: MailDatabase, account: string, nowMs: number): Promise<number> {
  const root = await database.roots.get(account);
  if (root === undefined) return 0;
  let pruned = 0;
  for (;;) {
    const oldest = await database.upkeep.oldestChanges(account, root.n, pruneBatch);
    let last: number | undefined;
    for (const { n, t } of oldest) {
      const age = nowMs - t.getTime();
      if (!(age > logDaysMs || (age > graceMs && n <= root.n - logEntries))) break;
      last = n;
      pruned++;
    }
    if (last === undefined) return pruned;
    await database.upkeep.prune(account, last);
    if (last !== oldest.at(-1)!.n || oldest.length < pruneBatch) return pruned;
  }
}

/** Segments and packs that a fold replaced more than a day ago: out of the root first, then away. */
async function dropDead(database: MailDatabase, account: string, nowMs: number): Promise<number> {
  let dropped: readonly string[] = [];
  const changed = await changeRoot(database, account, (root) => {
    const old = root.dead.filter(({ t }) => t.getTime() < nowMs - graceMs);
    if (old.length === 0) return undefined;
    const previous = new Set(root.prev.flatMap((box) => box.segs.map((line) => line.s)));
    dropped = old.map(({ s }) => s).filter((s) => !previous.has(s));
    return { ...root, dead: root.dead.filter((one) => !old.includes(one)) };
  });
  if (changed === undefined) return 0;
  await database.upkeep.remove('segments', account, dropped);
  await database.signatures.removePacks(account, dropped);
  return dropped.length;
}
