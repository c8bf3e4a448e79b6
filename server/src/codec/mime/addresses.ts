/**
 * Address lists (RFC 5322 3.4 with the obsolete syntax of 4.4): mailboxes, groups, comments, routes, quoted local parts,
 * domain literals, 8-bit octets anywhere. Never fails: a list that makes no sense gives the addresses that can be told.
 * Linear: every octet is looked at once, by one loop.
 */
import { type BinaryString, isWhite } from './header-fields.js';
import { closingQuote, skipComment, unquote } from './parameters.js';

export type AddressItem =
  | {
      readonly kind: 'mailbox';
      /** Display name, else the last comment; encoded words as they stand. */
      readonly name: BinaryString | undefined;
      /** Source route (RFC 5322 4.4 obs-route), without its colon. */
      readonly route: BinaryString | undefined;
      /** Local part without quoting; '' if there is none. */
      readonly local: BinaryString;
      /** '' if there is none. */
      readonly domain: BinaryString;
    }
  | { readonly kind: 'groupStart'; readonly name: BinaryString }
  | { readonly kind: 'groupEnd' };

const quote = 34;
const open = 40;
const comma = 44;
const colon = 58;
const semicolon = 59;
const less = 60;
const greater = 62;
const at = 64;
const bracket = 91;

/** Parses an unfolded value; adds to `items` up to `limit` and returns it. */
export function parseAddresses(value: BinaryString, limit: number, items: AddressItem[] = []): AddressItem[] {
  const length = value.length;
  let i = 0;
  let inGroup = false;
  let words: string[] = [];
  /** The next atom belongs to the last word: nothing stood between them. */
  let glued = false;
  let comment: string | undefined;
  let route: string | undefined;
  let local: string | undefined;
  let domain = '';

  const flush = (): void => {
    glued = false;
    if (local === undefined && words.length === 0) {
      comment = undefined;
      return;
    }
    let name = words.join(' ') || undefined;
    if (local === undefined) {
      // No address at all: one word is taken for a local part, more for a name.
      local = words.length === 1 ? words[0]! : '';
      if (words.length === 1) name = undefined;
    }
    if (items.length < limit) items.push({ kind: 'mailbox', name: name ?? comment, route, local, domain });
    words = [];
    comment = undefined;
    route = undefined;
    local = undefined;
    domain = '';
  };
  const addWord = (word: string): void => {
    if (glued && words.length > 0) words[words.length - 1] += word;
    else words.push(word);
    glued = true;
  };
  const skipBlanks = (): void => {
    while (i < length) {
      const c = value.charCodeAt(i);
      if (c === open) {
        const end = skipComment(value, i);
        comment = commentText(value, i, end);
        i = end;
      } else if (isWhite(c)) i++;
      else return;
    }
  };
  /** Reads `local@domain` up to what ends it; text without white space and comments. */
  const readDomain = (inAngle: boolean): string => {
    let text = '';
    let dotted = true;
    for (;;) {
      const before = i;
      skipBlanks();
      if (i >= length) return text;
      const c = value.charCodeAt(i);
      const end = c === bracket ? literalEnd(value, i) : atomEnd(value, i);
      if (end === i) return text;
      // Words apart without a dot between them are no domain any more.
      if (!inAngle && before !== i && text !== '' && !dotted && c !== 46) return text;
      text += value.slice(i, end);
      dotted = value.charCodeAt(end - 1) === 46;
      i = end;
    }
  };
  const readAngle = (): void => {
    i++;
    skipBlanks();
    if (value.charCodeAt(i) === at) {
      const from = i;
      while (i < length && value.charCodeAt(i) !== colon && value.charCodeAt(i) !== greater) i++;
      if (value.charCodeAt(i) === colon) {
        route = value.slice(from, i).trim();
        i++;
      } else i = from;
    }
    let text = '';
    while (i < length) {
      const before = i;
      skipBlanks();
      const c = value.charCodeAt(i);
      // Words apart inside the brackets are no syntax, but what they say is kept; around a dot blanks mean nothing.
      if (before !== i && text !== '' && !text.endsWith('.') && c !== 46 && c !== at && c !== greater) text += ' ';
      if (i >= length || c === at || c === greater || c === comma || c === semicolon || c === less) break;
      if (c === quote) {
        const close = closingQuote(value, i);
        text += unquote(value.slice(i + 1, close));
        i = close + 1;
      } else {
        const end = Math.max(atomEnd(value, i), i + 1);
        text += value.slice(i, end);
        i = end;
      }
    }
    local = text;
    if (value.charCodeAt(i) === at) {
      i++;
      domain = readDomain(true);
    }
    // Up to the closing bracket; a comma or semicolon before it means that it is missing.
    while (i < length) {
      const c = value.charCodeAt(i);
      if (c === comma || c === semicolon || c === less) return;
      i++;
      if (c === greater) return;
    }
  };

  while (i < length && items.length < limit) {
    const c = value.charCodeAt(i);
    if (isWhite(c) || c === greater) {
      glued = false;
      i++;
    } else if (c === open) {
      const end = skipComment(value, i);
      comment = commentText(value, i, end);
      i = end;
    } else if (c === quote) {
      const close = closingQuote(value, i);
      addWord(unquote(value.slice(i + 1, close)));
      i = close + 1;
    } else if (c === less) {
      glued = false;
      if (local !== undefined) flush(); // two addresses without a comma
      readAngle();
    } else if (c === comma) {
      flush();
      i++;
    } else if (c === semicolon) {
      flush();
      if (inGroup) items.push({ kind: 'groupEnd' });
      inGroup = false;
      i++;
    } else if (c === colon && !inGroup && local === undefined && words.length > 0) {
      items.push({ kind: 'groupStart', name: words.join(' ') });
      inGroup = true;
      words = [];
      comment = undefined;
      glued = false;
      i++;
    } else if (c === at) {
      // Of `a@b@c` the last is the domain.
      i++;
      local = local === undefined ? takeLocal(words) : `${local}@${domain}`;
      domain = readDomain(false);
      glued = false;
    } else {
      const end = Math.max(atomEnd(value, i), i + 1);
      addWord(value.slice(i, end));
      i = end;
    }
  }
  flush();
  if (inGroup) items.push({ kind: 'groupEnd' });
  return items;
}

