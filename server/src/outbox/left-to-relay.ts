/**
 * The outbox where no relay runs in this process. While one runs anywhere on the store it is the relay's, people of the laboratory
 * included (its filters are the only ones); when none was heard of for a minute, mail inside goes on without.
 */
import type { RelayPresence } from '../database/relay-presence.js';
import type { Submissions } from '../database/submissions.js';
import type { Clock } from '../kernel/clock.js';

export const beatMs = 10_000;
const silentMs = 60_000;
/** How long an answer counts. */
const knownMs = 5_000;

export function leftToRelay(
  submissions: Pick<Submissions, 'next'>,
  presence: Pick<RelayPresence, 'lastSeen'>,
  clock: Clock,
): Pick<Submissions, 'next'> {
  let known: { readonly runs: boolean; readonly untilMs: number } | undefined;
  const runs = async (): Promise<boolean> => {
    if (known !== undefined && clock.monotonicMs() < known.untilMs) return known.runs;
    const seen = await presence.lastSeen();
    const alive = seen !== undefined && clock.nowMs() - seen.getTime() < silentMs;
    known = { runs: alive, untilMs: clock.monotonicMs() + knownMs };
    return alive;
  };
  return { next: async (limit) => ((await runs()) ? [] : submissions.next(limit)) };
}
