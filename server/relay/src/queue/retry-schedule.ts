/**
 * When a delivery is tried again, and when no more (RFC 5321 4.5.4.1: at least 30 minutes between tries in the long run, give up
 * after 4 to 5 days). Mailboxes are beside us: what keeps them away is short. The waits of many messages are spread by a fifth, so
 * that a host that comes back is not met by all of them at once.
 */
import type { Lane } from '../database/queue-documents.js';

export interface RetrySchedule {
  /** `tries`: how often it was tried, 1 after the first. */
  waitMs(lane: Lane, tries: number): number;
  readonly giveUpMs: number;
  /** Of messages from `<>`: notices and answers of programs, which nobody waits for so long. */
  readonly giveUpNoticesMs: number;
  readonly warnAfterMs: number;
}

const secondMs = 1000;
const minuteMs = 60_000;
const outMs = [1, 2, 5, 10, 20, 30, 60].map((minutes) => minutes * minuteMs);
const inMs = [2, 5, 15, 60, 300].map((seconds) => seconds * secondMs);
const spread = 0.2;

export function retrySchedule(
  { giveUpMs, warnAfterMs }: { readonly giveUpMs: number; readonly warnAfterMs: number },
  random: () => number = Math.random,
): RetrySchedule {
  return {
    waitMs(lane, tries) {
      const waits = lane === 'in' ? inMs : outMs;
      const wait = waits[Math.min(Math.max(tries, 1), waits.length) - 1]!;
      return Math.round(wait * (1 + spread * (2 * random() - 1)));
    },
    giveUpMs,
    giveUpNoticesMs: Math.min(giveUpMs, 24 * 3_600_000),
    warnAfterMs,
  };
}
