/**
 * FETCH responses from cards: ENVELOPE, BODYSTRUCTURE and the usual header fields, which the store keeps as they go out. What
 * a client asks when it lists a mailbox is answered without reading a message.
 */
import type { FetchWriter } from '../codec/imap/fetch-writer.js';
import type { OctetWriter } from '../codec/imap/octet-writer.js';
import { bodyOfStructure } from '../codec/mime/plain-body.js';
import type { MessageCard } from '../mailstore/content.js';
import { createTurn, writeColumnItems } from './fetch-columns.js';
import { type CardItem, cardParts, type FetchPlan, type Span } from './fetch-plan.js';
import type { Selected, Session } from './session.js';

/** Octets made before the connection gets them. */
const batchBytes = 32 * 1024;

/** Writes one response a message; resolves with how many there were, in the order of `indexes`. `done` hears of each. */
export async function writeCards(
  session: Session,
  { login, mailbox }: Selected,
  indexes: Uint32Array,
  plan: FetchPlan,
  done: (index: number) => void,
): Promise<void> {
  const { connection, services } = session;
  const { view } = mailbox.cursor;
  const turn = createTurn();
  for await (const cards of login.account.readCards(view, indexes, cardParts(plan.cards), connection.signal)) {
    for (let at = 0; at < cards.length; ) {
      services.responses.send(connection, (fetch, out) => {
        while (at < cards.length && out.length < batchBytes) {
          const card = cards[at++]!;
          const index = indexes[card.index]!;
          fetch.begin(index + 1);
          writeColumnItems(fetch, login, view, index, plan.columns);
          writeCardItems(fetch, out, card, plan.cards);
          fetch.end();
          done(index);
        }
      });
      const wait = connection.drained() ?? turn.yielded();
      if (wait !== undefined) await wait;
    }
  }
}

export function writeCardItems(
  fetch: FetchWriter,
  out: OctetWriter,
  card: MessageCard,
  items: readonly CardItem[],
): void {
  for (const item of items) {
    switch (item.kind) {
      case 'envelope':
        fetch.raw('ENVELOPE', card.envelope);
        break;
      case 'bodyStructure':
        fetch.raw('BODYSTRUCTURE', card.bodyStructure);
        break;
      case 'body':
        fetch.raw('BODY', bodyOfStructure(card.bodyStructure));
        break;
      case 'fields': {
        const octets = clip(item.select(card.headers), item.partial);
        fetch.literal(item.name, octets.length);
        out.bytes(octets);
        break;
      }
      default:
        item satisfies never;
    }
  }
}

/** RFC 9051 6.4.5: past the end there is nothing, which is an empty string and no error. */
export function clip(octets: Uint8Array, span: Span): Uint8Array {
  return span === undefined ? octets : octets.subarray(span.offset, span.offset + span.count);
}
