import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  type ChangeStream,
  type ChangeStreamDocument,
  type Collection,
  type Document,
  MongoServerError,
} from 'mongodb';
import { startTestServer, type TestServer } from './start-server.js';

interface Thing extends Document {
  _id: string;
}

/** The driver sends nothing before the stream is first read: this makes sure that it is open. */
async function opened(stream: ChangeStream<Thing>): Promise<void> {
  assert.equal(await stream.tryNext(), null);
}

async function take(stream: ChangeStream<Thing>, count: number): Promise<ChangeStreamDocument<Thing>[]> {
  const events: ChangeStreamDocument<Thing>[] = [];
  while (events.length < count) events.push(await stream.next());
  return events;
}

describe('change streams through the driver', () => {
  let running: TestServer;
  let things: Collection<Thing>;
  let serial = 0;

  before(async () => {
    running = await startTestServer();
  });
  after(() => running.stop());
  beforeEach(() => {
    things = running.client.db('test').collection<Thing>(`watched${serial++}`);
  });

  it('tell inserts, updates, replacements and deletions in order', async () => {
    const stream = things.watch([], { maxAwaitTimeMS: 50 });
    await opened(stream);
    await things.insertOne({ _id: 'a', n: 1 });
    await things.updateOne({ _id: 'a' }, { $inc: { n: 1 }, $set: { 'x.y': 1 }, $unset: { none: 1 } });
    await things.replaceOne({ _id: 'a' }, { z: 1 });
    await things.deleteOne({ _id: 'a' });
    const events = await take(stream, 4);
    assert.deepEqual(
      events.map(({ operationType }) => operationType),
      ['insert', 'update', 'replace', 'delete'],
    );
    const [insert, update, replace, gone] = events as unknown as Document[];
    assert.deepEqual(insert?.['fullDocument'], { _id: 'a', n: 1 });
    assert.deepEqual(insert?.['documentKey'], { _id: 'a' });
    assert.deepEqual(insert?.['ns'], { db: 'test', coll: things.collectionName });
    assert.deepEqual(update?.['updateDescription'], {
      updatedFields: { n: 2, x: { y: 1 } },
      removedFields: [],
      truncatedArrays: [],
    });
    assert.deepEqual(replace?.['fullDocument'], { _id: 'a', z: 1 });
    assert.deepEqual(gone?.['documentKey'], { _id: 'a' });
    const times = events.map(({ clusterTime }) => clusterTime!.toBigInt());
    assert.deepEqual(
      [...times].sort((a, b) => Number(a - b)),
      times,
    );
    await stream.close();
  });

  it('give what was inserted, whatever happened to it since, also when it is large', async () => {
    const stream = things.watch([{ $match: { operationType: 'insert' } }], { maxAwaitTimeMS: 50 });
    await opened(stream);
    const text = 'x'.repeat(5000);
    await things.insertMany(
      ['kept', 'changed', 'deleted', 'small'].map((_id) => ({ _id, text: _id === 'small' ? '' : text })),
    );
    await things.updateOne({ _id: 'changed' }, { $set: { text: 'other' } });
    await things.updateOne({ _id: 'changed' }, { $set: { text: 'again' } });
    await things.deleteOne({ _id: 'deleted' });
    const events = await take(stream, 4);
    const found = events.map((event) => (event.operationType === 'insert' ? event.fullDocument : undefined));
    assert.deepEqual(
      found.map((document) => document?._id),
      ['kept', 'changed', 'deleted', 'small'],
    );
    for (const document of found.slice(0, 3)) assert.equal(document?.['text'], text);
    await stream.close();
  });

  it('end rather than give another document for one that was too large to keep', async () => {
    const stream = things.watch([{ $match: { operationType: 'insert' } }], { maxAwaitTimeMS: 50 });
    await opened(stream);
    await things.insertOne({ _id: 'large', b: Buffer.alloc(200_000) });
    await things.updateOne({ _id: 'large' }, { $set: { b: 1 } });
    await assert.rejects(stream.next(), (error) => error instanceof MongoServerError && error.code === 286);
    await stream.close();
  });

  it('resume behind a token, in a new stream too, and start at an operation time', async () => {
    const stream = things.watch([], { maxAwaitTimeMS: 50 });
    await opened(stream);
    await things.insertMany(['a', 'b', 'c'].map((_id) => ({ _id })));
    const [first] = await take(stream, 1);
    await stream.close();
    const resumed = things.watch([], { resumeAfter: first!._id, maxAwaitTimeMS: 50 });
    const rest = (await take(resumed, 2)) as unknown as Document[];
    assert.deepEqual(
      rest.map((event) => event['documentKey']._id),
      ['b', 'c'],
    );
    await resumed.close();
    const timed = things.watch([], { startAtOperationTime: first!.clusterTime!, maxAwaitTimeMS: 50 });
    assert.equal(((await take(timed, 3)) as unknown as Document[])[0]?.['documentKey']._id, 'a');
    await timed.close();
  });

  it('go on over a broken connection', async () => {
    const stream = things.watch([], { maxAwaitTimeMS: 50 });
    await opened(stream);
    await things.insertOne({ _id: 'a' });
    await take(stream, 1);
    await running.client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['getMore'], closeConnection: true },
    });
    const next = stream.next();
    await things.insertOne({ _id: 'b' });
    assert.equal(((await next) as unknown as Document)['documentKey']._id, 'b');
    await stream.close();
  });

  it('wait for what comes, and wake at once', async () => {
    const stream = things.watch([], { maxAwaitTimeMS: 10_000 });
    const next = stream.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const sent = performance.now();
    await things.insertOne({ _id: 'a' });
    await next;
    assert.ok(performance.now() - sent < 1000);
    await stream.close();
  });

  it('end when their collection is dropped', async () => {
    await things.insertOne({ _id: 'a' });
    const stream = things.watch([], { maxAwaitTimeMS: 50 });
    await opened(stream);
    await things.drop();
    const events = await take(stream, 2);
    assert.deepEqual(
      events.map(({ operationType }) => operationType),
      ['drop', 'invalidate'],
    );
    assert.equal(await stream.tryNext().catch(() => null), null);
  });

  it('end when their database is dropped, and do not hear of one with a longer name', async () => {
    const own = running.client.db('own');
    await own.collection('x').insertOne({});
    const stream = own.watch([], { maxAwaitTimeMS: 50 }) as unknown as ChangeStream<Thing>;
    await opened(stream);
    await running.client.db('owner').collection('x').insertOne({});
    await own.dropDatabase();
    const events = await take(stream, 3);
    assert.deepEqual(
      events.map(({ operationType }) => operationType),
      ['drop', 'dropDatabase', 'invalidate'],
    );
    assert.deepEqual((events[1] as unknown as Document)['ns'], { db: 'own' });
  });

  it('look documents up, and watch a whole database', async () => {
    const stream = running.client.db('test').watch([{ $match: { 'ns.coll': things.collectionName } }], {
      fullDocument: 'updateLookup',
      maxAwaitTimeMS: 50,
    }) as unknown as ChangeStream<Thing>;
    await opened(stream);
    await things.insertOne({ _id: 'a', n: 1 });
    await things.updateOne({ _id: 'a' }, { $inc: { n: 1 } });
    const events = (await take(stream, 2)) as unknown as Document[];
    assert.deepEqual(events[1]?.['fullDocument'], { _id: 'a', n: 2 });
    await stream.close();
  });
});
