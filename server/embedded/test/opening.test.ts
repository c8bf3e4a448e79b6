/**
 * The files are opened by other processes while the server commits: LMDB lets them put the number of the newest commit back,
 * from which the next writer begins, and one start of many lost the first commit of a collection so.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openCommittedReader, verifyStore } from '@vaguemestre/embedded';
import type { Document } from 'mongodb';
import { connectRaw } from './raw-client.js';
import { startTestServer, type TestServer } from './start-server.js';

interface Row extends Document {
  readonly _id: string;
}

/** What a process does that looks the number up before a commit and writes it after it; not this one, whose locks it would drop. */
const putBack = `
  const fs = require('node:fs');
  const lock = fs.openSync(process.argv[1], 'r+');
  const number = Buffer.alloc(8);
  fs.readSync(lock, number, 0, 8, 8);
  number.writeBigUInt64LE(number.readBigUInt64LE() - BigInt(process.argv[2]));
  fs.writeSync(lock, number, 0, 8, 8);
`;

const disturbance = /opened the files of the store during a commit/;

const stormMs = process.env['VAGUEMESTRE_TEST_LONG'] ? 60_000 : 1_500;

const rowsOf = (running: TestServer, name = 'rows') => running.client.db('opened').collection<Row>(name);

const socketOf = (running: TestServer) => join(running.folder, 's.sock');
const dataOf = (running: TestServer) => join(running.folder, 'data');

/** What is in the files, seen by a process that did not write it. */
async function idsInFiles(running: TestServer, name: string, ids: readonly string[]): Promise<string[]> {
  const reader = await openCommittedReader(dataOf(running), socketOf(running));
  try {
    const found = reader.getMany('opened', name, ids);
    return ids.filter((_, i) => found[i] !== undefined);
  } finally {
    await reader.close();
  }
}

describe('a store whose files are opened by others', { timeout: 120_000 }, () => {
  it('loses no commit when the number of the newest one is put back', async () => {
    const running = await startTestServer();
    try {
      const names = ['first', 'second', 'third', 'fourth'];
      for (const [i, name] of names.entries()) {
        // Each makes a collection: its entry of the catalog goes with the document.
        await rowsOf(running, name).insertOne({ _id: 'a' });
        execFileSync(process.execPath, ['-e', putBack, join(dataOf(running), 'lock.mdb'), String((i % 2) + 1)]);
      }
      await Promise.all(names.map((name) => rowsOf(running, name).insertOne({ _id: 'b' })));
      for (const name of names) assert.deepEqual(await idsInFiles(running, name, ['a', 'b']), ['a', 'b'], name);
      assert.equal(running.logged.filter((line) => disturbance.test(line)).length, 4);
      await running.client.close();
      await running.server.close();
      const { problems, documents } = await verifyStore(dataOf(running));
      assert.deepEqual(problems, []);
      assert.equal(documents, 8);
    } finally {
      await running.stop();
    }
  });

  for (const manner of ['asked', 'unasked'] as const) {
    it(`loses nothing to processes that open them, ${manner}, while it commits`, async (t) => {
      const running = await startTestServer();
      const openers: ChildProcess[] = [];
      try {
        await rowsOf(running).insertOne({ _id: 'first' });
        for (let i = 0; i < 3; i++) {
          const args = manner === 'asked' ? [dataOf(running), socketOf(running)] : [dataOf(running)];
          openers.push(fork(join(import.meta.dirname, 'opener.js'), args));
        }
        await Promise.all(openers.map((opener) => once(opener, 'message')));
        const ids: string[] = [];
        const until = Date.now() + stormMs;
        const writer = async (name: string, size: number) => {
          for (let i = 0; Date.now() < until; i++) {
            const _id = `${name}/${i}`;
            await rowsOf(running).insertOne({ _id, b: Buffer.alloc(size) });
            ids.push(_id);
          }
        };
        // Both kinds of commit: here and now, and on another thread.
        await Promise.all([writer('small', 100), writer('large', 300_000)]);
        const opened = await Promise.all(openers.map(stopOpener));
        assert.ok(Math.min(...opened) > 1, `opened ${opened} times`);
        const disturbed = running.logged.filter((line) => disturbance.test(line)).length;
        t.diagnostic(`${ids.length} commits, opened ${opened} times, ${disturbed} would have undone a commit`);
        // On a machine that gives a process nothing for two seconds writing goes on without it.
        const late = running.logged.some((line) => /takes too long/.test(line));
        if (manner === 'asked' && !late) assert.deepEqual(running.logged, []);
        assert.deepEqual(await idsInFiles(running, 'rows', ids), ids);
      } finally {
        for (const opener of openers) opener.kill('SIGKILL');
        await running.stop();
      }
    });
  }

  it('commits nothing while somebody opens them, and goes on when that takes too long', async () => {
    const running = await startTestServer();
    try {
      await rowsOf(running).insertOne({ _id: 'first' });
      const opener = await connectRaw(socketOf(running));
      assert.equal((await opener.command({ holdCommits: 1, $db: 'admin' }))['ok'], 1);
      let done = false;
      const waiting = rowsOf(running)
        .insertOne({ _id: 'second' })
        .then(() => {
          done = true;
        });
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.equal(done, false);
      opener.close();
      await waiting;
      const stuck = await connectRaw(socketOf(running));
      await stuck.command({ holdCommits: 1, $db: 'admin' });
      await rowsOf(running).insertOne({ _id: 'third' });
      assert.ok(running.logged.some((line) => /takes too long/.test(line)));
      stuck.close();
    } finally {
      await running.stop();
    }
  });

  it('waits for the server to say that it may', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'embedded-wait-'));
    const answering = createServer((socket) => void socket.on('data', () => setTimeout(() => socket.destroy(), 100)));
    try {
      await new Promise<void>((resolve) => answering.listen(join(folder, 's.sock'), resolve));
      // There is nothing to open: whoever did not wait would say so.
      await assert.rejects(
        openCommittedReader(join(folder, 'none'), join(folder, 's.sock')),
        /connection to the store broke/,
      );
    } finally {
      answering.close();
      await rm(folder, { recursive: true });
    }
  });

  it('is not opened where no server answers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'embedded-none-'));
    try {
      await assert.rejects(openCommittedReader(folder, join(folder, 's.sock')), /connection to the store broke/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** How often it had opened the store. */
async function stopOpener(opener: ChildProcess): Promise<number> {
  const said = once(opener, 'message') as Promise<[number]>;
  opener.send('stop');
  return (await said)[0];
}
