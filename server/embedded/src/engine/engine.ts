/** The parts of the engine, opened together in the order they need each other. */
import { type Catalog, type Collection, checkNamespace, openCatalog } from './catalog.js';
import { type Documents, openDocuments } from './documents.js';
import { type Oplog, type OplogLimits, openOplog } from './oplog.js';
import { openStorage, type Storage, type StorageLog } from './storage.js';

export interface Engine {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly oplog: Oplog;
  readonly documents: Documents;
  /** Inside a write job: the collection, made if it is not there. */
  ensureCollection(database: string, name: string): Collection;
  /** Calls `listener` at the next commits that changed something; the function it gives ends that. */
  onChange(listener: () => void): () => void;
  close(): Promise<void>;
}

/** A reader of changes that was away for longer than this, or missed more, starts again from the data. */
const defaultLimits: OplogLimits = { maxBytes: 128 * 1024 * 1024, maxAgeMs: 24 * 3600 * 1000 };

export function openEngine(directory: string, log?: StorageLog, limits = defaultLimits): Engine {
  const storage = openStorage(directory, log);
  const catalog = openCatalog(storage);
  const oplog = openOplog(storage, limits);
  const documents = openDocuments(storage, catalog, oplog);
  const listeners = new Set<() => void>();
  let told = oplog.last;
  storage.onCommit(() => {
    if (oplog.last === told) return;
    told = oplog.last;
    for (const listener of [...listeners]) listener();
  });
  return {
    storage,
    catalog,
    oplog,
    documents,
    ensureCollection(database, name) {
      checkNamespace(database, name);
      return catalog.get(`${database}.${name}`) ?? catalog.create(database, name);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => storage.close(),
  };
}
