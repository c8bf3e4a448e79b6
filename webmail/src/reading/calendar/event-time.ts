/** When an event is, in words of the reader's language and on the reader's clock. */
import type { Language } from '../../i18n/language.js';
import type { EventTime } from './invitation.js';

/** `timeZone` in place of the reader's own, for tests. */
export function formatEventTime(
  language: Language,
  start: EventTime,
  end: EventTime | undefined,
  timeZone?: string,
): string {
  const locale = language === 'fr' ? 'fr-FR' : 'en-GB';
  // What is on the wall of an unknown place, and days, are shown as they are written.
  const zone = start.kind === 'moment' ? timeZone : 'UTC';
  const format = new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    ...(start.kind !== 'day' && { hour: '2-digit', minute: '2-digit' }),
    ...(zone !== undefined && { timeZone: zone }),
  });
  return end === undefined ? format.format(start.date) : format.formatRange(start.date, end.date);
}
