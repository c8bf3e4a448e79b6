/**
 * What people type in the search field, in French or English, read once into terms; search-filter.ts makes a filter of them.
 *
 *   words "a phrase" -without   (one OR another)   de:anna  from:anna  à:  to:  cc:  cci:/bcc:  objet:/subject:
 *   texte:/body:  dans:/in:  étiquette:/label:  liste:/list:  avec:/has: (fichier, file, pièce, attachment)
 *   est:/is: (lu, non-lu, suivi, répondu, brouillon; read, unread, flagged, answered, draft)
 *   avant:/before:  après:/after: 2026-11-24, 24/11/2026, 2026, hier, lundi, semaine, 7j
 *   plus-récent:/newer:  plus-vieux:/older: 7j 2s 6m 1a (d w m y)   plus-gros:/larger:  plus-petit:/smaller: 5M
 *   dans:partout/in:anywhere: the trash and the junk too
 *
 * An operator that is not known, or whose value makes no sense, is a word like any other: typing never fails, and `readSearch`
 * says what was not understood and where it stands. Everything is linear in what was typed; nesting ends at a depth, beyond
 * which brackets are words.
 */
import {
  ageOf,
  dayOf,
  type Mark,
  markOf,
  type NearDay,
  nearDayOf,
  octetsOf,
  plain,
  type Unit,
} from './search-values.js';

export const fields = ['from', 'to', 'cc', 'bcc', 'subject', 'body', 'in', 'label', 'list'] as const;
export type Field = (typeof fields)[number];

export type Term =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: Field; readonly text: string }
  | { readonly kind: 'mark'; readonly mark: Mark }
  /** `2026-11-24`: midnight at its start, where the reader is. */
  | { readonly kind: 'date'; readonly side: 'before' | 'after'; readonly day: string }
  | { readonly kind: 'nearDay'; readonly side: 'before' | 'after'; readonly day: NearDay }
  | { readonly kind: 'age'; readonly side: 'newer' | 'older'; readonly count: number; readonly unit: Unit }
  | { readonly kind: 'size'; readonly side: 'larger' | 'smaller'; readonly octets: number }
  /** Trash and junk too. */
  | { readonly kind: 'anywhere' }
  | { readonly kind: 'not'; readonly term: Term }
  | { readonly kind: 'any'; readonly terms: readonly Term[] }
  | { readonly kind: 'all'; readonly terms: readonly Term[] };

/** A term and where it was typed, so that it can be taken out again. */
export interface PlacedTerm {
  readonly term: Term;
  readonly start: number;
  readonly end: number;
}

export const problemKinds = ['operator', 'empty', 'mark', 'day', 'age', 'size', 'quote', 'bracket'] as const;

/** What was not understood: it is searched as words. */
export interface SearchProblem {
  readonly kind: (typeof problemKinds)[number];
  /** Of the whole of it, in what was typed. */
  readonly start: number;
  readonly end: number;
  /** The operator as it was typed, without its colon; empty for quotation marks and brackets. */
  readonly operator: string;
  readonly value: string;
}

export interface ReadSearch {
  readonly terms: readonly PlacedTerm[];
  readonly problems: readonly SearchProblem[];
}

const maxDepth = 8;
/** What is longer is not typed by a person; a server would refuse it anyhow. */
const maxLength = 1000;
const maxTerms = 50;

const fieldNames: Readonly<Record<string, Field>> = {
  from: 'from',
  de: 'from',
  to: 'to',
  a: 'to',
  pour: 'to',
  cc: 'cc',
  bcc: 'bcc',
  cci: 'bcc',
  subject: 'subject',
  objet: 'subject',
  sujet: 'subject',
  body: 'body',
  texte: 'body',
  corps: 'body',
  in: 'in',
  dans: 'in',
  label: 'label',
  etiquette: 'label',
  list: 'list',
  liste: 'list',
};

type Other = 'mark' | 'before' | 'after' | 'newer' | 'older' | 'larger' | 'smaller';
const otherNames: Readonly<Record<string, Other>> = {
  has: 'mark',
  is: 'mark',
  avec: 'mark',
  est: 'mark',
  before: 'before',
  avant: 'before',
  after: 'after',
  since: 'after',
  apres: 'after',
  depuis: 'after',
  newer: 'newer',
  newer_than: 'newer',
  'plus-recent': 'newer',
  older: 'older',
  older_than: 'older',
  'plus-vieux': 'older',
  larger: 'larger',
  'plus-gros': 'larger',
  smaller: 'smaller',
  'plus-petit': 'smaller',
};

const anywhere = new Set(['partout', 'anywhere', 'everywhere']);
/** What looks like an operator and is the beginning of an address. */
const schemes = new Set([
  'http',
  'https',
  'mailto',
  'ftp',
  'file',
  'cid',
  'mid',
  'doi',
  'urn',
  're',
  'tr',
  'fw',
  'fwd',
]);

const problemOf: Readonly<Record<Other, SearchProblem['kind']>> = {
  mark: 'mark',
  before: 'day',
  after: 'day',
  newer: 'age',
  older: 'age',
  larger: 'size',
  smaller: 'size',
};

export const parseSearch = (typed: string): readonly PlacedTerm[] => readSearch(typed).terms;

