/**
 * Gives a process its store: the MongoDB that is named, or the embedded one. Whoever opens the embedded store first owns it
 * (the lock of the data folder) and runs its server; a command beside a running service uses the service's.
 */
import { join } from 'node:path';
import { embeddedUri, startEmbeddedServer } from '@vaguemestre/embedded';
import type { Config } from '../config/config.js';
import { type LockOwner, lockDataFolder, lockOwner } from '../database/data-folder.js';
import type { Log } from '../kernel/log.js';

export interface OpenStore {
  /** For the MongoDB driver. */
  readonly uri: string;
  /** Of the embedded store, whoever runs it; undefined for a MongoDB. */
  readonly folder: string | undefined;
  /** Runs in this process. */
  readonly owned: boolean;
  /** Rejects when the embedded store ended by itself; never resolves before `close`. */
  readonly lost: Promise<never>;
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  readonly config: Config;
  /** Absolute. */
  readonly folder: string;
  /** `service`, or the command as typed. */
  readonly holder: string;
  readonly onWait?: (owner: LockOwner) => void;
  /** The embedded store then takes fail points: tests only. */
  readonly testCommands?: boolean;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

/** Of the embedded store, in a data folder and in a backup alike. */
export const storeFolder = (folder: string): string => join(folder, 'store');
export const dataFileOf = (folder: string): string => join(storeFolder(folder), 'data.mdb');

const never = new Promise<never>(() => undefined);

export async function openStore(options: OpenStoreOptions): Promise<OpenStore> {
  const uri = options.config.values['mongodb-uri'];
  const { folder, holder, onWait, signal } = options;
  const isService = holder === 'service';
  if (!isService) {
    if (uri !== undefined) return { uri, folder: undefined, owned: false, lost: never, close: async () => undefined };
    const owner = await lockOwner(folder);
    if (owner?.holder === 'service') {
      return {
        uri: embeddedUri(owner.socket),
        folder: storeFolder(folder),
        owned: false,
        lost: never,
        close: async () => undefined,
      };
    }
  }
  // A service on a MongoDB keeps its certificate and secrets in the folder: it has one owner all the same.
  const lock = await lockDataFolder({
    folder,
    holder,
    ...(onWait ? { onWait } : {}),
    ...(signal ? { signal } : {}),
  });
  if (uri !== undefined)
    return { uri, folder: undefined, owned: false, lost: never, close: async () => lock.release() };
  try {
    const server = await startEmbeddedServer({
      dataDir: storeFolder(folder),
      socketPath: lock.owner.socket,
      testCommands: options.testCommands ?? false,
      log: (level, text, detail) => options.log[level]({ store: detail }, text),
    });
    const lost = server.closed.then(() => never);
    lost.catch(() => undefined); // heard by whoever waits for it
    let closing = false;
    return {
      uri: server.uri,
      folder: storeFolder(folder),
      owned: true,
      lost,
      close: async () => {
        if (closing) return;
        closing = true;
        try {
          await server.close();
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
