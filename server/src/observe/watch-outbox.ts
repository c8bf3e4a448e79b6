/** How much waits in the outbox: of all processes together, so one process tells it. Read when somebody asks. */
import type { Clock } from '../kernel/clock.js';
import type { Metrics } from './metrics.js';

export interface CountedOutbox {
  counts(): Promise<{
    readonly waiting: number;
    readonly held: number;
    readonly scheduled: number;
    readonly oldest: Date | undefined;
  }>;
}

/** Gives what has to be called before the figures are read. Rejects when the store is away. */
export function watchOutbox(metrics: Metrics, outbox: CountedOutbox, clock: Clock): () => Promise<void> {
  let latest = { waiting: 0, held: 0, scheduled: 0 };
  let oldestMs: number | undefined;
  for (const state of ['waiting', 'held', 'scheduled'] as const) {
    metrics.watch(
      'outbox',
      'Messages that wait to be sent; held and scheduled ones are among the waiting',
      { state },
      () => latest[state],
    );
  }
  metrics.watch('outbox_oldest_seconds', 'Age of the message that waits longest', {}, () =>
    oldestMs === undefined ? 0 : Math.max(0, (clock.nowMs() - oldestMs) / 1000),
  );
  return async () => {
    const { oldest, ...counts } = await outbox.counts();
    latest = counts;
    oldestMs = oldest?.getTime();
  };
}
