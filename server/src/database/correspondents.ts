import type { Connection } from './connection.js';
import { isDuplicateKey, repeating } from './failure.js';

/** To whom somebody wrote lately: one document a person, rewritten whole, so that completion costs one read. */
export interface CorrespondentsDocument {
  readonly _id: string;
  readonly a: string;
  readonly list: readonly Correspondent[];
  readonly v: number;
}

export interface Correspondent {
  readonly address: string;
  readonly name: string;
  readonly uses: number;
  readonly last: Date;
}

export interface CorrespondentsCollection {
  ensureIndexes(): Promise<void>;
  get(account: string): Promise<Pick<CorrespondentsDocument, 'list' | 'v'>>;
  /** False when another process wrote meanwhile: version `v` is taken. */
  put(account: string, list: readonly Correspondent[], v: number): Promise<boolean>;
  remove(account: string): Promise<void>;
}

export function correspondents({ db, sharded }: Connection): CorrespondentsCollection {
  const collection = db.collection<CorrespondentsDocument>('correspondents');
  return {
    ensureIndexes: () =>
      repeating(async () => {
        if (sharded) await collection.createIndex({ a: 1 }, { name: 'account' });
      }),
    get: (account) =>
      repeating(async () => (await collection.findOne({ _id: account, a: account })) ?? { list: [], v: 0 }),
    put: (account, list, v) =>
      repeating(async () => {
        if (v > 1) {
          const filter = { _id: account, a: account, v: v - 1 };
          const result = await collection.replaceOne(filter, { a: account, list, v });
          return result.matchedCount === 1;
        }
        try {
          await collection.insertOne({ _id: account, a: account, list, v });
          return true;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          return false;
        }
      }),
    remove: (account) =>
      repeating(async () => {
        await collection.deleteOne({ _id: account, a: account });
      }),
  };
}
