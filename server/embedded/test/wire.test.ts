import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startEmbeddedServer } from '@vaguemestre/embedded';
import { MongoError } from '@vaguemestre/embedded/errors';
import { createFraming } from '@vaguemestre/embedded/wire/framing';
import { ProtocolError, parseMessage } from '@vaguemestre/embedded/wire/message';
import fc from 'fast-check';
import { connectRaw, opMsg } from './raw-client.js';
import { startTestServer, type TestServer } from './start-server.js';

describe('the wire', () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer();
  });
  after(() => running.stop());

  const raw = () => connectRaw(join(running.folder, 's.sock'));
  const alive = async () => assert.equal((await running.client.db('admin').command({ ping: 1 }))['ok'], 1);

  it('cuts messages out of any chunks', () => {
    const messages = [1, 2, 3].map((n) => opMsg({ ping: n, pad: 'x'.repeat(n * 10) }, n));
    const stream = Buffer.concat(messages);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        const found: Buffer[] = [];
        const framing = createFraming((frame) => found.push(Buffer.from(frame)));
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length]!;
          framing.push(stream.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(found, messages);
      }),
    );
  });

  it('takes damaged messages for what they are', () => {
    const whole = opMsg({ insert: 'x', documents: [{ _id: 1, a: [1, { b: 'text' }] }], $db: 'test' });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(whole.length),
        (changes, cut) => {
          const damaged = Buffer.from(whole.subarray(0, Math.max(16, cut)));
          for (const [at, byte] of changes) if (at < damaged.length) damaged[at] = byte;
          try {
            parseMessage(damaged);
          } catch (error) {
            assert.ok(
              error instanceof ProtocolError || error instanceof MongoError || error instanceof RangeError,
              String(error),
            );
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('closes a connection that sends no messages, and goes on serving', async () => {
    const badLength = Buffer.alloc(16);
    badLength.writeInt32LE(2_000_000_000, 0);
    const badOperation = Buffer.alloc(20);
    badOperation.writeInt32LE(20, 0);
    badOperation.writeInt32LE(1234, 12);
    const badBody = opMsg({ ping: 1 });
    badBody.writeInt32LE(500, 21);
    for (const bytes of [badLength, badOperation, badBody, Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
      await (await raw()).sendAndAwaitClose(bytes);
    }
    await alive();
  });

  it('answers errors with code and name, and keeps the connection', async () => {
    const client = await raw();
    const unknown = await client.command({ nothing: 1, $db: 'test' });
    assert.deepEqual([unknown['ok'], unknown['code'], unknown['codeName']], [0, 59, 'CommandNotFound']);
    assert.equal((await client.command({ ping: 1 }))['code'], 40414);
    assert.equal((await client.command({ find: 'x', filter: 5, $db: 'test' }))['codeName'], 'TypeMismatch');
    assert.equal(
      (await client.command({ find: 'x', readConcern: { level: 'snapshot' }, $db: 'test' }))['codeName'],
      'InvalidOptions',
    );
    assert.equal(
      (await client.command({ insert: 'x', documents: [{}], writeConcern: { w: 3 }, $db: 'test' }))['code'],
      100,
    );
    assert.equal(
      (await client.command({ insert: 'a$b', documents: [{}], $db: 'test' }))['codeName'],
      'InvalidNamespace',
    );
    assert.equal((await client.command({ getMore: 5n, collection: 'x', $db: 'test' }))['codeName'], 'CursorNotFound');
    assert.equal((await client.command({ ping: 1, $db: 'test' }))['ok'], 1);
    client.close();
  });

  it('refuses fail points without test commands', async () => {
    const server = await startEmbeddedServer({
      dataDir: join(running.folder, 'other'),
      socketPath: join(running.folder, 'o.sock'),
    });
    const client = await connectRaw(join(running.folder, 'o.sock'));
    const refused = await client.command({ configureFailPoint: 'failCommand', mode: 'alwaysOn', $db: 'admin' });
    assert.equal(refused['codeName'], 'CommandNotFound');
    client.close();
    await server.close();
  });
});
