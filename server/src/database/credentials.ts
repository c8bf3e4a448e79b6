import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { reading } from './failure.js';

/**
 * Secrets, apart from the people so that a listing of people never holds one. One document a credential; now each person
 * has at most one, the password.
 */
export interface PasswordDocument {
  /** `<account>/password`. */
  readonly _id: string;
  readonly a: AccountId;
  /** PHC string: algorithm, parameters, salt, hash. */
  readonly hash: string;
  /** New with every new password (not with a rehash of the same one): what was proved under another version is void. */
  readonly version: string;
  readonly changed: Date;
}

export interface Credentials {
  password(account: AccountId): Promise<PasswordDocument | undefined>;
  /** Of those who have one. */
  passwords(accounts: readonly AccountId[]): Promise<PasswordDocument[]>;
  setPassword(account: AccountId, password: Pick<PasswordDocument, 'hash' | 'version' | 'changed'>): Promise<void>;
  /** The same password under newer parameters; does nothing if the password was changed meanwhile. */
  rehash(account: AccountId, oldHash: string, newHash: string): Promise<void>;
  remove(account: AccountId): Promise<void>;
}

const passwordId = (account: AccountId): string => `${account}/password`;

export function createCredentials(db: Db): Credentials {
  const credentials = db.collection<PasswordDocument>('credentials');
  return {
    async password(account) {
      return (await reading(() => credentials.findOne({ _id: passwordId(account), a: account }))) ?? undefined;
    },
    async passwords(accounts) {
      return await reading(() => credentials.find({ _id: { $in: accounts.map(passwordId) } }).toArray());
    },
    async setPassword(account, password) {
      const document = { a: account, ...password };
      await reading(() => credentials.replaceOne({ _id: passwordId(account), a: account }, document, { upsert: true }));
    },
    async rehash(account, oldHash, newHash) {
      await reading(() =>
        credentials.updateOne({ _id: passwordId(account), a: account, hash: oldHash }, { $set: { hash: newHash } }),
      );
    },
    async remove(account) {
      await reading(() => credentials.deleteMany({ _id: { $gte: `${account}/`, $lt: `${account}0` }, a: account }));
    },
  };
}
