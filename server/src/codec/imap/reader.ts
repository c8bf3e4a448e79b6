/**
 * Reads a command's text by the steps of the grammar: `atom`, `astring`, `number` ... A step that is named without `expect`
 * says whether it matched (undefined, or false, and nothing was consumed); its `expect` twin throws ImapSyntaxError that
 * says what was wanted and where. Linear: no step looks at an octet more than a fixed number of times.
 */
import { maxNesting } from '../../kernel/limits.js';
import type { CommandText } from './framing.js';
import { literalAtEnd } from './literal.js';
import { astringChar, atomChar, digit, listChar, octetClass, tagChar } from './octet-class.js';
import { ImapSyntaxError } from './syntax-error.js';

const space = 0x20;
const quote = 0x22;
const backslash = 0x5c;
const zero = 0x30;

export class CommandReader {
  readonly #text: CommandText;
  #line: Buffer;
  #index = 0;
  #position = 0;
  #depth = 0;

  constructor(text: CommandText) {
    this.#text = text;
    this.#line = text.lines[0]!;
  }

  /** Position in the current line. */
  get position(): number {
    return this.#position;
  }

  get line(): Buffer {
    return this.#line;
  }

  /** The next octet, -1 at the end of a line. */
  peek(): number {
    return this.#position < this.#line.length ? this.#line[this.#position]! : -1;
  }

  fail(expected: string): never {
    const where =
      this.#index === 0 ? `octet ${this.#position + 1}` : `octet ${this.#position + 1} after literal ${this.#index}`;
    throw new ImapSyntaxError(`Expected ${expected} at ${where}`);
  }

  /** One given octet. */
  octet(code: number): boolean {
    if (this.peek() !== code) return false;
    this.#position++;
    return true;
  }

  expectOctet(code: number): void {
    if (!this.octet(code)) this.fail(`'${String.fromCharCode(code)}'`);
  }

  space(): boolean {
    return this.octet(space);
  }

  expectSpace(): void {
    if (!this.octet(space)) this.fail('a space');
  }

  /** What is left of the line. */
  rest(): Buffer {
    const rest = this.#line.subarray(this.#position);
    this.#position = this.#line.length;
    return rest;
  }

  /** Blanks before the line's end are let pass: they mean nothing, and some clients send one. */
  expectEnd(): void {
    while (this.octet(space));
    if (this.peek() !== -1) this.fail('the end of the command');
  }

