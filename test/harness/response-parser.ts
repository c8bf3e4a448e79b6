/**
 * A parser of IMAP server responses for the tests, written independently of the server's codec so that a fault of one is not
 * hidden by the same fault of the other. It is strict: whatever RFC 9051 section 9 (or 3501 section 9) does not allow throws.
 */

/** Atoms are strings, quoted strings and literals are Buffers, NIL is null, lists are arrays. */
export type Value = string | Buffer | null | Value[];

export interface Untagged {
  /** `EXISTS`, `FETCH`, `LIST`, `OK` ... in upper case. */
  readonly name: string;
  /** For `* 3 EXISTS` and the like. */
  readonly number: number | undefined;
  /** What follows the name; for status responses empty. */
  readonly values: readonly Value[];
  /** `[CODE args]` of a status response, without brackets. */
  readonly code: string | undefined;
  /** Human text of a status response. */
  readonly text: string;
}

export interface Tagged {
  readonly tag: string;
  readonly status: 'OK' | 'NO' | 'BAD';
  readonly code: string | undefined;
  readonly text: string;
}

export type Response =
  | ({ readonly kind: 'untagged' } & Untagged)
  | ({ readonly kind: 'tagged' } & Tagged)
  | { readonly kind: 'continue'; readonly text: string };

/**
 * Length in octets of the first whole response in `input` (its CRLF counted). Negative when it is not all there: minus the
 * octets that there must be at least, so that a literal of 50 MB is not looked through again with every chunk.
 */
export function responseLength(input: Buffer): number {
  let from = 0;
  for (;;) {
    const end = input.indexOf('\r\n', from, 'latin1');
    if (end < 0) return -(input.length + 1);
    const literal = literalAtEnd(input.subarray(from, end));
    if (literal === undefined) return end + 2;
    from = end + 2 + literal;
    if (from > input.length) return -from;
  }
}

function literalAtEnd(line: Buffer): number | undefined {
  if (line[line.length - 1] !== 0x7d) return undefined;
  const open = line.lastIndexOf(0x7b);
  if (open < 0) return undefined;
  const digits = line.toString('latin1', open + 1, line.length - 1);
  return /^\d+$/.test(digits) ? Number(digits) : undefined;
}

const statuses = new Set(['OK', 'NO', 'BAD', 'BYE', 'PREAUTH']);

export function parseResponse(response: Buffer): Response {
  const cursor = new Cursor(response);
  if (cursor.peek() === 0x2b) return { kind: 'continue', text: response.toString('latin1', 2, response.length - 2) };
  const tag = cursor.tag();
  cursor.space();
  const word = cursor.atom();
  if (tag !== '*') {
    if (word !== 'OK' && word !== 'NO' && word !== 'BAD') throw new Error(`no status: ${response.toString('latin1')}`);
    return { kind: 'tagged', tag, status: word, ...cursor.statusText() };
  }
  if (statuses.has(word)) {
    return { kind: 'untagged', name: word, number: undefined, values: [], ...cursor.statusText() };
  }
  if (/^\d+$/.test(word)) {
    cursor.space();
    const name = cursor.atom();
    return { kind: 'untagged', name, number: Number(word), values: cursor.rest(), code: undefined, text: '' };
  }
  return { kind: 'untagged', name: word, number: undefined, values: cursor.rest(), code: undefined, text: '' };
}

/** The items whose name a section follows (RFC 9051 section 9, msg-att-static). */
const sectioned = new Set(['BODY', 'BINARY', 'BINARY.SIZE']);

