import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { reading } from './failure.js';

/** Codes for the day that a passkey is lost, of people who have no code app (those have theirs beside its secret). */
interface RecoveryDocument {
  /** `<account>/recovery`. */
  readonly _id: string;
  readonly a: AccountId;
  /** SHA-256 of each that is left, base64url. */
  readonly codes: readonly string[];
}

export interface RecoveryCodes {
  /** Undefined: there were never any. */
  of(account: AccountId): Promise<readonly string[] | undefined>;
  /** In place of those that were there. */
  put(account: AccountId, codes: readonly string[]): Promise<void>;
  /** True once for each code. */
  use(account: AccountId, digest: string): Promise<boolean>;
  remove(account: AccountId): Promise<void>;
}

export function createRecoveryCodes(db: Db): RecoveryCodes {
  const recovery = db.collection<RecoveryDocument>('credentials');
  const own = (account: AccountId) => ({ _id: `${account}/recovery`, a: account });
  return {
    async of(account) {
      return (await reading(() => recovery.findOne(own(account))))?.codes;
    },
    async put(account, codes) {
      await reading(() => recovery.replaceOne(own(account), { a: account, codes }, { upsert: true }));
    },
    async use(account, digest) {
      const there = { ...own(account), codes: digest };
      return (await reading(() => recovery.updateOne(there, { $pull: { codes: digest } }))).modifiedCount === 1;
    },
    async remove(account) {
      await reading(() => recovery.deleteOne(own(account)));
    },
  };
}
