import { createHash } from 'node:crypto';
import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { inserted, reading } from './failure.js';

/** A passkey of a person (WebAuthn credential): public, so that who reads the store can prove nothing with it. */
export interface PasskeyDocument {
  /** `<account>/passkey/<SHA-256 of the credential's id, base64url>`. */
  readonly _id: string;
  readonly a: AccountId;
  /** As the authenticator names it, base64url; up to a kilobyte. */
  readonly credential: string;
  /** COSE key, base64url. */
  readonly key: string;
  /** How often it signed, by its own count; 0 for those that do not count. */
  readonly counter: number;
  /** How browsers reach it, by its word. */
  readonly transports: readonly string[];
  /** May be copied to other devices of its owner (backup eligible); never changes. */
  readonly copies: boolean;
  /** Has been. */
  readonly copied: boolean;
  /** What its owner calls it. */
  readonly name: string;
  readonly made: Date;
  readonly used?: PasskeyUse;
}

export interface PasskeyUse {
  readonly at: Date;
  readonly address: string;
}

export interface Passkeys {
  /** In the order they were made. */
  ofAccount(account: AccountId): Promise<PasskeyDocument[]>;
  find(account: AccountId, credential: string): Promise<PasskeyDocument | undefined>;
  /** False if it is there already. */
  add(account: AccountId, passkey: Omit<PasskeyDocument, '_id' | 'a'>): Promise<boolean>;
  /** False: it was used elsewhere meanwhile, or taken away. */
  use(
    passkey: PasskeyDocument,
    use: Pick<PasskeyDocument, 'counter' | 'copied'> & { used: PasskeyUse },
  ): Promise<boolean>;
  /** False if there is none such. */
  remove(account: AccountId, id: string): Promise<boolean>;
  removeAll(account: AccountId): Promise<void>;
}

const prefix = (account: AccountId): string => `${account}/passkey/`;

/** Short, and the same for the same credential. */
export const passkeyId = (credential: string): string => createHash('sha256').update(credential).digest('base64url');

export function createPasskeys(db: Db): Passkeys {
  const passkeys = db.collection<PasskeyDocument>('credentials');
  const all = (account: AccountId) => ({ _id: { $gte: prefix(account), $lt: `${account}/passkey0` }, a: account });
  return {
    async ofAccount(account) {
      const found = await reading(() => passkeys.find(all(account)).toArray());
      return found.sort((x, y) => +x.made - +y.made);
    },
    async find(account, credential) {
      const own = { _id: prefix(account) + passkeyId(credential), a: account };
      return (await reading(() => passkeys.findOne(own))) ?? undefined;
    },
    async add(account, passkey) {
      const document = { _id: prefix(account) + passkeyId(passkey.credential), a: account, ...passkey };
      return await inserted(() => passkeys.insertOne(document));
    },
    async use({ _id, a, counter }, use) {
      const unchanged = { _id, a, counter };
      return (await reading(() => passkeys.updateOne(unchanged, { $set: use }))).matchedCount === 1;
    },
    async remove(account, id) {
      const own = { _id: prefix(account) + id, a: account };
      return (await reading(() => passkeys.deleteOne(own))).deletedCount === 1;
    },
    async removeAll(account) {
      await reading(() => passkeys.deleteMany(all(account)));
    },
  };
}

/** The passkey's own part of its document's name. */
export const idOfPasskey = ({ _id, a }: Pick<PasskeyDocument, '_id' | 'a'>): string => _id.slice(prefix(a).length);
