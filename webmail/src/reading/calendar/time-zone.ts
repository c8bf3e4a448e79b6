/**
 * A time on the wall of some place as a moment: zones of the IANA database by the browser's own, others by the rules that the
 * calendar brings along (RFC 5545 3.6.5). A zone that neither knows gives undefined.
 */
import type { CalendarComponent, ContentLine } from './content-lines.js';

/** What the clock there shows. */
export interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export const asUtcMs = ({ year, month, day, hour, minute, second }: WallTime): number =>
  Date.UTC(year, month - 1, day, hour, minute, second);

/** `20261203T140000`, `20261203`; undefined when it is neither. */
export function readWallTime(text: string): WallTime | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d))?/.exec(text);
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((one) => Number(one ?? 0));
  const isTime = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59 && second <= 60;
  return isTime ? { year, month, day, hour, minute, second } : undefined;
}

export function momentIn(zone: string, wall: WallTime, calendar: CalendarComponent): Date | undefined {
  const known = ianaZone(zone);
  const rules = calendar.components.find(
    ({ name, lines }) => name === 'VTIMEZONE' && lines.some((line) => line.name === 'TZID' && line.value === zone),
  );
  const offset = known === undefined ? rules && offsetByRules(rules, wall) : offsetByBrowser(known, wall);
  return offset === undefined ? undefined : new Date(asUtcMs(wall) - offset);
}

/** Some programs write `/example.org/20261124/Europe/Paris`: the name is at the end. */
function ianaZone(zone: string): string | undefined {
  const parts = zone.slice(0, 200).split('/').filter(Boolean);
  return [zone.slice(0, 200), parts.slice(-2).join('/'), parts.slice(-3).join('/')].find((name) => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: name });
      return name !== '';
    } catch {
      return false;
    }
  });
}

function offsetByBrowser(zone: string, wall: WallTime): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsetAt = (ms: number): number => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return shown - ms;
  };
  const local = asUtcMs(wall);
  // The offset is that of the moment, which is not known before the offset: the second look settles it.
  return offsetAt(local - offsetAt(local));
}

/** The observance that began last before the wall time says how far it is from UTC. */
function offsetByRules(zone: CalendarComponent, wall: WallTime): number | undefined {
  const now = asUtcMs(wall);
  let last = Number.NEGATIVE_INFINITY;
  let offset: number | undefined;
  for (const { name, lines } of zone.components) {
    if (name !== 'STANDARD' && name !== 'DAYLIGHT') continue;
    const value = (wanted: string): string | undefined => lines.find((line) => line.name === wanted)?.value;
    const to = readOffset(value('TZOFFSETTO') ?? '');
    const start = readWallTime(value('DTSTART') ?? '');
    if (to === undefined || start === undefined) continue;
    const rule = lines.find((line) => line.name === 'RRULE');
    for (const year of [wall.year - 1, wall.year]) {
      const onset = rule === undefined ? asUtcMs(start) : (yearlyOnset(rule, start, year) ?? asUtcMs(start));
      if (onset <= now && onset > last) {
        last = onset;
        offset = to;
      }
    }
  }
  return offset;
}

/** `+0100`, `-053000`. */
function readOffset(text: string): number | undefined {
  const found = /^([+-])(\d\d)(\d\d)(\d\d)?$/.exec(text.trim());
  if (!found) return undefined;
  const [, sign, hours, minutes, seconds = '0'] = found;
  return (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** `FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU`, which is how clocks are changed; anything else gives undefined. */
function yearlyOnset(rule: ContentLine, start: WallTime, year: number): number | undefined {
  const parts = new Map(rule.value.split(';', 12).map((part) => part.toUpperCase().split('=', 2) as [string, string]));
  const month = Number(parts.get('BYMONTH'));
  const found = /^([+-]?\d)([A-Z]{2})$/.exec(parts.get('BYDAY') ?? '');
  if (parts.get('FREQ') !== 'YEARLY' || !(month >= 1 && month <= 12) || !found || year < start.year) return undefined;
  const nth = Number(found[1]);
  const weekday = weekdays.indexOf(found[2] ?? '');
  if (nth === 0 || weekday < 0) return undefined;
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const earliest = 1 + ((weekday - first + 7) % 7);
  const latest = earliest + 7 * Math.floor((days - earliest) / 7);
  const day = nth > 0 ? earliest + 7 * (nth - 1) : latest + 7 * (nth + 1);
  return asUtcMs({ ...start, year, month, day });
}
