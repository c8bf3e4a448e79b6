import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MailError } from '@vaguemestre/server/kernel/errors';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import { startTestDatabase, type TestDatabase } from '../../harness/mail-store.js';

describe('an account that another process removed', () => {
  let database: TestDatabase;
  before(async () => {
    database = await startTestDatabase();
  });
  after(() => database.close());

  it('is forgotten by those who had it in memory', { timeout: 20_000 }, async () => {
    const here = await database.open({ sweepMs: 5 });
    const there = await database.open();
    const id = newAccountId();
    const kept = newAccountId();
    for (const account of [id, kept]) {
      await here.mailstore.createAccount(account, { lang: 'en' });
      (await here.mailstore.openAccount(account, { by: 'test' })).release();
    }
    await there.mailstore.removeAccount(id);
    for (;;) {
      try {
        (await here.mailstore.openAccount(id, { by: 'test' })).release();
      } catch (error) {
        assert.equal((error as MailError).code, 'nonexistent');
        break;
      }
      await sleep(20);
    }
    (await here.mailstore.openAccount(kept, { by: 'test' })).release();
  });
});
