/**
 * HEADER.FIELDS and HEADER.FIELDS.NOT (RFC 9051 6.4.5.1) on octets: lists of messages ask for them by the hundred thousand, so
 * nothing becomes a string. What a field is, is said by `visitFields` of header-fields.ts; a test holds the two together.
 */
const lf = 0x0a;
const cr = 0x0d;
const space = 0x20;
const tab = 0x09;
const colon = 0x3a;

/** The chosen fields of a header block, in its order, and the empty line that ends a header. The result is a copy. */
export type FieldSelector = (block: Uint8Array) => Uint8Array;

/** `fields` in lower case. `not`: those that are not named. */
export function createFieldSelector(fields: Iterable<string>, not: boolean): FieldSelector {
  const byLength: Buffer[][] = [];
  for (const field of fields) {
    byLength[field.length] ??= [];
    byLength[field.length]!.push(Buffer.from(field, 'latin1'));
  }
  const isNamed = (block: Uint8Array, start: number, end: number): boolean => {
    const candidates = byLength[end - start];
    if (candidates === undefined) return false;
    for (const candidate of candidates) if (equalsWithoutCase(block, start, candidate)) return true;
    return false;
  };
  /** Start and end of what is chosen, neighbours joined. */
  const spans: number[] = [];
  return (block) => {
    spans.length = 0;
    let size = 0;
    const length = block.length;
    for (let start = 0; start < length; ) {
      const first = block[start]!;
      if (first === lf || (first === cr && block[start + 1] === lf)) break;
      const colonAt = fieldColon(block, start);
      let end = lineEnd(block, start);
      while (end < length && isBlank(block[end]!)) end = lineEnd(block, end);
      if (colonAt > start) {
        let nameEnd = colonAt;
        while (isBlank(block[nameEnd - 1]!)) nameEnd--;
        if (isNamed(block, start, nameEnd) !== not) {
          if (spans.length > 0 && spans[spans.length - 1] === start) spans[spans.length - 1] = end;
          else spans.push(start, end);
          size += end - start;
        }
      }
      start = end;
    }
    // A field at the very end of a message may lack its line end.
    const unended = size > 0 && block[spans[spans.length - 1]! - 1] !== lf;
    const result = Buffer.allocUnsafe(size + (unended ? 4 : 2));
    let at = 0;
    for (let i = 0; i < spans.length; i += 2) {
      result.set(block.subarray(spans[i]!, spans[i + 1]!), at);
      at += spans[i + 1]! - spans[i]!;
    }
    while (at < result.length) {
      result[at++] = cr;
      result[at++] = lf;
    }
    return result;
  };
}

/** The colon that ends a field name in the line that begins at `start`, or -1 (RFC 5322 3.6.8; blanks before it are taken). */
function fieldColon(block: Uint8Array, start: number): number {
  let blank = false;
  for (let i = start; i < block.length; i++) {
    const octet = block[i]!;
    if (octet === colon) return i === start ? -1 : i;
    if (isBlank(octet)) {
      if (i === start) return -1;
      blank = true;
    } else if (blank || octet < space || octet > 126) return -1;
  }
  return -1;
}

function lineEnd(block: Uint8Array, from: number): number {
  const at = block.indexOf(lf, from);
  return at === -1 ? block.length : at + 1;
}

const isBlank = (octet: number): boolean => octet === space || octet === tab;

function equalsWithoutCase(block: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    const octet = block[start + i]!;
    if ((octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet) !== name[i]) return false;
  }
  return true;
}
