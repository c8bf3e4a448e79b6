import { randomBytes } from 'node:crypto';
import type { Protocol } from '@vaguemestre/shared/people';
import type { Db } from 'mongodb';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import { reading } from './failure.js';

/** Secrets, apart from the people so that a listing of people never holds one. One document a credential. */
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

/** The secret of an app password; what it may is in the person's document. */
export interface AppSecretDocument {
  /** `<account>/app/<id>`. */
  readonly _id: string;
  readonly a: AccountId;
  /** SHA-256 of the secret, base64url: it is random and long, so nothing slower is needed. */
  readonly digest: string;
  /** Absent: made before there was SCRAM. */
  readonly scram?: ScramSecret;
  readonly used?: AppUse;
}

/** What SCRAM-SHA-256 needs of a password (RFC 5802 3). */
export interface ScramSecret {
  /** base64url, like the keys. */
  readonly salt: string;
  readonly iterations: number;
  /** One for each way of writing it. */
  readonly keys: readonly ScramKey[];
}

export interface ScramKey {
  readonly stored: string;
  readonly server: string;
}

/** A key of the service itself, the same in every process. */
interface ServiceKeyDocument {
  readonly _id: string;
  readonly a: string;
  /** base64url. */
  readonly key: string;
}

export interface AppUse {
  readonly at: Date;
  readonly protocol: Protocol;
  readonly address: string;
}

/** What opens an account to programs. */
export interface AccountSecrets {
  readonly password: PasswordDocument | undefined;
  readonly apps: readonly AppSecretDocument[];
}

export interface Credentials {
  ensureIndexes(): Promise<void>;
  password(account: AccountId): Promise<PasswordDocument | undefined>;
  /** In one command. */
  ofAccount(account: AccountId): Promise<AccountSecrets>;
  /** Of those who have one. */
  passwords(accounts: readonly AccountId[]): Promise<PasswordDocument[]>;
  setPassword(account: AccountId, password: Pick<PasswordDocument, 'hash' | 'version' | 'changed'>): Promise<void>;
  /** The same password under newer parameters; does nothing if the password was changed meanwhile. */
  rehash(account: AccountId, oldHash: string, newHash: string): Promise<void>;
  addApp(account: AccountId, id: string, secret: Pick<AppSecretDocument, 'digest' | 'scram'>): Promise<void>;
  removeApp(account: AccountId, id: string): Promise<void>;
  /** Whose app password that is. */
  findApp(digest: string): Promise<AppSecretDocument | undefined>;
  noteApp(account: AccountId, id: string, used: AppUse): Promise<void>;
  /** All of them. */
  remove(account: AccountId): Promise<void>;
  /** What salts are made from; comes into being when it is first asked for. */
  saltKey(): Promise<Buffer>;
}

const passwordId = (account: AccountId): string => `${account}/password`;
const appPrefix = (account: AccountId): string => `${account}/app/`;

/** The id of the app password whose secret this is. */
export const appIdOf = ({ _id, a }: Pick<AppSecretDocument, '_id' | 'a'>): string => _id.slice(appPrefix(a).length);

export function createCredentials(db: Db): Credentials {
  const credentials = db.collection<PasswordDocument>('credentials');
  const apps = db.collection<AppSecretDocument>('credentials');
  const ofService = db.collection<ServiceKeyDocument>('credentials');
  return {
    async ensureIndexes() {
      await reading(() => apps.createIndex({ digest: 1 }, { name: 'digest', sparse: true }));
    },
    async ofAccount(account) {
      const own = { _id: { $gte: `${account}/`, $lt: `${account}0` }, a: account };
      const all = await reading(() =>
        db.collection<PasswordDocument | AppSecretDocument>('credentials').find(own).toArray(),
      );
      return {
        password: all.find((one): one is PasswordDocument => one._id === passwordId(account)),
        apps: all.filter((one): one is AppSecretDocument => one._id.startsWith(appPrefix(account))),
      };
    },
    async addApp(account, id, secret) {
      await reading(() => apps.insertOne({ _id: appPrefix(account) + id, a: account, ...secret }));
    },
    async removeApp(account, id) {
      await reading(() => apps.deleteOne({ _id: appPrefix(account) + id, a: account }));
    },
    async findApp(digest) {
      return (await reading(() => apps.findOne({ digest }))) ?? undefined;
    },
    async noteApp(account, id, used) {
      await reading(() => apps.updateOne({ _id: appPrefix(account) + id, a: account }, { $set: { used } }));
    },
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
    async saltKey() {
      const own = { _id: 'service/salts', a: 'service' };
      const made = { $setOnInsert: { key: randomBytes(32).toString('base64url') } };
      // The first of several processes that ask at once makes it; what it made counts for all.
      await reading(() => ofService.updateOne(own, made, { upsert: true }));
      const found = await reading(() => ofService.findOne(own));
      if (found === null) throw new MailError('unavailable', 'The store has lost a key of the service.');
      return Buffer.from(found.key, 'base64url');
    },
  };
}
