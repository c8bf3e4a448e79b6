import { ObjectId } from 'mongodb';
import type { Collections } from './collections.js';
import { accountRange, type ContentDocument, type UploadMark } from './documents.js';
import { isDuplicateKey, repeating } from './failure.js';
import { RawDocument } from './raw-document.js';

export interface UploadHead {
  readonly size: number;
  readonly type: string;
}

/**
 * Contents that belong to no message: what a client sent to make one of. They carry a mark, so that no id of a message's content
 * is ever taken for one, and no message names them, so that the collector takes them once they are a day old.
 */
export interface Uploads {
  /** After its pieces; repeating it is harmless. */
  insert(document: ContentDocument & { readonly upload: UploadMark }): Promise<void>;
  /** By the ObjectId; undefined when it is not there, or is no upload. */
  head(account: string, id: string): Promise<UploadHead | undefined>;
  /** Octets that came since then. */
  bytesSince(account: string, seconds: number): Promise<number>;
}

export function uploads({ contents }: Collections): Uploads {
  return {
    insert: (document) =>
      repeating(async () => {
        try {
          await contents.insertOne(document);
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      }),
    head: (account, id) =>
      repeating(async () => {
        const reply = await contents.findOne(
          { a: account, _id: `${account}/${id}`, upload: { $exists: true } },
          { projection: { size: 1, upload: 1 } },
        );
        return reply?.upload === undefined ? undefined : { size: reply.size, type: reply.upload.type };
      }),
    bytesSince: (account, seconds) =>
      repeating(async () => {
        // Ids begin with their time: the contents of a day lie together.
        const oldest = `${account}/${ObjectId.createFromTime(seconds).toHexString()}`;
        const replies = (await contents
          .find(
            { a: account, _id: { $gte: oldest, $lt: accountRange(account).$lt }, upload: { $exists: true } },
            { projection: { size: 1 }, hint: { _id: 1 }, raw: true },
          )
          .toArray()) as unknown as Buffer[];
        return replies.reduce((sum, reply) => sum + new RawDocument(reply).number('size')!, 0);
      }),
  };
}
