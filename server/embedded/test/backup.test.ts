import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { backupStore, startEmbeddedServer, verifyStore } from '@vaguemestre/embedded';
import { type Document, MongoClient } from 'mongodb';
import { startTestServer, type TestServer } from './start-server.js';

interface Row extends Document {
  _id: number;
}

describe('a backup', { timeout: 60_000 }, () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer();
  });
  after(() => running.stop());

  it('is one whole state, taken while others write, and starts a server', async () => {
    const rows = running.client.db('b').collection<Row>('rows');
    await rows.createIndex({ pair: 1 });
    await rows.insertMany(Array.from({ length: 100 }, (_, i) => ({ _id: -1 - i, b: Buffer.alloc(100_000) })));
    await rows.deleteMany({ _id: { $lt: -10 } });
    let writing = true;
    const writer = (async () => {
      // Both of a pair in one command: no state has only one.
      for (let i = 0; writing; i += 2)
        await rows.insertMany([
          { _id: i, pair: i },
          { _id: i + 1, pair: i },
        ]);
    })();
    while ((await rows.findOne({ _id: 20 })) === null) await new Promise((resolve) => setTimeout(resolve, 5));
    const target = join(running.folder, 'copy');
    await backupStore(join(running.folder, 'data'), target, { socketPath: join(running.folder, 's.sock') });
    writing = false;
    await writer;

    assert.deepEqual((await verifyStore(target)).problems, []);
    assert.ok(statSync(join(target, 'data.mdb')).size < statSync(join(running.folder, 'data', 'data.mdb')).size / 2);
    const copy = await startEmbeddedServer({ dataDir: target, socketPath: join(running.folder, 'c.sock') });
    const client = await new MongoClient(copy.uri).connect();
    try {
      const copied = await client
        .db('b')
        .collection<Row>('rows')
        .find({ _id: { $gte: 0 } })
        .toArray();
      assert.ok(copied.length > 0);
      assert.equal(copied.length % 2, 0);
    } finally {
      await client.close();
      await copy.close();
    }
    await assert.rejects(backupStore(join(running.folder, 'data'), target), /already/);
    await assert.rejects(backupStore(join(running.folder, 'nowhere'), join(running.folder, 'x')), /no store/);
  });
});
