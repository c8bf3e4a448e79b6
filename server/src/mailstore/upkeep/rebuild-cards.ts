/**
 * Card packs without the cards of messages that are gone (store design section 4): a pack of which a quarter is dead is rebuilt the
 * next day, any other with a dead card within seven days, so that what was deleted does not live on in what lists are made of. A
 * pack without a living card goes. Whoever asks for a card that is not there reads the message's own document: a rebuild can
 * only make a list slower, never wrong.
 */
import type { CardPackRows } from '../../database/cards.js';
import type { MailDatabase } from '../../database/database.js';
import { numberKey } from '../../database/documents.js';
import { CardPack, encodeCardPack, messagesPerPack } from '../derived/card-pack.js';

const packsPerRead = 32;
const idBytes = 12;
const none = Buffer.alloc(idBytes).toString('hex');

export interface RebuildOptions {
  /** By message id in hex. */
  readonly isDead: (id: string) => boolean;
  /** The day of the week on which every pack with a dead card is rebuilt. */
  readonly thorough: boolean;
}

/** Resolves with the number of cards that went. */
export async function rebuildCards(database: MailDatabase, account: string, options: RebuildOptions): Promise<number> {
  let removed = 0;
  for await (const batch of database.upkeep.scan('cards', account)) {
    const packs = batch.map(({ id }) => Number.parseInt(id, 16));
    for (let at = 0; at < packs.length; at += packsPerRead) {
      const due: number[] = [];
      for (const rows of await database.cards.read(account, packs.slice(at, at + packsPerRead), [])) {
        if (isDue(rows, options)) due.push(rows.pack);
      }
      for (const rows of await database.cards.read(account, due, ['env', 'struct', 'heads'])) {
        removed += await rebuild(database, account, rows, options.isDead);
      }
    }
  }
  return removed;
}

function isDue(rows: CardPackRows, { isDead, thorough }: RebuildOptions): boolean {
  const ids = [...idsOf(rows).values()];
  const dead = ids.filter(isDead).length;
  return dead > 0 && (thorough || 4 * dead >= ids.length);
}

async function rebuild(
  database: MailDatabase,
  account: string,
  rows: CardPackRows,
  isDead: (id: string) => boolean,
): Promise<number> {
  const ids = idsOf(rows);
  const pack = new CardPack(rows);
  const living = [...ids].filter(([, id]) => !isDead(id));
  if (living.length === 0) await database.upkeep.remove('cards', account, [numberKey(rows.pack)]);
  else {
    const heads = (place: number) => ({
      env: pack.envelope(place),
      struct: pack.bodyStructure(place),
      heads: pack.headers(place),
    });
    const messages = new Map(living.map(([place, id]) => [place, { id, heads: heads(place) }] as const));
    await database.cards.replace(encodeCardPack(account, rows.pack, messages));
  }
  return ids.size - living.length;
}

/** Ids in hex by place. */
function idsOf({ ids }: CardPackRows): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (let place = 0; place < messagesPerPack; place++) {
    const id = ids.toString('hex', place * idBytes, (place + 1) * idBytes);
    if (id !== none) found.set(place, id);
  }
  return found;
}
