/** When a message could leave later: moments a person would say, in the local time of the one who writes. */

export type MomentName = 'laterToday' | 'tomorrow' | 'monday';

export interface Moment {
  readonly name: MomentName;
  readonly at: Date;
}

const eveningHour = 18;
const morningHour = 8;
const minutesAhead = 30;

/** Only moments still to come; none twice. */
export function moments(now: Date): readonly Moment[] {
  const evening = at(now, 0, eveningHour);
  const tomorrow = at(now, 1, morningHour);
  const daysToMonday = (8 - now.getDay()) % 7 || 7;
  const monday = at(now, daysToMonday, morningHour);
  const found: Moment[] = [];
  if (evening.getTime() - now.getTime() > minutesAhead * 60_000) found.push({ name: 'laterToday', at: evening });
  found.push({ name: 'tomorrow', at: tomorrow });
  if (monday.getTime() !== tomorrow.getTime()) found.push({ name: 'monday', at: monday });
  return found;
}

/** By the calendar, so that an hour is that hour across the change of summer time. */
function at(now: Date, days: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
}

/** What a field of date and time takes: local time, without seconds. */
export function fieldValue(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
