import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { embeddedUri, verifyStore } from '@vaguemestre/embedded';
import { type Document, MongoClient } from 'mongodb';

/** Rounds of killing; more in the long form. */
const rounds = process.env['VAGUEMESTRE_TEST_LONG'] ? 30 : 3;

interface Row extends Document {
  _id: string;
}

/**
 * The server is killed with SIGKILL while writers run; afterwards everything that was acknowledged is there, a bulk is
 * there whole or as a prefix, and the indexes are those of the documents. (A kill does not lose what the system has in its
 * cache: this is about the store's own order of doing things, not about the disk.)
 */
describe('a killed server', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-crash-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function host(): Promise<ChildProcess> {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'crash-host.js'), join(folder, 'data'), join(folder, 's.sock')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(child.stdout!, 'data');
    return child;
  }

  it('has lost nothing that it acknowledged', { timeout: rounds * 20_000 }, async () => {
    const acknowledged = new Map<string, number>();
    let counted = 0;
    for (let round = 0; round < rounds; round++) {
      const child = await host();
      const client = new MongoClient(embeddedUri(join(folder, 's.sock')), {
        serverSelectionTimeoutMS: 1000,
        maxPoolSize: 20,
      });
      const db = client.db('crash');
      const rows = db.collection<Row>('rows');
      if (round === 0) {
        await rows.createIndex({ writer: 1, turn: 1 }, { unique: true });
        await rows.createIndex({ refs: 1 }, { sparse: true });
      }
      let alive = true;
      const killed = once(child, 'exit');
      setTimeout(
        () => {
          alive = false;
          child.kill('SIGKILL');
        },
        200 + Math.random() * 400,
      );
      const writer = async (name: string) => {
        for (let turn = 0; alive; turn++) {
          const base = `${round}-${name}-${turn}`;
          try {
            const kind = turn % 4;
            if (kind === 0) await rows.insertOne({ _id: base, writer: base, turn, refs: [turn, -turn] });
            else if (kind === 1) {
              await client.bulkWrite([
                {
                  namespace: 'crash.contents',
                  name: 'insertOne',
                  document: { _id: base, b: Buffer.alloc(20_000) } as never,
                },
                { namespace: 'crash.rows', name: 'insertOne', document: { _id: base, writer: base, turn } as never },
              ]);
            } else if (kind === 2) {
              await rows.updateOne({ _id: `${round}-${name}-${turn - 2}` }, {
                $push: { refs: turn },
                $set: { b: 'x'.repeat(turn % 3000) },
              } as never);
              continue;
            } else {
              await db.collection<Row>('counter').updateOne({ _id: 'n' }, { $inc: { n: 1 } }, { upsert: true });
              counted++;
              continue;
            }
            acknowledged.set(base, turn);
          } catch {
            return;
          }
        }
      };
      await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(writer));
      await killed;
      await client.close().catch(() => undefined);
    }
    const report = await verifyStore(join(folder, 'data'));
    assert.deepEqual(report.problems, []);
    assert.ok(report.indexEntries > 0);

    const child = await host();
    const client = new MongoClient(embeddedUri(join(folder, 's.sock')));
    const there = new Set(
      (
        await client
          .db('crash')
          .collection<Row>('rows')
          .find({}, { projection: { _id: 1 } })
          .toArray()
      ).map(({ _id }) => _id),
    );
    const contents = new Set(
      (
        await client
          .db('crash')
          .collection<Row>('contents')
          .find({}, { projection: { _id: 1 } })
          .toArray()
      ).map(({ _id }) => _id),
    );
    assert.ok(acknowledged.size > rounds * 5, `only ${acknowledged.size} writes were made`);
    for (const [id, turn] of acknowledged) {
      assert.ok(there.has(id), `${id} was acknowledged and is gone`);
      if (turn % 4 === 1) assert.ok(contents.has(id), `the content of ${id} is gone`);
    }
    // The second statement of an ordered bulk is not there without the first.
    for (const id of there)
      if (Number(id.split('-')[2]) % 4 === 1) assert.ok(contents.has(id), `${id} came without its content`);
    const counter = await client.db('crash').collection<Row>('counter').findOne({ _id: 'n' });
    assert.ok((counter?.['n'] ?? 0) >= counted, `counter ${counter?.['n']} of ${counted}`);
    assert.ok((counter?.['n'] ?? 0) <= counted + rounds * 6, `counter ${counter?.['n']} of ${counted}`);
    await client.close();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  });
});
