/**
 * The committed read: documents by `_id` straight out of the store's files, for the process that hosts the server and for
 * any other on the same machine, also while the server runs elsewhere. It sees what is committed and on disk, the newest
 * at each call. It cannot write.
 */
import { createRequire } from 'node:module';
import type { Database, RootDatabase } from 'lmdb';
import { collectionKey, parseStoredCollection } from './engine/catalog.js';
import { storeFormat } from './engine/storage.js';

const lmdb = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');

export interface CommittedReader {
  /** The document, as BSON in a buffer of its own. */
  get(database: string, collection: string, id: string): Buffer | undefined;
  /** The documents, in the order of the ids. All from one state of the store. */
  getMany(database: string, collection: string, ids: readonly string[]): (Buffer | undefined)[];
  /** At most `limit` documents with a string for `_id` above `above` and below `below`, ascending; from one state. */
  range(database: string, collection: string, above: string, below: string, limit: number): Buffer[];
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

export function openCommittedReader(dataDir: string): CommittedReader {
  const root: RootDatabase<Buffer, Buffer> = lmdb.open(dataDir, { ...storeFormat, readOnly: true });
  const tree = (name: string) =>
    root.openDB({ name, encoding: 'binary', keyEncoding: 'binary' }) as Database<Buffer, Buffer>;
  const documents = tree('docs');
  const meta = tree('meta');

  function collectionId(database: string, collection: string): number | undefined {
    const stored = meta.getBinaryFast(collectionKey(`${database}.${collection}`));
    if (stored === undefined) return undefined;
    const size = (meta as unknown as { lastSize: number }).lastSize;
    return parseStoredCollection(Buffer.from(stored.subarray(0, size))).id;
  }

  function read(key: Buffer): Buffer | undefined {
    const view = documents.getBinaryFast(key);
    if (view === undefined) return undefined;
    const bytes = Buffer.from(view.buffer, view.byteOffset, 4);
    const length = bytes.readInt32LE(0);
    // What lies behind the document is the store's own.
    return Buffer.from(Buffer.from(view.buffer, view.byteOffset, length));
  }

  function keysOf(database: string, collection: string, ids: readonly string[]): Buffer[] | undefined {
    const id = collectionId(database, collection);
    return id === undefined ? undefined : ids.map((text) => stringKey(id, text));
  }

  return {
    get(database, collection, id) {
      root.resetReadTxn();
      const number = collectionId(database, collection);
      return number === undefined ? undefined : read(stringKey(number, id));
    },
    getMany(database, collection, ids) {
      root.resetReadTxn();
      return keysOf(database, collection, ids)?.map(read) ?? ids.map(() => undefined);
    },
    range(database, collection, above, below, limit) {
      root.resetReadTxn();
      const number = collectionId(database, collection);
      if (number === undefined) return [];
      const start = Buffer.concat([stringKey(number, above), zero]);
      const found: Buffer[] = [];
      for (const { value } of documents.getRange({ start, end: stringKey(number, below), limit })) {
        found.push(value.subarray(0, value.readInt32LE(0)));
      }
      return found;
    },
    async prefetch(database, collection, ids) {
      const keys = keysOf(database, collection, ids);
      if (keys && keys.length > 0) await documents.prefetch(keys);
    },
    close: () => root.close(),
  };
}
