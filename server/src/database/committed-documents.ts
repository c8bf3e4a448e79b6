import type { ContentHead, ContentReader } from './contents.js';
import { pieceKey } from './contents.js';
import { RawDocument } from './raw-document.js';

/**
 * Documents by `_id` straight out of the embedded store's files, for a process that shares its data folder (store design
 * section 8, committed read). Without a socket, a server and a driver between, bodies come at the speed of memory.
 */
export interface CommittedDocuments {
  /** In the order of the ids; undefined for what is not there. All from one state of the store, the newest on disk. */
  getMany(database: string, collection: string, ids: readonly string[]): readonly (Uint8Array | undefined)[];
  /** At most `limit` documents with ids above `above` and below `below`, ascending; from the newest state on disk. */
  range(database: string, collection: string, above: string, below: string, limit: number): readonly Uint8Array[];
  /** For each of `keys` at most `perKey` documents that have it in the index, each once and valid while `take` runs; undefined
   *  when there is no such index. */
  lookup<T>(
    place: { readonly database: string; readonly collection: string; readonly index: string },
    keys: readonly (readonly (string | bigint)[])[],
    perKey: number,
    take: (document: Uint8Array) => T,
  ): readonly T[] | undefined;
  /** Reads the pages from disk on another thread, so that `getMany` does not wait for the disk. */
  prefetch(database: string, collection: string, ids: readonly string[]): Promise<void>;
}

/** What `take` makes of documents of one collection, by the values of one of its indexes; undefined when it is not there. */
export type CommittedLookup = <T>(
  keys: readonly (readonly (string | bigint)[])[],
  perKey: number,
  take: (document: RawDocument) => T,
) => readonly T[] | undefined;

export function committedLookup(
  documents: CommittedDocuments,
  place: { readonly database: string; readonly collection: string; readonly index: string },
): CommittedLookup {
  return (keys, perKey, take) => documents.lookup(place, keys, perKey, (bytes) => take(new RawDocument(bytes)));
}

/** Documents of one collection, by range of ids. */
export type CommittedRange = (above: string, below: string, limit: number) => readonly Uint8Array[];

export function committedRange(documents: CommittedDocuments, database: string, collection: string): CommittedRange {
  return (above, below, limit) => documents.range(database, collection, above, below, limit);
}

/** One document of one collection, by id: for small ones that are read often, so that no other thread need fetch them. */
export type CommittedRead = (id: string) => Uint8Array | undefined;

export function committedRead(documents: CommittedDocuments, database: string, collection: string): CommittedRead {
  return (id) => documents.getMany(database, collection, [id])[0];
}

/** Documents of one collection, by id. */
export type CommittedReads = (ids: readonly string[]) => Promise<ReadonlyMap<string, RawDocument>>;

export function committedReads(documents: CommittedDocuments, database: string, collection: string): CommittedReads {
  return async (ids) => {
    await documents.prefetch(database, collection, ids);
    const found = new Map<string, RawDocument>();
    for (const [i, bytes] of documents.getMany(database, collection, ids).entries()) {
      if (bytes !== undefined) found.set(ids[i]!, new RawDocument(bytes));
    }
    return found;
  };
}

/** The ContentReader of a process that has the store's files at hand: same results as through the driver. */
export function committedContents(documents: CommittedDocuments, database: string): ContentReader {
  const contents = committedReads(documents, database, 'contents');
  const pieces = committedReads(documents, database, 'pieces');
  return {
    async heads(ids) {
      const heads = new Map<string, ContentHead>();
      for (const [id, document] of await contents(ids)) {
        heads.set(id, {
          size: document.number('size')!,
          first: document.binary('b')!,
          pieces: document.number('pieces')!,
        });
      }
      return heads;
    },
    async piece(content, number) {
      const key = pieceKey(content, number);
      return (await pieces([key])).get(key)?.binary('b');
    },
  };
}
