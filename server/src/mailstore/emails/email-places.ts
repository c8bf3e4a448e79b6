import { grown } from './grown.js';

/** Box of an email that lies nowhere. */
const nowhere = -1;

export interface Place {
  /** Number of a mailbox. */
  readonly box: number;
  readonly uid: number;
}

/**
 * Where each email of an account lies: most lie in one place, which costs two numbers; nothing keeps a client from copying one
 * email into one mailbox a hundred thousand times.
 */
export class EmailPlaces {
  /** Of the first place. */
  #box = new Int32Array(0);
  #uid = new Uint32Array(0);
  /** The other places of those that have more than one. */
  readonly #more = new Map<number, Place[]>();

  get bytes(): number {
    return 8 * this.#box.length + 120 * this.#more.size;
  }

  /** Whether any email lies in more than one place. */
  get anySeveral(): boolean {
    return this.#more.size > 0;
  }

  reserve(count: number): void {
    this.#box = grown(this.#box, count, nowhere);
    this.#uid = grown(this.#uid, count);
  }

  isAnywhere(email: number): boolean {
    return this.#box[email]! !== nowhere;
  }

  hasSeveral(email: number): boolean {
    return this.#more.has(email);
  }

  of(email: number): Place[] {
    const box = this.#box[email]!;
    if (box === nowhere) return [];
    return [{ box, uid: this.#uid[email]! }, ...(this.#more.get(email) ?? [])];
  }

  /** Whether it lay nowhere before. */
  add(email: number, place: Place): boolean {
    if (this.#box[email] !== nowhere) {
      const more = this.#more.get(email);
      if (more === undefined) this.#more.set(email, [place]);
      else more.push(place);
      return false;
    }
    this.#box[email] = place.box;
    this.#uid[email] = place.uid;
    return true;
  }

  /**
   * Takes places in one box away. An email is gone through once, however often it lay there. `gone`: those that lie nowhere
   * now; `left`: those that had several places and still have one.
   */
  remove(
    box: number,
    emails: ArrayLike<number>,
    uids: ArrayLike<number>,
  ): { readonly gone: number[]; readonly left: number[] } {
    const gone: number[] = [];
    const left: number[] = [];
    const several = new Map<number, Set<number>>();
    for (let i = 0; i < emails.length; i++) {
      const email = emails[i]!;
      const taken = several.get(email);
      if (taken !== undefined) taken.add(uids[i]!);
      else if (this.#more.has(email)) several.set(email, new Set([uids[i]!]));
      else if (this.#box[email] === box && this.#uid[email] === uids[i]) {
        this.#box[email] = nowhere;
        gone.push(email);
      }
    }
    for (const [email, taken] of several) {
      const [first, ...more] = this.of(email).filter((place) => place.box !== box || !taken.has(place.uid));
      if (more.length > 0) this.#more.set(email, more);
      else this.#more.delete(email);
      this.#box[email] = first?.box ?? nowhere;
      this.#uid[email] = first?.uid ?? 0;
      (first === undefined ? gone : left).push(email);
    }
    return { gone, left };
  }
}
