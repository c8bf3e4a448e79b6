/**
 * The committed read: documents by `_id` straight out of the store's files, for the process that hosts the server and for
 * any other on the same machine, also while the server runs elsewhere. It sees what is committed and on disk, the newest
 * at each call. It cannot write.
 */
import { createRequire } from 'node:module';
import type { Database, RootDatabase } from 'lmdb';
import { documentValue, items } from './bson/element.js';
import { encodeKey } from './bson/encode-key.js';
import { buildDocument, indexName } from './bson/writer.js';
import { besideServer } from './client/beside-server.js';
import { collectionKey, parseStoredCollection, type StoredCollection } from './engine/catalog.js';
import { prefixEnd } from './engine/index-keys.js';
import { storeFormat } from './engine/storage.js';

const lmdb = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');

export interface CommittedReader {
  /** The document, as BSON in a buffer of its own. */
  get(database: string, collection: string, id: string): Buffer | undefined;
  /** The documents, in the order of the ids. All from one state of the store. */
  getMany(database: string, collection: string, ids: readonly string[]): (Buffer | undefined)[];
  /** At most `limit` documents with a string for `_id` above `above` and below `below`, ascending; from one state. */
  range(database: string, collection: string, above: string, below: string, limit: number): Buffer[];
  /**
   * For each of `keys` at most `perKey` documents that have it in the index, each once; a key gives values for the first fields of
   * the index, all ascending. What \`take\` is given is valid while it runs. From one state of the store. undefined when there is no
   * such index.
   */
  lookup<T>(
    place: { readonly database: string; readonly collection: string; readonly index: string },
    keys: readonly (readonly (string | bigint)[])[],
    perKey: number,
    take: (document: Buffer) => T,
  ): T[] | undefined;
  /** Has the pages of these documents read from disk by another thread, so that `getMany` does not wait for it. */
  prefetch(database: string, collection: string, ids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Behind a key it makes the least key above it. */
const zero = Buffer.alloc(1);

const stringClass = 0x28; // as in the keys that `bson/encode-key.ts` makes; a test holds the two together

/** The key of a document with a string for `_id`. */
export function stringKey(collectionId: number, id: string): Buffer {
  const text = Buffer.from(id);
  let zeros = 0;
  for (const byte of text) if (byte === 0) zeros++;
  const key = Buffer.allocUnsafe(6 + text.length + zeros);
  key.writeUInt32BE(collectionId);
  key[4] = stringClass;
  let at = 5;
  for (const byte of text) {
    key[at++] = byte;
    if (byte === 0) key[at++] = 0xff;
  }
  key[at] = 0;
  return key;
}

/** `id`: the key of an `_id` without its collection, as entries of an index hold it. */
function documentKey(collection: number, id: Buffer): Buffer {
  const key = Buffer.allocUnsafe(4 + id.length);
  key.writeUInt32BE(collection);
  id.copy(key, 4);
  return key;
}

/** What the entries of an index with these values begin with. */
function indexKey(id: number, values: readonly (string | bigint)[]): Buffer {
  const document = buildDocument((writer) => {
    for (const [i, value] of values.entries()) {
      if (typeof value === 'string') writer.string(indexName(i), value);
      else writer.int64(indexName(i), value);
    }
  });
  const encoded = encodeKey(items(documentValue(document)));
  const key = Buffer.allocUnsafe(4 + encoded.length);
  key.writeUInt32BE(id);
  encoded.copy(key, 4);
  return key;
}

/** `socketPath`: of the server that writes to the store. Rejects with ConnectionLost when it does not answer. */
export async function openCommittedReader(dataDir: string, socketPath: string): Promise<CommittedReader> {
  return readerOn(await besideServer(socketPath, () => lmdb.open(dataDir, { ...storeFormat, readOnly: true })));
}

function readerOn(root: RootDatabase<Buffer, Buffer>): CommittedReader {
  const tree = (name: string) =>
    root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }) as Database<Buffer, Buffer>;
  const documents = tree('docs');
  const entries = tree('index');
  const meta = tree('meta');
  /** Entries of the catalog as they were last seen: they hardly ever change, and parsing one costs more than a read. */
  const catalog = new Map<string, { readonly bytes: Buffer; readonly parsed: StoredCollection }>();

  function collectionOf(database: string, collection: string): StoredCollection | undefined {
    const namespace = `${database}.${collection}`;
    const bytesHere = meta.getBinaryFast(collectionKey(namespace));
    if (bytesHere === undefined) return undefined;
    const stored = bytesHere.subarray(0, (meta as unknown as { lastSize: number }).lastSize);
    const known = catalog.get(namespace);
    if (known !== undefined && Buffer.compare(known.bytes, stored) === 0) return known.parsed;
    const bytes = Buffer.from(stored);
    const parsed = parseStoredCollection(bytes);
    catalog.set(namespace, { bytes, parsed });
    return parsed;
  }

  /** The document where it lies, until the next read. */
  function view(key: Buffer): Buffer | undefined {
    const bytes = documents.getBinaryFast(key);
    // What lies behind the document is the store's own.
    return bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.readInt32LE(0));
  }

  function read(key: Buffer): Buffer | undefined {
    const document = view(key);
    return document && Buffer.from(document);
  }

  function keysOf(database: string, collection: string, ids: readonly string[]): Buffer[] | undefined {
    const id = collectionOf(database, collection)?.id;
    return id === undefined ? undefined : ids.map((text) => stringKey(id, text));
  }

  return {
    get(database, collection, id) {
      root.resetReadTxn();
      const number = collectionOf(database, collection)?.id;
      return number === undefined ? undefined : read(stringKey(number, id));
    },
    getMany(database, collection, ids) {
      root.resetReadTxn();
      return keysOf(database, collection, ids)?.map(read) ?? ids.map(() => undefined);
    },
    range(database, collection, above, below, limit) {
      root.resetReadTxn();
      const number = collectionOf(database, collection)?.id;
      if (number === undefined) return [];
      const start = Buffer.concat([stringKey(number, above), zero]);
      const found: Buffer[] = [];
      for (const { value } of documents.getRange({ start, end: stringKey(number, below), limit })) {
        found.push(value.subarray(0, value.readInt32LE(0)));
      }
      return found;
    },
    lookup({ database, collection, index: name }, keys, perKey, take) {
      root.resetReadTxn();
      const stored = collectionOf(database, collection);
      const index = stored?.indexes.find((one) => one.name === name);
      if (stored === undefined || index === undefined) return undefined;
      const found = new Map<string, Buffer>();
      for (const key of keys) {
        const start = indexKey(index.id, key);
        for (const { value } of entries.getRange({ start, end: prefixEnd(start), limit: perKey })) {
          const id = value.toString('latin1');
          if (!found.has(id)) found.set(id, documentKey(stored.id, value));
        }
      }
      const taken: ReturnType<typeof take>[] = [];
      for (const key of found.values()) {
        const document = view(key);
        if (document !== undefined) taken.push(take(document));
      }
      return taken;
    },
    async prefetch(database, collection, ids) {
      const keys = keysOf(database, collection, ids);
      if (keys && keys.length > 0) await documents.prefetch(keys);
    },
    close: () => root.close(),
  };
}
