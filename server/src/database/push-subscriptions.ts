import type { Connection } from './connection.js';
import { accountRange } from './documents.js';
import { repeating } from './failure.js';

/**
 * Where clients want to be told of changes (RFC 8620 7.2): one document a subscription, `account/id`, a few for each person, so the
 * collection is not sharded. One process at a time watches a subscription: the one whose lease stands in it. Whoever makes or
 * changes it takes it, so that what was changed counts at once.
 */
export interface PushSubscriptionDocument {
  readonly _id: string;
  readonly a: string;
  /** What its client came in with: it ends when that does. */
  readonly credential: string;
  readonly device: string;
  readonly url: string;
  readonly keys: PushKeys | null;
  /** What was pushed to prove that the address is the client's. */
  readonly code: string;
  readonly verified: boolean;
  /** null: all there are. */
  readonly types: readonly string[] | null;
  readonly made: Date;
  readonly expires: Date;
  readonly owner: string;
  readonly leaseUntil: Date;
}

/** RFC 8291, base64url. */
export interface PushKeys {
  readonly p256dh: string;
  readonly auth: string;
}

export const subscriptionIdOf = ({ _id, a }: Pick<PushSubscriptionDocument, '_id' | 'a'>): string =>
  _id.slice(a.length + 1);

export interface Lease {
  readonly owner: string;
  readonly leaseUntil: Date;
}

export type PushSubscriptionChange = Partial<Pick<PushSubscriptionDocument, 'verified' | 'types' | 'expires'>>;

export interface PushSubscriptions {
  ensureIndexes(): Promise<void>;
  insert(subscription: PushSubscriptionDocument): Promise<void>;
  get(account: string, id: string): Promise<PushSubscriptionDocument | undefined>;
  list(account: string): Promise<readonly PushSubscriptionDocument[]>;
  /** Changes it and takes it over. False if there is none. */
  change(account: string, id: string, change: PushSubscriptionChange & Lease): Promise<boolean>;
  /** False if there is none. */
  remove(account: string, id: string): Promise<boolean>;
  removeAccount(account: string): Promise<void>;
  /** Takes what nobody watches any more, at most so many, renews what the owner has, and answers with all of it. */
  hold(lease: Lease, now: Date, most: number): Promise<readonly PushSubscriptionDocument[]>;
  /** So that another process takes them at once. */
  letGo(owner: string): Promise<void>;
}

export function pushSubscriptions({ db }: Connection): PushSubscriptions {
  const collection = db.collection<PushSubscriptionDocument>('pushSubscriptions');
  const range = (account: string) => ({ a: account, _id: accountRange(account) });
  const one = (account: string, id: string) => ({ _id: `${account}/${id}`, a: account });
  return {
    ensureIndexes: () =>
      repeating(async () => {
        await collection.createIndex({ leaseUntil: 1 }, { name: 'lease' });
        await collection.createIndex({ owner: 1 }, { name: 'owner' });
      }),
    insert: (subscription) =>
      repeating(async () => {
        await collection.insertOne(subscription);
      }),
    get: (account, id) => repeating(async () => (await collection.findOne(one(account, id))) ?? undefined),
    list: (account) => repeating(() => collection.find(range(account)).sort({ _id: 1 }).toArray()),
    change: (account, id, change) =>
      repeating(async () => (await collection.updateOne(one(account, id), { $set: change })).matchedCount === 1),
    remove: (account, id) => repeating(async () => (await collection.deleteOne(one(account, id))).deletedCount === 1),
    removeAccount: (account) =>
      repeating(async () => {
        await collection.deleteMany(range(account));
      }),
    hold: (lease, now, most) =>
      repeating(async () => {
        const left = await collection
          .find({ leaseUntil: { $lt: now } })
          .limit(most)
          .toArray();
        for (const { _id, leaseUntil } of left) await collection.updateOne({ _id, leaseUntil }, { $set: lease });
        await collection.updateMany({ owner: lease.owner }, { $set: { leaseUntil: lease.leaseUntil } });
        return collection.find({ owner: lease.owner }).toArray();
      }),
    letGo: (owner) =>
      repeating(async () => {
        await collection.updateMany({ owner }, { $set: { leaseUntil: new Date(0) } });
      }),
  };
}
