import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Binary, type Collection, type Document, Long, MongoClientBulkWriteError, MongoServerError } from 'mongodb';
import { connectRaw } from './raw-client.js';
import { startTestServer, type TestServer } from './start-server.js';

interface Thing extends Document {
  _id: string | number;
}

describe('other commands through the driver', () => {
  let running: TestServer;
  let things: Collection<Thing>;
  let serial = 0;

  before(async () => {
    running = await startTestServer();
  });
  after(() => running.stop());
  beforeEach(() => {
    things = running.client.db('test').collection<Thing>(`other${serial++}`);
  });

  const failOnce = (data: Document, mode: Document = { times: 1 }) =>
    running.client.db('admin').command({ configureFailPoint: 'failCommand', mode, data });

  it('bulkWrite over collections in one command', async () => {
    const second = running.client.db('test').collection<Thing>(`${things.collectionName}b`);
    const result = await running.client.bulkWrite<{ things: Thing }>(
      [
        { namespace: things.namespace as 'things', name: 'insertOne', document: { _id: 1, n: 1 } },
        { namespace: second.namespace as 'things', name: 'insertOne', document: { _id: 2 } },
        { namespace: things.namespace as 'things', name: 'updateOne', filter: { _id: 1 }, update: { $inc: { n: 1 } } },
        {
          namespace: second.namespace as 'things',
          name: 'updateOne',
          filter: { _id: 9 },
          update: { $set: { a: 1 } },
          upsert: true,
        },
        { namespace: second.namespace as 'things', name: 'deleteOne', filter: { _id: 2 } },
      ],
      { verboseResults: true },
    );
    assert.deepEqual(
      [result.insertedCount, result.modifiedCount, result.upsertedCount, result.deletedCount],
      [2, 1, 1, 1],
    );
    assert.equal(result.updateResults?.get(3)?.upsertedId, 9);
    assert.deepEqual(await things.findOne(), { _id: 1, n: 2 });
    assert.deepEqual(await second.find().toArray(), [{ _id: 9, a: 1 }]);
  });

  it('an ordered bulkWrite stops at a failure, an unordered one goes on', async () => {
    const insert = (_id: number) =>
      ({ namespace: things.namespace as 'things', name: 'insertOne', document: { _id } }) as const;
    const run = (ordered: boolean) =>
      running.client.bulkWrite<{ things: Thing }>([insert(1), insert(1), insert(2)], { ordered });
    await assert.rejects(run(true), (error) => {
      assert.ok(error instanceof MongoClientBulkWriteError);
      assert.equal(error.writeErrors.get(1)?.code, 11000);
      return true;
    });
    assert.equal(await things.countDocuments(), 1);
    await assert.rejects(run(false), (error) => {
      assert.ok(error instanceof MongoClientBulkWriteError);
      assert.deepEqual([...error.writeErrors.keys()], [0, 1]);
      return true;
    });
    assert.equal(await things.countDocuments(), 2);
  });

  it('findOneAndUpdate, Replace and Delete', async () => {
    await things.insertMany([
      { _id: 1, n: 3 },
      { _id: 2, n: 5 },
    ]);
    const before = await things.findOneAndUpdate({ n: { $gt: 1 } }, { $inc: { n: 1 } }, { sort: { n: -1 } });
    assert.deepEqual(before, { _id: 2, n: 5 });
    const after = await things.findOneAndUpdate(
      { _id: 1 },
      { $set: { x: 1 } },
      { returnDocument: 'after', projection: { x: 1 } },
    );
    assert.deepEqual(after, { _id: 1, x: 1 });
    const made = await things.findOneAndUpdate(
      { _id: 7 },
      { $inc: { n: 1 } },
      { upsert: true, returnDocument: 'after' },
    );
    assert.deepEqual(made, { _id: 7, n: 1 });
    assert.deepEqual(await things.findOneAndReplace({ _id: 7 }, { y: 1 }), { _id: 7, n: 1 });
    assert.deepEqual(await things.findOneAndDelete({ _id: 7 }), { _id: 7, y: 1 });
    assert.equal(await things.findOneAndDelete({ _id: 7 }), null);
  });

  it('counts, distinct values and simple pipelines', async () => {
    await things.insertMany(Array.from({ length: 250 }, (_, _id) => ({ _id, n: _id % 10, tags: [_id % 2, 'x'] })));
    assert.equal(await things.countDocuments(), 250);
    assert.equal(await things.countDocuments({ n: { $lt: 5 } }, { skip: 10, limit: 50 }), 50);
    assert.equal(await things.estimatedDocumentCount(), 250);
    assert.deepEqual(await things.distinct('tags', { n: 1 }), [1, 'x']);
    const piped = await things
      .aggregate([{ $match: { n: 3 } }, { $sort: { _id: -1 } }, { $limit: 2 }, { $project: { n: 1 } }])
      .toArray();
    assert.deepEqual(piped, [
      { _id: 243, n: 3 },
      { _id: 233, n: 3 },
    ]);
    const [sum] = await things.aggregate([{ $group: { _id: null, total: { $sum: '$n' } } }]).toArray();
    assert.deepEqual(sum, { _id: null, total: 1125 });
    await assert.rejects(things.aggregate([{ $lookup: {} }]).toArray(), /not supported by this server/);
  });

  it('a retried insert is done once', async () => {
    await failOnce({ failCommands: ['insert'], closeConnection: true });
    await things.insertOne({ _id: 1 });
    assert.equal(await things.countDocuments(), 1);
  });

  it('the same number of a session is answered the same way, and done once', async () => {
    const raw = await connectRaw(join(running.folder, 's.sock'));
    const lsid = { id: new Binary(randomBytes(16), Binary.SUBTYPE_UUID) };
    const send = (txnNumber: number, _id: number) =>
      raw.command({
        update: things.collectionName,
        updates: [{ q: { _id }, u: { $inc: { n: 1 } }, upsert: true }],
        txnNumber: Long.fromNumber(txnNumber),
        lsid,
        $db: 'test',
      });
    const first = await send(5, 1);
    const second = await send(5, 1);
    assert.deepEqual(first['upserted'], [{ index: 0, _id: 1 }]);
    assert.deepEqual(second['upserted'], first['upserted']);
    assert.deepEqual(await things.findOne(), { _id: 1, n: 1 });
    assert.equal((await send(4, 1))['code'], 225);
    assert.equal((await send(6, 1))['nModified'], 1);
    raw.close();
  });

  it('fail points: code and labels, and a write concern error behind a write that was done', async () => {
    await failOnce({ failCommands: ['find'], errorCode: 2 });
    await assert.rejects(things.findOne(), (error) => error instanceof MongoServerError && error.code === 2);
    assert.equal(await things.findOne(), null);
    await failOnce({ failCommands: ['insert'], writeConcernError: { code: 64, errmsg: 'waiting' } });
    await assert.rejects(things.insertOne({ _id: 1 }), /waiting/);
    assert.equal(await things.countDocuments(), 1);
    await failOnce({ failCommands: ['find'], blockConnection: true, blockTimeMS: 60 });
    const start = performance.now();
    await things.findOne();
    assert.ok(performance.now() - start >= 55);
  });

  it('many documents are updated and deleted in parts', async () => {
    await things.insertMany(Array.from({ length: 3000 }, (_, _id) => ({ _id, n: 0 })));
    await things.createIndex({ n: 1 });
    const updated = await things.updateMany({ n: { $gte: 0 } }, { $inc: { n: 5 } });
    assert.equal(updated.modifiedCount, 3000);
    assert.equal(await things.countDocuments({ n: 5 }), 3000);
    assert.equal((await things.deleteMany({ n: 5, _id: { $lt: 1000 } })).deletedCount, 1000);
    assert.equal(await things.countDocuments(), 2000);
  });

  it('lists what there is', async () => {
    await things.insertOne({ _id: 1 });
    const names = (await running.client.db('test').listCollections().toArray()).map(({ name }) => name);
    assert.ok(names.includes(things.collectionName));
    const databases = await running.client.db('admin').admin().listDatabases();
    assert.ok(databases.databases.some(({ name }) => name === 'test'));
    await running.client.db('gone').collection('x').insertOne({});
    await running.client.db('gone').dropDatabase();
    assert.deepEqual(await running.client.db('gone').listCollections().toArray(), []);
  });

  it('transactions are refused, not ignored', async () => {
    const session = running.client.startSession();
    session.startTransaction();
    await assert.rejects(things.insertOne({ _id: 1 }, { session }), /Transactions are not supported/);
    await session.abortTransaction().catch(() => undefined);
    await session.endSession();
    assert.equal(await things.countDocuments(), 0);
  });
});
