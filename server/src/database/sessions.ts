import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { inserted, reading } from './failure.js';

/**
 * Web sessions: one small document each, a few hundred in all, so the collection is not sharded. What a browser holds is a
 * random token; here is its hash only, so that who reads the store cannot take anybody's place. Under `step/` stand sign-ins that
 * wait for a second factor, under `challenge/` challenges of passkeys that were answered.
 */
export interface SessionDocument {
  /** `web/<SHA-256 of the token, base64url>`. */
  readonly _id: string;
  readonly a: AccountId;
  readonly made: Date;
  /** Written at most once a minute. */
  readonly used: Date;
  readonly expires: Date;
  /** What the browser calls itself, shortened. */
  readonly agent: string;
  /** Where it was last used from. */
  readonly address: string;
  /** On a computer that is the person's own. */
  readonly own: boolean;
  /** The version of the password it was opened with: another password ends the session. */
  readonly credential: string;
}

export interface Sessions {
  ensureIndexes(): Promise<void>;
  insert(session: SessionDocument): Promise<void>;
  some(ids: readonly string[]): Promise<SessionDocument[]>;
  /** The newest first. */
  ofAccount(account: AccountId): Promise<SessionDocument[]>;
  use(id: string, use: Pick<SessionDocument, 'used' | 'expires' | 'address'>): Promise<void>;
  setCredential(id: string, account: AccountId, credential: string): Promise<void>;
  /** False if this account has no such session. */
  remove(id: string, account: AccountId): Promise<boolean>;
  /** All of an account but one. */
  removeOthers(account: AccountId, but: string | undefined): Promise<void>;
  prune(before: Date): Promise<void>;
  /** True once for each id, until it expires: for what may be used once. */
  spend(id: string, account: AccountId, expires: Date): Promise<boolean>;
}

const webSessions = { _id: { $gte: 'web/', $lt: 'web0' } } as const;

export function createSessions(db: Db): Sessions {
  const sessions = db.collection<SessionDocument>('sessions');
  const spent = db.collection<Pick<SessionDocument, '_id' | 'a' | 'expires'>>('sessions');
  return {
    async ensureIndexes() {
      await reading(() => sessions.createIndex({ a: 1 }, { name: 'account' }));
    },
    async insert(session) {
      await reading(() => sessions.insertOne(session));
    },
    async some(ids) {
      return await reading(() => sessions.find({ _id: { $in: [...ids] } }).toArray());
    },
    async ofAccount(account) {
      const found = await reading(() => sessions.find({ a: account, ...webSessions }).toArray());
      return found.sort((x, y) => +y.made - +x.made);
    },
    async use(id, { used, expires, address }) {
      await reading(() => sessions.updateOne({ _id: id }, { $set: { used, expires, address } }));
    },
    async setCredential(id, account, credential) {
      await reading(() => sessions.updateOne({ _id: id, a: account }, { $set: { credential } }));
    },
    async remove(id, account) {
      return (await reading(() => sessions.deleteOne({ _id: id, a: account }))).deletedCount === 1;
    },
    async removeOthers(account, but) {
      const others = but === undefined ? webSessions : { _id: { ...webSessions._id, $ne: but } };
      await reading(() => sessions.deleteMany({ a: account, ...others }));
    },
    async prune(before) {
      await reading(() => sessions.deleteMany({ expires: { $lt: before } }));
    },
    async spend(id, account, expires) {
      return await inserted(() => spent.insertOne({ _id: id, a: account, expires }));
    },
  };
}
