/**
 * Emails over mailboxes: whatever commands IMAP and JMAP run on one account through two mailstores that share nothing but the
 * database, the packed index shows what the mailboxes show, `setEmails` does what a simple model says, and the changes since
 * any earlier state are exactly the difference.
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
import { checkTotals } from './account-checks.js';
import { randomCommand, runOnAccount } from './account-commands.js';
import { randomSet, runSet, runSetOnModel } from './email-sets.js';
import { assertChanges, assertIndexed, type Snapshot, takeSnapshot } from './email-snapshot.js';

const external = process.env['VAGUEMESTRE_MONGODB_URI'];
const runs = Number(process.env['VAGUEMESTRE_PROPERTY_RUNS'] ?? 20);

for (const weather of external === undefined ? (['fine', 'bad'] as const) : (['fine'] as const)) {
  describe(`emails of an account, in ${weather} weather`, () => {
    const options = { numRuns: runs, includeErrorInReport: true, endOnFailure: weather === 'bad' };
    let database: TestDatabase;
    let stores: readonly [TestStore, TestStore];

    before(async () => {
      database = await startTestDatabase(weather);
      stores = [await database.open({ foldEntries: 5 }), await database.open({ foldEntries: 7, committedReads: true })];
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

    async function assertSound(id: AccountId): Promise<void> {
      const { database: mail, connection } = stores[0];
      const checker = storeChecker({
        database: mail,
        reads: checkReads(mailCollections(connection.db)),
        clock: systemClock,
        log: silentLog,
      });
      const { findings } = await checker.check(id, { deep: true });
      assert.deepEqual(findings, []);
    }

    const step = fc.record({
      on: fc.constantFrom(0, 1),
      command: fc.oneof(
        { weight: 3, arbitrary: randomCommand.map((one) => ({ kind: 'imap' as const, one })) },
        { weight: 2, arbitrary: randomSet.map((one) => ({ kind: 'set' as const, one })) },
      ),
    });

    it('are what the mailboxes show, and change as is told', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          const accounts = await handles();
          const history: Snapshot[] = [await takeSnapshot(accounts[0])];
          for (const { on, command } of steps) {
            const account = accounts[on]!;
            await account.refresh();
            if (command.kind === 'imap') await runOnAccount(account, command.one);
            else {
              const expected = await takeSnapshot(account);
              const known = new Set(expected.emails.keys());
              const before = await takeSnapshot(account);
              const answer = runSetOnModel(account, expected, command.one);
              assert.deepEqual(await runSet(account, before, command.one), answer, JSON.stringify(command));
              for (const [id, email] of before.emails) if (!known.has(id)) expected.emails.set(id, email);
              const shown = await takeSnapshot(account);
              assert.deepEqual(shapeOf(shown), shapeOf(expected), JSON.stringify(command));
            }
            history.push(await takeSnapshot(account));
          }
          const newest = history.at(-1)!;
          for (const account of accounts) {
            await account.refresh();
            await assertIndexed(account, newest);
            for (const past of history) {
              const changes = await account.changesSince(past.modseq);
              assert.ok(changes !== undefined);
              assertChanges(changes, past, newest);
            }
            await checkTotals(account);
            account.release();
          }
          await assertSound(accounts[0].id);
        }),
        options,
      );
    });

    it('are told in pieces that add up to the whole', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
          const [account] = await handles();
          const begin = await takeSnapshot(account);
          for (const { command } of steps) {
            if (command.kind === 'imap') await runOnAccount(account, command.one);
            else await runSet(account, await takeSnapshot(account), command.one);
          }
          const end = await takeSnapshot(account);
          const known = new Set(begin.emails.keys());
          let since = begin.modseq;
          for (let more = true; more; ) {
            const changes = (await account.changesSince(since, { maxEmails: 2 }))!;
            assert.ok(changes.upTo > since || !changes.more);
            for (const id of changes.emails.created) known.add(id);
            for (const id of changes.emails.destroyed) known.delete(id);
            since = changes.upTo;
            more = changes.more;
          }
          assert.equal(since, end.modseq);
          assert.deepEqual([...known].sort(), [...end.emails.keys()].sort());
          account.release();
        }),
        options,
      );
    });

    it('keep every invariant when two processes change them at the same time', async () => {
      const load = fc.array(fc.oneof(randomCommand, randomSet), { minLength: 1, maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(load, load, async (one, two) => {
          const accounts = await handles();
          const runAll = (account: Account, commands: typeof one): Promise<unknown> =>
            Promise.all(
              commands.map(async (command) =>
                command.kind === 'set'
                  ? runSet(account, await takeSnapshot(account), command)
                  : runOnAccount(account, command),
              ),
            );
          await Promise.all([runAll(accounts[0], one), runAll(accounts[1], two)]);
          for (const account of accounts) {
            await account.refresh();
            await assertIndexed(account, await takeSnapshot(account));
          }
          await checkTotals(accounts[0]);
          for (const account of accounts) account.release();
          await assertSound(accounts[0].id);
        }),
        options,
      );
    });
  });
}

/** Without uids of what is new: those are the store's to give. */
function shapeOf(snapshot: Snapshot): unknown {
  const emails = [...snapshot.emails.values()].map((email) => [
    email.id,
    email.places
      .map((place) => [place.mailbox, [...place.flags].sort()] as const)
      .sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1)),
  ]);
  return emails.sort((x, y) => (String(x[0]) < String(y[0]) ? -1 : 1));
}
