/**
 * Random commands on one account, through two mailstores that share nothing but the database: what they answer and show is
 * what a simple model says; and when they run at the same time, whatever order they commit in, every invariant holds and both
 * processes come to see the same.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { checkReads } from '@vaguemestre/server/database/check-reads';
import { mailCollections } from '@vaguemestre/server/database/collections';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { type AccountId, newAccountId } from '@vaguemestre/server/kernel/ids';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { storeChecker } from '@vaguemestre/server/mailstore/check/check-account';
import fc from 'fast-check';
import { startTestDatabase, type TestDatabase, type TestStore } from '../../harness/mail-store.js';
import { AccountModel } from '../mailbox-model.js';
import { assertLikeModel, assertSame, checkTotals } from './account-checks.js';
import { modelPaths, type RandomCommand, randomCommand, runOnAccount, runOnModel } from './account-commands.js';

const external = process.env['VAGUEMESTRE_MONGODB_URI'];
const runs = Number(process.env['VAGUEMESTRE_PROPERTY_RUNS'] ?? 20);

for (const weather of external === undefined ? (['fine', 'bad'] as const) : (['fine'] as const)) {
  describe(`random commands on an account, in ${weather} weather`, () => {
    /** Under bad weather a second run of the same commands meets another storm: shrinking would only chase the wind. */
    const options = { numRuns: runs, includeErrorInReport: true, endOnFailure: weather === 'bad' };
    let database: TestDatabase;
    let stores: readonly [TestStore, TestStore];

    before(async () => {
      database = await startTestDatabase(weather);
      // Both fold all the time, so that every view stands on segments as well as on a tail.
      stores = [
        await database.open({ foldEntries: 5 }),
        await database.open({ foldEntries: 7, committedReads: true, directCommits: () => undefined }),
      ];
    });
    after(() => database.close());

    async function handles(): Promise<[Account, Account]> {
      const id = newAccountId();
      await stores[0].mailstore.createAccount(id, { lang: 'en' });
      return [
        await stores[0].mailstore.openAccount(id, { by: 'one' }),
        await stores[1].mailstore.openAccount(id, { by: 'two' }),
      ];
    }

    /** What `check` looks for in the documents themselves (store design section 9): log, segments, totals, contents. */
    async function assertSound(id: AccountId): Promise<void> {
      const { database: mail, connection } = stores[0];
      const reads = checkReads(mailCollections(connection.db));
      const checker = storeChecker({ database: mail, reads, clock: systemClock, log: silentLog });
      const { findings } = await checker.check(id, { deep: true });
      assert.deepEqual(findings, []);
    }

    it('one after the other, on either of two processes, do what the model says', async () => {
      const step = fc.record({ on: fc.constantFrom(0, 1), command: randomCommand });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
          const accounts = await handles();
          const model = new AccountModel(modelPaths);
          for (const { on, command } of steps) {
            const account = accounts[on]!;
            await account.refresh();
            assert.deepEqual(await runOnAccount(account, command), runOnModel(model, command), JSON.stringify(command));
          }
          for (const account of accounts) {
            await account.refresh();
            await assertLikeModel(account, model);
            await checkTotals(account);
            account.release();
          }
          await assertSound(accounts[0].id);
        }),
        options,
      );
    });

    it('at the same time on two processes keep every invariant', async () => {
      const load = fc.array(randomCommand, { minLength: 1, maxLength: 25 });
      await fc.assert(
        fc.asyncProperty(load, load, async (one, two) => {
          const accounts = await handles();
          const runAll = (account: Account, commands: readonly RandomCommand[]): Promise<unknown> =>
            Promise.all(commands.map((command) => runOnAccount(account, command)));
          await Promise.all([runAll(accounts[0], one), runAll(accounts[1], two)]);
          for (const account of accounts) await account.refresh();
          await assertSame(...accounts);
          await checkTotals(accounts[0]);
          for (const account of accounts) account.release();
          // A third reader, who saw nothing of it happen, comes to the same from root and log.
          const fresh = await database.open();
          const reader = await fresh.mailstore.openAccount(accounts[0].id, { by: 'three' });
          await assertSame(accounts[0], reader);
          await fresh.close();
          await assertSound(accounts[0].id);
        }),
        options,
      );
    });
  });
}
