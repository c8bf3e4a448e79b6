/**
 * Dates of header fields (RFC 5322 3.3 and 4.3): to seconds since 1970, or undefined when they are no dates. Comments,
 * missing day names, two-digit years, named zones, missing seconds and ISO-like slips are understood.
 */
import type { BinaryString } from './header-fields.js';
import { skipComment } from './parameters.js';

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** RFC 5322 4.3; the military letters mean nothing reliable and count as UTC, as do unknown names. */
const zones = new Map([
  ['est', -300],
  ['edt', -240],
  ['cst', -360],
  ['cdt', -300],
  ['mst', -420],
  ['mdt', -360],
  ['pst', -480],
  ['pdt', -420],
  ['cet', 60],
  ['met', 60],
  ['cest', 120],
  ['mest', 120],
  ['bst', 60],
]);

/** No date in mail is longer; the rest of a hostile one is not looked at. */
const maxDateLength = 200;

export interface SentDate {
  /** Seconds since 1970, UTC. */
  readonly seconds: number;
  /** Offset from UTC as written, in minutes: SENTBEFORE and friends disregard the zone (RFC 9051 6.4.4). */
  readonly zoneMinutes: number;
}

export function parseDate(value: BinaryString): SentDate | undefined {
  const words = splitWords(value.slice(0, maxDateLength));
  let i = 0;
  // Day name: a word that is no number, in front of one.
  if (i < words.length && number(words[i]!) === undefined && monthOf(words[i]!) === undefined) i++;
  let day: number | undefined;
  let month: number | undefined;
  const first = words[i];
  if (first === undefined) return undefined;
  month = monthOf(first);
  if (month !== undefined) {
    // asctime: `Wed Jan 2 10:00:00 2002`
    day = number(words[i + 1]);
    if (day === undefined) return undefined;
    const time = timeOf(words[i + 2]);
    const year = number(words[time === undefined ? i + 2 : i + 3]);
    if (time !== undefined && year === undefined) {
      // `Jan 2 10:00:00 GMT 2002`
      return assemble(day, month, number(words[i + 4]), time, zoneOf(words[i + 3], undefined));
    }
    return assemble(day, month, year, time ?? timeOf(words[i + 3]) ?? midnight, zoneOf(words[i + 4], words[i + 5]));
  }
  day = number(first);
  month = monthOf(words[i + 1]);
  if (day === undefined || month === undefined) return undefined;
  const year = number(words[i + 2]);
  const time = timeOf(words[i + 3]);
  if (time === undefined && words.length > i + 3) return undefined;
  return assemble(day, month, year, time ?? midnight, zoneOf(words[i + 4], words[i + 5]));
}

interface Time {
  readonly seconds: number;
}

const midnight: Time = { seconds: 0 };

/** Words apart by blanks, commas and, in front of the time, hyphens (`12-Jan-2002`); comments are dropped. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 40) {
      i = skipComment(text, i) - 1;
      continue;
    }
    const hyphenInDate = c === 45 && word !== '' && words.length < 4 && !word.includes(':');
    if (c <= 32 || c === 44 || hyphenInDate) {
      if (word !== '') words.push(word);
      word = '';
    } else word += text[i];
  }
  if (word !== '') words.push(word);
  return words;
}

function number(word: string | undefined): number | undefined {
  if (word === undefined || word.length > 4) return undefined;
  let value = 0;
  for (let i = 0; i < word.length; i++) {
    const digit = word.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return word === '' ? undefined : value;
}

function monthOf(word: string | undefined): number | undefined {
  if (word === undefined || word.length < 3) return undefined;
  const index = months.indexOf(word.slice(0, 3).toLowerCase());
  return index === -1 ? undefined : index;
}

/** `hh:mm`, `hh:mm:ss`, with dots too; fractions of a second are dropped. */
function timeOf(word: string | undefined): Time | undefined {
  if (word === undefined) return undefined;
  const separator = word.includes(':') ? ':' : '.';
  const first = word.indexOf(separator);
  if (first < 1) return undefined;
  const second = word.indexOf(separator, first + 1);
  const hours = number(word.slice(0, first));
  const minutes = number(word.slice(first + 1, second === -1 ? word.length : second));
  const rest = second === -1 ? '0' : word.slice(second + 1);
  const dot = rest.indexOf('.');
  const seconds = number(dot === -1 ? rest : rest.slice(0, dot));
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  if (hours > 24 || minutes > 59 || seconds > 60) return undefined;
  return { seconds: hours * 3600 + minutes * 60 + seconds };
}

function zoneOf(word: string | undefined, next: string | undefined): number {
  if (word === undefined) return 0;
  const sign = word.charCodeAt(0);
  if (sign === 43 || sign === 45) {
    const digits = word.slice(1).replace(':', '');
    const value = number(digits);
    if (value === undefined) return 0;
    const minutes = digits.length <= 2 ? value * 60 : Math.floor(value / 100) * 60 + (value % 100);
    if (minutes > 24 * 60) return 0;
    return sign === 45 ? -minutes : minutes;
  }
  const named = zones.get(word.toLowerCase());
  // `GMT+0200`, `GMT +0200`
  if (named === undefined && word.length > 3 && word.slice(0, 3).toLowerCase() === 'gmt')
    return zoneOf(word.slice(3), undefined);
  if (named === undefined && next !== undefined && (next.startsWith('+') || next.startsWith('-')))
    return zoneOf(next, undefined);
  return named ?? 0;
}

function assemble(
  day: number,
  month: number,
  year: number | undefined,
  time: Time,
  zoneMinutes: number,
): SentDate | undefined {
  if (year === undefined || day < 1 || day > 31) return undefined;
  // RFC 5322 4.3: 00-49 are 20xx, 50-99 and three digits are 19xx.
  const fullYear = year < 50 ? 2000 + year : year < 1000 ? 1900 + year : year;
  const days = Date.UTC(fullYear, month, day) / 1000;
  if (new Date(days * 1000).getUTCMonth() !== month) return undefined; // 31 February
  return { seconds: days + time.seconds - zoneMinutes * 60, zoneMinutes };
}
