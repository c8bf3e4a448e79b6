import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { repeating, unlessTaken } from './failure.js';

/** Who got an automatic answer of an account, and to which message: a sender is answered once in some days, whatever dies. */
export interface AnsweredSenders {
  /** True: this message is the one that this sender is answered for. Asked again for the same message it stays true. */
  claim(account: AccountId, sender: string, message: string, at: Date, notSince: Date): Promise<boolean>;
  removeAccount(account: AccountId): Promise<void>;
}

interface AnsweredDocument {
  /** `account/` and a digest of the address. */
  readonly _id: string;
  readonly a: AccountId;
  readonly m: string;
  readonly t: Date;
}

export function createAnsweredSenders(db: Db): AnsweredSenders {
  const answered = db.collection<AnsweredDocument>('answered');
  return {
    async claim(account, sender, message, at, notSince) {
      const _id = `${account}/${sender}`;
      const free = { _id, t: { $lt: notSince } };
      const set = { $set: { a: account, m: message, t: at } };
      if (await unlessTaken(() => answered.updateOne(free, set, { upsert: true }))) return true;
      return (await repeating(() => answered.findOne({ _id })))?.m === message;
    },
    async removeAccount(account) {
      await repeating(() => answered.deleteMany({ _id: { $gte: `${account}/`, $lt: `${account}0` } }));
    },
  };
}