/** The last word, with those that a dot joins to it (obs-local-part: `john . doe @ example`). Takes them off `words`. */
function takeLocal(words: string[]): string {
  let local = words.pop() ?? '';
  const before: string[] = [];
  let first = local;
  while (words.length > 0 && (first.startsWith('.') || words[words.length - 1]!.endsWith('.')) && first !== '') {
    const previous = words[words.length - 1]!;
    // `J. Smith@example`: an initial before a name is a name; only dots that stand apart join.
    if (previous !== '.' && !first.startsWith('.')) break;
    words.pop();
    before.push(previous);
    first = previous;
  }
  if (before.length > 0) local = before.reverse().join('') + local;
  return local;
}

/** Index of the first octet from `i` on that ends an atom (dots belong to it). */
function atomEnd(value: BinaryString, from: number): number {
  let i = from;
  for (; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c <= 32) {
      if (isWhite(c)) break;
    } else if (
      c < 65
        ? c === quote ||
          c === open ||
          c === comma ||
          c === colon ||
          c === semicolon ||
          c === less ||
          c === greater ||
          c === at
        : false
    )
      break;
    else if (c === at) break;
  }
  return i;
}

function literalEnd(value: BinaryString, from: number): number {
  const end = value.indexOf(']', from);
  return end === -1 ? value.length : end + 1;
}

function commentText(value: BinaryString, from: number, end: number): string | undefined {
  const closed = end > from + 1 && value.charCodeAt(end - 1) === 41;
  const text = unquote(value.slice(from + 1, closed ? end - 1 : end)).trim();
  return text === '' ? undefined : text;
}
