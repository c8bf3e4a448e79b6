import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { checkReads } from '@vaguemestre/server/database/check-reads';
import { mailCollections } from '@vaguemestre/server/database/collections';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { type AccountId, newAccountId } from '@vaguemestre/server/kernel/ids';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { type StoreChecker, storeChecker } from '@vaguemestre/server/mailstore/check/check-account';
import type { Finding } from '@vaguemestre/server/mailstore/check/finding';
import { startTestDatabase, type TestDatabase, type TestStore } from '../../harness/mail-store.js';
import { appendOctets, inboxOf, letter, readAll, uidsOf } from '../../harness/store-messages.js';

/** What `check --repair` mends: nothing is lost, nothing is deleted, and a check afterwards finds nothing. */
describe('repair', () => {
  let server: TestDatabase;
  let store: TestStore;
  let id: AccountId;

  before(async () => {
    server = await startTestDatabase();
  });
  after(() => server.close());

  beforeEach(async () => {
    store = await server.open({ foldEntries: 1000 });
    id = newAccountId();
    await store.mailstore.createAccount(id, { lang: 'fr' });
    const account = await store.mailstore.openAccount(id, { by: 'test' });
    for (let i = 0; i < 20; i++) await appendOctets(account, inboxOf(account), letter(`n${i}`, `corps ${i}\r\n`));
    await appendOctets(account, inboxOf(account), letter('gros', 'x'.repeat(2_200_000)));
    await account.storeFlags(inboxOf(account), {
      uids: Uint32Array.of(1, 2, 5),
      mode: 'add',
      flags: ['\\Seen', 'etude'],
    });
    await account.copy(inboxOf(account), Uint32Array.of(3, 4), account.mailboxByRole('archive')!.id);
    account.release();
    // everything folded, so that damage of segments can be done
    const folding = await server.open({ foldEntries: 1 });
    const handle = await folding.mailstore.openAccount(id, { by: 'fold' });
    await handle.subscribe('Elsewhere', true);
    for (let i = 0; (await store.database.roots.get(id))!.g === 1; i++) {
      assert.ok(i < 200, 'no fold came');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    handle.release();
    await folding.close();
  });

  const collection = (name: string) => store.connection.db.collection<{ _id: string; a: string }>(name);
  const range = () => ({ a: id, _id: { $gt: `${id}/`, $lt: `${id}0` } });

  const checkerOf = ({ database, connection }: TestStore): StoreChecker =>
    storeChecker({
      database,
      reads: checkReads(mailCollections(connection.db)),
      clock: systemClock,
      log: silentLog,
    });
  const check = async () => (await checkerOf(store).check(id, { deep: true })).findings;

  const kinds = (findings: readonly Finding[]) => [...new Set(findings.map(({ kind }) => kind))].sort();

  it('recounts wrong totals', async () => {
    const root = await store.database.roots.get(id);
    const boxes = root!.boxes.map((box) => (box.path === 'INBOX' ? { ...box, us: 3, by: box.by + 7 } : box));
    assert.ok(await store.database.roots.replace({ ...root!, boxes, use: 5, g: root!.g + 1 }, root!.g));
    assert.deepEqual(kinds(await check()), ['totals']);
    await checkerOf(store).repair(id);
    assert.deepEqual(kinds(await check()), []);
  });

  it('takes a missing segment out of its mailbox and recovers its messages', async () => {
    const root = await store.database.roots.get(id);
    const inbox = root!.boxes.find((box) => box.path === 'INBOX')!;
    await collection('segments').deleteOne({ _id: `${id}/${inbox.segs[0]!.s}` });
    assert.ok(kinds(await check()).includes('segment'));
    const fresh = await server.open();
    const repaired = await checkerOf(fresh).repair(id);
    // the copies in the archive still name two of them
    assert.deepEqual(repaired, { segmentsDropped: 1, messagesRecovered: 19 });
    const account = await fresh.mailstore.openAccount(id, { by: 'after' });
    const recovered = account.mailbox('Recovered')!;
    const cursor = await account.open(recovered.id);
    const octets = await readAll(account, cursor.view);
    assert.equal(octets.length, 19);
    assert.ok(octets.some((one) => one.includes('corps 7')));
    // the mailbox goes on where it was: a UID never means two messages
    assert.equal(await appendOctets(account, inboxOf(account), letter('neuf')), 22);
    const inboxNow = await account.open(inboxOf(account));
    assert.deepEqual(uidsOf(inboxNow.view), [22]);
    inboxNow.close();
    cursor.close();
    account.release();
    await fresh.close();
    assert.deepEqual(kinds(await check()), []);
  });

  it('makes a signature anew that misses text', async () => {
    const [signature] = await collection('sigs').find(range()).toArray();
    await collection('sigs').updateOne({ _id: signature!._id }, { $set: { b: Buffer.alloc(1024) } });
    const findings = await check();
    assert.deepEqual(kinds(findings), ['derived']);
    await checkerOf(store).repair(id);
    assert.deepEqual(await check(), []);
  });

  it('makes a signature anew that misses text', async () => {
    const [signature] = await collection('sigs').find(range()).toArray();
    await collection('sigs').updateOne({ _id: signature!._id }, { $set: { b: Buffer.alloc(1024) } });
    assert.deepEqual(kinds(await check()), ['derived']);
    await checkerOf(store).repair(id);
    assert.deepEqual(await check(), []);
  });
});
