/**
 * What threads are made of: message ids of Message-ID, In-Reply-To and References (RFC 5322 3.6.4) as 64-bit hashes, and the
 * base subject (RFC 5256 2.1).
 */
import type { BinaryString } from './header-fields.js';
import { closingQuote, unquote } from './parameters.js';

/** A thread of a thousand answers quotes them all; the first and the newest are enough to find it. */
export const maxReferences = 60;
const maxIdLength = 998;

/** The ids of a value, `<left@right>` without brackets and blanks, in order. In References with none, words with an `@`. */
export function parseMessageIds(value: BinaryString): BinaryString[] {
  const ids: BinaryString[] = [];
  let from = value.indexOf('<');
  while (from !== -1) {
    let to = from + 1;
    while (to < value.length && value.charCodeAt(to) !== 62 && value.charCodeAt(to) !== 60) {
      to = value.charCodeAt(to) === 34 ? closingQuote(value, to) + 1 : to + 1;
    }
    if (to >= value.length) break;
    if (value.charCodeAt(to) === 62) {
      const id = normalId(value.slice(from + 1, to));
      if (id !== '' && id.length <= maxIdLength) ids.push(id);
      from = value.indexOf('<', to);
    } else from = to;
  }
  return ids;
}

/** RFC 5256 2.2: ids are compared without quoting that means nothing. */
function normalId(text: BinaryString): BinaryString {
  let id = text.indexOf(' ') === -1 && text.indexOf('\t') === -1 ? text : text.split(' ').join('').split('\t').join('');
  if (id.charCodeAt(0) === 34) {
    const close = closingQuote(id, 0);
    if (id.charCodeAt(close + 1) === 64) id = unquote(id.slice(1, close)) + id.slice(close + 1);
  }
  return id;
}

/**
 * Signed 64 bits, as the store keeps it (store design section 1, `refs`); never change it. Two lanes of 32 bits, each mixed to the end. Not
 * cryptographic: who wants to get into a thread need only name one of its ids.
 */
export function hashMessageId(id: BinaryString): bigint {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let i = 0; i < id.length; i++) {
    const c = id.charCodeAt(i);
    high = Math.imul(high ^ c, 0x9e3779b1);
    low = Math.imul(low ^ c, 0x5f356495);
  }
  high = mix(high ^ (low >>> 15));
  low = mix(low ^ high);
  return BigInt.asIntN(64, (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Hashes of the own id (first, when there is one), then of what the message answers to, without repetition. Of a long list
 * the first ids and the last are kept.
 */
export function threadHashes(
  messageId: BinaryString | undefined,
  inReplyTo: BinaryString | undefined,
  references: BinaryString | undefined,
): bigint[] {
  const own = messageId === undefined ? undefined : parseMessageIds(messageId)[0];
  let others = references === undefined ? [] : parseMessageIds(references);
  // RFC 5256 2.2, THREAD=REFERENCES: In-Reply-To counts when there are no References; here both do, it costs one hash.
  if (inReplyTo !== undefined) others.push(...parseMessageIds(inReplyTo).slice(0, 4));
  others = [...new Set(others)];
  if (others.length > maxReferences) others = [...others.slice(0, 10), ...others.slice(10 - maxReferences)];
  const hashes = new Set<bigint>();
  if (own !== undefined) hashes.add(hashMessageId(own));
  for (const id of others) hashes.add(hashMessageId(id));
  return [...hashes];
}

/** RFC 5256 2.1: the decoded subject without `Re:`, `Fwd:`, `[blob]` prefixes and `(fwd)` trailers, upper case not yet folded. */
export function baseSubject(subject: string): string {
  let text = collapse(subject);
  for (;;) {
    const before = text;
    text = withoutTrailers(text);
    for (;;) {
      const shorter = withoutBlob(withoutLeader(text));
      if (shorter === text) break;
      text = shorter;
    }
    // (6): [fwd: ...] wraps a whole subject.
    const lower = text.slice(0, 5).toLowerCase();
    if (lower === '[fwd:' && text.endsWith(']')) {
      text = text.slice(5, -1).trim();
      continue;
    }
    if (text === before) return text;
  }
}

const maxSubject = 2_000;

function collapse(subject: string): string {
  return subject.slice(0, maxSubject).split(/\s+/u).join(' ').trim();
}

function withoutTrailers(text: string): string {
  let out = text.trimEnd();
  while (out.slice(-5).toLowerCase() === '(fwd)') out = out.slice(0, -5).trimEnd();
  return out;
}

/** subj-leader = (*subj-blob subj-refwd) / WSP; also the French `Réf:`, `Tr:` that Outlook writes. */
function withoutLeader(text: string): string {
  const trimmed = text.trimStart();
  let at = 0;
  for (;;) {
    const blob = blobEnd(trimmed, at);
    if (blob === -1) break;
    at = blob;
  }
  const rest = trimmed.slice(at, at + 4).toLowerCase();
  for (const word of ['fwd', 'fw', 're', 'tr', 'rép', 'réf', 'aw', 'wg']) {
    if (!rest.startsWith(word)) continue;
    let i = at + word.length;
    while (trimmed[i] === ' ') i++;
    const blob = blobEnd(trimmed, i);
    if (blob !== -1) i = blob;
    if (trimmed[i] === ':') return trimmed.slice(i + 1).trimStart();
  }
  return trimmed;
}

/** Removes one `[blob]` when something is left behind it. */
function withoutBlob(text: string): string {
  const end = blobEnd(text, 0);
  if (end === -1) return text;
  const rest = text.slice(end);
  return rest.trim() === '' ? text : rest;
}

/** subj-blob = "[" *BLOBCHAR "]" *WSP; index behind it or -1. */
function blobEnd(text: string, at: number): number {
  if (text[at] !== '[') return -1;
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '[') return -1;
    if (text[i] === ']') {
      let end = i + 1;
      while (text[end] === ' ') end++;
      return end;
    }
  }
  return -1;
}
