import { randomInt } from 'node:crypto';

/**
 * Numbers for keys of a fixed width (message ids of three words, thread ids of two): open addressing over typed arrays, so that
 * 100,000 keys are two arrays and not 100,000 strings. A key keeps its number. The hash begins with a random word of its own:
 * thread ids come from what strangers write, and must not be made to meet.
 */
export class KeyTable {
  readonly #words: number;
  readonly #seed = randomInt(0xffffffff);
  #keys: Uint32Array;
  /** Number + 1 of the key in each place, 0: empty. At most half full: it grows with the keys. */
  #places: Uint32Array;
  #count = 0;

  constructor(words: number, capacity: number) {
    this.#words = words;
    this.#keys = new Uint32Array(words * Math.max(16, capacity));
    this.#places = new Uint32Array(placesFor(Math.max(16, capacity)));
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#keys.byteLength + this.#places.byteLength;
  }

  /** Number of the key whose words begin at `at`, -1 if it has none. */
  find(key: Uint32Array, at = 0): number {
    const mask = this.#places.length - 1;
    for (let place = this.#hash(key, at) & mask; ; place = (place + 1) & mask) {
      const number = this.#places[place]! - 1;
      if (number < 0 || this.#holds(number, key, at)) return number;
    }
  }

  /** Number of the key, given now if it had none: numbers run from 0 without gaps. */
  add(key: Uint32Array, at = 0): number {
    const known = this.find(key, at);
    if (known >= 0) return known;
    const number = this.#count;
    if (this.#words * (number + 1) > this.#keys.length) this.#grow();
    this.#count += 1;
    for (let word = 0; word < this.#words; word++) this.#keys[number * this.#words + word] = key[at + word]!;
    this.#place(number);
    return number;
  }

  findHex(hex: string): number {
    const key = wordsOfHex(hex, this.#words);
    return key === undefined ? -1 : this.find(key);
  }

  hexAt(number: number): string {
    const width = 4 * this.#words;
    return Buffer.from(this.#keys.buffer, width * number, width).toString('hex');
  }

  /** Which of two keys comes first as octets, as every process sees it. */
  compare(x: number, y: number): number {
    for (let word = 0; word < this.#words; word++) {
      const a = swapped(this.#keys[x * this.#words + word]!);
      const b = swapped(this.#keys[y * this.#words + word]!);
      if (a !== b) return a < b ? -1 : 1;
    }
    return 0;
  }

  #holds(number: number, key: Uint32Array, at: number): boolean {
    const base = number * this.#words;
    for (let word = 0; word < this.#words; word++) if (this.#keys[base + word] !== key[at + word]) return false;
    return true;
  }

  #hash(key: Uint32Array, at: number): number {
    let hash = this.#seed;
    for (let word = 0; word < this.#words; word++) {
      hash = Math.imul(hash ^ key[at + word]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0x85ebca6b);
    return (hash ^ (hash >>> 13)) >>> 0;
  }

  #place(number: number): void {
    const mask = this.#places.length - 1;
    let place = this.#hash(this.#keys, number * this.#words) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = number + 1;
  }

  #grow(): void {
    const keys = new Uint32Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    this.#places = new Uint32Array(placesFor(keys.length / this.#words));
    for (let number = 0; number < this.#count; number++) this.#place(number);
  }
}

function placesFor(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(2 * capacity + 2));
}

/** Octets in the order they are compared in: the arrays are little-endian. */
function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** undefined when it is not exactly so many words in lower-case hex. */
function wordsOfHex(hex: string, words: number): Uint32Array | undefined {
  if (hex.length !== 8 * words) return undefined;
  for (let i = 0; i < hex.length; i++) {
    const c = hex.charCodeAt(i);
    if (!((c >= 0x30 && c <= 0x39) || (c >= 0x61 && c <= 0x66))) return undefined;
  }
  const key = new Uint32Array(words);
  Buffer.from(key.buffer).write(hex, 'hex');
  return key;
}
