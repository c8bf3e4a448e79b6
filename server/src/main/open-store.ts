/**
 * Gives a process its store: the MongoDB that is named, or the embedded one. Whoever opens the embedded store first owns it
 * (the lock of the data folder) and runs its server; a command beside a running service uses the service's.
 */
import type { Config } from '../config/config.js';
import { type LockOwner, lockDataFolder, lockOwner } from '../database/data-folder.js';
import type { Log } from '../kernel/log.js';

export interface OpenStore {
  /** For the MongoDB driver. */
  readonly uri: string;
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
  readonly log: Log;
  readonly signal?: AbortSignal;
}

const never = new Promise<never>(() => undefined);

export async function openStore(options: OpenStoreOptions): Promise<OpenStore> {
  const uri = options.config.values['mongodb-uri'];
  const { folder, holder, onWait, signal } = options;
  const isService = holder === 'service';
  if (!isService) {
    if (uri !== undefined) return { uri, owned: false, lost: never, close: async () => undefined };
    const owner = await lockOwner(folder);
    if (owner?.holder === 'service') {
      return { uri: socketUri(owner.socket), owned: false, lost: never, close: async () => undefined };
    }
  }
  // A service on a MongoDB keeps its certificate and secrets in the folder: it has one owner all the same.
  const lock = await lockDataFolder({
    folder,
    holder,
    ...(onWait ? { onWait } : {}),
    ...(signal ? { signal } : {}),
  });
  if (uri !== undefined) return { uri, owned: false, lost: never, close: async () => lock.release() };
  return { uri: socketUri(lock.owner.socket), owned: true, lost: never, close: async () => lock.release() };
}

/** The driver wants the path percent-encoded; one member answers, whatever it says of its set. */
function socketUri(socket: string): string {
  return `mongodb://${encodeURIComponent(socket)}/?directConnection=true`;
}
