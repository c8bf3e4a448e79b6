import type { Db } from 'mongodb';
import { reading } from './failure.js';

/**
 * What every process must know about past logins so that guessing cannot move from one to the next: counts of failures
 * and the pairs of person and network that logged in lately. Small, rewritten in place, thrown away when old; never
 * touched by a login that is answered from memory.
 */
export interface LoginRecord {
  /** `kind|subject|network`, made by auth/throttle.ts. */
  readonly _id: string;
  /** Failures in a row. */
  readonly n: number;
  /** Of the last one, or of the last success for a pair that is known. */
  readonly t: Date;
}

export interface LoginHistory {
  read(ids: readonly string[]): Promise<LoginRecord[]>;
  /** One more; starts again at 1 when `restart`. */
  count(id: string, at: Date, restart: boolean): Promise<void>;
  put(id: string, at: Date): Promise<void>;
  forget(ids: readonly string[]): Promise<void>;
  /** Removes the records of one kind that are older than `before`. */
  prune(kind: string, before: Date): Promise<void>;
}

export function createLoginHistory(db: Db): LoginHistory {
  const logins = db.collection<LoginRecord>('logins');
  return {
    async read(ids) {
      return await reading(() => logins.find({ _id: { $in: [...ids] } }).toArray());
    },
    async count(id, at, restart) {
      const change = restart ? { $set: { n: 1, t: at } } : { $inc: { n: 1 }, $set: { t: at } };
      await reading(() => logins.updateOne({ _id: id }, change, { upsert: true }));
    },
    async put(id, at) {
      await reading(() => logins.updateOne({ _id: id }, { $set: { n: 0, t: at } }, { upsert: true }));
    },
    async forget(ids) {
      await reading(() => logins.deleteMany({ _id: { $in: [...ids] } }));
    },
    async prune(kind, before) {
      // `}` follows `|`: all ids that begin with the kind.
      await reading(() => logins.deleteMany({ _id: { $gte: `${kind}|`, $lt: `${kind}}` }, t: { $lt: before } }));
    },
  };
}
