import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { reading } from './failure.js';

/** The second factor of a person: the secret that their telephone shares, and codes for the day it is lost. */
export interface TotpDocument {
  /** `<account>/totp`. */
  readonly _id: string;
  readonly a: AccountId;
  /** Base 32. */
  readonly secret: string;
  /** Absent: shown, and not proved yet. */
  readonly confirmed?: Date;
  /** Number of the time step of the newest code that was used: none is good twice (RFC 6238 5.2). */
  readonly last: number;
  /** SHA-256 of each recovery code that is left, base64url. */
  readonly recovery: readonly string[];
}

export interface TotpSecrets {
  of(account: AccountId): Promise<TotpDocument | undefined>;
  /** In place of what was there. */
  start(account: AccountId, secret: string): Promise<void>;
  /** False: this secret is not waiting (any more). */
  confirm(
    account: AccountId,
    proved: Pick<TotpDocument, 'secret' | 'last' | 'recovery'> & { readonly confirmed: Date },
  ): Promise<boolean>;
  /** True once for each time step, and for none before one that was used. */
  use(account: AccountId, step: number): Promise<boolean>;
  /** True once for each code. */
  useRecovery(account: AccountId, digest: string): Promise<boolean>;
  remove(account: AccountId): Promise<void>;
}

export function createTotpSecrets(db: Db): TotpSecrets {
  const secrets = db.collection<TotpDocument>('credentials');
  const own = (account: AccountId) => ({ _id: `${account}/totp`, a: account });
  return {
    async of(account) {
      return (await reading(() => secrets.findOne(own(account)))) ?? undefined;
    },
    async start(account, secret) {
      const document = { a: account, secret, last: 0, recovery: [] };
      await reading(() => secrets.replaceOne(own(account), document, { upsert: true }));
    },
    async confirm(account, { secret, ...proved }) {
      const waiting = { ...own(account), secret, confirmed: { $exists: false } };
      const result = await reading(() => secrets.updateOne(waiting, { $set: proved }));
      return result.matchedCount === 1;
    },
    async use(account, step) {
      const newer = { ...own(account), last: { $lt: step } };
      return (await reading(() => secrets.updateOne(newer, { $set: { last: step } }))).matchedCount === 1;
    },
    async useRecovery(account, digest) {
      const there = { ...own(account), recovery: digest };
      return (await reading(() => secrets.updateOne(there, { $pull: { recovery: digest } }))).modifiedCount === 1;
    },
    async remove(account) {
      await reading(() => secrets.deleteOne(own(account)));
    },
  };
}
