/**
 * The one reader of MIME structure: octets are pushed in chunks of any size, `end` gives the tree of parts (RFC 2045, 2046,
 * RFC 5322 2.1). Any octets are accepted: broken mail gives a tree too, and the same tree however it was cut into chunks.
 *
 * Linear and iterative on any input. Bodies are not kept: only header blocks (up to `maxMimeHeaderBytes` together), the open
 * parts and at most one unfinished line are. Past a limit (`maxMimeParts`, `maxMimeDepth`) a part is one opaque leaf, and a
 * header block ends where its limit does.
 *
 * A tap is told of header blocks and may take the octets of leaves as they pass, still encoded.
 */
import { maxBoundaryBytes } from '../../kernel/limits.js';
import { type BinaryString, toBinaryString } from './header-fields.js';
import type { MimePart } from './part.js';
import { noDelimiter, PartStack } from './part-stack.js';
import type { ScanTap } from './scan-tap.js';

const lf = 10;
const cr = 13;
const hyphen = 45;
const crlfOctets = Uint8Array.of(cr, lf);
/** Two hyphens, boundary, two hyphens, and as much padding (RFC 2046 5.1.1 transport-padding) as anybody sends. */
const maxDelimiterLine = maxBoundaryBytes + 500;
const empty = new Uint8Array(0);

export class MimeScanner {
  readonly #stack: PartStack;
  /** The header block so far: complete lines. */
  #block: BinaryString = '';
  /** Offset in the message of the first octet that was not looked at. */
  #at = 0;
  #lines = 0;
  /** Octets of the line end before #at that may belong to a delimiter and did not go to the sink: 0, 1 (LF), 2 (CRLF). */
  #held = 0;
  /** #at is inside a line that cannot be a delimiter. */
  #midLine = false;
  #carry: Uint8Array = empty;
  #carryLength = 0;

  constructor(tap?: ScanTap) {
    this.#stack = new PartStack(tap);
  }