export function readSearch(typed: string): ReadSearch {
  const text = typed.slice(0, maxLength);
  const problems: SearchProblem[] = [];
  let at = 0;
  let count = 0;

  function note(kind: SearchProblem['kind'], start: number, operator = '', value = ''): void {
    problems.push({ kind, start, end: at, operator, value });
  }

  function skipSpace(): void {
    while (at < text.length && isSpace(text[at])) at++;
  }

  /** A run of terms up to the end or a closing bracket, cut at OR into alternatives. */
  function readAll(depth: number): PlacedTerm[] {
    const alternatives: PlacedTerm[][] = [[]];
    for (;;) {
      skipSpace();
      if (at >= text.length || (depth > 0 && text[at] === ')') || count >= maxTerms) break;
      const or = wordAt(text, at);
      if (or === 'OR' || or === 'OU') {
        at += or.length;
        if (alternatives.at(-1)?.length !== 0) alternatives.push([]);
        continue;
      }
      const start = at;
      const term = readTerm(depth);
      if (term !== undefined) alternatives.at(-1)?.push({ term, start, end: at });
    }
    const full = alternatives.filter((one) => one.length > 0);
    if (full.length <= 1) return full[0] ?? [];
    const first = full[0]?.[0]?.start ?? 0;
    return [{ term: { kind: 'any', terms: full.map(joined) }, start: first, end: at }];
  }

  function readTerm(depth: number): Term | undefined {
    count++;
    if (text[at] === '-' && at + 1 < text.length && !isSpace(text[at + 1])) {
      at++;
      const term = readTerm(depth);
      return term === undefined ? undefined : { kind: 'not', term };
    }
    if (text[at] === '(' && depth < maxDepth) {
      const open = at;
      at++;
      const inside = readAll(depth + 1);
      if (text[at] === ')') at++;
      else note('bracket', open);
      return inside.length === 0 ? undefined : joined(inside);
    }
    const start = at;
    const colon = operatorEnd(text, at);
    if (colon !== undefined) {
      const operator = text.slice(start, colon).trim();
      const name = plain(operator);
      at = colon + 1;
      // A French reader puts a space after the colon.
      if (text[at] === ' ' || text[at] === '\u00a0') at++;
      const value = at < text.length && !isSpace(text[at]) ? readValue() : '';
      const term = value === '' ? undefined : termOf(name, value);
      if (term !== undefined) return term;
      const kind = otherNames[name];
      note(value === '' || kind === undefined ? 'empty' : problemOf[kind], start, operator, value);
      at = start;
    }
    const word = readValue();
    if (colon === undefined) noteOperator(word, start);
    return word === '' ? undefined : { kind: 'text', text: word };
  }

  function readValue(): string {
    const quote = text[at];
    if (quote === '"' || quote === '«' || quote === '“') {
      const close = quote === '"' ? '"' : quote === '«' ? '»' : '”';
      const open = at;
      const end = text.indexOf(close, at + 1);
      const value = text.slice(at + 1, end < 0 ? text.length : end);
      at = end < 0 ? text.length : end + 1;
      if (end < 0) note('quote', open);
      return value.trim();
    }
    const start = at;
    while (at < text.length && !isSpace(text[at]) && text[at] !== ')') at++;
    if (at === start && at < text.length) at++; // a bracket that closes nothing
    return text.slice(start, at);
  }

  /** `datte:hier`: a word, but hardly meant as one. */
  function noteOperator(word: string, start: number): void {
    const colon = word.indexOf(':');
    const name = word.slice(0, colon);
    if (colon < 2 || colon === word.length - 1 || !/^[\p{L}_-]{2,16}$/u.test(name)) return;
    if (!schemes.has(plain(name)) && !word.startsWith('//', colon + 1))
      note('operator', start, name, word.slice(colon + 1));
  }

  const terms = readAll(0);
  return { terms, problems };
}

function joined(terms: readonly PlacedTerm[]): Term {
  const [first] = terms;
  return terms.length === 1 && first ? first.term : { kind: 'all', terms: terms.map((one) => one.term) };
}

function isSpace(character: string | undefined): boolean {
  return (
    character === ' ' || character === '\t' || character === '\n' || character === '\u00a0' || character === '\u202f'
  );
}

function wordAt(text: string, at: number): string {
  let end = at;
  while (end < text.length && end - at < 3 && !isSpace(text[end])) end++;
  return end === text.length || isSpace(text[end]) ? text.slice(at, end) : '';
}

/** Where the colon of an operator stands, if a known name stands before it: `de:`, `de :`. */
function operatorEnd(text: string, at: number): number | undefined {
  let end = at;
  while (end < text.length && end - at < 14 && /[\p{L}_-]/u.test(text[end] ?? '')) end++;
  const name = plain(text.slice(at, end));
  if (!(name in fieldNames || name in otherNames)) return undefined;
  if (isSpace(text[end]) && text[end + 1] === ':') end++;
  return text[end] === ':' ? end : undefined;
}

function termOf(name: string, value: string): Term | undefined {
  const field = fieldNames[name];
  if (field === 'in' && anywhere.has(plain(value))) return { kind: 'anywhere' };
  if (field !== undefined) return { kind: 'field', field, text: value };
  const kind = otherNames[name];
  switch (kind) {
    case 'mark': {
      const mark = markOf(value);
      return mark === undefined ? undefined : { kind, mark };
    }
    case 'before':
    case 'after': {
      const day = dayOf(value);
      if (day !== undefined) return { kind: 'date', side: kind, day };
      const near = nearDayOf(value);
      if (near !== undefined) return { kind: 'nearDay', side: kind, day: near };
      const age = ageOf(value);
      return age === undefined ? undefined : { kind: 'age', side: kind === 'before' ? 'older' : 'newer', ...age };
    }
    case 'newer':
    case 'older': {
      const age = ageOf(value);
      return age === undefined ? undefined : { kind: 'age', side: kind, ...age };
    }
    case 'larger':
    case 'smaller': {
      const octets = octetsOf(value);
      return octets === undefined ? undefined : { kind: 'size', side: kind, octets };
    }
    default:
      return undefined;
  }
}
