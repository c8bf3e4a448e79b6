/** `check` finds nothing in a store that was used hard, and finds each kind of damage. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkReads } from '@vaguemestre/server/database/check-reads';
import { mailCollections } from '@vaguemestre/server/database/collections';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { type AccountId, newAccountId } from '@vaguemestre/server/kernel/ids';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { type StoreChecker, storeChecker } from '@vaguemestre/server/mailstore/check/check-account';
import type { FindingKind } from '@vaguemestre/server/mailstore/check/finding';
import { startTestDatabase, type TestDatabase, type TestStore } from '../../harness/mail-store.js';
import { appendOctets, inboxOf, letter } from '../../harness/store-messages.js';

describe('check', () => {
  let database: TestDatabase;
  let store: TestStore;
  let checker: StoreChecker;
  before(async () => {
    database = await startTestDatabase();
    // A fold every 20 entries, so that there are segments, a root behind the log, and a tail.
    store = await database.open({ foldEntries: 20 });
    const reads = checkReads(mailCollections(store.connection.db));
    checker = storeChecker({ database: store.database, reads, clock: systemClock, log: silentLog });
  });
  after(() => database.close());

  const collection = <T extends { _id: string }>(name: string) => store.connection.db.collection<T>(name);

  /** Everything that commands can do, a few hundred entries. */
  async function used(): Promise<{ id: AccountId; account: Account }> {
    const id = newAccountId();
    await store.mailstore.createAccount(id, { lang: 'fr' });
    const account = await store.mailstore.openAccount(id, { by: 'test' });
    const inbox = inboxOf(account);
    for (let i = 0; i < 40; i++)
      await appendOctets(account, inbox, letter(`message ${i}`), i % 3 === 0 ? ['\\Seen'] : []);
    await appendOctets(account, inbox, letter('large', `${'0123456789abcde\r\n'.repeat(150_000)}`));
    const work = await account.create('Projets/Été');
    await account.subscribe('Projets/Été', true);
    await account.subscribe('Nulle part', true);
    await account.copy(inbox, Uint32Array.of(1, 2, 3, 4, 5), work.id);
    await account.move(inbox, Uint32Array.of(6, 7, 8), work.id);
    await account.storeFlags(inbox, { uids: Uint32Array.of(9, 10, 11), mode: 'add', flags: ['\\Deleted', 'projet'] });
    await account.expunge(inbox);
    await account.rename('Projets', 'Anciens');
    await account.rename('INBOX', 'Avant');
    for (let i = 0; i < 12; i++) await appendOctets(account, inboxOf(account), letter(`later ${i}`));
    await account.delete('Anciens/Été');
    await settled(id);
    return { id, account };
  }

  /** Folds run beside the commands: until the root does not move any more. */
  async function settled(id: AccountId): Promise<void> {
    for (let last = -1; ; ) {
      const root = await collection<{ _id: string; g: number }>('roots').findOne({ _id: id });
      if (root?.g === last) return;
      last = root?.g ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
  }

  test('finds nothing where nothing is wrong, folded or not', async () => {
    const { id, account } = await used();
    const result = await checker.check(id);
    assert.deepEqual(result.findings, []);
    assert.ok(result.messages >= 45 && result.entries > 60 && result.verifiedBytes > 2_400_000);
    assert.deepEqual(result.orphans, { messages: 0, segments: 0, contents: 0 });
    const quick = await checker.check(id, { quick: true });
    assert.deepEqual(quick.findings, []);
    assert.equal(quick.verifiedBytes, 0);
    assert.ok((await checker.accounts()).includes(id));
    account.release();
  });

  test('an account without a root', async () => {
    const { findings } = await checker.check(newAccountId());
    assert.deepEqual(
      findings.map(({ kind }) => kind),
      ['root'],
    );
  });

  const damages: readonly [string, FindingKind, (id: AccountId) => Promise<unknown>][] = [
    [
      'an entry is missing',
      'log',
      async (id) => {
        const all = await collection<{ _id: string; a: string; n: number }>('changes').find({ a: id }).toArray();
        return collection('changes').deleteOne({ _id: all.sort((x, y) => x.n - y.n)[30]?._id ?? '' });
      },
    ],
    [
      'an entry does not name the one before it',
      'log',
      async (id) => {
        const last = (await collection<{ _id: string; a: string }>('changes').find({ a: id }).toArray()).at(-1);
        return collection<{ _id: string; p: string }>('changes').updateOne(
          { _id: last?._id ?? '' },
          { $set: { p: 'x' } },
        );
      },
    ],
    [
      'a segment is missing',
      'segment',
      async (id) => {
        const root = await collection<{ _id: string; boxes: { segs: { s: string }[] }[] }>('roots').findOne({
          _id: id,
        });
        const line = root?.boxes.flatMap((box) => box.segs)[0];
        return collection('segments').deleteOne({ _id: `${id}/${line?.s}` });
      },
    ],
    [
      'a segment has another count than is listed',
      'segment',
      async (id) => {
        const root = await collection<{ _id: string; boxes: { segs: { s: string; c: number }[] }[] }>('roots').findOne({
          _id: id,
        });
        const boxes = root?.boxes.map((box) => ({
          ...box,
          segs: box.segs.map((line) => ({ ...line, c: line.c + 1 })),
        }));
        return collection('roots').updateOne({ _id: id }, { $set: { boxes } });
      },
    ],
    [
      'a column is too short',
      'segment',
      async (id) => {
        const root = await collection<{ _id: string; boxes: { segs: { s: string }[] }[] }>('roots').findOne({
          _id: id,
        });
        const line = root?.boxes.flatMap((box) => box.segs)[0];
        return collection('segments').updateOne({ _id: `${id}/${line?.s}` }, { $set: { size: Buffer.alloc(2) } });
      },
    ],
    [
      'a total is wrong',
      'totals',
      async (id) => {
        const root = await collection<{ _id: string; boxes: { path: string; us: number }[] }>('roots').findOne({
          _id: id,
        });
        const boxes = root?.boxes.map((box) => (box.path === 'Avant' ? { ...box, us: box.us + 1 } : box));
        return collection('roots').updateOne({ _id: id }, { $set: { boxes } });
      },
    ],
    [
      'two mailboxes have one name',
      'root',
      async (id) => {
        const root = await collection<{ _id: string; boxes: { path: string }[] }>('roots').findOne({ _id: id });
        const boxes = root?.boxes.map((box) => (box.path === 'Avant' ? { ...box, path: 'INBOX' } : box));
        return collection('roots').updateOne({ _id: id }, { $set: { boxes } });
      },
    ],
    [
      'a message is missing',
      'message',
      async (id) => {
        const messages = await collection<{ _id: string; a: string; subject: string }>('messages')
          .find({ a: id })
          .toArray();
        return collection('messages').deleteOne({
          _id: messages.find((one) => one.subject === 'message 20')?._id ?? '',
        });
      },
    ],
    [
      'a content is missing',
      'content',
      async (id) => {
        const messages = await collection<{ _id: string; a: string; subject: string; content: string }>('messages')
          .find({ a: id })
          .toArray();
        return collection('contents').deleteOne({
          _id: messages.find((one) => one.subject === 'message 20')?.content ?? '',
        });
      },
    ],
    [
      'an octet of a content changed',
      'content',
      async (id) => {
        const messages = await collection<{ _id: string; a: string; subject: string; content: string; size: number }>(
          'messages',
        )
          .find({ a: id })
          .toArray();
        const message = messages.find((one) => one.subject === 'message 20');
        const b = Buffer.alloc(message?.size ?? 0, 'x');
        return collection('contents').updateOne({ _id: message?.content ?? '' }, { $set: { b } });
      },
    ],
    [
      'a piece is missing',
      'content',
      async (id) => {
        const pieces = await collection<{ _id: string; a: string }>('pieces').find({ a: id }).toArray();
        assert.ok(pieces.length > 0);
        return collection('pieces').deleteOne({ _id: pieces[0]?._id ?? '' });
      },
    ],
    [
      'a message is longer than is listed',
      'message',
      async (id) => {
        const messages = await collection<{ _id: string; a: string; subject: string; size: number }>('messages')
          .find({ a: id })
          .toArray();
        const message = messages.find((one) => one.subject === 'message 20');
        return collection('messages').updateOne(
          { _id: message?._id ?? '' },
          { $set: { size: (message?.size ?? 0) + 1 } },
        );
      },
    ],
  ];
  for (const [name, kind, damage] of damages) {
    test(name, async () => {
      const { id, account } = await used();
      account.release();
      await damage(id);
      const { findings } = await checker.check(id);
      assert.ok(
        findings.some((one) => one.kind === kind),
        JSON.stringify(findings),
      );
      assert.ok(findings.every((one) => one.account === id && /^[\x20-\x7e\u00a0-\u024f]+$/.test(one.says)));
    });
  }

  test('a wrong total is mended from the messages', async () => {
    const { id, account } = await used();
    account.release();
    const root = await collection<{ _id: string; use: number; boxes: { ex: number; by: number }[] }>('roots').findOne({
      _id: id,
    });
    const boxes = root?.boxes.map((box) => ({ ...box, ex: box.ex + 3, by: box.by + 5 }));
    await collection('roots').updateOne({ _id: id }, { $set: { boxes, use: 1 } });
    assert.notDeepEqual((await checker.check(id)).findings, []);
    assert.deepEqual(await checker.repair(id), { segmentsDropped: 0, messagesRecovered: 0 });
    assert.deepEqual((await checker.check(id)).findings, []);
  });

  test('what a crash left is counted when it is a day old, and is no fault', async () => {
    const { id, account } = await used();
    account.release();
    const old = Math.floor(Date.now() / 1000 - 2 * 24 * 3600).toString(16);
    const young = Math.floor(Date.now() / 1000).toString(16);
    for (const born of [old, young]) {
      const _id = `${id}/${born}0000000000000001`;
      await collection<{ _id: string; a: string }>('messages').insertOne({ _id, a: id });
      await collection<{ _id: string; a: string }>('contents').insertOne({ _id, a: id });
      await collection<{ _id: string; a: string }>('segments').insertOne({ _id, a: id });
    }
    const { findings, orphans } = await checker.check(id);
    assert.deepEqual(findings, []);
    assert.deepEqual(orphans, { messages: 1, segments: 1, contents: 1 });
  });
});