  /** Octets pushed so far. */
  get size(): number {
    return this.#at + this.#carryLength;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    if (this.#carryLength > 0) {
      const at = chunk.indexOf(lf);
      if (at === -1) {
        this.#appendCarry(chunk, chunk.length);
        this.#recarry();
        return;
      }
      this.#appendCarry(chunk, at + 1);
      const line = this.#carry.subarray(0, this.#carryLength);
      this.#carryLength = 0;
      this.#lookAt(line, 0, line.length);
      from = at + 1;
    }
    if (from === chunk.length) return;
    if (!this.#stack.inHeader && this.#stack.active === 0) {
      this.#lookAt(chunk, from, chunk.length);
      return;
    }
    const lastLf = chunk.lastIndexOf(lf);
    const to = lastLf < from ? from : lastLf + 1;
    if (to > from) this.#lookAt(chunk, from, to);
    if (to < chunk.length) this.#tail(chunk, to);
  }

  end(): MimePart {
    if (this.#carryLength > 0) {
      const line = this.#carry.subarray(0, this.#carryLength);
      this.#carryLength = 0;
      this.#lookAt(line, 0, line.length);
    }
    if (this.#stack.inHeader) this.#finishHeader(this.#at, false);
    this.#flushHeld();
    return this.#stack.close(0, this.#at, this.#lines);
  }

  /** What follows the last line end of a chunk. */
  #tail(chunk: Uint8Array, from: number): void {
    const length = chunk.length - from;
    while (this.#stack.inHeader) {
      if (length <= this.#headerRoom()) {
        this.#appendCarry(from === 0 ? chunk : chunk.subarray(from), length);
        return;
      }
      // The limit is reached inside a line: the header ends before it.
      this.#finishHeader(this.#at, true);
    }
    if (this.#stack.active > 0 && !this.#midLine && length <= maxDelimiterLine && mayBeDelimiter(chunk, from)) {
      this.#appendCarry(from === 0 ? chunk : chunk.subarray(from), length);
      return;
    }
    // A CR at the end may belong to the line end before a delimiter.
    const keep = this.#stack.active > 0 && chunk[chunk.length - 1] === cr ? 1 : 0;
    this.#flushHeld();
    if (length > keep) {
      this.#stack.sink?.push(chunk.subarray(from, chunk.length - keep));
      this.#midLine = true;
    }
    this.#at += length - keep;
    if (keep === 1) {
      this.#midLine = true;
      this.#appendCarry(crlfOctets, 1);
    }
  }

  /** The carry grew and holds no line end yet. */
  #recarry(): void {
    const line = this.#carry.subarray(0, this.#carryLength);
    if (
      this.#stack.inHeader
        ? line.length <= this.#headerRoom()
        : !this.#midLine && line.length <= maxDelimiterLine && mayBeDelimiter(line, 0)
    )
      return;
    this.#carryLength = 0;
    this.#carry = empty;
    this.#tail(line, 0);
  }

  #appendCarry(octets: Uint8Array, length: number): void {
    const needed = this.#carryLength + length;
    if (needed > this.#carry.length) {
      const grown = new Uint8Array(Math.max(256, needed, this.#carry.length * 2));
      grown.set(this.#carry.subarray(0, this.#carryLength));
      this.#carry = grown;
    }
    this.#carry.set(length === octets.length ? octets : octets.subarray(0, length), this.#carryLength);
    this.#carryLength = needed;
  }

  #headerRoom(): number {
    return this.#stack.headerLimit - this.#block.length;
  }

  /** Complete lines, but for the last one of the message. */
  #lookAt(octets: Uint8Array, from: number, to: number): void {
    const base = this.#at - from;
    let pos = from;
    while (pos < to)
      pos = this.#stack.inHeader ? this.#headerLines(octets, pos, to, base) : this.#bodyLines(octets, pos, to, base);
    this.#at = base + to;
  }

  /** Looks at header lines; returns where something else begins. */
  #headerLines(octets: Uint8Array, from: number, to: number, base: number): number {
    let pos = from;
    const room = this.#headerRoom();
    while (pos < to) {
      const first = octets[pos]!;
      let end = pos;
      while (end < to && octets[end] !== lf) end++;
      const complete = end < to;
      if (complete) end++;
      if (first === lf || (first === cr && end === pos + 2 && complete)) {
        this.#block += toBinaryString(octets, from, pos);
        this.#lines++;
        this.#finishHeader(base + end, true);
        return end;
      }
      if (first === hyphen && this.#stack.active > 0 && octets[pos + 1] === hyphen) {
        const found = this.#stack.delimiter(octets, pos, end);
        if (found !== noDelimiter) {
          this.#block += toBinaryString(octets, from, pos);
          // A header that no empty line ends keeps its last line end; but that of an encapsulated message is body of the
          // part around it, and so the line end belongs to the delimiter.
          const lineEnd = this.#stack.encapsulated ? lineEndLength(this.#block) : 0;
          this.#finishHeader(base + pos - lineEnd, false);
          this.#stack.onDelimiter(found, base + pos - lineEnd, lineEnd > 0 ? this.#lines - 1 : this.#lines, base + end);
          this.#afterDelimiter(octets, end);
          return end;
        }
      }
      if (end - from > room) {
        this.#block += toBinaryString(octets, from, pos);
        this.#finishHeader(base + pos, true);
        return pos;
      }
      if (complete) this.#lines++;
      pos = end;
    }
    this.#block += toBinaryString(octets, from, to);
    return to;
  }

  #bodyLines(octets: Uint8Array, from: number, to: number, base: number): number {
    if (this.#stack.active === 0) {
      this.#flushHeld();
      this.#lines += countLines(octets, from, to);
      this.#stack.sink?.push(octets.subarray(from, to));
      this.#midLine = octets[to - 1] !== lf;
      return to;
    }
    let pos = from;
    let lines = this.#lines;
    if (this.#midLine) {
      this.#midLine = false;
      while (pos < to && octets[pos] !== lf) pos++;
      if (pos < to) {
        pos++;
        lines++;
      }
    }
    while (pos < to) {
      if (octets[pos] === hyphen && octets[pos + 1] === hyphen) {
        const next = octets.indexOf(lf, pos);
        const end = next === -1 || next >= to ? to : next + 1;
        const found = this.#stack.delimiter(octets, pos, end);
        if (found !== noDelimiter) {
          // RFC 2046 5.1.1: the line end before a delimiter belongs to it.
          let lineEnd = this.#held;
          if (pos > from) {
            this.#flushHeld();
            lineEnd = pos - from > 1 && octets[pos - 2] === cr ? 2 : 1;
            if (pos - lineEnd > from) this.#stack.sink?.push(octets.subarray(from, pos - lineEnd));
          }
          this.#held = 0;
          this.#lines = lines;
          this.#stack.onDelimiter(found, base + pos - lineEnd, lineEnd > 0 ? lines - 1 : lines, base + end);
          this.#afterDelimiter(octets, end);
          return end;
        }
      }
      while (pos < to && octets[pos] !== lf) pos++;
      if (pos < to) {
        pos++;
        lines++;
      }
    }
    this.#lines = lines;
    this.#flushHeld();
    if (octets[to - 1] === lf) this.#held = to - from > 1 && octets[to - 2] === cr ? 2 : 1;
    if (this.#stack.sink !== undefined && to - this.#held > from)
      this.#stack.sink.push(octets.subarray(from, to - this.#held));
    return to;
  }

  /** The line end of a close delimiter may be the one that belongs to the next delimiter of an outer part. */
  #afterDelimiter(octets: Uint8Array, end: number): void {
    if (octets[end - 1] !== lf) return;
    this.#lines++;
    if (!this.#stack.inHeader) this.#held = octets[end - 2] === cr ? 2 : 1;
  }

  #flushHeld(): void {
    if (this.#held === 0) return;
    this.#stack.sink?.push(this.#held === 2 ? crlfOctets : crlfOctets.subarray(1));
    this.#held = 0;
  }

  #finishHeader(bodyStart: number, body: boolean): void {
    const block = this.#block;
    this.#block = '';
    this.#held = 0;
    this.#midLine = false;
    this.#stack.finishHeader(block, bodyStart, this.#lines, body);
  }
}

/** Scans octets that are all in memory. */
export function scanMessage(octets: Uint8Array, tap?: ScanTap): MimePart {
  const scanner = new MimeScanner(tap);
  scanner.push(octets);
  return scanner.end();
}

function mayBeDelimiter(octets: Uint8Array, from: number): boolean {
  return octets[from] === hyphen && (octets.length === from + 1 || octets[from + 1] === hyphen);
}

function lineEndLength(block: BinaryString): number {
  return block.endsWith('\r\n') ? 2 : block.endsWith('\n') ? 1 : 0;
}

function countLines(octets: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let i = from; i < to; i++) if (octets[i] === lf) count++;
  return count;
}
