import { type Db, type Document, MongoClient, type MongoClientOptions } from 'mongodb';
import { MailError } from '../kernel/errors.js';
import { mendDriver } from './driver-repair.js';
import { repeating } from './failure.js';

/**
 * The connection to MongoDB or to the embedded store: the same driver, the same options. Everything that is written through
 * it is acknowledged by the majority and journalled (invariant 1), everything that is read was committed by the majority.
 * Binary values are read as Buffer, int64 as number where it is exact.
 *
 * Connecting fails with MailError `unavailable` when no server answers in time; later failures are the caller's, per call.
 */
export interface Connection {
  readonly client: MongoClient;
  readonly db: Db;
  /** `client.bulkWrite` puts one ordered command across collections (wire 25), which mongos would split (store design 2.2). */
  readonly oneCommandCommits: boolean;
  /** Behind mongos every mail collection needs an index on its shard key (store design 1). */
  readonly sharded: boolean;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly uri: string;
  /** Database name when the URI has none. */
  readonly database?: string;
  readonly appName?: string;
  /** How long to look for a server, at the start and for every operation. */
  readonly serverSelectionTimeoutMs?: number;
  readonly maxPoolSize?: number;
  /** For tests and traces: the driver then publishes every command. */
  readonly monitorCommands?: boolean;
}

/** MongoDB 8.0: the first wire version that knows the `bulkWrite` command. */
const wireVersionOfBulkWrite = 25;

export async function connect(options: ConnectionOptions): Promise<Connection> {
  const clientOptions: MongoClientOptions = {
    appName: options.appName ?? 'vaguemestre',
    maxPoolSize: options.maxPoolSize ?? 32,
    retryReads: true,
    retryWrites: true,
    readPreference: 'primary',
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority', journal: true },
    serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? 10_000,
    monitorCommands: options.monitorCommands ?? false,
    promoteBuffers: true,
    ignoreUndefined: true,
  };
  mendDriver();
  const client = new MongoClient(options.uri, clientOptions);
  try {
    await repeating(() => client.connect());
    const name = databaseOf(options.uri) ?? options.database ?? 'vaguemestre';
    const db = client.db(name, { promoteBuffers: true, ignoreUndefined: true });
    const hello: Document = await repeating(() => db.command({ hello: 1 }));
    const sharded = hello['msg'] === 'isdbgrid';
    const wireVersion = Number(hello['maxWireVersion'] ?? 0);
    return {
      client,
      db,
      sharded,
      oneCommandCommits: !sharded && wireVersion >= wireVersionOfBulkWrite,
      close: () => client.close(),
    };
  } catch (error) {
    await client.close().catch(() => undefined);
    throw new MailError('unavailable', 'The mail store cannot be reached, try again later', { cause: error });
  }
}

/** The database named in the path of a connection string, which the driver would otherwise take as `test`. */
function databaseOf(uri: string): string | undefined {
  const afterScheme = uri.slice(uri.indexOf('://') + 3);
  const slash = afterScheme.indexOf('/');
  if (slash < 0) return undefined;
  const name = afterScheme.slice(slash + 1).split('?', 1)[0] ?? '';
  return name === '' ? undefined : decodeURIComponent(name);
}
