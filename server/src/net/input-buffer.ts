/**
 * Octets that came from the peer and were not asked for yet, and the framing of lines over them. Pure: no socket, no timer.
 *
 * Guarantees: linear in what comes in, however it is cut (an octet is looked at once for LF); a peer that sends octets one at
 * a time costs a few KiB, not one object an octet; nothing is copied but lines that lie across chunks and tiny chunks.
 */
import type { Line } from './connection.js';

const LF = 10;
const CR = 13;
/** Chunks below this are gathered: thousands of one-octet chunks would otherwise cost 200 bytes of object each. */
const tinyChunkBytes = 512;
const gatherBytes = 4096;
/** What is kept of a line that is too long: enough for any IMAP tag or SMTP verb. */
const headBytes = 256;

export class InputBuffer {
  /** Octets held. */
  length = 0;
  readonly #chunks: Buffer[] = [];
  /** The last chunk is ours, with room behind it: the whole of its memory. */
  #gather: Buffer | undefined;
  /** Octets from the beginning that hold no LF. */
  #scanned = 0;
  /** Beginning of a line that is being thrown away. */
  #discarding: Buffer | undefined;

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.length += chunk.length;
    const last = this.#chunks.length - 1;
    if (last >= 0 && chunk.length < tinyChunkBytes) {
      const tail = this.#chunks[last]!;
      const memory = this.#gather;
      if (memory !== undefined && tail.byteOffset + tail.length + chunk.length <= memory.byteOffset + memory.length) {
        const start = tail.byteOffset - memory.byteOffset;
        chunk.copy(memory, start + tail.length);
        this.#chunks[last] = memory.subarray(start, start + tail.length + chunk.length);
        return;
      }
      const fresh = Buffer.allocUnsafeSlow(gatherBytes);
      chunk.copy(fresh);
      this.#gather = fresh;
      this.#chunks.push(fresh.subarray(0, chunk.length));
      return;
    }
    this.#gather = undefined;
    this.#chunks.push(chunk);
  }

  /** Puts octets back in front. */
  unshift(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.length += chunk.length;
    this.#scanned = 0;
    this.#chunks.unshift(chunk);
  }

  clear(): void {
    this.length = 0;
    this.#chunks.length = 0;
    this.#gather = undefined;
    this.#scanned = 0;
    this.#discarding = undefined;
  }

  /** A line was begun, and its end is not there. */
  get inLine(): boolean {
    return this.#discarding !== undefined || this.length > 0;
  }

  /** The next line without its end; undefined until it is whole. `maxBytes` counts the line without its CRLF. */
  takeLine(maxBytes: number): Line | undefined {
    const end = this.#findLf();
    if (this.#discarding !== undefined) {
      if (end < 0) {
        this.#drop(this.length);
        return undefined;
      }
      this.#drop(end + 1);
      const head = this.#discarding;
      this.#discarding = undefined;
      return { kind: 'tooLong', head };
    }
    if (end < 0) {
      // One more than the limit may be the CR of a line that just fits.
      if (this.length <= maxBytes + 1) return undefined;
      this.#discarding = Buffer.from(this.#peek(Math.min(headBytes, maxBytes)));
      this.#drop(this.length);
      return undefined;
    }
    if (end > maxBytes + 1) {
      const head = Buffer.from(this.#peek(Math.min(headBytes, maxBytes)));
      this.#drop(end + 1);
      return { kind: 'tooLong', head };
    }
    const whole = this.#take(end + 1);
    if (end > 0 && whole[end - 1] === CR) return { kind: 'line', bytes: whole.subarray(0, end - 1) };
    if (end > maxBytes) return { kind: 'tooLong', head: Buffer.from(whole.subarray(0, Math.min(headBytes, maxBytes))) };
    return { kind: 'line', bytes: whole.subarray(0, end), bareLf: true };
  }

  /** At most `maxBytes` of the first chunk; undefined when nothing is there. */
  takeSome(maxBytes: number): Buffer | undefined {
    const first = this.#chunks[0];
    if (first === undefined) return undefined;
    return this.#take(Math.min(maxBytes, first.length));
  }

  #findLf(): number {
    if (this.#scanned >= this.length) return -1;
    let base = 0;
    for (const chunk of this.#chunks) {
      const next = base + chunk.length;
      if (next > this.#scanned) {
        const at = chunk.indexOf(LF, Math.max(0, this.#scanned - base));
        if (at >= 0) return base + at;
      }
      base = next;
    }
    this.#scanned = this.length;
    return -1;
  }

  /** The first `count` octets as one buffer, left in place. */
  #peek(count: number): Buffer {
    const first = this.#chunks[0]!;
    if (first.length >= count) return first.subarray(0, count);
    return Buffer.concat(this.#chunks, count);
  }

  #take(count: number): Buffer {
    const taken = this.#peek(count);
    this.#drop(count);
    return taken;
  }

  #drop(count: number): void {
    this.length -= count;
    this.#scanned = Math.max(0, this.#scanned - count);
    let whole = 0;
    let left = count;
    while (left > 0) {
      const chunk = this.#chunks[whole]!;
      if (chunk.length > left) {
        this.#chunks[whole] = chunk.subarray(left);
        break;
      }
      left -= chunk.length;
      whole++;
    }
    if (whole > 0) this.#chunks.splice(0, whole);
    if (this.#chunks.length === 0) this.#gather = undefined;
  }
}
