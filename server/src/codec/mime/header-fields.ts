/**
 * Header blocks as *binary strings*: one character an octet (latin1). A header block is turned into one string once and
 * then cut by offsets, which V8 does without copying; offsets into the string are offsets into the octets.
 *
 * RFC 5322 2.2 with the obsolete syntax of 4.5 (white space before the colon). A line that is no field (an mbox `From `
 * line, text before the body) is skipped, never an error. Linear, iterative.
 */

/** One character an octet. */
export type BinaryString = string;

const tab = 9;
const lf = 10;
const cr = 13;
const space = 32;
const colon = 58;

export function toBinaryString(octets: Uint8Array, start = 0, end = octets.length): BinaryString {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1', start, end);
}

export function toOctets(text: BinaryString): Uint8Array {
  return Buffer.from(text, 'latin1');
}

/** `name` in lower case; the field is `block[start, end)` with its CRLF, its value begins at `valueStart` (after the colon). */
export type FieldVisitor = (name: string, start: number, valueStart: number, end: number) => void;

/** Calls `visit` for every field of a header block, in order, up to the empty line or the end. */
export function visitFields(block: BinaryString, visit: FieldVisitor): void {
  const length = block.length;
  let start = 0;
  while (start < length) {
    const first = block.charCodeAt(start);
    if (first === lf || (first === cr && block.charCodeAt(start + 1) === lf)) return;
    let end = lineEnd(block, start);
    const firstLineEnd = end;
    while (end < length && isBlank(block.charCodeAt(end))) end = lineEnd(block, end);
    const colonAt = fieldColon(block, start, firstLineEnd);
    if (colonAt > start) {
      let nameEnd = colonAt;
      while (isBlank(block.charCodeAt(nameEnd - 1))) nameEnd--;
      visit(block.slice(start, nameEnd).toLowerCase(), start, colonAt + 1, end);
    }
    start = end;
  }
}

/** Index of the colon that ends a field name, or -1: names are printable ASCII (RFC 5322 3.6.8), blanks may follow. */
function fieldColon(block: BinaryString, start: number, end: number): number {
  let blank = false;
  for (let i = start; i < end; i++) {
    const c = block.charCodeAt(i);
    if (c === colon) return i === start ? -1 : i;
    if (isBlank(c)) {
      if (i === start) return -1;
      blank = true;
    } else if (blank || c < space || c > 126) return -1;
  }
  return -1;
}

function lineEnd(block: BinaryString, from: number): number {
  const at = block.indexOf('\n', from);
  return at === -1 ? block.length : at + 1;
}

function isBlank(c: number): boolean {
  return c === space || c === tab;
}

/** The value of a field: trimmed, unfolded (RFC 5322 2.2.3: only the line ends go, the white space stays). */
export function fieldValue(block: BinaryString, valueStart: number, end: number): BinaryString {
  let from = valueStart;
  let to = end;
  while (from < to && isWhite(block.charCodeAt(from))) from++;
  while (to > from && isWhite(block.charCodeAt(to - 1))) to--;
  const value = block.slice(from, to);
  return value.indexOf('\n') === -1 ? value : unfold(value);
}

export function isWhite(c: number): boolean {
  return c === space || c === tab || c === cr || c === lf;
}

function unfold(value: BinaryString): BinaryString {
  let out = '';
  let from = 0;
  for (let at = value.indexOf('\n'); at !== -1; at = value.indexOf('\n', from)) {
    out += value.slice(from, at > from && value.charCodeAt(at - 1) === cr ? at - 1 : at);
    from = at + 1;
  }
  return out + value.slice(from);
}
