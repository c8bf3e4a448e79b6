import type { MailDatabase } from '../../database/database.js';
import type { RootDocument } from '../../database/documents.js';
import type { Clock } from '../../kernel/clock.js';
import type { Lifetime } from '../../kernel/lifetime.js';
import type { Log } from '../../kernel/log.js';
import type { AccountView } from '../account-view.js';
import type { Entry } from '../log-entry.js';
import { buildCards } from './build-cards.js';
import { buildSlices } from './build-slices.js';

/**
 * What follows a fold, in the background, one account at a time: cards of full blocks, packs of signatures. Derived data: a
 * failure is logged and made good by a later fold or by the collector.
 */
export interface Derivation {
  folded(view: AccountView, root: RootDocument, entries: readonly Entry[]): void;
}

export function derivation(
  database: MailDatabase,
  options: { readonly lifetime: Lifetime; readonly log: Log; readonly clock: Clock },
): Derivation {
  const { lifetime, log, clock } = options;
  let last: Promise<void> = Promise.resolve();
  return {
    folded(view, root, entries) {
      const before = last;
      const work = async (): Promise<void> => {
        await before;
        if (lifetime.closed) return;
        try {
          await buildCards(database, root, entries);
          const now = new Date(clock.nowMs());
          while (await buildSlices(database, view.account, now, (sliced) => view.adopt(sliced))) {
            if (lifetime.closed) return;
          }
        } catch (error) {
          log.warn({ err: error, account: view.account }, 'deriving lists and signatures failed');
        }
      };
      last = work();
      lifetime.run('derive', () => last);
    },
  };
}
