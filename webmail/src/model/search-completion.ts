/**
 * What the word being typed in the search field could become: an operator by its first letters, in either language, or a value
 * of the operator before it: a folder, a label, a day, an age, a size, a mark. People are found elsewhere; `soughtPerson` says
 * whom to look for.
 */
import { fold } from '../jmap/store/email-filter.js';
import { quoted } from './search-terms.js';

export const operators = [
  { id: 'from', fr: 'de', en: 'from', value: 'person' },
  { id: 'to', fr: 'à', en: 'to', value: 'person' },
  { id: 'cc', fr: 'cc', en: 'cc', value: 'person' },
  { id: 'bcc', fr: 'cci', en: 'bcc', value: 'person' },
  { id: 'subject', fr: 'objet', en: 'subject', value: 'text' },
  { id: 'body', fr: 'texte', en: 'body', value: 'text' },
  { id: 'in', fr: 'dans', en: 'in', value: 'folder' },
  { id: 'label', fr: 'étiquette', en: 'label', value: 'label' },
  { id: 'list', fr: 'liste', en: 'list', value: 'text' },
  { id: 'has', fr: 'avec', en: 'has', value: 'file' },
  { id: 'is', fr: 'est', en: 'is', value: 'mark' },
  { id: 'before', fr: 'avant', en: 'before', value: 'day' },
  { id: 'after', fr: 'après', en: 'after', value: 'day' },
  { id: 'newer', fr: 'plus-récent', en: 'newer', value: 'age' },
  { id: 'older', fr: 'plus-vieux', en: 'older', value: 'age' },
  { id: 'larger', fr: 'plus-gros', en: 'larger', value: 'size' },
  { id: 'smaller', fr: 'plus-petit', en: 'smaller', value: 'size' },
] as const;
export type Operator = (typeof operators)[number];
export type OperatorId = Operator['id'];

const values = {
  file: { fr: ['fichier'], en: ['file'] },
  mark: {
    fr: ['non-lu', 'lu', 'suivi', 'répondu', 'brouillon'],
    en: ['unread', 'read', 'flagged', 'answered', 'draft'],
  },
  day: {
    fr: ['aujourd’hui', 'hier', 'semaine', 'mois', 'année', 'lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', '7j'],
    en: ['today', 'yesterday', 'week', 'month', 'year', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', '7d'],
  },
  age: { fr: ['7j', '1m', '6m', '1a'], en: ['7d', '1m', '6m', '1y'] },
  size: { fr: ['1M', '5M', '20M'], en: ['1M', '5M', '20M'] },
} as const;

export interface Completion {
  /** Takes the place of what stands from `start` to the end. */
  readonly source: string;
  readonly start: number;
  /** Something is still to be typed after it. */
  readonly operator: OperatorId | undefined;
}

export interface CompletionNames {
  readonly language: 'fr' | 'en';
  /** As the reader knows them, the most used first. */
  readonly folders: readonly string[];
  readonly labels: readonly string[];
  /** Today, for an example of a date. */
  readonly now: Date;
}

interface Asked {
  readonly operator: Operator;
  /** As it was typed. */
  readonly name: string;
  readonly start: number;
  readonly value: string;
}

/** The operator whose value is being typed at the end. */
function askedValue(rest: string): Asked | undefined {
  const found = /(?:^|[\s(])(-?)([\p{L}_-]{1,16})[ \u00a0]?:[ \u00a0]?("[^"]{0,200}|[^\s"()]{0,200})$/u.exec(rest);
  if (found === null) return undefined;
  const name = found[2]!;
  const operator = operators.find((one) => fold(one.fr) === fold(name) || one.en === fold(name));
  const start = found.index + found[0].indexOf(name);
  return operator && { operator, name, start, value: found[3]!.replace(/^"/, '') };
}

const most = 6;

export function completionsOf(rest: string, names: CompletionNames): readonly Completion[] {
  const asked = askedValue(rest);
  if (asked === undefined) return operatorsFor(rest, names.language);
  const { operator, name, start, value } = asked;
  const wanted = fold(value);
  return candidates(operator, names)
    .filter((one) => fold(one) !== wanted)
    .map((one) => ({ one, rank: rankOf(fold(one), wanted) }))
    .filter(({ rank }) => rank < 2)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ one }) => ({ source: `${name}:${quoted(one)} `, start, operator: undefined }));
}

/** The beginning first, then inside; 2 is neither. */
function rankOf(candidate: string, wanted: string): number {
  return candidate.startsWith(wanted) ? 0 : candidate.includes(wanted) ? 1 : 2;
}

function candidates(operator: Operator, { language, folders, labels, now }: CompletionNames): readonly string[] {
  switch (operator.value) {
    case 'person':
    case 'text':
      return [];
    case 'folder':
      return [...folders, language === 'fr' ? 'partout' : 'anywhere'];
    case 'label':
      return labels;
    case 'day':
      return [...values.day[language], isoDay(now)];
    default:
      return values[operator.value][language];
  }
}

function operatorsFor(rest: string, language: 'fr' | 'en'): readonly Completion[] {
  const found = /(?:^|[\s(])-?(\p{L}[\p{L}_-]{1,15})$/u.exec(rest);
  if (found === null) return [];
  const typed = fold(found[1]!);
  const start = found.index + found[0].indexOf(found[1]!);
  const other = language === 'fr' ? 'en' : 'fr';
  return operators
    .map((operator) => ({
      operator: operator.id,
      name: [operator[language], operator[other]].find((name) => fold(name).startsWith(typed)),
    }))
    .filter(({ name }) => name !== undefined)
    .slice(0, 3)
    .map(({ operator, name }) => ({ source: `${name}:`, start, operator }));
}

/** Whom to look for: after an operator that takes people, or by a word alone, as the sender. */
export function soughtPerson(
  rest: string,
  language: 'fr' | 'en',
): { readonly what: string; readonly start: number; readonly name: string } | undefined {
  const asked = askedValue(rest);
  if (asked !== undefined) {
    const { operator, value, start, name } = asked;
    return operator.value === 'person' && value.length > 0 ? { what: value, start, name } : undefined;
  }
  const word = /(?:^|\s)([^\s:"()-][^\s:"()]+)$/u.exec(rest);
  if (word === null) return undefined;
  return { what: word[1]!, start: rest.length - word[1]!.length, name: operators[0][language] };
}

function isoDay(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
