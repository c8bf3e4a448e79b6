import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { repeating } from './failure.js';

/**
 * How far an account that ends has come, one document each. It belongs to one end date: when that is changed, what was done for
 * the old one does not count any more. Every change names the end date it is for, so that a process that is behind changes nothing.
 */
export interface LifeDocument {
  readonly _id: AccountId;
  /** The end date that the rest is about. */
  readonly ends: Date;
  /** The step that is being taken, and since when: letters that are written again after a crash are the same letters. */
  readonly begun?: { readonly step: string; readonly at: Date };
  /** When both were told, by days before the end. */
  readonly warned14?: Date;
  readonly warned3?: Date;
  readonly locked?: Date;
  /** When the archive that counts was verified. */
  readonly archived?: Date;
  readonly archive?: string;
  /** Up to which UID mail was looked at for the automatic answer, by mailbox. */
  readonly answered?: Readonly<Record<string, number>>;
}

export type LifeMarks = Partial<Omit<LifeDocument, '_id' | 'ends' | 'answered'>>;

export interface Lives {
  list(): Promise<readonly LifeDocument[]>;
  get(account: AccountId): Promise<LifeDocument | undefined>;
  /** Begins anew unless it is about this end date already. */
  begin(account: AccountId, ends: Date): Promise<LifeDocument>;
  /** False when it is not about this end date any more. */
  mark(account: AccountId, ends: Date, marks: LifeMarks): Promise<boolean>;
  markAnswered(account: AccountId, ends: Date, mailbox: string, uidNext: number): Promise<boolean>;
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
      await repeating(() => lives.replaceOne({ _id: account }, { ends }, { upsert: true }));
      return fresh;
    },
    async mark(account, ends, marks) {
      const result = await repeating(() => lives.updateOne({ _id: account, ends }, { $set: marks }));
      return result.matchedCount === 1;
    },
    async markAnswered(account, ends, mailbox, uidNext) {
      const set = { $set: { [`answered.${mailbox}`]: uidNext } };
      const result = await repeating(() => lives.updateOne({ _id: account, ends }, set));
      return result.matchedCount === 1;
    },
    async remove(account) {
      await repeating(() => lives.deleteOne({ _id: account }));
    },
  };
}
