/** A set of message indexes of one view, one bit each: 100,000 messages are 12 KB, and the set operations run over words. */
export class IndexSet {
  readonly size: number;
  readonly #words: Uint32Array;

  private constructor(size: number, words: Uint32Array) {
    this.size = size;
    this.#words = words;
  }

  static empty(size: number): IndexSet {
    return new IndexSet(size, new Uint32Array((size + 31) >>> 5));
  }

  static full(size: number): IndexSet {
    const set = IndexSet.empty(size);
    set.addRange(0, size);
    return set;
  }

  add(index: number): void {
    this.#words[index >>> 5]! |= 1 << (index & 31);
  }

  delete(index: number): void {
    this.#words[index >>> 5]! &= ~(1 << (index & 31));
  }

  has(index: number): boolean {
    return ((this.#words[index >>> 5]! >>> (index & 31)) & 1) === 1;
  }

  /** Adds from `start` up to and without `end`. */
  addRange(start: number, end: number): void {
    let at = Math.max(0, start);
    const stop = Math.min(end, this.size);
    for (; at < stop && (at & 31) !== 0; at++) this.add(at);
    for (; at + 32 <= stop; at += 32) this.#words[at >>> 5] = 0xffffffff;
    for (; at < stop; at++) this.add(at);
  }

  clone(): IndexSet {
    return new IndexSet(this.size, this.#words.slice());
  }

  /** Keeps what is in `other` too. */
  intersect(other: IndexSet): this {
    for (let i = 0; i < this.#words.length; i++) this.#words[i]! &= other.#words[i]!;
    return this;
  }

  union(other: IndexSet): this {
    for (let i = 0; i < this.#words.length; i++) this.#words[i]! |= other.#words[i]!;
    return this;
  }

  subtract(other: IndexSet): this {
    for (let i = 0; i < this.#words.length; i++) this.#words[i]! &= ~other.#words[i]!;
    return this;
  }

  get isEmpty(): boolean {
    return this.#words.every((word) => word === 0);
  }

  count(): number {
    let count = 0;
    for (let word of this.#words) {
      word -= (word >>> 1) & 0x55555555;
      word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
      count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return count;
  }

  /** The indexes, ascending. */
  toArray(): Uint32Array {
    const indexes = new Uint32Array(this.count());
    let at = 0;
    for (let i = 0; i < this.#words.length; i++) {
      for (let word = this.#words[i]!; word !== 0; word &= word - 1) {
        indexes[at++] = (i << 5) + 31 - Math.clz32(word & -word);
      }
    }
    return indexes;
  }
}
