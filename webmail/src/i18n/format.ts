/** Dates, sizes and numbers as each language writes them, by Intl. Formatters are made once: making one costs more than using it. */
import type { Language } from './language.js';

const locales: Readonly<Record<Language, string>> = { fr: 'fr-FR', en: 'en-GB' };
const dates = new Map<string, Intl.DateTimeFormat>();
const numbers = new Map<string, Intl.NumberFormat>();

function dateFormat(language: Language, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + name;
  let format = dates.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(locales[language], options);
    dates.set(key, format);
  }
  return format;
}

export function formatNumber(language: Language, value: number, digits = 0): string {
  const key = `${language}${digits}`;
  let format = numbers.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(locales[language], { maximumFractionDigits: digits });
    numbers.set(key, format);
  }
  return format.format(value);
}

const units: Readonly<Record<Language, readonly string[]>> = {
  fr: ['o', 'Ko', 'Mo', 'Go', 'To'],
  en: ['B', 'KB', 'MB', 'GB', 'TB'],
};

/** Powers of 1000; one decimal below ten. A no-break space stands before the unit. */
export function formatSize(language: Language, octets: number): string {
  let value = octets;
  let step = 0;
  while (value >= 999.5 && step < 4) {
    value /= 1000;
    step++;
  }
  const digits = step > 1 && value < 9.95 ? 1 : 0;
  return `${formatNumber(language, value, digits)}\u00a0${units[language][step]}`;
}

/** Midnight at the start of the day, in the reader's time zone. */
function dayOf(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Whole days between, by the calendar: 0 today, 1 yesterday, negative in the future. A day of 23 or 25 hours counts one. */
export function daysAgo(date: Date, now: Date): number {
  return Math.round((dayOf(now) - dayOf(date)) / 86_400_000);
}

export interface NearDays {
  readonly yesterday: string;
}

/** In a list: `10:42`, `hier`, `ven. 20`, `3 juil.`, `3 juil. 2024`. */
export function formatListTime(language: Language, iso: string, now: Date, words: NearDays): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const days = daysAgo(date, now);
  if (days === 0) return formatTime(language, date);
  if (days === 1) return words.yesterday;
  if (days > 1 && days < 7) return dateFormat(language, 'week', { weekday: 'short', day: 'numeric' }).format(date);
  if (date.getFullYear() === now.getFullYear()) {
    return dateFormat(language, 'day', { day: 'numeric', month: 'short' }).format(date);
  }
  return dateFormat(language, 'year', { day: 'numeric', month: 'short', year: 'numeric' }).format(date);
}

export function formatTime(language: Language, date: Date): string {
  return dateFormat(language, 'time', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(date);
}

/** For a heading or a title: `lundi 23 novembre 2026 à 10:42`. */
export function formatLongDate(language: Language, date: Date): string {
  return dateFormat(language, 'long', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(date);
}

/** `lundi 23 novembre`. */
export function formatDay(language: Language, date: Date): string {
  return dateFormat(language, 'weekday', { weekday: 'long', day: 'numeric', month: 'long' }).format(date);
}

export type DayGroup = 'today' | 'yesterday' | 'week' | 'lastWeek' | 'month' | 'older';

/** Under which heading a message stands. Weeks begin on Monday. */
export function dayGroup(date: Date, now: Date): DayGroup {
  const days = daysAgo(date, now);
  if (days <= 0) return 'today';
  if (days === 1) return 'yesterday';
  const sinceMonday = (now.getDay() + 6) % 7;
  if (days <= sinceMonday) return 'week';
  if (days <= sinceMonday + 7) return 'lastWeek';
  return date.getMonth() === now.getMonth() && date.getFullYear() === now.getFullYear() ? 'month' : 'older';
}
