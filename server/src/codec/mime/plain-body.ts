/**
 * BODY from BODYSTRUCTURE (RFC 9051 7.5.2: the same without extension data), so that cards keep one of the two. Reads only
 * what `formatBodyStructure` writes; anything else is a fault of the store and throws MailError `internal`.
 */
import { MailError } from '../../kernel/errors.js';
import { type BinaryString, toBinaryString, toOctets } from './header-fields.js';

export function bodyOfStructure(structure: Uint8Array): Uint8Array {
  const text = toBinaryString(structure);
  const out: string[] = [];
  const end = copyBody(text, 0, out);
  if (end !== text.length) fail();
  return toOctets(out.join(''));
}

/** Copies the body that begins at `at` without its extension data; returns the index behind it. */
function copyBody(text: BinaryString, at: number, out: string[]): number {
  if (text[at] !== '(') fail();
  out.push('(');
  let i = at + 1;
  if (text[i] === '(') {
    while (text[i] === '(') i = copyBody(text, i, out);
    i = copyValues(text, i, 1, out); // subtype
  } else {
    const type = text.slice(i, skipValue(text, i));
    const subtypeAt = i + type.length + 1;
    const subtype = text.slice(subtypeAt, skipValue(text, subtypeAt));
    out.push(type);
    i = copyValues(text, i + type.length, 6, out); // subtype, parameters, id, description, encoding, octets
    if (type === '"TEXT"') i = copyValues(text, i, 1, out);
    else if (type === '"MESSAGE"' && (subtype === '"RFC822"' || subtype === '"GLOBAL"')) {
      i = copyValues(text, i, 1, out); // envelope
      out.push(' ');
      i = copyBody(text, i + 1, out);
      i = copyValues(text, i, 1, out); // lines
    }
  }
  out.push(')');
  while (text[i] === ' ') i = skipValue(text, i + 1);
  if (text[i] !== ')') fail();
  return i + 1;
}

function copyValues(text: BinaryString, at: number, count: number, out: string[]): number {
  let i = at;
  for (let n = 0; n < count; n++) {
    if (text[i] !== ' ') fail();
    i = skipValue(text, i + 1);
  }
  out.push(text.slice(at, i));
  return i;
}

/** Index behind one value: NIL, a number, a string, a literal or a list. */
function skipValue(text: BinaryString, at: number): number {
  let depth = 0;
  let i = at;
  for (;;) {
    switch (text[i]) {
      case undefined:
        return fail();
      case '(':
        depth++;
        i++;
        break;
      case ')':
        depth--;
        i++;
        break;
      case ' ':
        i++;
        continue;
      case '"':
        i++;
        while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
        i++;
        break;
      case '{': {
        const close = text.indexOf('}', i);
        const size = Number(text.slice(i + 1, close));
        if (close === -1 || !Number.isSafeInteger(size)) fail();
        i = close + 3 + size;
        break;
      }
      default:
        while (i < text.length && text[i] !== ' ' && text[i] !== '(' && text[i] !== ')') i++;
    }
    if (depth < 0) fail();
    if (depth === 0) return i;
  }
}

function fail(): never {
  throw new MailError('internal', 'A stored body structure is damaged');
}
