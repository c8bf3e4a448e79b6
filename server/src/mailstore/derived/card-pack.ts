/**
 * A card pack: what lists show of the 128 messages of one block of slots, end to end (store design section 1). A message whose
 * card would be unreasonably large, or that was not there when the pack was made, has none and is read from its own document.
 */
import { type CardPackRows, cardPackKey } from '../../database/cards.js';
import type { CardPackDocument } from '../../database/documents.js';
import type { MessageHeads } from '../../database/messages.js';

export const messagesPerPack = 128;
export const packOf = (slot: number): number => slot >>> 7;
export const placeOf = (slot: number): number => slot & (messagesPerPack - 1);

/** A hostile header must not make a pack too large to store: 128 of these are 8 MB. */
const maxCardBytes = 64 * 1024;
const idBytes = 12;
const columns = ['env', 'struct', 'heads'] as const;

/** `messages` by place in the block. */
export function encodeCardPack(
  account: string,
  pack: number,
  messages: ReadonlyMap<number, { readonly id: string; readonly heads: MessageHeads }>,
): CardPackDocument {
  const ids = Buffer.alloc(messagesPerPack * idBytes);
  const ends = Buffer.alloc(columns.length * messagesPerPack * 4);
  const pieces: Record<(typeof columns)[number], Buffer[]> = { env: [], struct: [], heads: [] };
  const lengths = [0, 0, 0];
  for (let place = 0; place < messagesPerPack; place++) {
    const message = messages.get(place);
    const { env, struct, heads } = message?.heads ?? {};
    const kept = env && struct && heads && env.length + struct.length + heads.length <= maxCardBytes;
    if (message && kept) ids.write(message.id, place * idBytes, 'hex');
    for (const [i, column] of columns.entries()) {
      if (message && kept) {
        pieces[column].push(message.heads[column]);
        lengths[i]! += message.heads[column].length;
      }
      ends.writeUInt32LE(lengths[i]!, 4 * (i * messagesPerPack + place));
    }
  }
  return {
    _id: cardPackKey(account, pack),
    a: account,
    ids,
    ends,
    env: Buffer.concat(pieces.env),
    struct: Buffer.concat(pieces.struct),
    heads: Buffer.concat(pieces.heads),
  };
}

const none = Buffer.alloc(0);

/** One pack as it was read. Columns that were not asked for give empty octets. */
export class CardPack {
  readonly bytes: number;
  readonly #rows: CardPackRows;

  constructor(rows: CardPackRows) {
    this.#rows = rows;
    this.bytes = (rows.env?.length ?? 0) + (rows.struct?.length ?? 0) + (rows.heads?.length ?? 0) + 4096;
  }

  /** Whether the pack has the card of message `id` (hex) at `place`. */
  has(place: number, id: string): boolean {
    return this.#rows.ids.toString('hex', place * idBytes, (place + 1) * idBytes) === id;
  }

  envelope(place: number): Buffer {
    return this.#octets(0, this.#rows.env, place);
  }

  bodyStructure(place: number): Buffer {
    return this.#octets(1, this.#rows.struct, place);
  }

  headers(place: number): Buffer {
    return this.#octets(2, this.#rows.heads, place);
  }

  #octets(run: number, column: Buffer | undefined, place: number): Buffer {
    if (column === undefined) return none;
    const at = 4 * (run * messagesPerPack + place);
    const start = place === 0 ? 0 : this.#rows.ends.readUInt32LE(at - 4);
    return column.subarray(start, this.#rows.ends.readUInt32LE(at));
  }
}
