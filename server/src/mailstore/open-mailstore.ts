import type { MailDatabase } from '../database/database.js';
import { type Clock, systemClock } from '../kernel/clock.js';
import { type AccountId, newProcessNonce } from '../kernel/ids.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import { AccountCache, type HeldAccount } from './account-cache.js';
import { accountHandle } from './account-handle.js';
import { beginDelivery } from './deliver.js';
import { CardCache } from './derived/card-cache.js';
import { derivation } from './derived/derive.js';
import { createFeed, type FeedTarget } from './feed.js';
import { foldSchedule } from './fold-schedule.js';
import type { Mailstore } from './mailstore.js';
import { newRoot } from './new-account.js';
import { startSweep } from './sweep.js';
import { collectDue } from './upkeep/collector.js';

export interface MailstoreOptions {
  readonly database: MailDatabase;
  readonly lifetime: Lifetime;
  readonly log: Log;
  readonly clock?: Clock;
  /** Memory for mailboxes that are held ready: columns and cards (128 MiB). */
  readonly viewBudgetBytes?: number;
  /** For tests: how often heads are looked at beside the stream. */
  readonly sweepMs?: number;
  /** For tests: how many entries make a fold due. */
  readonly foldEntries?: number;
}

/** Design, invariant 6: what a process holds ready of mailboxes that nobody has selected. */
const defaultViewBudgetBytes = 128 * 1024 * 1024;
/** Of which card packs: 48 MiB are enough for the lists of some 50,000 messages. */
const cardShare = 3 / 8;

/**
 * The mailstore of this process. Its change stream is opened before the first view is loaded, so that no view misses a change
 * (store design section 3), and not before: a process that serves nobody, as the main one of a service, need not hear of every
 * change.
 */
export function openMailstore(options: MailstoreOptions): Mailstore {
  const { database, lifetime, log } = options;
  const clock = options.clock ?? systemClock;
  const viewBudgetBytes = options.viewBudgetBytes ?? defaultViewBudgetBytes;
  const cards = new CardCache(database.cards, viewBudgetBytes * cardShare);
  const nonce = newProcessNonce();
  let serial = 0;
  const derived = derivation(database, { lifetime, log, clock });
  const folds = foldSchedule(
    {
      database,
      clock,
      folded: derived.folded,
      ...(options.foldEntries === undefined ? {} : { entries: options.foldEntries }),
    },
    { lifetime, log },
  );
  const feed = createFeed(database.feed, { lifetime, clock, log });
  const accounts = new AccountCache({
    columnBudgetBytes: viewBudgetBytes * (1 - cardShare),
    views: { database, clock, log, toldUpTo: () => feed.toldUpTo() },
    queues: {
      commits: database.commits,
      clock,
      nextWriter: () => `${nonce}.${(++serial).toString(36)}`,
      committed: (view) => folds.committed(view),
    },
    loaded: (view) => folds.loaded(view),
  });

  function catchUp({ view }: HeldAccount): Promise<void> {
    return view.freshness.refresh();
  }

  const target: FeedTarget = {
    wants: (account, n) => accounts.hear(account as AccountId, n) !== undefined,
    entry(entry) {
      const held = accounts.hear(entry.a as AccountId, entry.n);
      if (held === undefined) return;
      lifetime.run('apply change', async () => {
        if (entry.n === held.view.state.n + 1) await held.view.absorb([entry]);
        else await catchUp(held);
        folds.observed(held.view);
      });
    },
    async missed() {
      for (const held of [...accounts.all()]) {
        if (held.users === 0 && held.queue.idle) {
          held.view.miss();
          continue;
        }
        try {
          await catchUp(held);
        } catch (error) {
          // The sweep goes on trying for who is used; who is not is loaded anew when wanted.
          log.warn({ err: error, account: held.view.account }, 'an account cannot be brought up to date');
          if (held.users === 0) accounts.forget(held.view.account);
        }
      }
    },
  };
  let hearing: Promise<void> | undefined;
  async function hear(): Promise<void> {
    await feed.start(target);
    startSweep(accounts, database, {
      lifetime,
      log,
      ...(options.sweepMs === undefined ? {} : { everyMs: options.sweepMs }),
    });
  }
  /** MailError nonexistent, unavailable. */
  async function use(account: AccountId): Promise<HeldAccount> {
    hearing ??= hear().catch((error: unknown) => {
      hearing = undefined;
      throw error;
    });
    await hearing;
    return accounts.use(account);
  }

  return {
    async createAccount(account, { lang }) {
      await database.roots.insert(newRoot(account, lang, new Date(clock.nowMs())));
    },
    async removeAccount(account) {
      accounts.forget(account);
      // The root first: nothing finds the rest any more, and calling again goes on where this one stopped.
      await database.roots.remove(account);
      await database.changes.remove(account);
      await database.segments.remove(account);
      await database.messages.remove(account);
      await database.cards.remove(account);
      await database.signatures.remove(account);
      await database.contents.disown(account);
      await database.contents.remove(account);
    },
    async openAccount(account, handle) {
      const held = await use(account);
      return accountHandle(
        { database, clock, cards, view: held.view, queue: held.queue, released: () => accounts.release(held) },
        handle,
      );
    },
    collect: (signal) => collectDue(database, { clock, log }, signal),
    beginDelivery: (recipients, delivery) =>
      beginDelivery(
        {
          database,
          clock,
          async use(account) {
            const held = await use(account);
            return { view: held.view, queue: held.queue, done: () => accounts.release(held) };
          },
        },
        recipients,
        delivery,
      ),
  };
}
