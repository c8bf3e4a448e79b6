import { seenBit } from './flags.js';

/**
 * The messages of one mailbox as typed arrays in uid order (store design section 3). The hot columns (uid, flags, modseq)
 * are always there; the cold ones (id, size, date, thread, slot) when somebody asked for them. Arrays grow by half; only
 * the first `count` values are valid. One set of arrays lives between two expunges: flags change in place, messages come at
 * the end.
 */
export interface ColdColumns {
  id: Uint8Array;
  size: Uint32Array;
  date: Uint32Array;
  thread: Uint8Array;
  slot: Uint32Array;
}

/** Several messages in uid order, as they come out of an op or a segment. */
export interface Rows {
  readonly count: number;
  readonly uid: Uint32Array;
  readonly flags: Uint32Array;
  readonly keywords: readonly [Uint32Array | undefined, Uint32Array | undefined, Uint32Array | undefined];
  readonly modseq: Float64Array;
  readonly cold: Readonly<ColdColumns> | undefined;
}

type KeywordColumns = [Uint32Array | undefined, Uint32Array | undefined, Uint32Array | undefined];

export const idBytes = 12;
export const threadBytes = 8;

const hotBytes = 16;
const coldBytes = idBytes + threadBytes + 12;

/** What the columns of so many messages take, without keywords. */
export const columnBytes = (count: number, cold: boolean): number => count * (hotBytes + (cold ? coldBytes : 0));

export function newColdColumns(capacity: number): ColdColumns {
  return {
    id: new Uint8Array(idBytes * capacity),
    size: new Uint32Array(capacity),
    date: new Uint32Array(capacity),
    thread: new Uint8Array(threadBytes * capacity),
    slot: new Uint32Array(capacity),
  };
}

export class Columns {
  count = 0;
  uid: Uint32Array;
  flags: Uint32Array;
  keywords: KeywordColumns = [undefined, undefined, undefined];
  modseq: Float64Array;
  cold: ColdColumns | undefined;

  constructor(capacity: number, cold: boolean) {
    this.uid = new Uint32Array(capacity);
    this.flags = new Uint32Array(capacity);
    this.modseq = new Float64Array(capacity);
    this.cold = cold ? newColdColumns(capacity) : undefined;
  }

  /** Bytes in memory, for the budget. */
  get bytes(): number {
    const keywordBytes = this.keywords.reduce((sum, column) => sum + (column === undefined ? 0 : 4), 0);
    return columnBytes(this.uid.length, this.cold !== undefined) + this.uid.length * keywordBytes;
  }

