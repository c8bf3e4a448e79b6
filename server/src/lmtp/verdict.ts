/**
 * The relay's word on a message: the header field `X-Vaguemestre-Verdict: clean|spam|suspect; score=...; id=...`. It is looked
 * for in the header as it streams in, before the first octet is stored, because it decides the mailbox.
 */

export type Verdict = 'clean' | 'spam' | 'suspect';

/** The relay puts its field on top; a header is not held back for longer than this. */
const maxHeadBytes = 64 * 1024;
const fieldName = 'x-vaguemestre-verdict:';

/** Gathers the beginning of a message until its header is whole, or long enough. Linear however the octets are cut. */
export class HeaderHead {
  #memory = Buffer.alloc(0);
  #length = 0;
  #scanned = 0;

  /** True when enough is there to decide. Octets are copied. */
  push(chunk: Buffer): boolean {
    const needed = this.#length + chunk.length;
    if (needed > this.#memory.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#memory.length * 2));
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    chunk.copy(this.#memory, this.#length);
    this.#length = needed;
    return this.#length >= maxHeadBytes || this.#headerEnds();
  }

  get octets(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  verdict(): Verdict | undefined {
    return findVerdict(this.octets);
  }

  /** An empty line: LF LF, or LF CR LF, because a lone LF is a line end in what is stored. */
  #headerEnds(): boolean {
    const { octets } = this;
    for (let lf = octets.indexOf(10, this.#scanned); lf >= 0; lf = octets.indexOf(10, lf + 1)) {
      if (octets[lf + 1] === 10 || (octets[lf + 1] === 13 && octets[lf + 2] === 10)) return true;
      // The last two octets may be the beginning of it: they are looked at again.
      if (lf + 2 >= octets.length) {
        this.#scanned = lf;
        return false;
      }
    }
    this.#scanned = octets.length;
    return false;
  }
}

/** Of the first field of that name in a header; undefined if there is none or it says something else. */
export function findVerdict(head: Buffer): Verdict | undefined {
  for (let from = 0; from < head.length; ) {
    const lf = head.indexOf(10, from);
    const end = lf < 0 ? head.length : lf;
    if (end === from || (end === from + 1 && head[from] === 13)) return undefined;
    if (head.toString('latin1', from, Math.min(end, from + fieldName.length)).toLowerCase() === fieldName) {
      const value = head.toString('latin1', from + fieldName.length, Math.min(end, from + 200));
      const word = value.split(';', 1)[0]!.trim().toLowerCase();
      return word === 'clean' || word === 'spam' || word === 'suspect' ? word : undefined;
    }
    from = end + 1;
  }
  return undefined;
}
