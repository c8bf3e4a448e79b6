/**
 * What a calendar file in a message is about (RFC 5545, RFC 5546): the first event, with what people ask first: what, when,
 * where, who. Text is text: nothing in it is ever markup, and an address that is no web page is none. Never throws.
 */
import { type CalendarComponent, type ContentLine, plainText, readCalendar } from './content-lines.js';
import { asUtcMs, momentIn, readWallTime } from './time-zone.js';

export type EventTime =
  /** A whole day, anywhere. */
  | { readonly kind: 'day'; readonly date: Date }
  | { readonly kind: 'moment'; readonly date: Date }
  /** On the wall of a place that nobody knows: shown as it is written. `zone` is empty when none is named. */
  | { readonly kind: 'wall'; readonly date: Date; readonly zone: string };

export interface Participant {
  readonly name: string;
  readonly email: string;
  readonly answer: 'accepted' | 'declined' | 'tentative' | 'open';
}

export interface Invitation {
  /** RFC 5546 1.4: an event is asked for, put off for good, answered ... */
  readonly act: 'request' | 'cancel' | 'reply' | 'publish';
  readonly summary: string;
  readonly start: EventTime | undefined;
  /** The last day of whole days; undefined when it has no length. */
  readonly end: EventTime | undefined;
  readonly repeats: boolean;
  readonly location: string;
  readonly page: string | undefined;
  readonly description: string;
  readonly organizer: Participant | undefined;
  readonly participants: readonly Participant[];
  /** Events beside this one. */
  readonly others: number;
}

const maxText = 300;
const maxDescription = 3_000;
const maxParticipants = 300;
const dayMs = 86_400_000;

export function readInvitation(text: string): Invitation | undefined {
  const calendar = readCalendar(text).components.find(({ name }) => name === 'VCALENDAR');
  const events = calendar?.components.filter(({ name }) => name === 'VEVENT') ?? [];
  // RFC 5545 3.8.4.4: without RECURRENCE-ID it is the whole series.
  const event = events.find((one) => !has(one, 'RECURRENCE-ID')) ?? events[0];
  if (calendar === undefined || event === undefined) return undefined;
  const start = timeOf(line(event, 'DTSTART'), calendar);
  const page = plainText(value(event, 'URL')).trim();
  return {
    act: actOf(value(calendar, 'METHOD'), value(event, 'STATUS')),
    summary: short(value(event, 'SUMMARY')),
    start,
    end: endOf(event, start, calendar),
    repeats: has(event, 'RRULE') || has(event, 'RDATE'),
    location: short(value(event, 'LOCATION')),
    page: /^https?:\/\//i.test(page) && page.length <= 2_000 ? page : undefined,
    description: short(value(event, 'DESCRIPTION'), maxDescription),
    organizer: participants(event, 'ORGANIZER')[0],
    participants: participants(event, 'ATTENDEE'),
    others: new Set(events.map((one) => value(one, 'UID'))).size - 1,
  };
}

const line = ({ lines }: CalendarComponent, name: string): ContentLine | undefined =>
  lines.find((one) => one.name === name);
const value = (component: CalendarComponent, name: string): string => line(component, name)?.value ?? '';
const has = (component: CalendarComponent, name: string): boolean => line(component, name) !== undefined;

function short(text: string, longest = maxText): string {
  const plain = plainText(text.slice(0, 2 * longest)).trim();
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
}

function actOf(method: string, status: string): Invitation['act'] {
  const name = method.trim().toUpperCase();
  if (name === 'CANCEL' || status.trim().toUpperCase() === 'CANCELLED') return 'cancel';
  if (name === 'REPLY' || name === 'COUNTER') return 'reply';
  return name === 'REQUEST' || name === 'ADD' ? 'request' : 'publish';
}

function timeOf(found: ContentLine | undefined, calendar: CalendarComponent): EventTime | undefined {
  const text = found?.value.trim() ?? '';
  const wall = readWallTime(text);
  if (found === undefined || wall === undefined) return undefined;
  const date = new Date(asUtcMs(wall));
  if (text.length === 8 || found.parameters.get('VALUE')?.toUpperCase() === 'DATE') return { kind: 'day', date };
  if (text.toUpperCase().endsWith('Z')) return { kind: 'moment', date };
  const zone = found.parameters.get('TZID') ?? '';
  const moment = zone === '' ? undefined : momentIn(zone, wall, calendar);
  return moment === undefined ? { kind: 'wall', date, zone: zone.slice(0, 100) } : { kind: 'moment', date: moment };
}

/** RFC 5545 3.6.1: an end, or a length, or what the start implies. The end of days is the day after the last. */
function endOf(
  event: CalendarComponent,
  start: EventTime | undefined,
  calendar: CalendarComponent,
): EventTime | undefined {
  if (start === undefined) return undefined;
  const end = timeOf(line(event, 'DTEND'), calendar);
  if (end !== undefined && end.kind === start.kind) {
    const date = end.kind === 'day' ? new Date(end.date.getTime() - dayMs) : end.date;
    return date > start.date ? { ...end, date } : undefined;
  }
  const length = durationMs(value(event, 'DURATION'));
  if (length === undefined) return undefined;
  const date = new Date(start.date.getTime() + length - (start.kind === 'day' ? dayMs : 0));
  return date > start.date ? { ...start, date } : undefined;
}

/** RFC 5545 3.3.6: `PT1H30M`, `P1W`. */
function durationMs(text: string): number | undefined {
  const found = /^P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?$/i.exec(
    text.trim(),
  );
  if (!found) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((one) => Number(one ?? 0));
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

function participants({ lines }: CalendarComponent, name: string): Participant[] {
  return lines
    .filter((one) => one.name === name)
    .slice(0, maxParticipants)
    .map(({ parameters, value: address }): Participant => {
      const email = short(address.replace(/^mailto:/i, ''), 320);
      const said = parameters.get('PARTSTAT')?.toUpperCase();
      const answer = said === 'ACCEPTED' ? 'accepted' : said === 'DECLINED' ? 'declined' : 'open';
      return {
        name: short(parameters.get('CN') ?? '', 120) || email,
        email,
        answer: said === 'TENTATIVE' ? 'tentative' : answer,
      };
    });
}
