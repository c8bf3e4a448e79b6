import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type Collection, type Document, Long, MongoBulkWriteError, MongoServerError } from 'mongodb';
import { startTestServer, type TestServer } from './start-server.js';

interface Thing extends Document {
  _id: string | number;
}

describe('documents through the driver', () => {
  let running: TestServer;
  let things: Collection<Thing>;
  let serial = 0;

  before(async () => {
    running = await startTestServer();
  });
  after(() => running.stop());
  beforeEach(() => {
    things = running.client.db('test').collection<Thing>(`things${serial++}`);
  });

  it('connects as to the primary of a replica set', async () => {
    const hello = await running.client.db('admin').command({ hello: 1 });
    assert.equal(hello['isWritablePrimary'], true);
    assert.equal(hello['setName'], 'embedded');
    assert.equal(hello['maxWireVersion'], 25);
  });

  it('inserts and finds by _id, by range, both ways', async () => {
    await things.insertMany(['a', 'b', 'c', 'd'].map((_id, n) => ({ _id, n })));
    assert.deepEqual(await things.findOne({ _id: 'b' }), { _id: 'b', n: 1 });
    assert.equal(await things.findOne({ _id: 'x' }), null);
    const range = await things.find({ _id: { $gt: 'a', $lte: 'c' } }, { hint: { _id: 1 } }).toArray();
    assert.deepEqual(
      range.map(({ _id }) => _id),
      ['b', 'c'],
    );
    const down = await things
      .find({ _id: { $gte: 'b' } })
      .sort({ _id: -1 })
      .toArray();
    assert.deepEqual(
      down.map(({ _id }) => _id),
      ['d', 'c', 'b'],
    );
    const some = await things.find({ _id: { $in: ['d', 'a', 'nothing'] } }).toArray();
    assert.deepEqual(
      some.map(({ _id }) => _id),
      ['a', 'd'],
    );
  });

  it('reads on over many batches', async () => {
    await things.insertMany(Array.from({ length: 2500 }, (_, _id) => ({ _id, text: 'x'.repeat(50) })));
    const read = await things.find({}, { batchSize: 100 }).toArray();
    assert.deepEqual(
      read.map(({ _id }) => _id),
      Array.from({ length: 2500 }, (_, i) => i),
    );
    const back = await things.find({}).sort({ _id: -1 }).batchSize(99).toArray();
    assert.deepEqual(
      back.map(({ _id }) => _id),
      Array.from({ length: 2500 }, (_, i) => 2499 - i),
    );
    assert.equal((await things.find({}).skip(2000).limit(700).toArray()).length, 500);
  });

  it('says which key was taken', async () => {
    await things.insertOne({ _id: 'a' });
    await assert.rejects(things.insertOne({ _id: 'a' }), (error) => {
      assert.ok(error instanceof MongoServerError);
      assert.equal(error.code, 11000);
      assert.deepEqual(error['keyPattern'], { _id: 1 });
      assert.deepEqual(error['keyValue'], { _id: 'a' });
      return true;
    });
  });

  it('keeps what came before a failure, and what comes behind it when not ordered', async () => {
    await things.insertOne({ _id: 'b' });
    const documents = ['a', 'b', 'c'].map((_id) => ({ _id }));
    await assert.rejects(things.insertMany(documents), MongoBulkWriteError);
    assert.deepEqual(
      (await things.find().toArray()).map(({ _id }) => _id),
      ['a', 'b'],
    );
    await assert.rejects(things.insertMany(documents, { ordered: false }), (error) => {
      assert.ok(error instanceof MongoBulkWriteError);
      assert.equal((error.writeErrors as unknown[]).length, 2);
      return true;
    });
    assert.deepEqual(
      (await things.find().toArray()).map(({ _id }) => _id),
      ['a', 'b', 'c'],
    );
  });

  it('updates one, many, or inserts', async () => {
    await things.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 1 },
      { _id: 3, n: 5, long: Long.fromString('9007199254740993') },
    ]);
    const one = await things.updateOne({ _id: 1 }, {
      $inc: { n: 2 },
      $set: { 'a.b': [1] },
      $push: { list: 'x' },
    } as never);
    assert.deepEqual([one.matchedCount, one.modifiedCount], [1, 1]);
    assert.deepEqual(await things.findOne({ _id: 1 }), { _id: 1, n: 3, a: { b: [1] }, list: ['x'] });
    const many = await things.updateMany({ n: { $gte: 1 } }, { $set: { seen: true }, $addToSet: { list: 'x' } });
    assert.deepEqual([many.matchedCount, many.modifiedCount], [3, 3]);
    assert.deepEqual(await things.findOne({ _id: 2 }), { _id: 2, n: 1, list: ['x'], seen: true });
    const kept = await things.findOne({ _id: 3 }, { promoteLongs: false });
    assert.equal(String(kept?.['long']), '9007199254740993');
    const up = await things.updateOne(
      { _id: 9, kind: 'new' },
      { $set: { n: 1 }, $setOnInsert: { made: true } },
      { upsert: true },
    );
    assert.equal(up.upsertedId, 9);
    assert.deepEqual(await things.findOne({ _id: 9 }), { _id: 9, kind: 'new', made: true, n: 1 });
    const same = await things.updateOne({ _id: 9 }, { $set: { n: 1 } });
    assert.deepEqual([same.matchedCount, same.modifiedCount], [1, 0]);
    await things.replaceOne({ _id: 9 }, { other: 1 });
    assert.deepEqual(await things.findOne({ _id: 9 }), { _id: 9, other: 1 });
  });

  it('deletes one or many', async () => {
    await things.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }]);
    assert.equal((await things.deleteOne({ _id: 2 })).deletedCount, 1);
    assert.equal((await things.deleteMany({})).deletedCount, 2);
    assert.equal(await things.findOne({}), null);
  });

  it('projects by bytes', async () => {
    await things.insertOne({ _id: 1, a: 1, b: { c: 1, d: 2 }, list: [{ x: 1, y: 2 }, 5] });
    const include = { projection: { 'b.c': 1, 'list.y': 1 } };
    assert.deepEqual(await things.findOne({ _id: 1 }, include), { _id: 1, b: { c: 1 }, list: [{ y: 2 }] });
    const exclude = { projection: { _id: 0, b: 0, 'list.x': 0 } };
    assert.deepEqual(await things.findOne({ _id: 1 }, exclude), { a: 1, list: [{ y: 2 }, 5] });
  });

  it('refuses what it does not do', async () => {
    await things.insertOne({ _id: 1 });
    const refused = async (work: Promise<unknown>, text: RegExp) => assert.rejects(work, text);
    await refused(things.find({ $where: 'true' }).toArray(), /not supported by this server/);
    await refused(things.find({}, { collation: { locale: 'fr' } }).toArray(), /collation/);
    await refused(things.updateOne({ _id: 1 }, { $rename: { a: 'b' } }), /not supported by this server/);
    await refused(running.client.db('test').command({ mapReduce: 'x' }), /no such command/);
    await refused(running.client.db('test').command({ find: 'x', nonsense: 1 }), /unknown field/);
  });
});
