/**
 * Packs of search signatures without those of messages that are gone (store design section 4): a pack of which a quarter is dead is
 * rebuilt the next day, any other with a dead part within seven days, one without a living part goes. Parts keep their places: a
 * dead one loses all its bits, so that it matches nothing, and is given to a living slot of the same pack, so that its own is
 * named no more. As with a fold, the new pack has a new id, the root lists it by compare-and-set, and the old one stays a day for
 * whoever still reads by the old root.
 *
 * Only packs that the root of the inventory lists are looked at: a younger one may hold messages that the inventory does not know.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { newObjectId } from '../../database/contents.js';
import type { MailDatabase } from '../../database/database.js';
import type { SliceDocument } from '../../database/documents.js';
import { directoryKey, groupKey } from '../../database/signatures.js';
import { octetsOf } from '../apply-op.js';
import { changeRoot } from '../derived/change-root.js';
import { groupBytes, groupsPerPack, rowBytes } from '../search/bit-slices.js';
import type { Inventory } from './inventory.js';

const groupsPerRead = 128;

export interface RebuildSlicesOptions {
  /** The day of the week on which every pack with a dead part is rebuilt. */
  readonly thorough: boolean;
  readonly now: Date;
}

/** Resolves with the number of parts that went. */
export async function rebuildSlices(
  database: MailDatabase,
  account: string,
  { root, slots }: Pick<Inventory, 'root' | 'slots'>,
  { thorough, now }: RebuildSlicesOptions,
): Promise<number> {
  let removed = 0;
  for (const pack of root.packs) {
    const directory = await database.signatures.directory(account, pack);
    const dead = [...directory.keys()].filter((part) => !slots.has(directory[part]!));
    if (dead.length === 0 || (!thorough && 4 * dead.length < directory.length)) continue;
    const living = directory.find((slot) => slots.has(slot));
    const next = living === undefined ? undefined : await rewrite(database, account, pack, directory, dead, living);
    const changed = await changeRoot(database, account, (newest) => {
      const at = newest.packs.indexOf(pack);
      // A fold took it up meanwhile: another day.
      if (at < 0) return undefined;
      const packs = newest.packs.toSpliced(at, 1, ...(next === undefined ? [] : [next]));
      return { ...newest, packs, dead: [...newest.dead, { s: pack, t: now }] };
    });
    if (changed !== undefined) removed += dead.length;
  }
  return removed;
}

/** Resolves with the id of the new pack. */
async function rewrite(
  database: MailDatabase,
  account: string,
  pack: string,
  directory: Uint32Array,
  dead: readonly number[],
  living: number,
): Promise<string> {
  const id = newObjectId();
  const slots = directory.slice();
  const kept = new Uint8Array(rowBytes).fill(0xff);
  for (const part of dead) {
    slots[part] = living;
    kept[part >>> 3]! &= ~(1 << (part & 7));
  }
  for (let from = 0; from < groupsPerPack; from += groupsPerRead) {
    const numbers = Array.from({ length: Math.min(groupsPerRead, groupsPerPack - from) }, (_, i) => from + i);
    const found = (await database.signatures.groups(account, [pack], numbers)).get(pack);
    const documents = numbers.map((group): SliceDocument => {
      // A group that is missing must not exclude anything.
      const octets = Uint8Array.from(found?.get(group) ?? new Uint8Array(groupBytes).fill(0xff));
      for (let i = 0; i < groupBytes; i++) octets[i]! &= kept[i % rowBytes]!;
      return { _id: groupKey(account, id, group), a: account, b: octets };
    });
    await database.signatures.insertSlices(documents);
    await nextTurn();
  }
  await database.signatures.insertSlices([{ _id: directoryKey(account, id), a: account, b: octetsOf(slots) }]);
  return id;
}
