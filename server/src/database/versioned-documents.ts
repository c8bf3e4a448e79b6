import type { Connection } from './connection.js';
import { isDuplicateKey, repeating } from './failure.js';

/** One document an account, rewritten whole, under a version that a change compares: small things that several processes keep. */
export interface VersionedDocuments<T extends object> {
  ensureIndexes(): Promise<void>;
  /** `empty` under version 0 when there is none. */
  get(account: string): Promise<T & { readonly v: number }>;
  /** False when another process wrote meanwhile: version `v` is taken. */
  put(account: string, body: T, v: number): Promise<boolean>;
  remove(account: string): Promise<void>;
}

interface Stored {
  readonly _id: string;
  readonly a: string;
  readonly v: number;
}

export function versionedDocuments<T extends object>(
  { db, sharded }: Connection,
  name: string,
  empty: T,
): VersionedDocuments<T> {
  const collection = db.collection<Stored>(name);
  return {
    ensureIndexes: () =>
      repeating(async () => {
        if (sharded) await collection.createIndex({ a: 1 }, { name: 'account' });
      }),
    get: (account) =>
      repeating(async () => {
        const found = await collection.findOne({ _id: account, a: account });
        return found === null ? { ...empty, v: 0 } : (found as unknown as T & Stored);
      }),
    put: (account, body, v) =>
      repeating(async () => {
        if (v > 1) {
          const filter = { _id: account, a: account, v: v - 1 };
          const result = await collection.replaceOne(filter, { a: account, ...body, v });
          return result.matchedCount === 1;
        }
        try {
          await collection.insertOne({ _id: account, a: account, ...body, v });
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
