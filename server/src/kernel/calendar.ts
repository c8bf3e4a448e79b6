/**
 * Days and times of day in a time zone: what people mean by "the last day", as opposed to 24 hours. Pure; the rules of the zones are
 * those of the runtime (ICU). A day may have 23 or 25 hours; a time of day that the change of summer time leaves out is the first
 * moment after it, one that comes twice is the earlier.
 */

/** `2026-06-30`. Compared as text, days are in order. */
export type Day = string;

/** IANA name, `Europe/Paris`. */
export type TimeZone = string;

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** undefined if it is no day of the calendar. */
export function readDay(text: string): Day | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const [year = 0, month = 0, day = 0] = match?.slice(1).map(Number) ?? [];
  const date = new Date(Date.UTC(year, month - 1, day));
  return match !== null && year >= 1970 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? text
    : undefined;
}

/** The day it is at a moment. */
export function dayAt(ms: number, zone: TimeZone): Day {
  return new Date(ms + offsetMs(ms, zone)).toISOString().slice(0, 10);
}

export function addDays(day: Day, days: number): Day {
  return new Date(midnightUtc(day) + days * dayMs).toISOString().slice(0, 10);
}

/** The same day a year later; 29 February becomes 1 March. */
export function addYear(day: Day): Day {
  const date = new Date(midnightUtc(day));
  date.setUTCFullYear(date.getUTCFullYear() + 1);
  return date.toISOString().slice(0, 10);
}

/** How many days later `to` is. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((midnightUtc(to) - midnightUtc(from)) / dayMs);
}

/** The moment at which clocks show `hour` o'clock on a day. */
export function momentOf(day: Day, hour: number, zone: TimeZone): number {
  const wall = midnightUtc(day) + hour * hourMs;
  // Offsets before and after the change, if there is one near; the earlier moment that shows this time on the clock.
  const [before, after] = [wall - offsetMs(wall - dayMs, zone), wall - offsetMs(wall + dayMs, zone)];
  for (const moment of [Math.min(before, after), Math.max(before, after)]) {
    if (moment + offsetMs(moment, zone) === wall) return moment;
  }
  // Left out: by the offset before the change, the clock shows as much later as the gap is long; the change itself is wanted.
  let [low, high] = [wall - dayMs - offsetMs(wall, zone), wall + dayMs - offsetMs(wall, zone)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle + offsetMs(middle, zone) >= wall) high = middle;
    else low = middle;
  }
  return high;
}

/** The last millisecond of a day. */
export function endOfDay(day: Day, zone: TimeZone): number {
  return momentOf(addDays(day, 1), 0, zone) - 1;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const midnightUtc = (day: Day): number => Date.parse(`${day}T00:00:00Z`);

const formats = new Map<TimeZone, Intl.DateTimeFormat>();

/** What clocks of the zone show, less UTC. */
function offsetMs(ms: number, zone: TimeZone): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  const shown: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(ms)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  const whole = Math.floor(ms / 1000) * 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
}
