/**
 * Which collections and indexes there are. The catalog is stored in the tree `meta`, one JSON value a collection, written
 * in the same transaction as the change it describes, and kept whole in memory; after a commit that failed it is read
 * again. Numbers of collections and indexes are never used twice.
 */
import { randomBytes } from 'node:crypto';
import { MongoError } from '../errors.js';
import { type Path, parsePath } from '../query/path.js';
import type { Storage } from './storage.js';

export interface IndexField {
  readonly path: Path;
  readonly descending: boolean;
}

export interface Index {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly IndexField[];
  readonly descending: readonly boolean[];
  readonly unique: boolean;
  readonly sparse: boolean;
  /** Its entries are committed: before that only its own job may use it. */
  ready: boolean;
  /** Some document had an array on one of the paths: it has several keys, and bounds must not be combined. */
  multikey: boolean;
}

export interface Collection {
  readonly id: number;
  readonly database: string;
  readonly name: string;
  readonly namespace: string;
  readonly uuid: Buffer;
  /** All but the one on `_id`, which is the order of the documents themselves. */
  readonly indexes: Index[];
}

interface StoredIndex {
  id: number;
  name: string;
  key: [string, 1 | -1][];
  unique: boolean;
  sparse: boolean;
  multikey: boolean;
}

export interface StoredCollection {
  id: number;
  database: string;
  name: string;
  uuid: string;
  indexes: StoredIndex[];
}

const lastNumberKey = Buffer.from('n');
const firstCollectionKey = Buffer.from('c');
const behindCollectionKeys = Buffer.from('d');

/** Where the catalog keeps a collection; the committed reader looks there too. */
export function collectionKey(namespace: string): Buffer {
  return Buffer.from(`c${namespace}`);
}

export function parseStoredCollection(bytes: Buffer): StoredCollection {
  return JSON.parse(bytes.toString()) as StoredCollection;
}

export interface Catalog {
  get(namespace: string): Collection | undefined;
  all(): Iterable<Collection>;
  /** Inside a write job, like all below. */
  create(database: string, name: string): Collection;
  addIndex(collection: Collection, index: Pick<Index, 'name' | 'fields' | 'unique' | 'sparse'>): Index;
  removeIndex(collection: Collection, index: Index): void;
  setMultikey(collection: Collection, index: Index): void;
  remove(collection: Collection): void;
}

const maxNamespaceBytes = 255;
const maxIndexes = 64;

export function checkNamespace(database: string, name: string): void {
  checkDatabaseName(database);
  const namespace = `${database}.${name}`;
  if (name === '' || name.includes('\0') || name.includes('$') || name.startsWith('.')) {
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${namespace}'`);
  }
  if (Buffer.byteLength(namespace) > maxNamespaceBytes) {
    throw new MongoError('InvalidNamespace', `Fully qualified namespace is too long: ${namespace}`);
  }
}

export function checkDatabaseName(database: string): void {
  if (database === '' || database.length > 63 || /[/\\. "$*<>:|?\0]/.test(database)) {
    throw new MongoError('InvalidNamespace', `Invalid database name: '${database}'`);
  }
}

export function openCatalog(storage: Storage): Catalog {
  let collections = new Map<string, Collection>();
  let lastNumber = 0;
  /** Indexes of jobs that are not committed yet. */
  let building: Index[] = [];

  function load(): void {
    collections = new Map();
    building = [];
    lastNumber = Number(storage.get('meta', lastNumberKey)?.toString() ?? '0');
    const entries = storage.scan('meta', { from: firstCollectionKey, to: behindCollectionKeys });
    for (let step = entries.next(); !step.done; step = entries.next()) {
      const collection = fromStored(parseStoredCollection(step.value.value));
      collections.set(collection.namespace, collection);
    }
  }

  function nextNumber(): number {
    lastNumber++;
    storage.put('meta', lastNumberKey, Buffer.from(String(lastNumber)));
    return lastNumber;
  }

  function save(collection: Collection): void {
    storage.put('meta', collectionKey(collection.namespace), Buffer.from(JSON.stringify(toStored(collection))));
  }

  load();
  storage.onRollback(load);
  storage.onCommit(() => {
    for (const index of building) index.ready = true;
    building = [];
  });

  return {
    get: (namespace) => collections.get(namespace),
    all: () => collections.values(),
    create(database, name) {
      checkNamespace(database, name);
      const namespace = `${database}.${name}`;
      const uuid = randomBytes(16);
      uuid[6] = (uuid[6]! & 0x0f) | 0x40;
      uuid[8] = (uuid[8]! & 0x3f) | 0x80;
      const collection: Collection = { id: nextNumber(), database, name, namespace, uuid, indexes: [] };
      collections.set(namespace, collection);
      save(collection);
      return collection;
    },
    addIndex(collection, { name, fields, unique, sparse }) {
      if (collection.indexes.length + 1 >= maxIndexes) {
        throw new MongoError('CannotCreateIndex', `add index fails, too many indexes for ${collection.namespace}`);
      }
      const descending = fields.map((field) => field.descending);
      const index: Index = {
        id: nextNumber(),
        name,
        fields,
        descending,
        unique,
        sparse,
        ready: false,
        multikey: false,
      };
      collection.indexes.push(index);
      building.push(index);
      save(collection);
      return index;
    },
    removeIndex(collection, index) {
      collection.indexes.splice(collection.indexes.indexOf(index), 1);
      save(collection);
    },
    setMultikey(collection, index) {
      index.multikey = true;
      save(collection);
    },
    remove(collection) {
      collections.delete(collection.namespace);
      storage.delete('meta', collectionKey(collection.namespace));
    },
  };
}

function toStored(collection: Collection): StoredCollection {
  const { id, database, name, uuid } = collection;
  const indexes = collection.indexes.map((index): StoredIndex => {
    const key = index.fields.map(({ path, descending }): [string, 1 | -1] => [path.text, descending ? -1 : 1]);
    return {
      id: index.id,
      name: index.name,
      key,
      unique: index.unique,
      sparse: index.sparse,
      multikey: index.multikey,
    };
  });
  return { id, database, name, uuid: uuid.toString('hex'), indexes };
}

function fromStored(stored: StoredCollection): Collection {
  const { id, database, name } = stored;
  const indexes = stored.indexes.map(({ key, ...rest }): Index => {
    const fields = key.map(([text, direction]) => ({ path: parsePath(text), descending: direction < 0 }));
    return { ...rest, fields, descending: fields.map((field) => field.descending), ready: true };
  });
  return { id, database, name, namespace: `${database}.${name}`, uuid: Buffer.from(stored.uuid, 'hex'), indexes };
}
