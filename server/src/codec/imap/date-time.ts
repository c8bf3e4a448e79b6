/**
 * Dates of the IMAP grammar (RFC 9051 9): `date-time` of INTERNALDATE and APPEND, both ways, and `date` of SEARCH. Seconds
 * and days count from 1970-01-01 UTC in the proleptic Gregorian calendar.
 */
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const secondsPerDay = 86_400;
/** INTERNALDATE is kept in 32 unsigned bits: what lies before 1970 or after 2106 is stored as the nearest moment that fits. */
const maxSeconds = 0xffff_ffff;

function daysInMonth(year: number, month: number): number {
  if (month === 1) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 3 || month === 5 || month === 8 || month === 10 ? 30 : 31;
}

/** Digits from `from` to `to`, or NaN. */
function digits(text: string, from: number, to: number): number {
  if (from === to || to > text.length) return Number.NaN;
  let value = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i) - 0x30;
    if (code < 0 || code > 9) return Number.NaN;
    value = value * 10 + code;
  }
  return value;
}

function dayNumber(text: string, day: number, at: number): number | undefined {
  const month = months.indexOf(text.slice(at + 1, at + 4).toUpperCase());
  const year = digits(text, at + 5, at + 9);
  if (text[at] !== '-' || text[at + 4] !== '-' || month < 0 || Number.isNaN(year)) return undefined;
  if (!(day >= 1 && day <= daysInMonth(year, month))) return undefined;
  const date = new Date(0);
  // Date.UTC takes years below 100 for 19xx.
  date.setUTCFullYear(year, month, day);
  return date.getTime() / (secondsPerDay * 1000);
}

/** date-text: `1-Feb-2024`, `01-feb-2024`. The day's number, or undefined. */
export function parseDate(text: string): number | undefined {
  const dash = text.indexOf('-');
  if (dash < 1 || dash > 2 || text.length !== dash + 9) return undefined;
  return dayNumber(text, digits(text, 0, dash), dash);
}

/**
 * date-time without its quotes: `17-Jul-1996 02:44:25 -0700`, first digit of the day may be a blank. A day of one digit
 * without the blank is taken too: clients send it. Seconds since 1970, or undefined.
 */
export function parseDateTime(text: string): number | undefined {
  const dash = text.indexOf('-');
  if (dash < 1 || dash > 2 || text.length !== dash + 24) return undefined;
  const day = dayNumber(text, digits(text, text[0] === ' ' ? 1 : 0, dash), dash);
  const time = dash + 10;
  const zone = dash + 19;
  const hours = digits(text, time, time + 2);
  const minutes = digits(text, time + 3, time + 5);
  const seconds = digits(text, time + 6, time + 8);
  const zoneHours = digits(text, zone + 1, zone + 3);
  const zoneMinutes = digits(text, zone + 3, zone + 5);
  const sign = text[zone] === '+' ? 1 : text[zone] === '-' ? -1 : 0;
  if (day === undefined || sign === 0 || text[time - 1] !== ' ' || text[zone - 1] !== ' ') return undefined;
  if (text[time + 2] !== ':' || text[time + 5] !== ':') return undefined;
  // A leap second is a second of the next minute here.
  if (!(hours < 24 && minutes < 60 && seconds <= 60 && zoneHours < 24 && zoneMinutes < 60)) return undefined;
  const local = day * secondsPerDay + hours * 3600 + minutes * 60 + seconds;
  const utc = local - sign * (zoneHours * 3600 + zoneMinutes * 60);
  return utc < 0 ? 0 : utc > maxSeconds ? maxSeconds : utc;
}

const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

/** `"17-Jul-1996 02:44:25 +0000"`, always UTC, quotes included, 28 octets. */
export function formatDateTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const day = date.getUTCDate();
  return `"${day < 10 ? ` ${day}` : day}-${monthNames[date.getUTCMonth()]}-${String(date.getUTCFullYear()).padStart(4, '0')} ${two(
    date.getUTCHours(),
  )}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000"`;
}
