/**
 * Where a text has what was searched for (RFC 8621 5): HTML with the hits in `<mark>`. Found by the rules of the search itself
 * (`codec/mime/fold.ts`), character by character, so that what a search found is what is marked.
 */
import { foldText } from '../../../codec/mime/fold.js';

interface Folded {
  /** Latin-1 of the folded octets. */
  readonly octets: string;
  /** By octet: index in the text of the character it comes from; and one more for the end. */
  readonly origin: readonly number[];
}

interface Hit {
  readonly start: number;
  readonly end: number;
}

/** undefined when nothing of it matches. */
export function markAll(text: string, words: readonly string[]): string | undefined {
  const hits = hitsIn(text, words);
  return hits.length === 0 ? undefined : marked(text, 0, text.length, hits);
}

/**
 * The neighbourhood of the first hit, at most `maxOctets` of UTF-8 with its marks and entities; undefined when nothing matches.
 */
export function excerpt(text: string, words: readonly string[], maxOctets: number): string | undefined {
  const hits = hitsIn(text, words);
  const first = hits[0];
  if (first === undefined) return undefined;
  let start = wordStart(text, Math.max(0, first.start - contextBefore));
  let end = Math.min(text.length, start + maxOctets);
  // A hit that is longer than an excerpt is cut itself.
  for (;;) {
    const out = marked(text, start, end, hits);
    const octets = Buffer.byteLength(out);
    if (octets <= maxOctets) return out;
    const over = Math.max(1, Math.ceil((octets - maxOctets) / 6));
    if (end - over > first.end) end = characterStart(text, end - over);
    else if (start < first.start) start = Math.min(first.start, start + over);
    else end = characterStart(text, Math.max(start, end - over));
  }
}

const contextBefore = 40;

function hitsIn(text: string, words: readonly string[]): readonly Hit[] {
  const folded = fold(text);
  const hits: Hit[] = [];
  for (const word of words) {
    const needle = Buffer.from(foldText(word)).toString('latin1').trim();
    if (needle === '') continue;
    for (let at = folded.octets.indexOf(needle); at >= 0; at = folded.octets.indexOf(needle, at + needle.length)) {
      hits.push({ start: folded.origin[at]!, end: endOf(folded, at + needle.length, text) });
      if (hits.length > maxHits) break;
    }
  }
  hits.sort((x, y) => x.start - y.start || y.end - x.end);
  const apart: Hit[] = [];
  for (const hit of hits) {
    const last = apart.at(-1);
    if (last !== undefined && hit.start <= last.end) {
      if (hit.end > last.end) apart[apart.length - 1] = { start: last.start, end: hit.end };
    } else apart.push(hit);
  }
  return apart;
}

const maxHits = 1_000;

function endOf(folded: Folded, octet: number, text: string): number {
  const last = folded.origin[octet - 1]!;
  const code = text.codePointAt(last)!;
  let end = last + (code > 0xffff ? 2 : 1);
  // Marks that folding dropped belong to the letter before them.
  while (end < text.length && /\p{M}/u.test(text[end]!)) end += 1;
  return end;
}

function fold(text: string): Folded {
  const pieces: string[] = [];
  const origin: number[] = [];
  let afterSpace = true;
  for (let i = 0; i < text.length; ) {
    const code = text.codePointAt(i)!;
    const width = code > 0xffff ? 2 : 1;
    const octets = code < 128 ? asciiFold(code) : foldedCharacter(text.slice(i, i + width));
    for (let k = 0; k < octets.length; k++) {
      const isSpace = octets[k] === ' ';
      if (isSpace && afterSpace) continue;
      afterSpace = isSpace;
      pieces.push(octets[k]!);
      origin.push(i);
    }
    i += width;
  }
  origin.push(text.length);
  return { octets: pieces.join(''), origin };
}

/** Texts are written in few characters: a few thousand at most are kept. */
const foldedCharacters = new Map<string, string>();

function foldedCharacter(character: string): string {
  let octets = foldedCharacters.get(character);
  if (octets === undefined) {
    octets = Buffer.from(foldText(character)).toString('latin1');
    if (foldedCharacters.size < 4_096) foldedCharacters.set(character, octets);
  }
  return octets;
}

function asciiFold(code: number): string {
  if (code >= 65 && code <= 90) return String.fromCharCode(code + 32);
  return code === 32 || (code >= 9 && code <= 13) ? ' ' : String.fromCharCode(code);
}

function marked(text: string, start: number, end: number, hits: readonly Hit[]): string {
  let out = '';
  let at = start;
  for (const hit of hits) {
    if (hit.end <= start) continue;
    if (hit.start >= end) break;
    const from = Math.max(hit.start, at);
    const to = Math.min(hit.end, end);
    out += `${escaped(text.slice(at, from))}<mark>${escaped(text.slice(from, to))}</mark>`;
    at = to;
  }
  return out + escaped(text.slice(at, end));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The first index at or behind `at` where a word begins, if there is one near. */
function wordStart(text: string, at: number): number {
  if (at === 0) return 0;
  for (let i = at; i < Math.min(text.length, at + contextBefore / 2); i++) if (text[i - 1]!.trim() === '') return i;
  return characterStart(text, at);
}

/** Not inside of a surrogate pair. */
function characterStart(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
