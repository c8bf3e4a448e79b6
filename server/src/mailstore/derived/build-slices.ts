import { setImmediate as nextTurn } from 'node:timers/promises';
import { signatureBytes } from '../../codec/mime/signature.js';
import { bornSeconds, newObjectId } from '../../database/contents.js';
import type { MailDatabase } from '../../database/database.js';
import type { RootDocument, SliceDocument } from '../../database/documents.js';
import { directoryKey, groupKey } from '../../database/signatures.js';
import { octetsOf } from '../apply-op.js';
import { emptyPack, groupAt, groupBytes, groupsPerPack, partsPerPack, setPart } from '../search/bit-slices.js';
import { changeRoot } from './change-root.js';
import { idAt, madeAt, rowsWithin } from './segment-tail.js';

/** Blocks of 128 slots given since the last time: 1,024 messages (store design 4.1). */
const blocksPerRun = 8;
/** Signatures taken in one run. */
const maxSignatures = 4_096;
/** Messages looked at in each mailbox for the slots of the new ones, beside as many as are new. */
const newestMessages = 8_192;
const messagesPerBlock = 128;
const partsPerTurn = 128;
const alwaysLook = new Uint8Array(signatureBytes).fill(0xff);

/**
 * Takes the single signatures of an account into bit-sliced packs (store design section 7). The open pack is read, filled up and
 * written under a new id; the root then lists the new one, and only after that the single signatures go. A crash in between
 * leaves a pack that nothing names, or signatures that are there twice. `adopt` hears of the root that took effect. Resolves with
 * false when there was nothing to do.
 */
export async function buildSlices(
  database: MailDatabase,
  account: string,
  now: Date,
  adopt: (root: RootDocument) => Promise<void>,
): Promise<boolean> {
  const root = await database.roots.get(account);
  if (root === undefined || root.blocks - (root.sliced ?? 0) < blocksPerRun) return false;
  const signatures = await database.signatures.oldest(account, maxSignatures);
  const slots = await slotsOf(database, root, new Set(signatures.keys()));

  const open = root.packs.at(-1);
  const openSlots = open === undefined ? [] : await database.signatures.directory(account, open);
  const continued = open !== undefined && openSlots.length > 0 && openSlots.length < partsPerPack;
  const filler = packFiller(
    account,
    continued ? [...openSlots] : [],
    continued ? await readPack(database, account, open) : emptyPack(),
  );
  const taken: string[] = [];
  for (const [id, octets] of signatures) {
    const slot = slots.get(id);
    if (slot === undefined) continue;
    if (octets.length === 0) filler.add(slot, alwaysLook);
    for (let at = 0; at < octets.length; at += signatureBytes)
      filler.add(slot, octets.subarray(at, at + signatureBytes));
    taken.push(id);
    if (taken.length % partsPerTurn === 0) await nextTurn();
  }
  const packs = taken.length === 0 ? [] : await filler.write(database);
  // What is left over waits for nobody: the next run comes at once.
  const more = signatures.size === maxSignatures && taken.length > 0;
  const next = await changeRoot(database, account, (newest) => {
    if (newest.packs.at(-1) !== open || newest.packs.length !== root.packs.length) return undefined;
    const kept = continued && taken.length > 0 ? newest.packs.slice(0, -1) : newest.packs;
    const dead = continued && taken.length > 0 ? [...newest.dead, { s: open, t: now }] : newest.dead;
    return { ...newest, packs: [...kept, ...packs], dead, sliced: more ? (root.sliced ?? 0) : root.blocks };
  });
  if (next === undefined) return false;
  await adopt(next);
  await database.signatures.removeSingle(account, taken);
  return true;
}

async function slotsOf(
  database: MailDatabase,
  root: RootDocument,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  const slots = new Map<string, number>();
  const reach = newestMessages + (root.blocks - (root.sliced ?? 0)) * messagesPerBlock;
  let earliest = Number.POSITIVE_INFINITY;
  for (const id of wanted) earliest = Math.min(earliest, bornSeconds(id));
  for (const box of root.boxes) {
    if (box.segs.length === 0) continue;
    for (const rows of await rowsWithin(database.segments, root._id, box.segs, reach)) {
      for (let i = 0; i < rows.count; i++) {
        if (madeAt(rows.ids, i) < earliest) continue;
        const id = idAt(rows.ids, i);
        if (wanted.has(id)) slots.set(id, rows.slots[i]!);
      }
    }
    await nextTurn();
  }
  return slots;
}

async function readPack(database: MailDatabase, account: string, pack: string): Promise<Uint8Array> {
  const all = Array.from({ length: groupsPerPack }, (_, group) => group);
  const rows = (await database.signatures.groups(account, [pack], all)).get(pack);
  const octets = emptyPack();
  for (const group of all) {
    // A group that is missing must not exclude anything.
    const of = rows?.get(group) ?? new Uint8Array(groupBytes).fill(0xff);
    octets.set(of, group * groupBytes);
  }
  return octets;
}

interface PackFiller {
  add(slot: number, signature: Uint8Array): void;
  /** Writes every pack that has parts; resolves with their ids. */
  write(database: MailDatabase): Promise<readonly string[]>;
}

function packFiller(account: string, startSlots: number[], startOctets: Uint8Array): PackFiller {
  const packs = [{ slots: startSlots, octets: startOctets }];
  return {
    add(slot, signature) {
      let last = packs.at(-1)!;
      if (last.slots.length === partsPerPack) {
        last = { slots: [], octets: emptyPack() };
        packs.push(last);
      }
      setPart(last.octets, last.slots.length, signature);
      last.slots.push(slot);
    },
    async write(database) {
      const ids: string[] = [];
      for (const { slots, octets } of packs) {
        const id = newObjectId();
        const documents: SliceDocument[] = Array.from({ length: groupsPerPack }, (_, group) => ({
          _id: groupKey(account, id, group),
          a: account,
          b: groupAt(octets, group),
        }));
        documents.push({ _id: directoryKey(account, id), a: account, b: octetsOf(Uint32Array.from(slots)) });
        await database.signatures.insertSlices(documents);
        ids.push(id);
      }
      return ids;
    },
  };
}
