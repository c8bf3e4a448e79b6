import type { MailDatabase } from '../../database/database.js';
import type { RootDocument } from '../../database/documents.js';
import type { Entry } from '../log-entry.js';
import { encodeCardPack, messagesPerPack, packOf, placeOf } from './card-pack.js';
import { idAt, rowsWithin } from './segment-tail.js';

/**
 * Cards of the blocks that became full with a fold (store design 4.1). A block belongs to the mailbox that fills it, whose
 * newest segments hold its messages; one that was moved away before is not in the pack and is read from its own document.
 */
export async function buildCards(database: MailDatabase, root: RootDocument, entries: readonly Entry[]): Promise<void> {
  const account = root._id;
  const open = new Set(root.boxes.filter(({ sl }) => placeOf(sl) !== 0).map(({ sl }) => packOf(sl)));
  const full = new Map<number, string>();
  for (const { ops } of entries) {
    for (const op of ops) if (op.o === 'add' && !open.has(packOf(op.slot))) full.set(packOf(op.slot), op.box);
  }
  if (full.size === 0) return;
  for (const pack of await database.cards.existing(account, [...full.keys()])) full.delete(pack);

  for (const box of root.boxes) {
    const packs = new Set([...full].filter(([, of]) => of === box.id).map(([pack]) => pack));
    if (packs.size === 0) continue;
    const found = new Map<number, Map<number, string>>();
    const rows = await rowsWithin(database.segments, account, box.segs, (packs.size + 1) * messagesPerPack);
    for (const { ids, slots, count } of rows) {
      for (let i = 0; i < count; i++) {
        const pack = packOf(slots[i]!);
        if (!packs.has(pack)) continue;
        const places = found.get(pack) ?? new Map<number, string>();
        places.set(placeOf(slots[i]!), idAt(ids, i));
        found.set(pack, places);
      }
    }
    for (const [pack, places] of found) await writePack(database, account, pack, places);
  }
}

/** Makes the pack of the messages at these places (ids in hex) from their documents. */
export async function writePack(
  database: MailDatabase,
  account: string,
  pack: number,
  places: ReadonlyMap<number, string>,
): Promise<void> {
  const heads = await database.messages.heads(account, [...new Set(places.values())]);
  const messages = new Map(
    [...places].flatMap(([place, id]) => {
      const of = heads.get(id);
      return of === undefined ? [] : [[place, { id, heads: of }] as const];
    }),
  );
  await database.cards.insert([encodeCardPack(account, pack, messages)]);
}
