import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { mailCollections } from '@vaguemestre/server/database/collections';
import { newObjectId } from '@vaguemestre/server/database/contents';
import type { AccountId } from '@vaguemestre/server/kernel/ids';
import { createOutbox, type Outbox } from '@vaguemestre/server/outbox/outbox';
import { startTestOutbox, type TestOutbox } from '../../harness/mail-outbox.js';
import { letter } from '../../harness/store-messages.js';

const dayMs = 24 * 3600_000;
const { signal } = new AbortController();

describe('the outbox and the collector', () => {
  let lab: TestOutbox;
  /** The same outbox when the database's clock has gone as far as the test's. */
  let collector: Outbox;
  before(async () => {
    lab = await startTestOutbox(['anne', 'bruno']);
    const { database } = lab.store;
    collector = createOutbox({
      submissions: lab.collection,
      contents: database.contents,
      commits: database.commits,
      upkeep: { ...database.upkeep, serverTimeMs: async () => lab.clock.nowMs() },
      domain: 'labo.example',
      clock: lab.clock,
      wake: () => undefined,
      news: { tell: () => undefined, watch: () => () => undefined },
    });
  });
  after(() => lab.close());

  const kept = async () => {
    const { contents, pieces } = mailCollections(lab.store.connection.db);
    const found = await contents.find({ owners: { $gt: 'out/', $lt: 'out0' } }, { projection: { _id: 1 } }).toArray();
    const shards = found.map(({ _id }) => _id.slice(0, _id.indexOf('/')));
    return { contents: found.map(({ _id }) => _id), pieces: await pieces.countDocuments({ a: { $in: shards } }) };
  };

  it('frees what was sent a day ago, what nobody sends any more, and nothing that still waits', async () => {
    const big = letter('gros', 'x'.repeat(2_200_000));
    const sent = await lab.submit('anne', ['bruno@labo.example'], big);
    const undone = await lab.submit('anne', ['jean@ailleurs.example'], letter('repris'));
    const held = await lab.submit('anne', ['jean@ailleurs.example'], letter('retenu'));
    const waiting = await lab.submit('anne', ['bruno@labo.example'], letter('plus tard'), {
      notBeforeMs: lab.clock.nowMs() + 40 * dayMs,
    });
    await lab.send();
    await lab.outbox.cancel(lab.account('anne'), undone.id);
    // written, and its submission never was
    const orphan = `~o00000000/${newObjectId()}`;
    await lab.store.database.commits.writeSupports({
      contents: [
        {
          _id: orphan,
          a: '~o00000000',
          size: 0,
          sha256: new Uint8Array(32),
          b: new Uint8Array(0),
          pieces: 0,
          owners: [`out/${lab.account('anne')}/${newObjectId()}`],
        },
      ],
      messages: [],
      signatures: [],
      segments: [],
    });
    await collector.collect(signal);
    assert.equal((await kept()).contents.length, 5, 'nothing younger than a day goes');
    assert.equal((await kept()).pieces, 2);

    lab.clock.move(dayMs + 3600_000);
    await collector.collect(signal);
    const contents = await Promise.all([held, waiting].map(async ({ id }) => (await lab.document('anne', id)).content));
    assert.deepEqual((await kept()).contents.sort(), contents.sort());
    assert.equal((await kept()).pieces, 0);
    assert.match((await lab.inbox('bruno')).at(-1)!, /Subject: gros/, 'the mailbox has its own');

    // It can be looked at for a month.
    assert.equal((await lab.outbox.get(lab.account('anne'), [sent.id])).length, 1);
    lab.clock.move(30 * dayMs);
    await collector.collect(signal);
    const left = (await lab.outbox.summaries(lab.account('anne'))).map(({ id }) => id);
    assert.deepEqual(left.sort(), [held.id, waiting.id].sort());

    lab.clock.move(10 * dayMs);
    await lab.send();
    assert.match((await lab.inbox('bruno')).at(-1)!, /Subject: plus tard/);
  });

  it('never touches what recipients of a delivery share, whatever their accounts are called', async () => {
    const accounts = ['aaaaaaaaaaaaaaaa', 'outzzzzzzzzzzzzz', 'zzzzzzzzzzzzzzzz'] as AccountId[];
    const { mailstore, connection } = lab.store;
    for (const account of accounts) await mailstore.createAccount(account, { lang: 'fr' });
    const prefix = Buffer.from('Return-Path: <>\r\n');
    const delivery = mailstore.beginDelivery(
      accounts.map((account) => ({ account, prefix })),
      { maxBytes: 1e6 },
    );
    await delivery.write(letter('à tous'));
    await delivery.commit();
    const shared = () => mailCollections(connection.db).contents.find({ owners: accounts[0]! }).toArray();
    const before = await shared();
    assert.equal(before.length, 1);
    lab.clock.move(2 * dayMs);
    await collector.collect(signal);
    assert.deepEqual(await shared(), before);
  });

  it('forgets what is destroyed at once, and sends what was under way', async () => {
    const later = { notBeforeMs: lab.clock.nowMs() + 60_000 };
    const { id } = await lab.submit('anne', ['bruno@labo.example'], letter('détruit'), later);
    assert.equal(await lab.outbox.destroy(lab.account('bruno'), id), false, "another's");
    assert.equal(await lab.outbox.destroy(lab.account('anne'), id), true);
    assert.equal(await lab.outbox.destroy(lab.account('anne'), id), false);
    assert.deepEqual(await lab.outbox.get(lab.account('anne'), [id]), []);
    lab.clock.move(60_001);
    await lab.send();
    assert.match((await lab.inbox('bruno')).at(-1)!, /Subject: détruit/);
  });

  it('sends nothing more of a person who is removed', async () => {
    const before = (await lab.inbox('anne')).length;
    const later = { notBeforeMs: lab.clock.nowMs() + 60_000 };
    await lab.submit('bruno', ['anne@labo.example'], letter('de bruno'), later);
    await lab.outbox.removeAccount(lab.account('bruno'));
    lab.clock.move(60_001);
    await lab.send();
    assert.equal((await lab.inbox('anne')).length, before);
  });

  it('stops when the clocks disagree', async () => {
    lab.clock.move(dayMs);
    await assert.rejects(lab.outbox.collect(signal), { code: 'cannot' });
  });
});
