import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CommandClient, openCommandClient, socketOf } from '@vaguemestre/embedded';
import { BSON, type Document } from 'mongodb';
import { startTestServer, type TestServer } from './start-server.js';

describe('the command client', () => {
  let running: TestServer;
  let client: CommandClient;

  before(async () => {
    running = await startTestServer();
    client = openCommandClient(socketOf(running.server.uri));
  });
  after(async () => {
    client.close();
    await running.stop();
  });

  const insert = (collection: string, document: Document) => ({
    namespace: `mail.${collection}`,
    document: BSON.serialize(document),
  });
  const rows = (collection: string) => running.client.db('mail').collection<Document & { _id: string }>(collection);
  const failuresOf = (reply: Buffer | undefined): [number, number][] =>
    BSON.deserialize(reply!)['cursor'].firstBatch.map((one: Document) => [one['idx'], one['code']]);

  it('inserts over collections in one command, as the driver reads them', async () => {
    const big = { _id: 'b', b: Buffer.alloc(3_000_000, 7) };
    assert.equal(
      await client.insertAll([insert('x', { _id: 'a' }), insert('y', big), insert('x', { _id: 'c' })], true),
      undefined,
    );
    assert.equal(await rows('x').countDocuments({}), 2);
    const read = await rows('y').findOne({ _id: 'b' });
    assert.equal(read?.['b'].length(), 3_000_000);
  });

  it('says what was there before: ordered stops, unordered goes on', async () => {
    await rows('o').insertOne({ _id: '2' });
    const list = ['1', '2', '3', '2'].map((_id) => insert('o', { _id }));
    assert.deepEqual(failuresOf(await client.insertAll(list, true)), [[1, 11000]]);
    assert.equal(await rows('o').countDocuments({}), 2);
    assert.deepEqual(failuresOf(await client.insertAll(list.slice(1), false)), [
      [0, 11000],
      [2, 11000],
    ]);
    assert.equal(await rows('o').countDocuments({}), 3);
  });

  it('runs commands, and gives the reply whatever it says', async () => {
    const ask = async (command: Document) => BSON.deserialize(await client.command(BSON.serialize(command)));
    assert.equal((await ask({ ping: 1, $db: 'admin' }))['ok'], 1);
    assert.equal((await ask({ nonsense: 1, $db: 'admin' }))['code'], 59);
    assert.deepEqual(
      failuresOf(await client.insertAll([insert('x', { _id: 'z', a: 1 }), insert('x', { _id: /x/ })], true)),
      [[1, 53]],
    );
  });

  it('carries many commands at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => client.insertAll([insert('many', { _id: String(i) })], true)),
    );
    assert.ok(answers.every((answer) => answer === undefined));
    assert.equal(await rows('many').countDocuments({}), 200);
  });

  it('tells of a connection that breaks, and opens another', async () => {
    const path = join(running.folder, 'fickle.sock');
    let mood: 'cut' | 'garbage' | 'answer' = 'cut';
    const fickle = createServer((socket: Socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (request) => {
        if (mood === 'cut') socket.destroy();
        else if (mood === 'garbage') socket.write(Buffer.alloc(64));
        else {
          const body = BSON.serialize({ ok: 1, mood });
          const reply = Buffer.alloc(21 + body.length);
          reply.writeInt32LE(reply.length, 0);
          reply.writeInt32LE(request.readInt32LE(4), 8);
          reply.writeInt32LE(2013, 12);
          reply.set(body, 21);
          // In two pieces, as a socket may.
          socket.write(reply.subarray(0, 2));
          setTimeout(() => socket.write(reply.subarray(2)), 5);
        }
      });
    });
    await new Promise<void>((resolve) => fickle.listen(path, resolve));
    const other = openCommandClient(path);
    const ping = BSON.serialize({ ping: 1, $db: 'admin' });
    await assert.rejects(other.command(ping), { name: 'ConnectionLost' });
    mood = 'garbage';
    await assert.rejects(other.command(ping), { name: 'ConnectionLost' });
    mood = 'answer';
    assert.equal(BSON.deserialize(await other.command(ping))['mood'], 'answer');
    assert.equal(BSON.deserialize(await other.command(ping))['mood'], 'answer');
    other.close();
    await assert.rejects(other.command(ping), { name: 'ConnectionLost' });
    await new Promise<void>((resolve) => fickle.close(() => resolve()));
    await assert.rejects(openCommandClient(path).command(ping), { name: 'ConnectionLost' });
  });
});