class Cursor {
  #at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  #fail(why: string): never {
    const near = this.#bytes.toString('latin1', Math.max(0, this.#at - 40), this.#at + 40);
    throw new Error(`malformed response: ${why} at octet ${this.#at}, near ${JSON.stringify(near)}`);
  }

  /** `*`, or what the client gave: a tag may hold brackets (RFC 9051 section 9, ASTRING-CHAR). */
  tag(): string {
    const end = this.#bytes.indexOf(0x20, this.#at);
    if (end <= this.#at) this.#fail('no tag');
    const tag = this.#bytes.toString('latin1', this.#at, end);
    this.#at = end;
    return tag;
  }

  space(): void {
    if (this.peek() !== 0x20) this.#fail('no space');
    this.#at++;
  }

  /** RFC 9051 resp-text: `[CODE args] text`. The text may not be empty. */
  statusText(): { code: string | undefined; text: string } {
    this.space();
    let code: string | undefined;
    if (this.peek() === 0x5b) {
      const end = this.#bytes.indexOf('] ', this.#at, 'latin1');
      if (end < 0) this.#fail('no text after the response code');
      code = this.#bytes.toString('latin1', this.#at + 1, end);
      this.#at = end + 2;
    }
    const text = this.#bytes.toString('utf8', this.#at, this.#bytes.length - 2);
    if (text === '') this.#fail('empty text');
    return { code, text };
  }

  rest(): Value[] {
    const values: Value[] = [];
    while (this.peek() !== 0x0d) {
      this.space();
      values.push(this.value());
    }
    if (this.#at !== this.#bytes.length - 2) this.#fail('something after the end');
    return values;
  }

  /**
   * An atom as servers send it: flags with backslash, BODY[...] with what its brackets hold, `<origin>`. Elsewhere an open
   * bracket is an ordinary character: RFC 9051 section 9 leaves only the closing one out of atoms, so a keyword may hold it.
   */
  atom(): string {
    const start = this.#at;
    for (;;) {
      const c = this.peek();
      if (c === undefined) this.#fail('end inside an atom');
      if (c === 0x5b && sectioned.has(this.#bytes.toString('latin1', start, this.#at).toUpperCase())) {
        this.#brackets();
        continue;
      }
      if (c === 0x20 || c === 0x28 || c === 0x29 || c === 0x22 || c === 0x7b || c === 0x0d || c === 0x0a) break;
      if (c < 0x20 || c === 0x7f) this.#fail('control character in an atom');
      this.#at++;
    }
    if (this.#at === start) this.#fail('empty atom');
    const text = this.#bytes.toString('utf8', start, this.#at);
    return text;
  }

  /** A section: field names in it may be quoted, or literals, and hold a bracket themselves. */
  #brackets(): void {
    for (;;) {
      const c = this.peek();
      if (c === undefined) this.#fail('no closing bracket');
      if (c === 0x22) this.#quoted();
      else if (c === 0x7b) this.#literal();
      else {
        this.#at++;
        if (c === 0x5d) return;
      }
    }
  }

  value(): Value {
    const c = this.peek();
    if (c === 0x28) return this.#list();
    if (c === 0x22) return this.#quoted();
    if (c === 0x7b || (c === 0x7e && this.#bytes[this.#at + 1] === 0x7b)) return this.#literal();
    const atom = this.atom();
    return atom === 'NIL' ? null : atom;
  }

  #list(): Value[] {
    this.#at++;
    const values: Value[] = [];
    for (;;) {
      if (this.peek() === 0x29) {
        this.#at++;
        return values;
      }
      // BODYSTRUCTURE and address lists put lists side by side without a space (RFC 9051 section 9, body-type-mpart)
      if (values.length > 0 && !(this.peek() === 0x28 && Array.isArray(values[values.length - 1]))) this.space();
      values.push(this.value());
    }
  }

  #quoted(): Buffer {
    const out: number[] = [];
    this.#at++;
    for (;;) {
      const c = this.peek();
      if (c === undefined || c === 0x0d || c === 0x0a || c === 0) this.#fail('bad octet in a quoted string');
      this.#at++;
      if (c === 0x22) return Buffer.from(out);
      if (c === 0x5c) {
        const escaped = this.peek();
        if (escaped !== 0x5c && escaped !== 0x22) this.#fail('bad escape');
        out.push(escaped);
        this.#at++;
      } else out.push(c);
    }
  }

  #literal(): Buffer {
    const end = this.#bytes.indexOf('}\r\n', this.#at, 'latin1');
    const open = this.#bytes.indexOf(0x7b, this.#at);
    const digits = this.#bytes.toString('latin1', open + 1, end);
    if (end < 0 || !/^\d+$/.test(digits)) this.#fail('bad literal');
    const start = end + 3;
    const stop = start + Number(digits);
    if (stop > this.#bytes.length) this.#fail('literal is cut');
    this.#at = stop;
    return this.#bytes.subarray(start, stop);
  }
}
