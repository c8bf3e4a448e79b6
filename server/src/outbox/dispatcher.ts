/**
 * Sends what is due, in every process that serves people: the one that took a submission sends it at once, and any of them takes
 * over what another left behind. None is in charge, so none has to be watched. Each looks for work when something was handed in
 * here, when the soonest thing it knows of is due, and every few seconds besides.
 */
import type { DueSubmission, Submissions } from '../database/submissions.js';
import type { Clock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';

export interface Dispatcher {
  /** Something may be due: look now. */
  wake(): void;
}

export interface DispatcherParts {
  readonly submissions: Pick<Submissions, 'next'>;
  /** Rejects when the store is away. */
  readonly dispatch: (due: DueSubmission, signal: AbortSignal) => Promise<unknown>;
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

/** What was handed in elsewhere for later is seen within this time. */
const lookMs = 5_000;
/** After something could not be read or written. */
const pauseMs = 2_000;
/** Submissions in hand at once: each holds a few megabytes at most. */
const atOnce = 4;

export function startDispatcher(parts: DispatcherParts): Dispatcher {
  const { lifetime, log } = parts;
  let woken = false;
  let stir: () => void = () => undefined;
  const wake = (): void => {
    woken = true;
    stir();
  };
  const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    if (woken || signal.aborted) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      stir = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  };
  lifetime.run('dispatcher', async (signal) => {
    while (!signal.aborted) {
      woken = false;
      let waitMs = pauseMs;
      try {
        waitMs = await sendDue(parts, signal);
      } catch (error) {
        log.warn({ err: error }, 'the outbox cannot be worked through, trying again');
      }
      await wait(waitMs, signal);
    }
  });
  lifetime.onClose(wake);
  return { wake };
}

/** Sends everything that is due; resolves with the time until something else will be, at most `lookMs`. */
export async function sendDue(
  { submissions, dispatch, clock }: Pick<DispatcherParts, 'submissions' | 'dispatch' | 'clock'>,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    const next = await submissions.next(atOnce);
    const waitsMs = next.map((one) => one.due.getTime() - clock.nowMs());
    const due = next.filter((_, i) => waitsMs[i]! <= 0);
    if (due.length === 0) return Math.min(lookMs, waitsMs[0] ?? lookMs);
    const results = await Promise.allSettled(due.map((one) => dispatch(one, signal)));
    // Once round again would meet the same trouble at once.
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    if (signal.aborted) return 0;
  }
}
