/** A server on a folder of its own, a client on it, and both gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedServer, startEmbeddedServer } from '@vaguemestre/embedded';
import { MongoClient, type MongoClientOptions } from 'mongodb';

export interface TestServer {
  readonly server: EmbeddedServer;
  readonly client: MongoClient;
  readonly folder: string;
  readonly logged: string[];
  stop(): Promise<void>;
}

export async function startTestServer(options: MongoClientOptions = {}, testCommands = true): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-'));
  const logged: string[] = [];
  const server = await startEmbeddedServer({
    dataDir: join(folder, 'data'),
    socketPath: join(folder, 's.sock'),
    testCommands,
    log: (level, text, detail) => logged.push(`${level} ${text} ${detail}`),
  });
  const client = new MongoClient(server.uri, { serverSelectionTimeoutMS: 5000, ...options });
  await client.connect();
  return {
    server,
    client,
    folder,
    logged,
    async stop() {
      await client.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
