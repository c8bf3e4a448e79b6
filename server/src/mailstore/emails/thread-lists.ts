import { grown } from './grown.js';

const none = -1;

/**
 * Which emails a thread has: doubly linked lists in typed arrays, so that taking one of a hundred thousand out of a thread costs
 * as much as taking one of two.
 */
export class ThreadLists {
  /** By thread: its first email. */
  #heads = new Int32Array(0);
  #sizes = new Int32Array(0);
  /** By email. */
  #next = new Int32Array(0);
  #previous = new Int32Array(0);

  get bytes(): number {
    return 8 * (this.#heads.length + this.#next.length);
  }

  size(thread: number): number {
    return this.#sizes[thread] ?? 0;
  }

  add(thread: number, email: number): void {
    this.#heads = grown(this.#heads, thread + 1, none);
    this.#sizes = grown(this.#sizes, thread + 1);
    this.#next = grown(this.#next, email + 1, none);
    this.#previous = grown(this.#previous, email + 1, none);
    const head = this.#heads[thread]!;
    this.#next[email] = head;
    this.#previous[email] = none;
    if (head !== none) this.#previous[head] = email;
    this.#heads[thread] = email;
    this.#sizes[thread]! += 1;
  }

  remove(thread: number, email: number): void {
    const next = this.#next[email]!;
    const previous = this.#previous[email]!;
    if (previous === none) this.#heads[thread] = next;
    else this.#next[previous] = next;
    if (next !== none) this.#previous[next] = previous;
    this.#sizes[thread]! -= 1;
  }

  /** Emails of a thread, in no order. */
  of(thread: number): Uint32Array {
    const emails = new Uint32Array(this.size(thread));
    let email = this.#heads[thread] ?? none;
    for (let i = 0; i < emails.length; i++) {
      emails[i] = email;
      email = this.#next[email]!;
    }
    return emails;
  }
}
