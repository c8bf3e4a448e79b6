/**
 * When what happens to an account that ends, as pure functions: of the end date, of what was done before, and of the laboratory's
 * calendar. Warnings 14 and 3 days before; nobody logs in after the last day; mail is answered for 30 days more; then the mailbox is
 * archived, and 90 days after the archive the account is deleted. An archive is kept for a year. Days are days of the calendar: what
 * is due on a day is due in the morning, whether the clocks were changed meanwhile or not.
 */
import { addDays, addYear, type Day, dayAt, momentOf, type TimeZone } from '../kernel/calendar.js';

export const warningDays = [14, 3] as const;
export type Warning = (typeof warningDays)[number];

export const answerDays = 30;
export const deletionDays = 90;
/** Letters are written when people read them. */
const morning = 7;

export interface LifeDates {
  readonly lastDay: Day;
  /** Moments, as milliseconds since 1970. */
  readonly firstWarning: number;
  readonly lastWarning: number;
  /** From here on nobody logs in. */
  readonly locked: number;
  /** From here on no mail is answered, and the mailbox is archived. */
  readonly archive: number;
}

export function lifeDates(expires: Date, zone: TimeZone): LifeDates {
  const lastDay = dayAt(expires.getTime(), zone);
  const [first, last] = warningDays;
  return {
    lastDay,
    firstWarning: momentOf(addDays(lastDay, -first), morning, zone),
    lastWarning: momentOf(addDays(lastDay, -last), morning, zone),
    // As the access policy has it: the moment itself still counts.
    locked: expires.getTime() + 1,
    archive: momentOf(addDays(lastDay, answerDays + 1), morning, zone),
  };
}

export const deletionOf = (archived: Date, zone: TimeZone): number =>
  momentOf(addDays(dayAt(archived.getTime(), zone), deletionDays), morning, zone);

export const keptUntil = (archived: Date, zone: TimeZone): Date =>
  new Date(momentOf(addYear(dayAt(archived.getTime(), zone)), morning, zone));

export type LifeStage = 'open' | 'ending' | 'locked' | 'archived';

/** What was done since the end date was set. */
export interface LifeProgress {
  readonly warned?: Partial<Readonly<Record<Warning, Date>>>;
  readonly locked?: Date;
  readonly archived?: Date;
}

export function stageOf(expires: Date | undefined, progress: LifeProgress, zone: TimeZone, nowMs: number): LifeStage {
  if (expires === undefined) return 'open';
  const dates = lifeDates(expires, zone);
  if (nowMs < dates.locked) return nowMs < dates.firstWarning ? 'open' : 'ending';
  return progress.archived === undefined ? 'locked' : 'archived';
}

/** The next thing to do, if it is due. One at a time: each is durable before the next is looked for. */
export type LifeStep =
  | { readonly kind: 'warn'; readonly warning: Warning }
  | { readonly kind: 'lock' }
  | { readonly kind: 'archive' }
  | { readonly kind: 'delete' };

export function nextStep(expires: Date, progress: LifeProgress, zone: TimeZone, nowMs: number): LifeStep | undefined {
  const dates = lifeDates(expires, zone);
  if (nowMs < dates.locked) {
    const warning = nowMs >= dates.lastWarning ? 3 : nowMs >= dates.firstWarning ? 14 : undefined;
    if (warning === undefined || progress.warned?.[warning] !== undefined) return undefined;
    return { kind: 'warn', warning };
  }
  if (progress.locked === undefined) return { kind: 'lock' };
  if (progress.archived === undefined) return nowMs >= dates.archive ? { kind: 'archive' } : undefined;
  return nowMs >= deletionOf(progress.archived, zone) ? { kind: 'delete' } : undefined;
}
