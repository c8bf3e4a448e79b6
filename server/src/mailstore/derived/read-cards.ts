import { type Messages, messagesPerFind } from '../../database/messages.js';
import type { CardPart, MessageCard } from '../content.js';
import type { MessageRows } from '../mailbox.js';
import type { CardCache, CardHalf } from './card-cache.js';
import { type CardPack, packOf, placeOf } from './card-pack.js';

/**
 * Cards of many messages (store design section 3, Lists): from packs, many messages to a read; where there is no pack yet, and
 * for messages that a pack does not hold, from the message documents. The next stretch is read while one is handed out.
 */
export interface CardSource {
  readonly account: string;
  readonly cards: CardCache;
  readonly messages: Messages;
}

/** Messages looked up at a time: some 32 packs. */
const messagesPerStretch = 4_096;
/** The first stretch is short, so that a client has its first lines soon. */
const firstStretch = 256;
const none = Buffer.alloc(0);

export async function* readCards(
  source: CardSource,
  view: MessageRows,
  indexes: ArrayLike<number>,
  parts: readonly CardPart[],
  signal?: AbortSignal,
): AsyncIterable<readonly MessageCard[]> {
  await view.load(['id', 'slot'], signal);
  const read = (start: number, end: number) => readStretch(source, view, indexes, start, end, parts);
  let start = 0;
  let end = Math.min(indexes.length, firstStretch);
  let next = end > 0 ? read(start, end) : undefined;
  while (next !== undefined) {
    const cards: readonly MessageCard[] = await next;
    signal?.throwIfAborted();
    start = end;
    end = Math.min(indexes.length, start + messagesPerStretch);
    next = start < end ? read(start, end) : undefined;
    // Whoever awaits it sees the failure; an early end of the loop must not leave it unhandled.
    next?.catch(() => undefined);
    yield cards;
  }
}

async function readStretch(
  { account, cards, messages }: CardSource,
  view: MessageRows,
  indexes: ArrayLike<number>,
  start: number,
  end: number,
  parts: readonly CardPart[],
): Promise<readonly MessageCard[]> {
  const wanted = new Set<number>();
  for (let i = start; i < end; i++) wanted.add(packOf(view.slotAt(indexes[i]!)));
  const packs = [...wanted];
  const half = async (is: CardHalf, needed: boolean) =>
    needed ? cards.read(account, is, packs) : new Map<number, CardPack>();
  const needsLists = parts.includes('envelope') || parts.includes('bodyStructure');
  const needsHeaders = parts.includes('headers');
  const [lists, headers] = await Promise.all([half('lists', needsLists), half('headers', needsHeaders)]);

  const found: (MessageCard | undefined)[] = [];
  const alone = new Map<string, number[]>();
  for (let i = start; i < end; i++) {
    const index = indexes[i]!;
    const slot = view.slotAt(index);
    const id = view.idAt(index);
    const pack = packOf(slot);
    const place = placeOf(slot);
    const list = lists.get(pack);
    const header = headers.get(pack);
    if ((needsLists && !list?.has(place, id)) || (needsHeaders && !header?.has(place, id))) {
      const places = alone.get(id);
      if (places === undefined) alone.set(id, [i]);
      else places.push(i);
      found.push(undefined);
      continue;
    }
    found.push({
      index: i,
      envelope: list?.envelope(place) ?? none,
      bodyStructure: list?.bodyStructure(place) ?? none,
      headers: header?.headers(place) ?? none,
    });
  }
  const ids = [...alone.keys()];
  for (let from = 0; from < ids.length; from += messagesPerFind) {
    const some = await messages.heads(account, ids.slice(from, from + messagesPerFind));
    for (const [id, { env, struct, heads }] of some) {
      for (const i of alone.get(id) ?? []) {
        found[i - start] = { index: i, envelope: env, bodyStructure: struct, headers: heads };
      }
    }
  }
  // What is missing now was expunged long ago and collected.
  return found.filter((card): card is MessageCard => card !== undefined);
}
