/**
 * HEADER, FROM, SUBJECT ... of SEARCH (RFC 9051 6.4.4): whether a field of that name holds the needle, decoded and folded by
 * the rules of `fold.ts`. Works on the octets of a header block (the listed fields of a card, or a whole header); a value that is plain ASCII
 * is compared without making a string of it.
 */
import { decodeEncodedWords } from './encoded-words.js';
import { foldText } from './fold.js';
import { fieldValue, toBinaryString } from './header-fields.js';

/** True if a field `name` is there and its text contains the needle; an empty needle asks whether the field is there. */
export type FieldMatcher = (block: Uint8Array) => boolean;

const lf = 10;
const scratchBytes = 4_096;

export function createFieldMatcher(name: string, needle: string): FieldMatcher {
  const wanted = Buffer.from(name.toLowerCase(), 'latin1');
  const folded = Buffer.from(foldText(needle));
  const scratch = Buffer.alloc(scratchBytes);

  const valueMatches = (block: Uint8Array, from: number, to: number): boolean => {
    if (folded.length === 0) return true;
    const length = to - from <= scratchBytes ? foldAscii(block, from, to, scratch) : -1;
    if (length >= 0) return scratch.subarray(0, length).indexOf(folded) !== -1;
    const value = toBinaryString(block, from, to);
    return Buffer.from(foldText(decodeEncodedWords(fieldValue(value, 0, value.length)))).indexOf(folded) !== -1;
  };
  return (block) => {
    let i = 0;
    while (i < block.length) {
      const valueAt = fieldAt(block, i, wanted);
      let end = lineEnd(block, i);
      if (valueAt === -1) {
        // The empty line ends the header.
        if (block[i] === lf || (block[i] === 13 && block[i + 1] === lf)) return false;
        i = end;
        continue;
      }
      while (end < block.length && (block[end] === 32 || block[end] === 9)) end = lineEnd(block, end);
      if (valueMatches(block, valueAt, end)) return true;
      i = end;
    }
    return false;
  };
}

/** Index behind the colon if a field of that name begins at `at`, else -1. */
function fieldAt(block: Uint8Array, at: number, name: Uint8Array): number {
  for (let k = 0; k < name.length; k++) {
    const octet = block[at + k];
    if (octet === undefined) return -1;
    if ((octet >= 65 && octet <= 90 ? octet + 32 : octet) !== name[k]) return -1;
  }
  let i = at + name.length;
  while (block[i] === 32 || block[i] === 9) i++;
  return block[i] === 58 ? i + 1 : -1;
}

function lineEnd(block: Uint8Array, from: number): number {
  const at = block.indexOf(lf, from);
  return at === -1 ? block.length : at + 1;
}

/** Folds an ASCII value without encoded words as `foldText` would; returns its length, -1 if it is not that plain. */
function foldAscii(block: Uint8Array, from: number, to: number, out: Uint8Array): number {
  let length = 0;
  let afterSpace = true;
  for (let i = from; i < to; i++) {
    const c = block[i]!;
    if (c > 127 || c === 0 || (c === 61 && block[i + 1] === 63)) return -1;
    if (c === 32 || (c >= 9 && c <= 13)) {
      if (!afterSpace) out[length++] = 32;
      afterSpace = true;
    } else {
      out[length++] = c >= 65 && c <= 90 ? c + 32 : c;
      afterSpace = false;
    }
  }
  if (afterSpace && length > 0) length--; // the value is trimmed
  return length;
}
