import { type ContentHead, type ContentReader, pieceKey } from './contents.js';
import { RawDocument } from './raw-document.js';

/**
 * Contents straight out of the embedded store's files, for processes on its machine (store design section 6): no round trip,
 * no copy through a socket. What this is given sees what is committed, the newest at each call, so a message that a view
 * names is there.
 */
export interface CommittedDocuments {
  /** BSON by `_id`, in the order of the ids; undefined for what is not there. */
  getMany(database: string, collection: string, ids: readonly string[]): readonly (Buffer | undefined)[];
  /** Has another thread bring in the pages, so that `getMany` does not wait for a disk. */
  prefetch(database: string, collection: string, ids: readonly string[]): Promise<void>;
}

export function committedContents(documents: CommittedDocuments, database: string): ContentReader {
  const read = async (collection: string, ids: readonly string[]): Promise<readonly (Buffer | undefined)[]> => {
    await documents.prefetch(database, collection, ids);
    return documents.getMany(database, collection, ids);
  };
  return {
    async heads(ids) {
      const found = new Map<string, ContentHead>();
      if (ids.length === 0) return found;
      const replies = await read('contents', ids);
      for (const [i, reply] of replies.entries()) {
        if (reply === undefined) continue;
        const document = new RawDocument(reply);
        found.set(ids[i]!, {
          size: document.number('size')!,
          first: document.binary('b')!,
          pieces: document.number('pieces')!,
        });
      }
      return found;
    },
    async piece(content, number) {
      const [reply] = await read('pieces', [pieceKey(content, number)]);
      return reply === undefined ? undefined : new RawDocument(reply).binary('b');
    },
  };
}
