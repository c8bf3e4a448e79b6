import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import type { MailboxCursor } from '@vaguemestre/server/mailstore/mailbox';
import { columnBytes } from '@vaguemestre/server/mailstore/mailbox-columns';
import { startTestDatabase, type TestDatabase, type TestStore } from '../../harness/mail-store.js';
import { appendOctets, inboxOf, letter } from '../../harness/store-messages.js';

const messages = 4_096;
/** Of which five eighths are for columns, and four times as much is the most with what is selected: room for about ten. */
const viewBudgetBytes = messages * 192;

describe('the columns of many large mailboxes', { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let store: TestStore;
  const accounts: Account[] = [];
  before(async () => {
    database = await startTestDatabase();
    const writer = await database.open();
    store = await database.open({ viewBudgetBytes });
    for (let i = 0; i < 16; i++) {
      const id = newAccountId();
      await writer.mailstore.createAccount(id, { lang: 'en' });
      const account = await writer.mailstore.openAccount(id, { by: 'writer' });
      const inbox = inboxOf(account);
      await appendOctets(account, inbox, letter('seed'));
      for (let have = 1; have < messages; have *= 2) {
        const uids = Uint32Array.from({ length: have }, (_, k) => k + 1);
        await account.copy(inbox, uids, inbox);
      }
      account.release();
      accounts.push(await store.mailstore.openAccount(id, { by: 'reader' }));
    }
  });
  after(() => database.close());

  async function select(account: Account): Promise<MailboxCursor> {
    const cursor = await account.open(inboxOf(account));
    try {
      await cursor.view.load(['size']);
    } catch (error) {
      cursor.close();
      throw error;
    }
    return cursor;
  }

  it('take 48 octets a message', () => {
    assert.equal(columnBytes(1, true), 48);
  });

  it('stay under the ceiling: one more is refused, and let in when another has gone', async () => {
    const open: MailboxCursor[] = [];
    let refused: Account | undefined;
    for (const account of accounts) {
      try {
        open.push(await select(account));
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'unavailable');
        refused = account;
        break;
      }
    }
    assert.ok(refused !== undefined, 'all of them were let in');
    const ceiling = 4 * (5 / 8) * viewBudgetBytes;
    assert.ok(open.length * columnBytes(messages, true) <= ceiling);
    assert.ok(open.length >= 5, `only ${open.length} fit`);
    open.pop()!.close();
    open.push(await select(refused));
    for (const cursor of open) cursor.close();
  });

  it('of what nobody has selected give way', async () => {
    for (let round = 0; round < 2; round++) {
      for (const account of accounts) {
        const cursor = await select(account);
        assert.equal(cursor.view.count, messages);
        cursor.close();
      }
    }
  });
});
