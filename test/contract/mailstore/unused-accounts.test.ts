/** Accounts that a process keeps though nobody uses them: they are not told of every entry, and are current when used again. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import { startTestDatabase, type TestDatabase, type TestStore } from '../../harness/mail-store.js';
import { movingClock } from '../../harness/moving-clock.js';
import { appendOctets, inboxOf, letter } from '../../harness/store-messages.js';

const minuteMs = 60_000;

describe('an account that nobody uses', () => {
  let database: TestDatabase;
  let writer: TestStore;
  let keeper: TestStore;
  let read = 0;
  const clock = movingClock();

  before(async () => {
    database = await startTestDatabase();
    writer = await database.open({ directCommits: () => undefined });
    keeper = await database.open({
      clock,
      directCommits: () => undefined,
      wrap: (real) => ({
        ...real,
        changes: {
          ...real.changes,
          after: async (...args) => {
            const entries = await real.changes.after(...args);
            read += entries.length;
            return entries;
          },
        },
      }),
    });
  });
  after(() => database.close());

  it('reads what it missed when it is used again, at once', async () => {
    const id = newAccountId();
    await writer.mailstore.createAccount(id, { lang: 'en' });
    const mine = await writer.mailstore.openAccount(id, { by: 'mine' });
    const kept = await keeper.mailstore.openAccount(id, { by: 'kept' });
    await appendOctets(mine, inboxOf(mine), letter('1'));
    await kept.refresh();
    kept.release();
    read = 0;
    for (let i = 0; i < 5; i++) await appendOctets(mine, inboxOf(mine), letter(String(i)));
    // Long enough for the stream to have brought them.
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(read, 0);
    // The stream was heard meanwhile, but not for this account: its age counts from its own last read.
    clock.move(30 * minuteMs);
    const again = await keeper.mailstore.openAccount(id, { by: 'again' });
    assert.equal(again.mailboxes().find((box) => box.id === inboxOf(again))?.exists, 6);
    assert.ok(read >= 5);
    await appendOctets(again, inboxOf(again), letter('last'));
    assert.equal(again.mailboxes().find((box) => box.id === inboxOf(again))?.exists, 7);
    again.release();
    mine.release();
  });
});
