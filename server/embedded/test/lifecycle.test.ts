import assert from 'node:assert/strict';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startEmbeddedServer } from '@vaguemestre/embedded';
import { type Document, MongoClient } from 'mongodb';
import { connectRaw } from './raw-client.js';

interface Row extends Document {
  _id: number;
}

describe('starting and stopping', { timeout: 60_000 }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-life-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  const options = () => ({ dataDir: join(folder, 'data'), socketPath: join(folder, 's.sock') });

  it('keeps data, indexes, streams and sessions over a restart', async () => {
    const first = await startEmbeddedServer(options());
    let client = await new MongoClient(first.uri).connect();
    let rows = client.db('life').collection<Row>('rows');
    await rows.createIndex({ n: 1 }, { unique: true });
    const stream = rows.watch([], { maxAwaitTimeMS: 20 });
    await stream.tryNext();
    await rows.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
    ]);
    const event = await stream.next();
    await stream.close();
    await client.close();
    await first.close();

    const second = await startEmbeddedServer(options());
    client = await new MongoClient(second.uri).connect();
    rows = client.db('life').collection<Row>('rows');
    assert.deepEqual(await rows.find({ n: 2 }).toArray(), [{ _id: 2, n: 2 }]);
    await assert.rejects(rows.insertOne({ _id: 3, n: 1 }), /E11000/);
    const resumed = rows.watch([], { resumeAfter: event._id, maxAwaitTimeMS: 20 });
    assert.deepEqual(((await resumed.next()) as unknown as Document)['documentKey'], { _id: 2 });
    await resumed.close();
    await client.close();
    await second.close();
  });

  it('answers what runs when it is told to stop', async () => {
    const server = await startEmbeddedServer(options());
    const clients = await Promise.all(Array.from({ length: 20 }, () => connectRaw(join(folder, 's.sock'))));
    // Without the driver, which may wait for ever for a socket that ended while it wrote.
    const insert = (_id: number) => ({ insert: 'stop', documents: [{ _id, b: Buffer.alloc(50_000) }], $db: 'life' });
    await clients[0]?.command(insert(-1));
    const writes = clients.map((client, _id) =>
      client.command(insert(_id)).then(
        ({ ok }) => (ok === 1 ? _id : undefined),
        () => undefined,
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
    await server.close();
    const acknowledged = (await Promise.all(writes)).filter((id) => id !== undefined);
    const again = await startEmbeddedServer(options());
    const reader = await new MongoClient(again.uri).connect();
    const there = new Set((await reader.db('life').collection<Row>('stop').find().toArray()).map(({ _id }) => _id));
    for (const id of acknowledged) assert.ok(there.has(id));
    await reader.close();
    await again.close();
    await again.closed;
  });

  // A client that is told goodbye in a friendly way while it sends hears neither an answer nor an error.
  it('cuts off who is in the middle of a request', async () => {
    const server = await startEmbeddedServer(options());
    const socket = createConnection(join(folder, 's.sock'));
    await once(socket, 'connect');
    const outcome = new Promise<string>((resolve) => {
      socket.once('error', () => resolve('error'));
      socket.once('close', () => resolve('goodbye'));
    });
    socket.resume();
    const request = Buffer.alloc(40_000_000);
    request.writeInt32LE(request.length, 0);
    request.writeInt32LE(2013, 12);
    socket.write(request);
    await server.close();
    assert.equal(await outcome, 'error');
  });

  it('lets nobody else in', async () => {
    const server = await startEmbeddedServer(options());
    assert.equal(statSync(join(folder, 's.sock')).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, 'data')).mode & 0o077, 0);
    await server.close();
  });

  it('says so when it cannot start', async () => {
    const server = await startEmbeddedServer(options());
    await assert.rejects(startEmbeddedServer(options()), /another server/);
    await server.close();
    await assert.rejects(
      startEmbeddedServer({ ...options(), socketPath: join(folder, 'none', 's.sock') }),
      /embedded store failed/,
    );
  });
});
