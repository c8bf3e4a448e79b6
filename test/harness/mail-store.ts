/**
 * A database for the tests of the mailstore: the embedded store in a temporary folder, or the MongoDB that
 * VAGUEMESTRE_MONGODB_URI names, a database of its own for each. Several mailstores opened on it are several processes to
 * each other: they share nothing but the database.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedServer, startEmbeddedServer } from '@vaguemestre/embedded';
import { type Connection, type ConnectionOptions, connect } from '@vaguemestre/server/database/connection';
import { type MailDatabase, openMailDatabase } from '@vaguemestre/server/database/database';
import type { Clock } from '@vaguemestre/server/kernel/clock';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { type Log, silentLog } from '@vaguemestre/server/kernel/log';
import type { Mailstore } from '@vaguemestre/server/mailstore/mailstore';
import { openMailstore } from '@vaguemestre/server/mailstore/open-mailstore';

export interface TestStore {
  readonly mailstore: Mailstore;
  readonly database: MailDatabase;
  readonly connection: Connection;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly clock?: Clock;
  readonly log?: Log;
  readonly sweepMs?: number;
  readonly foldEntries?: number;
  readonly monitorCommands?: boolean;
  /** As on a server that has no `bulkWrite` (store design 2.2). */
  readonly twoCommandCommits?: boolean;
  /** Stands between the mailstore and the database: to delay, to fail, to race. */
  readonly wrap?: (database: MailDatabase) => MailDatabase;
  readonly connect?: Partial<ConnectionOptions>;
}

export interface TestDatabase {
  readonly uri: string;
  /** Another process, as far as the database can tell. */
  open(options?: OpenOptions): Promise<TestStore>;
  close(): Promise<void>;
}

export async function startTestDatabase(): Promise<TestDatabase> {
  const external = process.env['VAGUEMESTRE_MONGODB_URI'];
  const name = `test-${randomBytes(6).toString('hex')}`;
  let folder: string | undefined;
  let server: EmbeddedServer | undefined;
  let uri = external;
  if (uri === undefined) {
    folder = await mkdtemp(join(tmpdir(), 'vm-store-'));
    server = await startEmbeddedServer({
      dataDir: join(folder, 'data'),
      socketPath: join(folder, 's.sock'),
      testCommands: true,
    });
    uri = server.uri;
  }
  const address = uri;
  const open: TestStore[] = [];
  return {
    uri: address,
    async open(options = {}) {
      const store = await openStore(address, name, options);
      open.push(store);
      return store;
    },
    async close() {
      for (const store of open) await store.close();
      if (external !== undefined) {
        const connection = await connect({ uri: external, database: name });
        await connection.db.dropDatabase();
        await connection.close();
      }
      await server?.close();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openStore(uri: string, name: string, options: OpenOptions): Promise<TestStore> {
  const log = options.log ?? silentLog;
  const connected = await connect({
    uri,
    database: name,
    monitorCommands: options.monitorCommands ?? false,
    ...options.connect,
  });
  const connection = options.twoCommandCommits === true ? { ...connected, oneCommandCommits: false } : connected;
  const database = await openMailDatabase(connection);
  const lifetime = new Lifetime(log);
  const mailstore = await openMailstore({
    database: options.wrap?.(database) ?? database,
    lifetime,
    log,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.foldEntries === undefined ? {} : { foldEntries: options.foldEntries }),
    ...(options.sweepMs === undefined ? {} : { sweepMs: options.sweepMs }),
  });
  let closed: Promise<void> | undefined;
  return {
    mailstore,
    database,
    connection,
    close() {
      closed ??= lifetime.close().then(() => connection.close());
      return closed;
    },
  };
}
