import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { embeddedUri, verifyStore } from '@vaguemestre/embedded';
import { type Document, MongoClient, MongoServerError } from 'mongodb';

interface Row extends Document {
  _id: number;
}

/** A limit on the size of files stands for a disk that is full: the write fails in the same place, with an error. */
describe('a disk that is full', { skip: process.platform === 'win32' ? 'needs a POSIX shell' : false }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-full-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('refuses writes, goes on reading, and takes writes again when there is room', {
    timeout: 60_000,
  }, async (test) => {
    const script = 'ulimit -f "$1"; shift; exec "$@"';
    const host = join(import.meta.dirname, 'crash-host.js');
    const socket = join(folder, 's.sock');
    const child = spawn(
      '/bin/sh',
      ['-c', script, 'sh', '24000', process.execPath, host, join(folder, 'data'), socket],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    test.after(() => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    const client = new MongoClient(embeddedUri(socket), { serverSelectionTimeoutMS: 3000, retryWrites: false });
    const rows = client.db('full').collection<Row>('rows');
    let stored = 0;
    let failure: unknown;
    while (failure === undefined && stored < 100) {
      try {
        await rows.insertOne({ _id: stored, b: Buffer.alloc(1_000_000, stored) });
        stored++;
      } catch (error) {
        failure = error;
      }
    }
    assert.ok(failure instanceof MongoServerError, String(failure));
    assert.equal(failure.code, 14031);
    assert.ok(stored > 2, `only ${stored} documents fitted`);

    assert.equal(child.exitCode, null);
    assert.equal(await rows.countDocuments(), stored);
    assert.equal((await rows.findOne({ _id: stored - 1 }, { projection: { _id: 1 } }))?._id, stored - 1);

    await rows.deleteMany({ _id: { $lt: stored - 1 } });
    // Pages that were freed are used again from the next commits on.
    await rows.insertOne({ _id: 1000 });
    await rows.insertOne({ _id: 1001, b: Buffer.alloc(1_000_000) });
    assert.equal(await rows.countDocuments(), 3);
    await client.close();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    const report = await verifyStore(join(folder, 'data'));
    assert.deepEqual(report.problems, []);
    assert.equal(report.documents, 3);
  });
});
