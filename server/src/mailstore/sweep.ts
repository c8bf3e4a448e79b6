import { setTimeout as sleep } from 'node:timers/promises';
import type { Changes } from '../database/changes.js';
import type { Roots } from '../database/roots.js';
import type { AccountId } from '../kernel/ids.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { AccountCache } from './account-cache.js';

/** Every so many looks, accounts that nobody uses are looked up too: another process may have removed them. */
const looksPerRemoval = 6;
/** Store design section 3: covers a stream that keeps silent though entries come. */
const sweepMs = 10_000;

/**
 * Looks every 10 s whether an account in use has an entry that the stream did not bring: one command for 200 accounts, which
 * names only those that are behind. What is held of an account that was removed elsewhere goes within a minute.
 */
export function startSweep(
  accounts: AccountCache,
  { changes, roots }: { readonly changes: Changes; readonly roots: Pick<Roots, 'missing'> },
  options: { readonly lifetime: Lifetime; readonly log: Log; readonly everyMs?: number },
): void {
  options.lifetime.run('sweep', async (signal) => {
    for (let looks = 1; ; looks++) {
      await sleep(options.everyMs ?? sweepMs, undefined, { signal, ref: false });
      const watched = [...accounts.all()].filter((held) => held.users > 0);
      try {
        const behind = new Set(
          await changes.behind(watched.map(({ view }) => ({ account: view.account, n: view.state.n }))),
        );
        const late = watched.filter(({ view }) => behind.has(view.account));
        const results = await Promise.allSettled(late.map(({ view }) => view.freshness.refresh()));
        for (const result of results) if (result.status === 'rejected') throw result.reason;
        if (looks % looksPerRemoval === 0) await forgetRemoved(accounts, roots);
      } catch (error) {
        options.log.warn({ err: error }, 'looking for missed changes failed, trying again');
      }
    }
  });
}

async function forgetRemoved(accounts: AccountCache, roots: Pick<Roots, 'missing'>): Promise<void> {
  const unused = [...accounts.all()].filter((held) => held.users === 0).map(({ view }) => view.account);
  if (unused.length === 0) return;
  for (const account of await roots.missing(unused)) accounts.forget(account as AccountId);
}
