/**
 * A database for the tests of the mailstore: the embedded store in a temporary folder, or the MongoDB that
 * VAGUEMESTRE_MONGODB_URI names, a database of its own for each. Several mailstores opened on it are several processes to
 * each other: they share nothing but the database.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CommandClient,
  embeddedUri,
  openCommandClient,
  openCommittedReader,
  socketOf,
  startEmbeddedServer,
} from '@vaguemestre/embedded';
import { type Connection, type ConnectionOptions, connect } from '@vaguemestre/server/database/connection';
import { type MailDatabase, openMailDatabase } from '@vaguemestre/server/database/database';
import type { Clock } from '@vaguemestre/server/kernel/clock';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { type Log, silentLog } from '@vaguemestre/server/kernel/log';
import type { Mailstore } from '@vaguemestre/server/mailstore/mailstore';
import { openMailstore } from '@vaguemestre/server/mailstore/open-mailstore';
import { startBadWeather } from './bad-weather.js';

export interface TestStore {
  readonly mailstore: Mailstore;
  readonly database: MailDatabase;
  readonly connection: Connection;
  /** Ends with the store. */
  readonly lifetime: Lifetime;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly clock?: Clock;
  readonly log?: Log;
  readonly sweepMs?: number;
  readonly foldEntries?: number;
  readonly viewBudgetBytes?: number;
  readonly monitorCommands?: boolean;
  /** As on a server that has no `bulkWrite` (store design 2.2). */
  readonly twoCommandCommits?: boolean;
  /** Reads from the embedded store's files, as in a worker of the service. */
  readonly committedReads?: boolean;
  /** Commits without the driver, as in a worker of the service; called for each command. Not on a MongoDB. */
  readonly directCommits?: () => void;
  /** Stands between the mailstore and the database: to delay, to fail, to race. */
  readonly wrap?: (database: MailDatabase) => MailDatabase;
  readonly connect?: Partial<ConnectionOptions>;
}

/** `bad`: on the embedded store, everything goes wrong now and then; what is acknowledged and read stays the same. */
export type Weather = 'fine' | 'bad';

export interface TestDatabase {
  readonly uri: string;
  /** Another process, as far as the database can tell. */
  open(options?: OpenOptions): Promise<TestStore>;
  close(): Promise<void>;
}

/** Of an embedded store. */
interface StoreFiles {
  readonly folder: string;
  readonly socketPath: string;
}

export async function startTestDatabase(weather: Weather = 'fine'): Promise<TestDatabase> {
  const external = process.env['VAGUEMESTRE_MONGODB_URI'];
  const name = `test-${randomBytes(6).toString('hex')}`;
  const closers: (() => Promise<unknown>)[] = [];
  let uri = external;
  let files: StoreFiles | undefined;
  if (uri === undefined) {
    const folder = await mkdtemp(join(tmpdir(), 'vm-store-'));
    closers.push(() => rm(folder, { recursive: true, force: true }));
    files = { folder: join(folder, 'data'), socketPath: join(folder, 's.sock') };
    const { socketPath } = files;
    const server = await startEmbeddedServer({ dataDir: files.folder, socketPath, testCommands: true });
    closers.push(() => server.close());
    uri = server.uri;
    if (weather === 'bad') {
      const storm = await startBadWeather(socketPath, join(folder, 'w.sock'), server.uri);
      closers.push(() => storm.close());
      // After a broken connection the driver looks for its server no sooner than this; half a second would make a long test.
      uri = `${embeddedUri(join(folder, 'w.sock'))}&minHeartbeatFrequencyMS=10`;
    }
  } else {
    closers.push(async () => {
      const connection = await connect({ uri: external!, database: name });
      await connection.db.dropDatabase();
      await connection.close();
    });
  }
  const address = uri;
  const open: TestStore[] = [];
  return {
    uri: address,
    async open(options = {}) {
      const store = await openStore(address, name, files, options);
      open.push(store);
      return store;
    },
    async close() {
      for (const store of open) await store.close();
      for (const close of closers.reverse()) await close();
    },
  };
}

function countedClient(uri: string, called: () => void): CommandClient {
  const client = openCommandClient(socketOf(uri));
  return {
    ...client,
    insertAll: (inserts, ordered) => {
      called();
      return client.insertAll(inserts, ordered);
    },
  };
}

async function openStore(
  uri: string,
  name: string,
  files: StoreFiles | undefined,
  options: OpenOptions,
): Promise<TestStore> {
  const log = options.log ?? silentLog;
  const connected = await connect({
    uri,
    database: name,
    monitorCommands: options.monitorCommands ?? false,
    ...options.connect,
  });
  const connection = options.twoCommandCommits === true ? { ...connected, oneCommandCommits: false } : connected;
  const committed =
    options.committedReads === true && files !== undefined
      ? await openCommittedReader(files.folder, files.socketPath)
      : undefined;
  const { directCommits } = options;
  const direct = files === undefined || directCommits === undefined ? undefined : countedClient(uri, directCommits);
  const database = await openMailDatabase(connection, { ...(committed && { committed }), ...(direct && { direct }) });
  const lifetime = new Lifetime(log);
  const mailstore = openMailstore({
    database: options.wrap?.(database) ?? database,
    lifetime,
    log,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.foldEntries === undefined ? {} : { foldEntries: options.foldEntries }),
    ...(options.viewBudgetBytes === undefined ? {} : { viewBudgetBytes: options.viewBudgetBytes }),
    ...(options.sweepMs === undefined ? {} : { sweepMs: options.sweepMs }),
  });
  let closed: Promise<void> | undefined;
  return {
    mailstore,
    database,
    connection,
    lifetime,
    close() {
      closed ??= lifetime
        .close()
        .then(() => connection.close())
        .then(() => committed?.close())
        .then(() => direct?.close());
      return closed;
    },
  };
}
