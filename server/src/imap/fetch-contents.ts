/**
 * FETCH responses that need the messages themselves. Octets go from the store's buffers to the connection uncopied; at most
 * a few pieces are in memory, since a client that does not read is waited for between pieces.
 */
import type { MessageCard } from '../mailstore/content.js';
import { type ReadyItem, readyItem } from './content-items.js';
import { writeCardItems } from './fetch-cards.js';
import { createTurn, writeColumnItems } from './fetch-columns.js';
import { cardParts, type FetchPlan } from './fetch-plan.js';
import { openMessage } from './open-message.js';
import type { Selected, Session } from './session.js';

/** Writes one response a message, in the order of `indexes`; `done` hears of each. Messages that are gone are left out. */
export async function writeContents(
  session: Session,
  { login, mailbox }: Selected,
  indexes: Uint32Array,
  plan: FetchPlan,
  done: (index: number) => void,
): Promise<void> {
  const { connection, services } = session;
  const { out, fetchWriter } = services;
  const { view } = mailbox.cursor;
  const { account } = login;
  const { signal } = connection;
  const turn = createTurn();
  const cards =
    plan.cards.length === 0
      ? undefined
      : createCardReader(account.readCards(view, indexes, cardParts(plan.cards), signal));
  try {
    for await (const octets of account.readContents(view, indexes, signal)) {
      const index = indexes[octets.index]!;
      const card = cards === undefined ? undefined : await cards.at(octets.index);
      if (cards !== undefined && card === undefined) continue;
      const message = openMessage(account, view, index, octets, mailbox.treeMemo, signal);
      const items: ReadyItem[] = [];
      for (const item of plan.contents) items.push(await readyItem(message, item));

      fetchWriter.begin(index + 1);
      writeColumnItems(services, login, view, index, plan.columns);
      if (card !== undefined) writeCardItems(services, card, plan.cards);
      for (const item of items) await writeReady(session, item);
      fetchWriter.end();
      connection.write(out.take());
      done(index);
      const wait = connection.drained() ?? turn.yielded();
      if (wait !== undefined) await wait;
    }
  } finally {
    await cards?.close();
  }
}

/** What is in the shared writer goes out before anything is awaited. */
async function writeReady({ connection, services }: Session, item: ReadyItem): Promise<void> {
  const { out, fetchWriter } = services;
  switch (item.kind) {
    case 'nil':
      fetchWriter.nil(item.name);
      return;
    case 'number':
      fetchWriter.numberItem(item.name, item.value);
      return;
    case 'octets':
      fetchWriter.literal(item.name, item.octets.length, item.binary);
      connection.write(out.take());
      connection.write(item.octets);
      return;
    case 'stream': {
      fetchWriter.literal(item.name, item.size, item.binary);
      connection.write(out.take());
      let left = item.size;
      if (Symbol.iterator in item.pieces) {
        for (const piece of item.pieces) {
          left -= piece.length;
          if (piece.length > 0) connection.write(piece);
        }
      } else {
        for await (const piece of item.pieces) {
          left -= piece.length;
          connection.write(piece);
          const wait = connection.drained();
          if (wait !== undefined) await wait;
        }
      }
      // The literal's size was announced; the client cannot be told otherwise any more.
      if (left !== 0) connection.destroy(`message ${left > 0 ? 'shorter' : 'longer'} than its size`);
      return;
    }
    default:
      item satisfies never;
  }
}

interface CardReader {
  /** The card of the message at this place of the list; places must ascend. */
  at(place: number): Promise<MessageCard | undefined>;
  close(): Promise<void>;
}

function createCardReader(batches: AsyncIterable<readonly MessageCard[]>): CardReader {
  const iterator = batches[Symbol.asyncIterator]();
  let batch: readonly MessageCard[] = [];
  let next = 0;
  return {
    async at(place) {
      for (;;) {
        while (next < batch.length && batch[next]!.index < place) next++;
        if (next < batch.length) return batch[next]!.index === place ? batch[next] : undefined;
        const result = await iterator.next();
        if (result.done === true) return undefined;
        batch = result.value;
        next = 0;
      }
    },
    async close() {
      await iterator.return?.();
    },
  };
}
