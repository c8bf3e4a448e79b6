import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { repeating, unlessTaken } from './failure.js';

/**
 * How far an account that ends has come, one document each. It belongs to one end date: when that is changed, what was done for
 * the old one does not count any more. Every change names the end date it is for, so that a process that is behind changes nothing.
 */
export interface LifeDocument {
  readonly _id: AccountId;
  /** The end date that the rest is about. */
  readonly ends: Date;
  /** When both were told, by days before the end. */
  readonly warned14?: Date;
  readonly warned3?: Date;
  readonly locked?: Date;
  /** When the archive that counts was verified. */
  readonly archived?: Date;
  readonly archive?: string;
  /** Set before the first thing is deleted: from here on there is no way back. */
  readonly deleting?: Date;
  /** Up to which UID mail was looked at for the automatic answer, by mailbox. */
  readonly answered?: Readonly<Record<string, number>>;
}

export type LifeMarks = Partial<Omit<LifeDocument, '_id' | 'ends'>>;

export interface Lives {
  list(): Promise<readonly LifeDocument[]>;
  get(account: AccountId): Promise<LifeDocument | undefined>;
  /** Begins anew unless it is about this end date already. */
  begin(account: AccountId, ends: Date): Promise<LifeDocument>;
  /** False when it is not about this end date any more. */
  mark(account: AccountId, ends: Date, marks: LifeMarks): Promise<boolean>;
  remove(account: AccountId): Promise<void>;
}

export function createLives(db: Db): Lives {
  const lives = db.collection<LifeDocument>('lives');
  const get = async (account: AccountId): Promise<LifeDocument | undefined> =>
    (await repeating(() => lives.findOne({ _id: account }))) ?? undefined;
  return {
    list: () => repeating(() => lives.find({}).toArray()),
    get,
    async begin(account, ends) {
      const held = await get(account);
      if (held?.ends.getTime() === ends.getTime()) return held;
      const fresh: LifeDocument = { _id: account, ends };
      // A deletion that began is finished, whatever the end date is now.
      const replaceable = { _id: account, deleting: { $exists: false } };
      if (await unlessTaken(() => lives.replaceOne(replaceable, { ends }, { upsert: true }))) return fresh;
      return (await get(account)) ?? fresh;
    },
    async mark(account, ends, marks) {
      const result = await repeating(() => lives.updateOne({ _id: account, ends }, { $set: marks }));
      return result.matchedCount === 1;
    },
    async remove(account) {
      await repeating(() => lives.deleteOne({ _id: account }));
    },
  };
}
