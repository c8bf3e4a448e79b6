/**
 * What people type in the search field, in French or English, read once into terms; search-filter.ts makes a filter of them.
 *
 *   words "a phrase" -without   (one OR another)   de:anna  from:anna  à:  to:  cc:  cci:/bcc:  objet:/subject:
 *   texte:/body:  dans:/in:  étiquette:/label:  liste:/list:  avec:/has: (fichier, file, pièce, attachment)
 *   est:/is: (lu, non-lu, suivi, répondu, brouillon; read, unread, flagged, answered, draft)
 *   avant:/before:  après:/after: 2026-11-24, 24/11/2026, 2026   plus-récent:/newer:  plus-vieux:/older: 7j 2s 6m 1a (d w m y)
 *   plus-gros:/larger:  plus-petit:/smaller: 5M
 *
 * An operator that is not known, or whose value makes no sense, is a word like any other: typing never fails. Everything is
 * linear in what was typed; nesting ends at a depth, beyond which brackets are words.
 */
export const fields = ['from', 'to', 'cc', 'bcc', 'subject', 'body', 'in', 'label', 'list'] as const;
export type Field = (typeof fields)[number];
export const marks = ['file', 'unread', 'read', 'flagged', 'answered', 'draft'] as const;
export type Mark = (typeof marks)[number];
export type Unit = 'd' | 'w' | 'm' | 'y';

export type Term =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: Field; readonly text: string }
  | { readonly kind: 'mark'; readonly mark: Mark }
  /** `2026-11-24`: midnight at its start, where the reader is. */
  | { readonly kind: 'date'; readonly side: 'before' | 'after'; readonly day: string }
  | { readonly kind: 'age'; readonly side: 'newer' | 'older'; readonly count: number; readonly unit: Unit }
  | { readonly kind: 'size'; readonly side: 'larger' | 'smaller'; readonly octets: number }
  | { readonly kind: 'not'; readonly term: Term }
  | { readonly kind: 'any'; readonly terms: readonly Term[] }
  | { readonly kind: 'all'; readonly terms: readonly Term[] };

/** A term and where it was typed, so that it can be taken out again. */
export interface PlacedTerm {
  readonly term: Term;
  readonly start: number;
  readonly end: number;
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

const markNames: Readonly<Record<string, Mark>> = {
  file: 'file',
  files: 'file',
  fichier: 'file',
  fichiers: 'file',
  piece: 'file',
  attachment: 'file',
  unread: 'unread',
  'non-lu': 'unread',
  nonlu: 'unread',
  read: 'read',
  lu: 'read',
  flagged: 'flagged',
  starred: 'flagged',
  suivi: 'flagged',
  answered: 'answered',
  repondu: 'answered',
  draft: 'draft',
  brouillon: 'draft',
};

const otherNames: Readonly<Record<string, 'mark' | 'before' | 'after' | 'newer' | 'older' | 'larger' | 'smaller'>> = {
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

const unitNames: Readonly<Record<string, Unit>> = { d: 'd', j: 'd', w: 'w', s: 'w', m: 'm', y: 'y', a: 'y' };

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

export function parseSearch(typed: string): readonly PlacedTerm[] {
  const text = typed.slice(0, maxLength);
  let at = 0;
  let count = 0;

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
      at++;
      const inside = readAll(depth + 1);
      if (text[at] === ')') at++;
      return inside.length === 0 ? undefined : joined(inside);
    }
    const start = at;
    const colon = operatorEnd(text, at);
    if (colon !== undefined) {
      const name = plain(text.slice(start, colon)).trim();
      at = colon + 1;
      // A French reader puts a space after the colon.
      if (text[at] === ' ' || text[at] === '\u00a0') at++;
      const value = readValue();
      const term = value === '' ? undefined : termOf(name, value);
      if (term !== undefined) return term;
      at = start;
    }
    const word = readValue();
    return word === '' ? undefined : { kind: 'text', text: word };
  }

  function readValue(): string {
    const quote = text[at];
    if (quote === '"' || quote === '«' || quote === '“') {
      const close = quote === '"' ? '"' : quote === '«' ? '»' : '”';
      const end = text.indexOf(close, at + 1);
      const value = text.slice(at + 1, end < 0 ? text.length : end);
      at = end < 0 ? text.length : end + 1;
      return value.trim();
    }
    const start = at;
    while (at < text.length && !isSpace(text[at]) && text[at] !== ')') at++;
    if (at === start && at < text.length) at++; // a bracket that closes nothing
    return text.slice(start, at);
  }

  return readAll(0);
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
  if (field !== undefined) return { kind: 'field', field, text: value };
  const kind = otherNames[name];
  switch (kind) {
    case 'mark': {
      const mark = markNames[plain(value)];
      return mark === undefined ? undefined : { kind, mark };
    }
    case 'before':
    case 'after': {
      const day = dayOf(value);
      return day === undefined ? undefined : { kind: 'date', side: kind, day };
    }
    case 'newer':
    case 'older': {
      const found = /^(\d{1,4})([a-z])/.exec(plain(value));
      const unit = unitNames[found?.[2] ?? ''];
      return found === null || unit === undefined
        ? undefined
        : { kind: 'age', side: kind, count: Number(found[1]), unit };
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

/** `2026-11-24`, `2026-11`, `2026`, `24/11/2026`, `24.11.2026`. */
function dayOf(value: string): string | undefined {
  const iso = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(value);
  const european = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(value);
  const [year, month, day] = iso
    ? [iso[1], iso[2] ?? '1', iso[3] ?? '1']
    : [european?.[3], european?.[2], european?.[1]];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  return date.toISOString().slice(0, 10);
}

function octetsOf(value: string): number | undefined {
  const found = /^(\d{1,9}(?:[.,]\d{1,3})?)\s?([kmgt]?)[bo]?$/.exec(plain(value));
  if (found === null) return undefined;
  const power = ['', 'k', 'm', 'g', 't'].indexOf(found[2] ?? '');
  return Math.round(Number((found[1] ?? '').replace(',', '.')) * 1000 ** power);
}
