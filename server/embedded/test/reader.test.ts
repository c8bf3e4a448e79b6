import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type CommittedReader, openCommittedReader } from '@vaguemestre/embedded';
import { BSON, type Document } from 'mongodb';
import { startTestServer, type TestServer } from './start-server.js';

const run = promisify(execFile);

describe('the committed reader', () => {
  let running: TestServer;
  let reader: CommittedReader;
  const database = 'mail';

  before(async () => {
    running = await startTestServer();
    reader = await openCommittedReader(join(running.folder, 'data'), join(running.folder, 's.sock'));
  });
  after(async () => {
    await reader.close();
    await running.stop();
  });

  const contents = () => running.client.db(database).collection<Document & { _id: string }>('contents');

  it('sees what was acknowledged, at once', async () => {
    assert.equal(reader.get(database, 'contents', 'a/1'), undefined);
    for (let i = 0; i < 50; i++) {
      await contents().insertOne({ _id: `a/${i}`, b: Buffer.alloc(3000, i) });
      const read = reader.get(database, 'contents', `a/${i}`);
      assert.ok(read);
      assert.deepEqual(BSON.deserialize(read)['_id'], `a/${i}`);
    }
    await contents().updateOne({ _id: 'a/1' }, { $set: { n: 1 } });
    assert.equal(BSON.deserialize(reader.get(database, 'contents', 'a/1')!)['n'], 1);
    await contents().deleteOne({ _id: 'a/1' });
    assert.equal(reader.get(database, 'contents', 'a/1'), undefined);
  });

  it('reads many, in the order asked for, and after the files have grown', async () => {
    const big = Array.from({ length: 60 }, (_, i) => ({ _id: `big/${i}`, b: Buffer.alloc(1_000_000, i) }));
    await contents().insertMany(big);
    await reader.prefetch(database, 'contents', ['big/0', 'big/59']);
    const read = reader.getMany(database, 'contents', ['big/59', 'none', 'big/0']);
    assert.deepEqual(
      read.map((document) => document && BSON.deserialize(document)['_id']),
      ['big/59', undefined, 'big/0'],
    );
  });

  it('reads ranges like the server', async () => {
    const rows = running.client.db(database).collection<Document & { _id: string }>('log');
    assert.deepEqual(reader.range(database, 'log', 'a/', 'a0', 10), []);
    const large = Buffer.alloc(3000);
    await rows.insertMany(['a/1', 'a/2', 'a/3', 'a/4', 'b/1'].map((_id, n) => ({ _id, n, b: n === 2 ? large : null })));
    for (const [above, below, limit] of [
      ['a/', 'a0', 100],
      ['a/2', 'a0', 100],
      ['a/1', 'a/4', 100],
      ['a/', 'c', 3],
      ['a/4', 'a0', 10],
      ['', 'zzz', 100],
    ] as const) {
      const expected = await rows.find({ _id: { $gt: above, $lt: below } }, { sort: { _id: 1 }, limit }).toArray();
      const read = reader.range(database, 'log', above, below, limit).map((document) => BSON.deserialize(document));
      assert.deepEqual(read, expected);
    }
  });

  it('looks up what an index holds, like the server', async () => {
    const people = running.client.db(database).collection<Document & { _id: string }>('people');
    const place = { database, collection: 'people', index: 'refs' };
    const idsOf = (keys: readonly (readonly (string | bigint)[])[], perKey: number) =>
      reader.lookup(place, keys, perKey, (document) => BSON.deserialize(document)['_id'] as string)?.sort();
    const keys = (owner: string, ...refs: bigint[]): [string, bigint][] => refs.map((ref) => [owner, ref]);
    assert.equal(idsOf(keys('a', 1n), 10), undefined, 'no such collection');
    await people.insertMany([
      { _id: 'a/1', a: 'a', refs: [1n, -2n, 3n] },
      { _id: 'a/2', a: 'a', refs: [3n, 2n ** 62n + 1n] },
      { _id: 'a/3', a: 'a', refs: [] },
      { _id: 'b/1', a: 'b', refs: [1n, 3n] },
    ]);
    assert.equal(idsOf(keys('a', 1n), 10), undefined, 'no such index');
    await people.createIndex({ a: 1, refs: 1 }, { name: 'refs' });
    await people.insertOne({ _id: 'a/4', a: 'a', refs: [-2n], b: Buffer.alloc(3000) });
    for (const [owner, ...refs] of [
      ['a', 1n],
      ['a', 3n, 1n],
      ['a', -2n],
      ['a', 2n ** 62n + 1n],
      ['a', 2n ** 62n],
      ['b', 3n, 1n, 9n],
      ['c', 1n],
    ] as [string, ...bigint[]][]) {
      const expected = await people.find({ a: owner, refs: { $in: refs } }, { sort: { _id: 1 } }).toArray();
      assert.deepEqual(
        idsOf(keys(owner, ...refs), 10),
        expected.map(({ _id }) => _id),
        `${owner} ${refs}`,
      );
    }
    assert.deepEqual(idsOf(keys('a', 1n, -2n, 3n), 1), ['a/1']);
    assert.deepEqual(idsOf(keys('a', 1n, -2n, 3n), 2), ['a/1', 'a/2', 'a/4']);
    assert.deepEqual(idsOf([['a']], 10), ['a/1', 'a/2', 'a/3', 'a/4'], 'the first field alone');
  });

  it('finds ids with any characters', async () => {
    const ids = ['', 'é/ü', 'with\0zero', '~00ff/65', 'x'.repeat(900)];
    await contents().insertMany(ids.map((_id) => ({ _id })));
    for (const id of ids) assert.equal(BSON.deserialize(reader.get(database, 'contents', id)!)['_id'], id);
  });

  it('may be opened and closed beside others', async () => {
    const second = await openCommittedReader(join(running.folder, 'data'), join(running.folder, 's.sock'));
    await contents().insertOne({ _id: 'beside' });
    assert.ok(second.get(database, 'contents', 'beside'));
    await second.close();
    assert.ok(reader.get(database, 'contents', 'beside'));
    await contents().insertOne({ _id: 'behind' });
    assert.ok(reader.get(database, 'contents', 'behind'));
  });

  it('reads from another process while the server runs in this one', async () => {
    await contents().insertOne({ _id: 'other', n: 42 });
    const script = `
      import { openCommittedReader } from '@vaguemestre/embedded';
      const reader = await openCommittedReader(process.argv[1], process.argv[2]);
      console.log(reader.get('mail', 'contents', 'other').length);
      await reader.close();`;
    const { stdout } = await run(
      process.execPath,
      ['--input-type=module', '-e', script, join(running.folder, 'data'), join(running.folder, 's.sock')],
      {
        cwd: import.meta.dirname,
      },
    );
    assert.equal(Number(stdout), BSON.calculateObjectSize({ _id: 'other', n: 42 }));
  });
});
