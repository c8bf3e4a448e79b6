import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Collection, Document } from 'mongodb';
import { startTestServer, type TestServer } from './start-server.js';

interface Thing extends Document {
  _id: string | number;
}

describe('indexes through the driver', () => {
  let running: TestServer;
  let things: Collection<Thing>;
  let serial = 0;

  before(async () => {
    running = await startTestServer();
  });
  after(() => running.stop());
  beforeEach(() => {
    things = running.client.db('test').collection<Thing>(`indexed${serial++}`);
  });

  it('are built over what is there, listed and dropped', async () => {
    await things.insertMany([{ _id: 1, a: 2, refs: [5, 6] }, { _id: 2, a: 1, refs: [6, 7] }, { _id: 3 }]);
    assert.equal(await things.createIndex({ a: 1, refs: 1 }), 'a_1_refs_1');
    const found = await things.find({ a: 2, refs: 6 }, { hint: { a: 1, refs: 1 } }).toArray();
    assert.deepEqual(
      found.map(({ _id }) => _id),
      [1],
    );
    const names = (await things.indexes()).map(({ name }) => name);
    assert.deepEqual(names, ['_id_', 'a_1_refs_1']);
    await things.dropIndex('a_1_refs_1');
    assert.equal((await things.indexes()).length, 1);
    await assert.rejects(things.find({}, { hint: 'a_1_refs_1' }).toArray(), /hint/);
  });

  it('keep values unique, also over updates', async () => {
    await things.createIndex({ mail: 1 }, { unique: true, sparse: true });
    await things.insertMany([{ _id: 1, mail: 'a' }, { _id: 2, mail: 'b' }, { _id: 3 }, { _id: 4 }]);
    await assert.rejects(things.insertOne({ _id: 5, mail: 'a' }), /E11000.*index: mail_1 dup key: \{ mail: "a" \}/);
    await assert.rejects(things.updateOne({ _id: 2 }, { $set: { mail: 'a' } }), /E11000/);
    await things.updateOne({ _id: 1 }, { $set: { mail: 'c' } });
    await things.updateOne({ _id: 2 }, { $set: { mail: 'a' } });
    assert.deepEqual(await things.findOne({ mail: 'a' }), { _id: 2, mail: 'a' });
    await assert.rejects(things.createIndex({ none: 1 }, { unique: true }), /E11000/);
  });

  it('give the order of a sort, and each document once', async () => {
    const documents = Array.from({ length: 300 }, (_, _id) => ({
      _id,
      n: (_id * 7) % 100,
      tags: [_id % 3, 'x', _id % 5],
    }));
    await things.insertMany(documents);
    const wanted = await things
      .find({ n: { $gt: 40 } })
      .sort({ n: -1, _id: -1 })
      .toArray();
    await things.createIndex({ n: 1 });
    await things.createIndex({ tags: 1 });
    assert.deepEqual(
      await things
        .find({ n: { $gt: 40 } })
        .sort({ n: -1, _id: -1 })
        .batchSize(7)
        .toArray(),
      wanted,
    );
    const tagged = await things.find({ tags: { $in: ['x', 0, 1, 2] } }, { hint: { tags: 1 }, batchSize: 11 }).toArray();
    assert.equal(tagged.length, 300);
    assert.equal(new Set(tagged.map(({ _id }) => _id)).size, 300);
  });

  it('forget what was deleted', async () => {
    await things.createIndex({ owners: 1 }, { sparse: true });
    await things.insertMany([{ _id: 1, owners: ['a', 'b'] }, { _id: 2, owners: ['b'] }, { _id: 3 }]);
    await things.updateOne({ _id: 1 }, { $pull: { owners: 'b' } } as never);
    assert.deepEqual(
      (await things.find({ owners: 'b' }).toArray()).map(({ _id }) => _id),
      [2],
    );
    await things.deleteOne({ _id: 2 });
    assert.equal(await things.findOne({ owners: 'b' }), null);
    const empty = await things.deleteOne({ _id: 1, owners: { $size: 0 } });
    assert.equal(empty.deletedCount, 0);
  });
});
