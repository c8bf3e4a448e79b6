import type { BoxTotals, SegmentDocument } from '../database/documents.js';
import { MailError } from '../kernel/errors.js';
import type { AccountState, BoxState } from './account-state.js';
import { type FlagWords, seenBit } from './flags.js';
import { bitOf, checkKeyword, keywordsFull, wordsOf } from './keyword-table.js';
import type { AddsOp, Op } from './log-entry.js';
import type { Columns, Rows } from './mailbox-columns.js';

/** What a command sees of the account: the state before it, and the columns it said it needs. */
export interface CommandView {
  readonly state: AccountState;
  /** Columns of a mailbox as of `state`; never changed by the command. */
  columns(box: string): Columns;
  /** Was a delivery with this id taken before (store design 2.5)? */
  delivered(id: Uint8Array): boolean;
}

/** RFC 9051 2.3.1.1: a uid is a non-zero number of 32 bits. At the end the mailbox refuses; uids never wrap. */
const maxUid = 0xffffffff;
/** Messages of a block: the pack of cards they share (store design section 1). */
export const slotsPerBlock = 128;

/**
 * Gathers the ops of one command, and keeps the totals that `after` states: un, ex, us, fs, by, sl of each mailbox touched,
 * use and blocks of the account. One command is one entry (store design section 1).
 */
export class EntryBuilder {
  /** Number of the entry, if the command writes one. */
  readonly n: number;
  readonly view: CommandView;
  readonly ops: Op[] = [];
  /** Segments that ops were spilled into, new with every attempt (store design 2.4). */
  readonly segments: SegmentDocument[] = [];
  /** Rows of spilled ops, so that this process need not read them back. */
  readonly spilled = new Map<AddsOp, Rows>();
  use: number;
  blocks: number;
  readonly #touched = new Map<string, { -readonly [K in keyof BoxTotals]: BoxTotals[K] }>();
  #keywords: readonly string[];

  constructor(view: CommandView) {
    this.view = view;
    this.n = view.state.n + 1;
    this.use = view.state.use;
    this.blocks = view.state.blocks;
    this.#keywords = view.state.keywords;
  }

