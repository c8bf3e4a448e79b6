import type { Connection } from './connection.js';
import { accountRange } from './documents.js';
import { isDuplicateKey, repeating } from './failure.js';

/**
 * How people present themselves when they write (RFC 8621 6): one document an identity, `account/id`. An identity that an address
 * brings with it has a document only once somebody changed it.
 */
export interface IdentityDocument {
  readonly _id: string;
  readonly a: string;
  readonly name: string;
  readonly email: string;
  readonly replyTo: readonly IdentityAddress[] | null;
  readonly bcc: readonly IdentityAddress[] | null;
  readonly textSignature: string;
  readonly htmlSignature: string;
  /** Counts the changes: what a change compares. */
  readonly v: number;
}

export interface IdentityAddress {
  readonly name: string | null;
  readonly email: string;
}

export interface Identities {
  ensureIndexes(): Promise<void>;
  list(account: string): Promise<readonly IdentityDocument[]>;
  /** In place of the one of version `v - 1`, or as a new one of version 1. False when somebody else changed it. */
  put(identity: IdentityDocument): Promise<boolean>;
  /** False if there is none. */
  remove(account: string, id: string): Promise<boolean>;
  removeAccount(account: string): Promise<void>;
}

export function identities({ db, sharded }: Connection): Identities {
  const collection = db.collection<IdentityDocument>('identities');
  const range = (account: string) => ({ a: account, _id: accountRange(account) });
  return {
    ensureIndexes: () =>
      repeating(async () => {
        if (sharded) await collection.createIndex({ a: 1 }, { name: 'account' });
      }),
    list: (account) => repeating(() => collection.find(range(account)).sort({ _id: 1 }).toArray()),
    put: (identity) =>
      repeating(async () => {
        const { _id, a, v, ...fields } = identity;
        if (v > 1) {
          const result = await collection.replaceOne({ _id, a, v: v - 1 }, { a, ...fields, v });
          return result.matchedCount === 1;
        }
        try {
          await collection.insertOne(identity);
          return true;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          return false;
        }
      }),
    remove: (account, id) =>
      repeating(async () => {
        const gone = await collection.deleteOne({ _id: `${account}/${id}`, a: account });
        return gone.deletedCount === 1;
      }),
    removeAccount: (account) =>
      repeating(async () => {
        await collection.deleteMany(range(account));
      }),
  };
}
