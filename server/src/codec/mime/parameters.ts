/**
 * Structured values with parameters: Content-Type and Content-Disposition (RFC 2045 5.1, RFC 2183), with the continuations
 * and charsets of RFC 2231. What mail really carries is accepted: values with tspecials and blanks left unquoted, missing
 * semicolons at the end, comments. Never fails: what cannot be understood is left out. Linear; at most
 * `maxMimeParameters` parameters are kept.
 */
import { maxMimeParameters } from '../../kernel/limits.js';
import { type BinaryString, isWhite } from './header-fields.js';

export interface Parameter {
  /** Lower case; `filename*` when the value is in the extended form of RFC 2231 (charset'language'%xx). */
  readonly name: string;
  /** Octets as they stand, without quotes and backslashes. */
  readonly value: BinaryString;
}

export interface StructuredValue {
  /** What stands before the first semicolon, without comments: `text/plain`, `attachment`. */
  readonly head: BinaryString;
  readonly parameters: readonly Parameter[];
}

const noParameters: readonly Parameter[] = [];

/** `value` is unfolded. */
export function parseStructuredValue(value: BinaryString): StructuredValue {
  const semicolon = value.indexOf(';');
  const paren = value.indexOf('(');
  if (paren === -1 || (semicolon !== -1 && semicolon < paren)) {
    if (semicolon === -1) return { head: value.trim(), parameters: noParameters };
    return { head: value.slice(0, semicolon).trim(), parameters: parseParameters(value, semicolon) };
  }
  // A comment before the first semicolon (RFC 2045 5.1: comments are allowed and mean nothing).
  const head: string[] = [];
  let i = 0;
  let from = 0;
  while (i < value.length && value.charCodeAt(i) !== 59) {
    if (value.charCodeAt(i) === 40) {
      head.push(value.slice(from, i));
      i = skipComment(value, i);
      from = i;
    } else i++;
  }
  head.push(value.slice(from, i));
  return { head: head.join('').trim(), parameters: parseParameters(value, i) };
}

/** Index behind the comment that opens at `at`; the end of the value if it never closes. */
export function skipComment(value: BinaryString, at: number): number {
  let depth = 0;
  for (let i = at; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c === 92) i++;
    else if (c === 40) depth++;
    else if (c === 41 && --depth === 0) return i + 1;
  }
  return value.length;
}

function parseParameters(value: BinaryString, from: number): readonly Parameter[] {
  const list: Parameter[] = [];
  let extended = false;
  let i = from;
  const length = value.length;
  while (i < length && list.length < maxMimeParameters) {
    // Blanks, semicolons and comments between parameters.
    let c = value.charCodeAt(i);
    if (c === 59 || isWhite(c)) {
      i++;
      continue;
    }
    if (c === 40) {
      i = skipComment(value, i);
      continue;
    }
    const nameFrom = i;
    while (i < length) {
      c = value.charCodeAt(i);
      if (c === 61 || c === 59) break;
      i++;
    }
    const name = value.slice(nameFrom, i).trim().toLowerCase();
    if (c !== 61 || i >= length) continue; // a word without a value
    i++;
    while (i < length && isWhite(value.charCodeAt(i))) i++;
    let text: string;
    if (value.charCodeAt(i) === 34) {
      const close = closingQuote(value, i);
      text = unquote(value.slice(i + 1, close));
      i = close + 1;
      // Rubbish between the closing quote and the next semicolon is skipped.
      while (i < length && value.charCodeAt(i) !== 59) i++;
    } else {
      const end = value.indexOf(';', i);
      const to = end === -1 ? length : end;
      text = withoutTrailingComment(value.slice(i, to).trim());
      i = to;
    }
    if (name === '') continue;
    if (name.indexOf('*') !== -1) extended = true;
    list.push({ name, value: text });
  }
  return extended ? joinContinuations(list) : list;
}

/** Index of the quote that closes the one at `at`, or the end of the value. */
export function closingQuote(value: BinaryString, at: number): number {
  for (let i = at + 1; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c === 92) i++;
    else if (c === 34) return i;
  }
  return value.length;
}

/** Removes the backslashes of quoted pairs (RFC 5322 3.2.1). */
export function unquote(text: BinaryString): BinaryString {
  let at = text.indexOf('\\');
  if (at === -1) return text;
  let out = '';
  let from = 0;
  while (at !== -1) {
    out += text.slice(from, at);
    from = at + 1;
    at = text.indexOf('\\', from + 1);
  }
  return out + text.slice(from);
}

function withoutTrailingComment(text: BinaryString): BinaryString {
  if (text.charCodeAt(text.length - 1) !== 41) return text;
  const open = text.indexOf('(');
  if (open < 1 || !isWhite(text.charCodeAt(open - 1)) || skipComment(text, open) !== text.length) return text;
  return text.slice(0, open).trimEnd();
}

/**
 * RFC 2231 3 and 4.1: `name*0`, `name*1*` ... become one parameter, called `name*` if any segment is in extended form
 * (plain segments are then percent-encoded, so that the whole value is). A missing number ends the list, as does nothing
 * else; order in the field does not matter.
 */
function joinContinuations(list: readonly Parameter[]): readonly Parameter[] {
  const segments = new Map<string, Map<number, { readonly value: string; readonly encoded: boolean }>>();
  const out: Parameter[] = [];
  for (const parameter of list) {
    const split = splitName(parameter.name);
    if (split === undefined) {
      out.push(parameter);
      continue;
    }
    let known = segments.get(split.base);
    if (known === undefined) {
      known = new Map();
      segments.set(split.base, known);
      out.push({ name: split.base, value: '' }); // holds the place of the first segment
    }
    if (!known.has(split.number)) known.set(split.number, { value: parameter.value, encoded: split.encoded });
  }
  if (segments.size === 0) return list;
  const joined = new Set<string>();
  return out.map((parameter) => {
    const parts = segments.get(parameter.name);
    if (parts === undefined || parameter.value !== '' || joined.has(parameter.name)) return parameter;
    joined.add(parameter.name);
    const first = parts.get(0);
    let encoded = false;
    for (let n = 0; parts.has(n); n++) encoded ||= parts.get(n)!.encoded;
    let value = encoded && first?.encoded !== true ? "''" : '';
    for (let n = 0; parts.has(n); n++) {
      const segment = parts.get(n)!;
      value += encoded && !segment.encoded ? percentEncode(segment.value) : segment.value;
    }
    return { name: encoded ? `${parameter.name}*` : parameter.name, value };
  });
}

function splitName(
  name: string,
): { readonly base: string; readonly number: number; readonly encoded: boolean } | undefined {
  const star = name.indexOf('*');
  if (star < 1) return undefined;
  let i = star + 1;
  let number = 0;
  while (i < name.length && i < star + 5) {
    const digit = name.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
    i++;
  }
  if (i === star + 1) return undefined;
  const rest = name.length - i;
  if (rest === 0) return { base: name.slice(0, star), number, encoded: false };
  if (rest === 1 && name.charCodeAt(i) === 42) return { base: name.slice(0, star), number, encoded: true };
  return undefined;
}

const hex = '0123456789ABCDEF';

function percentEncode(text: BinaryString): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    const plain =
      (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 45 || c === 46 || c === 95;
    out += plain ? text[i] : `%${hex[c >> 4]}${hex[c & 15]}`;
  }
  return out;
}

/** The value of a plain (not extended) parameter, or undefined. */
export function plainParameter(list: readonly Parameter[], name: string): BinaryString | undefined {
  for (const parameter of list) if (parameter.name === name) return parameter.value;
  return undefined;
}
