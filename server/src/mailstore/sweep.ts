import { setTimeout as sleep } from 'node:timers/promises';
import type { Changes } from '../database/changes.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { AccountCache } from './account-cache.js';

/** Store design section 3: covers a stream that keeps silent though entries come. */
const sweepMs = 10_000;

/**
 * Looks every 10 s whether an account in use has an entry that the stream did not bring: one command for 200 accounts, which
 * names only those that are behind.
 */
export function startSweep(
  accounts: AccountCache,
  changes: Changes,
  options: { readonly lifetime: Lifetime; readonly log: Log; readonly everyMs?: number },
): void {
  options.lifetime.run('sweep', async (signal) => {
    for (;;) {
      await sleep(options.everyMs ?? sweepMs, undefined, { signal, ref: false });
      const watched = [...accounts.all()].filter((held) => held.users > 0);
      try {
        const behind = new Set(
          await changes.behind(watched.map(({ view }) => ({ account: view.account, n: view.state.n }))),
        );
        const late = watched.filter(({ view }) => behind.has(view.account));
        const results = await Promise.allSettled(late.map(({ view }) => view.freshness.refresh()));
        for (const result of results) if (result.status === 'rejected') throw result.reason;
      } catch (error) {
        options.log.warn({ err: error }, 'looking for missed changes failed, trying again');
      }
    }
  });
}
