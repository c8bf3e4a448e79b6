import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { collectAccount } from '@vaguemestre/server/mailstore/upkeep/collect';
import { startTestDatabase, type TestDatabase, type TestStore } from '../../harness/mail-store.js';
import { appendOctets, inboxOf, letter, readAll, stageMessage } from '../../harness/store-messages.js';

const hourMs = 3600 * 1000;

describe('the collector', () => {
  let server: TestDatabase;
  let store: TestStore;
  let account: Account;
  let other: Account;
  const id = newAccountId();
  const otherId = newAccountId();

  before(async () => {
    server = await startTestDatabase();
    store = await server.open({ foldEntries: 4 });
    for (const one of [id, otherId]) await store.mailstore.createAccount(one, { lang: 'fr' });
    account = await store.mailstore.openAccount(id, { by: 'test' });
    other = await store.mailstore.openAccount(otherId, { by: 'test' });
    const big = letter('gros', 'x'.repeat(3_000_000));
    for (let i = 0; i < 12; i++) await appendOctets(account, inboxOf(account), i === 3 ? big : letter(`n${i}`));
    const delivery = store.mailstore.beginDelivery(
      [id, otherId].map((one) => ({ account: one, prefix: Buffer.from(`Return-Path: <${one}@x.example>\r\n`) })),
      { maxBytes: 1e6 },
    );
    await delivery.write(letter('partagé'));
    await delivery.commit();
    // 3 (of several pieces), 4 and the shared one go; 6 moves, which removes nothing
    const inbox = inboxOf(account);
    await account.storeFlags(inbox, { uids: Uint32Array.of(4, 5, 13), mode: 'add', flags: ['\\Deleted'] });
    await account.expunge(inbox);
    await account.move(inbox, Uint32Array.of(7), account.mailboxByRole('archive')!.id);
    await churn(account);
    // received and never committed
    await stageMessage(account, letter('abandonné', 'y'.repeat(2_500_000)));
  });
  after(async () => {
    account.release();
    other.release();
    await server.close();
  });

  /** Two folds: what the last root listed is kept as the way back. */
  async function churn(of: Account): Promise<void> {
    for (let folds = 0; folds < 2; folds++) {
      const before = (await store.database.roots.get(of.id))!.g;
      for (let i = 0; (await store.database.roots.get(of.id))!.g === before; i++) {
        assert.ok(i < 100, 'no fold came');
        const mode = i % 2 === 0 ? 'add' : 'remove';
        await of.storeFlags(inboxOf(of), { uids: Uint32Array.of(1, 2, 3), mode, flags: ['\\Flagged'] });
        await appendOctets(of, of.mailboxByRole('drafts')!.id, letter('bruit'));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  const count = async (collection: string, filter = {}) =>
    store.connection.db.collection(collection).countDocuments(filter);

  it('touches nothing that is younger than a day', async () => {
    const before = await Promise.all(
      ['messages', 'contents', 'pieces', 'segments', 'changes', 'sigs'].map((name) => count(name)),
    );
    assert.deepEqual((await collectAccount(store.database, id, Date.now() + hourMs)).removed, {});
    const now = await Promise.all(
      ['messages', 'contents', 'pieces', 'segments', 'changes', 'sigs'].map((name) => count(name)),
    );
    assert.deepEqual(now, before);
  });

  it('removes what nothing names, and leaves the rest readable', async () => {
    const inbox = await account.open(inboxOf(account));
    const before = await readAll(account, inbox.view);
    assert.equal(before.length, 9);
    const { removed } = await collectAccount(store.database, id, Date.now() + 25 * hourMs);
    assert.equal(removed['messages'], 3);
    assert.equal(removed['contents'], 2);
    assert.ok(removed['pieces']! >= 4, `${removed['pieces']} pieces`);
    assert.equal(removed['owners'], 1);
    assert.ok((removed['segments'] ?? 0) + (removed['dead'] ?? 0) > 0);
    assert.deepEqual(await readAll(account, inbox.view), before);
    inbox.close();
    // the other recipient still has the shared content
    const cursor = await other.open(inboxOf(other));
    assert.match((await readAll(other, cursor.view))[0]!.toString(), /Subject: partag/);
    cursor.close();
  });

  it('frees a shared content with its last owner', async () => {
    const inbox = inboxOf(other);
    await other.storeFlags(inbox, { uids: Uint32Array.of(1), mode: 'add', flags: ['\\Deleted'] });
    await other.expunge(inbox);
    await churn(other);
    assert.equal(await count('contents', { owners: { $exists: true } }), 1);
    await collectAccount(store.database, otherId, Date.now() + 25 * hourMs);
    assert.equal(await count('contents', { owners: { $exists: true } }), 0);
  });

  it('keeps the log for two weeks, then prunes it from the front, and a new process reads the account all the same', async () => {
    const root = await store.database.roots.get(id);
    const before = await count('changes', { a: id });
    await collectAccount(store.database, id, Date.now() + 13 * 24 * hourMs);
    assert.equal(await count('changes', { a: id }), before);
    const { removed } = await collectAccount(store.database, id, Date.now() + 15 * 24 * hourMs);
    assert.ok(removed['changes']! > 0);
    assert.equal(await count('changes', { a: id, n: { $lte: root!.n } }), 0);
    const fresh = await server.open();
    const again = await fresh.mailstore.openAccount(id, { by: 'fresh' });
    const cursor = await again.open(inboxOf(again));
    assert.equal((await readAll(again, cursor.view)).length, 9);
    cursor.close();
    again.release();
  });

  it('finds nothing more the second time', async () => {
    assert.deepEqual((await collectAccount(store.database, id, Date.now() + 15 * 24 * hourMs)).removed, {});
  });

  it('does not work by a clock that is ahead of the log', async () => {
    await assert.rejects(collectAccount(store.database, otherId, Date.now() - hourMs), { code: 'cannot' });
  });
});