  #run(mask: number): string | undefined {
    const line = this.#line;
    const start = this.#position;
    let end = start;
    while (end < line.length && (octetClass[line[end]!]! & mask) !== 0) end++;
    if (end === start) return undefined;
    this.#position = end;
    return line.toString('latin1', start, end);
  }

  tag(): string | undefined {
    return this.#run(tagChar);
  }

  atom(): string | undefined {
    return this.#run(atomChar);
  }

  expectAtom(what: string): string {
    return this.#run(atomChar) ?? this.fail(what);
  }

  /** An atom in capitals: command and item names are compared without case. */
  keyword(): string | undefined {
    return this.#run(atomChar)?.toUpperCase();
  }

  expectKeyword(what: string): string {
    return this.keyword() ?? this.fail(what);
  }

  /** As `keyword`, ending before `stop` too. */
  keywordBefore(stop: number): string | undefined {
    const line = this.#line;
    const start = this.#position;
    let end = start;
    while (end < line.length && line[end] !== stop && (octetClass[line[end]!]! & atomChar) !== 0) end++;
    if (end === start) return undefined;
    this.#position = end;
    return line.toString('latin1', start, end).toUpperCase();
  }

  /** The next atom in capitals, not consumed. */
  peekKeyword(): string | undefined {
    const before = this.#position;
    const word = this.keyword();
    this.#position = before;
    return word;
  }

  /** Digits as they stand. */
  digits(): string | undefined {
    return this.#run(digit);
  }

  /** number: at most 32 bits. */
  number(): number | undefined {
    return this.#number(0xffff_ffff);
  }

  expectNumber(what: string): number {
    return this.number() ?? this.fail(what);
  }

  /** nz-number: its first digit is not 0. */
  expectPositive(what: string): number {
    if (this.peek() === zero) this.fail(what);
    return this.number() ?? this.fail(what);
  }

  /** nz-number64. */
  expectPositive64(what: string): number {
    if (this.peek() === zero) this.fail(what);
    return this.expectNumber64(what);
  }

  /** number64: at most 63 bits. Values over 2^53 are rounded, which changes no comparison with what can be stored here. */
  expectNumber64(what: string): number {
    return this.#number(2 ** 63) ?? this.fail(what);
  }

  #number(max: number): number | undefined {
    const line = this.#line;
    const start = this.#position;
    let end = start;
    let value = 0;
    while (end < line.length && (octetClass[line[end]!]! & digit) !== 0) {
      value = value * 10 + (line[end]! - 0x30);
      if (value > max) return this.fail('a smaller number');
      end++;
    }
    if (end === start) return undefined;
    this.#position = end;
    return value;
  }

  /** quoted: octets between the quotes, escapes resolved. */
  quoted(): Buffer | undefined {
    if (this.peek() !== quote) return undefined;
    const line = this.#line;
    const start = this.#position + 1;
    let escapes = 0;
    let end = start;
    for (;;) {
      if (end >= line.length) return this.fail('a closing quote');
      const octet = line[end]!;
      if (octet === quote) break;
      if (octet === backslash) {
        // RFC 9051 9: only the quoted-specials may be escaped.
        const escaped = line[end + 1];
        if (escaped !== quote && escaped !== backslash) {
          this.#position = end;
          return this.fail(`'\\' only before '"' or '\\'`);
        }
        escapes++;
        end += 2;
        continue;
      }
      if (octet === 0 || octet === 0x0d || octet === 0x0a) {
        this.#position = end;
        return this.fail('a string without NUL, CR and LF');
      }
      end++;
    }
    this.#position = end + 1;
    if (escapes === 0) return line.subarray(start, end);
    const result = Buffer.allocUnsafe(end - start - escapes);
    for (let from = start, to = 0; from < end; from++) {
      if (line[from] === backslash) from++;
      result[to++] = line[from]!;
    }
    return result;
  }

  /** True if the literal announced by this line's end begins here. */
  get atLiteral(): boolean {
    const next = this.peek();
    if (next !== 0x7b && next !== 0x7e) return false;
    return literalAtEnd(this.#line)?.start === this.#position;
  }

  literal(): Buffer | undefined {
    const next = this.peek();
    if (next !== 0x7b && next !== 0x7e) return undefined;
    const head = literalAtEnd(this.#line);
    if (head === undefined || head.start !== this.#position) return undefined;
    // RFC 3516 4.3: literal8 has its own places in the grammar (APPEND); nothing read here is one.
    if (head.binary) return this.fail('an ordinary literal, not a literal8');
    const literal = this.#text.literals[this.#index];
    const following = this.#text.lines[this.#index + 1];
    if (literal === undefined || following === undefined) return this.fail('a literal');
    // RFC 9051 9: CHAR8 has no NUL.
    if (literal.includes(0)) return this.fail('a literal without NUL');
    this.#index++;
    this.#line = following;
    this.#position = 0;
    return literal;
  }

  /** string: quoted or literal. */
  string(): Buffer | undefined {
    return this.quoted() ?? this.literal();
  }

  expectString(what: string): Buffer {
    return this.string() ?? this.fail(what);
  }

  expectAstring(what: string): Buffer {
    return this.#word(astringChar) ?? this.string() ?? this.fail(what);
  }

  /** list-mailbox. */
  expectListMailbox(what: string): Buffer {
    return this.#word(listChar) ?? this.string() ?? this.fail(what);
  }

  #word(mask: number): Buffer | undefined {
    const start = this.#position;
    return this.#run(mask) === undefined ? undefined : this.#line.subarray(start, this.#position);
  }

  /** astring that has to be UTF-8. */
  expectText(what: string): string {
    return decodeUtf8(this.expectAstring(what)) ?? this.fail(`${what} in UTF-8`);
  }

  /** nstring; null for NIL. */
  expectNstring(what: string): Buffer | null {
    const string = this.string();
    if (string !== undefined) return string;
    const before = this.#position;
    if (this.keyword() === 'NIL') return null;
    this.#position = before;
    return this.fail(what);
  }

  /** `(` item *(SP item) `)`. With `empty`, `()` is allowed. Nesting is bounded. */
  expectList(item: () => void, what: string, options: { readonly empty?: boolean } = {}): void {
    if (!this.octet(0x28)) this.fail(`'(' and ${what}`);
    this.enter();
    if (!(options.empty === true && this.peek() === 0x29)) {
      item();
      while (this.space()) item();
    }
    this.leave();
    this.expectOctet(0x29);
  }

  enter(): void {
    if (++this.#depth > maxNesting)
      throw new ImapSyntaxError(`More than ${maxNesting} levels of nesting`, { code: 'LIMIT' });
  }

  leave(): void {
    this.#depth--;
  }
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** undefined if the octets are not UTF-8. */
export function decodeUtf8(octets: Buffer): string | undefined {
  if (isAscii(octets)) return octets.toString('latin1');
  try {
    return strictUtf8.decode(octets);
  } catch {
    return undefined;
  }
}

export function isAscii(octets: Uint8Array): boolean {
  for (let i = 0; i < octets.length; i++) if (octets[i]! > 0x7f) return false;
  return true;
}
