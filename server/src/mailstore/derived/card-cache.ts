import type { CardColumn, Cards } from '../../database/cards.js';
import { CardPack } from './card-pack.js';

/** What a list needs: ENVELOPE and BODYSTRUCTURE are asked for together, header fields for themselves. */
export type CardHalf = 'lists' | 'headers';

const columnsOf: Readonly<Record<CardHalf, readonly CardColumn[]>> = {
  lists: ['env', 'struct'],
  headers: ['heads'],
};

/**
 * Card packs of all accounts of a process, least recently used out, within a budget: a client that opens a mailbox lists it
 * more than once. Packs never change but by a rebuild, and a rebuilt one only knows more.
 */
export class CardCache {
  readonly #cards: Cards;
  readonly #budgetBytes: number;
  readonly #packs = new Map<string, CardPack>();
  #bytes = 0;

  constructor(cards: Cards, budgetBytes: number) {
    this.#cards = cards;
    this.#budgetBytes = budgetBytes;
  }

  /** The packs that are there, one command for what is not in memory. */
  async read(account: string, half: CardHalf, packs: readonly number[]): Promise<ReadonlyMap<number, CardPack>> {
    const found = new Map<number, CardPack>();
    const missing: number[] = [];
    for (const pack of packs) {
      const key = `${half}/${account}/${pack}`;
      const known = this.#packs.get(key);
      if (known === undefined) missing.push(pack);
      else {
        this.#packs.delete(key);
        this.#packs.set(key, known);
        found.set(pack, known);
      }
    }
    if (missing.length === 0) return found;
    for (const rows of await this.#cards.read(account, missing, columnsOf[half])) {
      const pack = new CardPack(rows);
      found.set(rows.pack, pack);
      this.#keep(`${half}/${account}/${rows.pack}`, pack);
    }
    return found;
  }

  #keep(key: string, pack: CardPack): void {
    const before = this.#packs.get(key);
    if (before !== undefined) this.#bytes -= before.bytes;
    this.#packs.delete(key);
    this.#packs.set(key, pack);
    this.#bytes += pack.bytes;
    for (const [oldest, { bytes }] of this.#packs) {
      if (this.#bytes <= this.#budgetBytes) break;
      this.#packs.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}
