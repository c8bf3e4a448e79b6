/** What changed since a state, when nothing of it is above the root any more. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { MailDatabase } from '@vaguemestre/server/database/database';
import type { AccountView } from '@vaguemestre/server/mailstore/account-view';
import { entriesAbove } from '@vaguemestre/server/mailstore/entries-above';

const entry = (n: number) => ({ n, ops: [] });
const logOf = (...ns: number[]) =>
  ({
    changes: {
      between: async (_account: string, above: number, upTo: number, limit: number) =>
        ns
          .filter((n) => n > above && n <= upTo)
          .slice(0, limit)
          .map(entry),
    },
  }) as unknown as MailDatabase;
const viewOf = (root: number, n: number) =>
  ({
    account: 'a',
    root: { n: root },
    state: { n },
    tail: Array.from({ length: n - root }, (_, i) => entry(root + 1 + i)),
  }) as unknown as AccountView;

async function numbers(database: MailDatabase, view: AccountView, since: number): Promise<number[] | undefined> {
  const found: number[] = [];
  for await (const entries of entriesAbove(database, view, since)) {
    if (entries === undefined) return undefined;
    found.push(...entries.map(({ n }) => n));
  }
  return found;
}

it('reads the log below the root and the tail above it, whichever of them there is', async () => {
  const log = logOf(1, 2, 3, 4, 5);
  assert.deepEqual(await numbers(log, viewOf(3, 5), 1), [2, 3, 4, 5]);
  assert.deepEqual(await numbers(log, viewOf(5, 5), 1), [2, 3, 4, 5], 'everything is folded');
  assert.deepEqual(await numbers(log, viewOf(0, 5), 3), [4, 5]);
  assert.deepEqual(await numbers(log, viewOf(5, 5), 5), []);
});

it('says when the log does not reach back', async () => {
  assert.equal(await numbers(logOf(4, 5), viewOf(5, 5), 1), undefined);
  assert.equal(await numbers(logOf(), viewOf(5, 6), 1), undefined);
});
