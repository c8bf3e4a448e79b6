import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeFeed } from '../database/change-feed.js';
import type { Clock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { Entry } from './log-entry.js';

/**
 * The change stream of this process (store design section 3): opened, and its first reply received, before any view is
 * loaded; then every entry goes to the view of its account, if there is one. When the stream breaks beyond resuming, a new
 * one is opened first and then every loaded view reads its tail, so that nothing falls between.
 */
export interface FeedTarget {
  /** A new entry of an account. */
  entry(entry: Entry): void;
  /** Entries may have been missed: read every tail. */
  missed(): Promise<void>;
  /** Everything up to now was told: every view is current as of this moment. */
  progress(monotonicMs: number, wallMs: number): void;
}

const firstPauseMs = 20;
const maxPauseMs = 2_000;

/** Resolves when the stream is open. From then on `lifetime` owns it. */
export async function startFeed(
  feed: ChangeFeed,
  target: FeedTarget,
  options: { readonly lifetime: Lifetime; readonly clock: Clock; readonly log: Log },
): Promise<void> {
  const { lifetime, clock, log } = options;
  const progressed = (): void => target.progress(clock.monotonicMs(), clock.nowMs());
  await feed.open(progressed);
  lifetime.onClose(() => feed.close());
  lifetime.run('change feed', async (signal) => {
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      try {
        const entry = (await feed.next()) as Entry;
        target.entry(entry);
        pauseMs = firstPauseMs;
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'the change stream broke, opening another');
        await reopen(signal);
      }
    }

    async function reopen(stop: AbortSignal): Promise<void> {
      while (!stop.aborted) {
        await sleep(pauseMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
        if (stop.aborted) return;
        pauseMs = Math.min(maxPauseMs, pauseMs * 2);
        try {
          await feed.open(progressed);
          await target.missed();
          return;
        } catch (error) {
          log.warn({ err: error }, 'the change stream cannot be opened');
        }
      }
    }
  });
}
