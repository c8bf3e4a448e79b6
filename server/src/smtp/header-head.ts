/** Gathers the beginning of a message until its header is whole, or long enough. Linear however the octets are cut. */
export class HeaderHead {
  #memory = Buffer.alloc(0);
  #length = 0;
  #scanned = 0;
  #ended = false;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The header is whole. */
  get ended(): boolean {
    return this.#ended;
  }

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
    this.#ended ||= this.#headerEnds();
    return this.#ended || this.#length >= this.#maxBytes;
  }

  get octets(): Buffer {
    return this.#memory.subarray(0, this.#length);
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
