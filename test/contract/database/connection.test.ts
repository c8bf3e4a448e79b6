import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type EmbeddedServer, embeddedUri, startEmbeddedServer } from '@vaguemestre/embedded';
import { connect } from '@vaguemestre/server/database/connection';
import { MongoNetworkError } from 'mongodb';

describe('a connection that ends in the middle of a write', () => {
  let folder: string;
  let store: EmbeddedServer;
  let wire: Server;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vm-wire-'));
    store = await startEmbeddedServer({ dataDir: join(folder, 'data'), socketPath: join(folder, 's.sock') });
    wire = await startHangingUp(join(folder, 'w.sock'), join(folder, 's.sock'), 100_000);
  });
  after(async () => {
    wire.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  // The driver waits for the socket to drain, which a socket that the other side ended never does.
  it('is told to the writer', { timeout: 20_000 }, async () => {
    const connection = await connect({ uri: embeddedUri(join(folder, 'w.sock')) });
    try {
      const large = connection.db.collection<{ _id: string; b: Buffer }>('large');
      await large.insertOne({ _id: 'small', b: Buffer.alloc(10) });
      const write = large.insertOne({ _id: 'large', b: Buffer.alloc(4_000_000) });
      await assert.rejects(write, MongoNetworkError);
    } finally {
      await connection.close();
    }
  });
});

/**
 * A server in front of the store that says goodbye to whoever sends more than `limit` octets at once, and only then takes
 * the rest: what a database does that goes down in order.
 */
async function startHangingUp(listenOn: string, forwardTo: string, limit: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = createConnection(forwardTo);
    let pending = 0;
    client.on('error', () => client.destroy());
    upstream.on('error', () => upstream.destroy());
    client.on('close', () => upstream.destroy());
    client.on('data', (octets: Buffer) => {
      pending += octets.length;
      if (pending > limit && !client.writableEnded) {
        client.pause();
        client.end();
        setTimeout(() => client.resume(), 50);
      }
      if (pending <= limit) upstream.write(octets);
    });
    client.on('end', () => client.end());
    upstream.on('data', (octets: Buffer) => {
      pending = 0;
      client.write(octets);
    });
  });
  await new Promise<void>((resolve) => server.listen(listenOn, resolve));
  return server;
}
