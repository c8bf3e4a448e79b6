import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeFeed } from '../database/change-feed.js';
import type { Clock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { Moment } from './account-view.js';
import type { Entry } from './log-entry.js';

/**
 * The change stream of this process (store design section 3): opened, and its first reply received, before any view is
 * loaded; then every entry goes to the view of its account, if there is one. When the stream breaks beyond resuming, a new
 * one is opened first and then every loaded view reads its tail, so that nothing falls between.
 */
export interface FeedTarget {
  /** Whether entry `n` of an account that came is news here: asked before it is decoded, once for each. */
  wants(account: string, n: number): boolean;
  /** A new entry of an account. */
  entry(entry: Entry): void;
  /** Entries may have been missed: read every tail. Does not fail for the sake of one account. */
  missed(): Promise<void>;
}

export interface Feed {
  /** Up to when every loaded view was told everything; undefined while a stream is being replaced. */
  toldUpTo(): Moment | undefined;
  /** Resolves when the stream is open. From then on the lifetime owns it. */
  start(target: FeedTarget): Promise<void>;
}

const firstPauseMs = 20;
const maxPauseMs = 2_000;
const openAttempts = 4;

export function createFeed(
  feed: ChangeFeed,
  options: { readonly lifetime: Lifetime; readonly clock: Clock; readonly log: Log },
): Feed {
  const { lifetime, clock, log } = options;
  let told: Moment | undefined;
  /** While tails are being read after a break, what the new stream says holds for nothing older than itself. */
  let whole = true;
  const progressed = (): void => {
    if (whole) told = { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
  };

  async function reopen(target: FeedTarget, stop: AbortSignal): Promise<void> {
    whole = false;
    told = undefined;
    for (let pauseMs = firstPauseMs; !stop.aborted; pauseMs = Math.min(maxPauseMs, pauseMs * 2)) {
      await sleep(pauseMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
      if (stop.aborted) return;
      try {
        await feed.open(progressed, target.wants);
        await target.missed();
        whole = true;
        return;
      } catch (error) {
        log.warn({ err: error }, 'the change stream cannot be opened');
      }
    }
  }

  return {
    toldUpTo: () => told,
    async start(target) {
      await repeatedly(() => feed.open(progressed, target.wants));
      lifetime.onClose(() => feed.close());
      lifetime.run('change feed', async (signal) => {
        while (!signal.aborted) {
          try {
            target.entry((await feed.next()) as Entry);
          } catch (error) {
            if (signal.aborted) return;
            log.warn({ err: error }, 'the change stream broke, opening another');
            await reopen(target, signal);
          }
        }
      });
    },
  };
}

/** Opening at the start may meet a passing trouble like any other command. */
async function repeatedly(open: () => Promise<void>): Promise<void> {
  for (let left = openAttempts; ; left--) {
    try {
      await open();
      return;
    } catch (error) {
      if (left <= 1) throw error;
      await sleep(firstPauseMs * 5);
    }
  }
}