  get after(): readonly BoxTotals[] {
    return [...this.#touched.values()];
  }

  /** MailError nonexistent when it is not there. */
  box(id: string): BoxState {
    const box = this.view.state.boxes.get(id);
    if (box === undefined) throw new MailError('nonexistent', 'The mailbox does not exist');
    return box;
  }

  /** Totals of a mailbox, to be changed by whoever adds an op on it. */
  totals(id: string): { -readonly [K in keyof BoxTotals]: BoxTotals[K] } {
    let totals = this.#touched.get(id);
    if (totals === undefined) {
      const { un, ex, us, fs, by, sl } = this.box(id);
      totals = { id, un, ex, us, fs, by, sl };
      this.#touched.set(id, totals);
    }
    return totals;
  }

  /** The mailbox goes with this entry: nothing is said of it. */
  forget(id: string): void {
    this.#touched.delete(id);
  }

  /** Totals of a mailbox that this entry creates. */
  newTotals(id: string, totals: Omit<BoxTotals, 'id'>): void {
    this.#touched.set(id, { id, ...totals });
  }

  /** The first of `count` uids (RFC 9051 2.3.1.1: strictly ascending). */
  takeUids(id: string, count: number): number {
    const totals = this.totals(id);
    if (totals.un + count > maxUid) throw new MailError('limit', 'The mailbox has used up its message numbers');
    const first = totals.un;
    totals.un += count;
    return first;
  }

  /** The message's place in the derived packs, given once (store design section 1). */
  takeSlot(id: string): number {
    const totals = this.totals(id);
    if (totals.sl % slotsPerBlock === 0) totals.sl = this.blocks++ * slotsPerBlock;
    const slot = totals.sl;
    totals.sl += 1;
    return slot;
  }

  /** Counts messages that come at the end of the mailbox; `firstUnseen` is the place of the first unseen one among them. */
  countAdded(id: string, count: number, unseen: number, firstUnseen: number, bytes: number): void {
    const totals = this.totals(id);
    if (totals.fs === 0 && unseen > 0) totals.fs = totals.ex + firstUnseen + 1;
    totals.ex += count;
    totals.us += unseen;
    totals.by += bytes;
    this.use += bytes;
  }

  /** Counts the messages at `indexes` of `columns` out: what the mailbox was before this entry. */
  countGone(id: string, columns: Columns, indexes: Uint32Array): void {
    const totals = this.totals(id);
    const before = totals.fs;
    let unseen = 0;
    let bytes = 0;
    let below = 0;
    for (const index of indexes) {
      if ((columns.flags[index]! & seenBit) === 0) unseen += 1;
      bytes += columns.cold!.size[index]!;
      if (index + 1 < before) below += 1;
    }
    totals.ex -= indexes.length;
    totals.us -= unseen;
    totals.by -= bytes;
    this.use -= bytes;
    if (before === 0) return;
    if (totals.us === 0) {
      totals.fs = 0;
      return;
    }
    // The first unseen message that stays, then its number among those that stay. There is one: `us` says so.
    let next = below;
    let first = before - 1;
    while (first < columns.count) {
      if (indexes[next] === first) next += 1;
      else if ((columns.flags[first]! & seenBit) === 0) break;
      first += 1;
    }
    totals.fs = first + 1 - next;
  }

  /** Totals after \Seen was set on the messages at `indexes` (ascending), none of which had it. */
  countSeen(id: string, columns: Columns, indexes: Uint32Array): void {
    const totals = this.totals(id);
    totals.us -= indexes.length;
    if (totals.us === 0) {
      totals.fs = 0;
      return;
    }
    const start = totals.fs - 1;
    let next = 0;
    while (next < indexes.length && indexes[next]! < start) next += 1;
    for (let i = start; i < columns.count; i++) {
      if (next < indexes.length && indexes[next] === i) {
        next += 1;
        continue;
      }
      if ((columns.flags[i]! & seenBit) !== 0) continue;
      totals.fs = i + 1;
      return;
    }
  }

  /** Totals after \Seen was taken from the messages at `indexes` (ascending), all of which had it. */
  countUnseen(id: string, indexes: Uint32Array): void {
    const first = indexes[0];
    if (first === undefined) return;
    const totals = this.totals(id);
    totals.us += indexes.length;
    totals.fs = totals.fs === 0 ? first + 1 : Math.min(totals.fs, first + 1);
  }

  /**
   * Totals after several changes of one mailbox in one entry: messages at `gone` (ascending) went, and \Seen of others became what
   * `seen` says by index. What comes is counted after it.
   */
  countMixed(id: string, columns: Columns, gone: Uint32Array, seen: ReadonlyMap<number, boolean>): void {
    const totals = this.totals(id);
    const wasFirst = totals.fs === 0 ? columns.count : totals.fs - 1;
    // Nothing before it is unseen, but for what became so.
    let start = wasFirst;
    for (const [index, on] of seen) {
      totals.us += on ? -1 : 1;
      if (!on) start = Math.min(start, index);
    }
    let bytes = 0;
    for (const index of gone) {
      if ((columns.flags[index]! & seenBit) === 0) totals.us -= 1;
      bytes += columns.cold!.size[index]!;
    }
    totals.ex -= gone.length;
    totals.by -= bytes;
    this.use -= bytes;
    totals.fs = 0;
    if (totals.us === 0) return;
    let next = 0;
    while (next < gone.length && gone[next]! < start) next += 1;
    for (let i = start; i < columns.count; i++) {
      if (gone[next] === i) {
        next += 1;
        continue;
      }
      if (seen.get(i) ?? (columns.flags[i]! & seenBit) !== 0) continue;
      totals.fs = i + 1 - next;
      return;
    }
  }

  /** Bits of flag names; keywords that the account does not know yet are made, or left out when `create` is false. */
  flagWords(names: readonly string[], create = true): FlagWords {
    const bits: number[] = [];
    for (const name of names) {
      let bit = bitOf(name, this.#keywords);
      if (bit < 0) {
        checkKeyword(name);
        if (!create) continue;
        bit = this.#newKeyword(name);
      }
      bits.push(bit);
    }
    return wordsOf(bits);
  }

  #newKeyword(name: string): number {
    if (keywordsFull(this.#keywords)) throw new MailError('limit', 'The account has as many keywords as it may have');
    this.ops.push({ o: 'kw', bit: this.#keywords.length, name });
    this.#keywords = [...this.#keywords, name];
    return bitOf(name, this.#keywords);
  }

  /** MailError overQuota when the account would hold more than it may after `bytes` more (store design 5: exact). */
  checkQuota(bytes: number, limit: number | undefined): void {
    if (limit === undefined || bytes <= 0 || this.use + bytes <= limit) return;
    throw new MailError('overQuota', 'The mailbox is full: delete messages or ask for more room');
  }
}