  /** Index of the first message whose uid is >= `uid`; `count` if none. */
  lowerBound(uid: number): number {
    const uids = this.uid;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (uids[middle]! < uid) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  indexOf(uid: number): number {
    const index = this.lowerBound(uid);
    return index < this.count && this.uid[index] === uid ? index : -1;
  }

  /** Indexes of those of `uids` (ascending) that are here: a merge when there are many, searches when few. */
  indexesOf(uids: Uint32Array): Uint32Array {
    const indexes = new Uint32Array(uids.length);
    let found = 0;
    if (uids.length * 16 < this.count) {
      for (const uid of uids) {
        const index = this.indexOf(uid);
        if (index >= 0) indexes[found++] = index;
      }
    } else {
      let index = uids.length === 0 ? 0 : this.lowerBound(uids[0]!);
      for (const uid of uids) {
        while (index < this.count && this.uid[index]! < uid) index += 1;
        if (index < this.count && this.uid[index] === uid) indexes[found++] = index;
      }
    }
    return indexes.subarray(0, found);
  }

  keywordWord(word: number, index: number): number {
    return this.keywords[word]?.[index] ?? 0;
  }

  /** The keyword column, made when the first message of the mailbox needs it. */
  keywordColumn(word: number): Uint32Array {
    let column = this.keywords[word];
    if (column === undefined) {
      column = new Uint32Array(this.uid.length);
      this.keywords[word] = column;
    }
    return column;
  }

  /** Adds messages at the end; their uids are above all that are here. */
  append(rows: Rows): void {
    this.#reserve(this.count + rows.count);
    const at = this.count;
    this.uid.set(rows.uid.subarray(0, rows.count), at);
    this.flags.set(rows.flags.subarray(0, rows.count), at);
    this.modseq.set(rows.modseq.subarray(0, rows.count), at);
    for (let word = 0; word < 3; word++) {
      const from = rows.keywords[word];
      if (from !== undefined) this.keywordColumn(word).set(from.subarray(0, rows.count), at);
      // Behind `count` lie the words of messages that were removed.
      else this.keywords[word]?.fill(0, at, at + rows.count);
    }
    if (this.cold !== undefined && rows.cold !== undefined) {
      this.cold.id.set(rows.cold.id.subarray(0, idBytes * rows.count), idBytes * at);
      this.cold.size.set(rows.cold.size.subarray(0, rows.count), at);
      this.cold.date.set(rows.cold.date.subarray(0, rows.count), at);
      this.cold.thread.set(rows.cold.thread.subarray(0, threadBytes * rows.count), threadBytes * at);
      this.cold.slot.set(rows.cold.slot.subarray(0, rows.count), at);
    } else if (rows.cold === undefined) {
      // Rows without their cold values make the cold columns incomplete: they are loaded again when needed.
      this.cold = undefined;
    }
    this.count += rows.count;
  }

  /** A copy that may be changed on its own. */
  fork(): Columns {
    const copy = new Columns(0, false);
    copy.count = this.count;
    copy.uid = this.uid.slice(0, this.count);
    copy.flags = this.flags.slice(0, this.count);
    copy.modseq = this.modseq.slice(0, this.count);
    copy.keywords = this.keywords.map((column) => column?.slice(0, this.count)) as KeywordColumns;
    if (this.cold !== undefined) copy.cold = this.#coldOf(this.count);
    return copy;
  }

  /** The same without the messages at `indexes` (ascending). */
  without(indexes: Uint32Array): Columns {
    const copy = this.fork();
    copy.remove(indexes);
    return copy;
  }

  /** Removes the messages at `indexes` (ascending) in place. */
  remove(indexes: Uint32Array): void {
    if (indexes.length === 0) return;
    const hot: (Uint32Array | Float64Array)[] = [this.uid, this.flags, this.modseq];
    for (const column of this.keywords) if (column !== undefined) hot.push(column);
    if (this.cold !== undefined) hot.push(this.cold.size, this.cold.date, this.cold.slot);
    // Moves the runs between two removed messages down, column by column.
    let to = indexes[0]!;
    for (let i = 0; i < indexes.length; i++) {
      const from = indexes[i]! + 1;
      const end = i + 1 < indexes.length ? indexes[i + 1]! : this.count;
      if (end > from) {
        for (const column of hot) column.copyWithin(to, from, end);
        this.cold?.id.copyWithin(idBytes * to, idBytes * from, idBytes * end);
        this.cold?.thread.copyWithin(threadBytes * to, threadBytes * from, threadBytes * end);
      }
      to += end - from;
    }
    this.count = to;
  }

  /** Sequence number of the first message without \Seen at or after `index`, 0 if none. */
  firstUnseen(index: number): number {
    for (let i = index; i < this.count; i++) if ((this.flags[i]! & seenBit) === 0) return i + 1;
    return 0;
  }

  #coldOf(count: number): ColdColumns | undefined {
    const cold = this.cold;
    if (cold === undefined) return undefined;
    return {
      id: cold.id.slice(0, idBytes * count),
      size: cold.size.slice(0, count),
      date: cold.date.slice(0, count),
      thread: cold.thread.slice(0, threadBytes * count),
      slot: cold.slot.slice(0, count),
    };
  }

  #reserve(count: number): void {
    if (count <= this.uid.length) return;
    const capacity = Math.max(count, 16, Math.ceil(this.uid.length * 1.5));
    this.uid = grown(this.uid, new Uint32Array(capacity));
    this.flags = grown(this.flags, new Uint32Array(capacity));
    this.modseq = grown(this.modseq, new Float64Array(capacity));
    this.keywords = this.keywords.map((column) =>
      column === undefined ? undefined : grown(column, new Uint32Array(capacity)),
    ) as KeywordColumns;
    if (this.cold === undefined) return;
    const larger = newColdColumns(capacity);
    larger.id.set(this.cold.id);
    larger.size.set(this.cold.size);
    larger.date.set(this.cold.date);
    larger.thread.set(this.cold.thread);
    larger.slot.set(this.cold.slot);
    this.cold = larger;
  }
}

function grown<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
