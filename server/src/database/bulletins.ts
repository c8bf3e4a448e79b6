import type { Binary, Db } from 'mongodb';
import { repeating } from './failure.js';

/** Notices to all who take their mail by POP3: a few small documents, read whole. */
export interface BulletinDocument {
  readonly _id: string;
  readonly subject: string;
  readonly posted: Date;
  /** Not told after it; absent: until it is removed. */
  readonly until?: Date;
  /** The message as it is delivered. */
  readonly octets: Buffer;
}

export interface BulletinsCollection {
  list(): Promise<readonly BulletinDocument[]>;
  insert(bulletin: BulletinDocument): Promise<void>;
  /** False if there is none. */
  remove(id: string): Promise<boolean>;
}

export function createBulletinsCollection(db: Db): BulletinsCollection {
  const bulletins = db.collection<Omit<BulletinDocument, 'octets'> & { readonly octets: Buffer | Binary }>('bulletins');
  return {
    list: () =>
      repeating(async () => {
        const found = await bulletins.find({}).toArray();
        return found
          .map(({ octets, ...rest }) => ({
            ...rest,
            octets: Buffer.isBuffer(octets) ? octets : Buffer.from(octets.buffer),
          }))
          .sort((x, y) => x.posted.getTime() - y.posted.getTime());
      }),
    insert: async (bulletin) => {
      // Not repeated: with an id of its own a second document would be a second notice.
      await bulletins.insertOne(bulletin);
    },
    remove: (id) => repeating(async () => (await bulletins.deleteOne({ _id: id })).deletedCount === 1),
  };
}
