/**
 * FETCH responses that need the messages themselves. Octets go from the store's buffers to the connection uncopied; at most
 * a few pieces are in memory, since a client that does not read is waited for between pieces.
 */
import type { FetchWriter } from '../codec/imap/fetch-writer.js';
import type { OctetWriter } from '../codec/imap/octet-writer.js';
import type { MessageCard } from '../mailstore/content.js';
import { openMessage } from '../mailstore/open-message.js';
import type { Connection } from '../net/connection.js';
import { type ReadyItem, readyItem } from './content-items.js';
import { writeCardItems } from './fetch-cards.js';
import { createTurn, writeColumnItems } from './fetch-columns.js';
import { cardParts, type FetchPlan } from './fetch-plan.js';
import type { Selected, Session } from './session.js';

/** Writes one response a message, in the order of `indexes`; `done` hears of each. Messages that are gone are left out. */
export async function writeContents(
  session: Session,
  { login, mailbox }: Selected,
  indexes: Uint32Array,
  plan: FetchPlan,
  done: (index: number) => void,
): Promise<void> {
  const { connection } = session;
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

      await writeMessage(session, items, (fetch, out) => {
        fetch.begin(index + 1);
        writeColumnItems(fetch, login, view, index, plan.columns);
        if (card !== undefined) writeCardItems(fetch, out, card, plan.cards);
      });
      done(index);
      const wait = connection.drained() ?? turn.yielded();
      if (wait !== undefined) await wait;
    }
  } finally {
    await cards?.close();
  }
}

/** One response: what `begin` writes, then `items`. */
async function writeMessage(
  session: Session,
  items: readonly ReadyItem[],
  begin: (fetch: FetchWriter, out: OctetWriter) => void,
): Promise<void> {
  const { connection, services } = session;
  let next = 0;
  let ended = false;
  try {
    while (!ended) {
      let literal: LiteralItem | undefined;
      services.responses.send(connection, (fetch, out) => {
        if (next === 0) begin(fetch, out);
        else fetch.resume();
        while (literal === undefined && next < items.length) literal = writeReady(fetch, items[next++]!);
        if (literal !== undefined) return;
        fetch.end();
        ended = true;
      });
      const sending = literal === undefined ? undefined : sendLiteral(session, literal);
      if (sending !== undefined) await sending;
    }
  } catch (error) {
    // A literal was announced and its octets cannot be had: whatever came now would be taken for them.
    if (next > 0) connection.destroy('a message broke off in the middle of its response');
    throw error;
  }
}

type LiteralItem = Extract<ReadyItem, { kind: 'octets' | 'stream' }>;

/** Writes an item, of a literal its announcement; its octets come then. */
function writeReady(fetch: FetchWriter, item: ReadyItem): LiteralItem | undefined {
  switch (item.kind) {
    case 'nil':
      fetch.nil(item.name);
      return undefined;
    case 'number':
      fetch.numberItem(item.name, item.value);
      return undefined;
    case 'octets':
      fetch.literal(item.name, item.octets.length, item.binary);
      return item;
    case 'stream':
      fetch.literal(item.name, item.size, item.binary);
      return item;
    default:
      return item satisfies never;
  }
}

/** Octets as they lie in memory need no waiting. */
function sendLiteral({ connection }: Session, item: LiteralItem): Promise<void> | undefined {
  if (item.kind === 'octets') {
    connection.write(item.octets);
    return undefined;
  }
  if (!(Symbol.iterator in item.pieces)) return stream(connection, item.pieces, item.size);
  let sent = 0;
  for (const piece of item.pieces) {
    sent += piece.length;
    if (piece.length > 0) connection.write(piece);
  }
  checkSize(connection, sent, item.size);
  return undefined;
}

async function stream(connection: Connection, pieces: AsyncIterable<Uint8Array>, size: number): Promise<void> {
  let sent = 0;
  for await (const piece of pieces) {
    sent += piece.length;
    connection.write(piece);
    const wait = connection.drained();
    if (wait !== undefined) await wait;
  }
  checkSize(connection, sent, size);
}

/** The literal's size was announced; the client cannot be told otherwise any more. */
function checkSize(connection: Connection, sent: number, announced: number): void {
  if (sent !== announced) connection.destroy(`a literal of ${announced} octets had ${sent}`);
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
