import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { asMailError, isDuplicateKey, reading } from './failure.js';

/**
 * Who has the maildrop of an account, among machines that share a MongoDB: one document of `sessions` a maildrop (design, Names
 * that protocols share). It is a courtesy between programs: nothing that is stored rests on it, so clocks that disagree do no harm.
 */
export interface MaildropLeaseDocument {
  /** `pop3/<account>`. */
  readonly _id: string;
  readonly a: AccountId;
  readonly owner: string;
  /** In the past: nobody has it; it is kept for the rest between two sessions. */
  readonly until: Date;
  readonly taken: Date;
}

export interface MaildropLeases {
  /** Takes it if nobody has it, or the one who had it let it end, and it was last taken before `restedSince`. */
  take(account: AccountId, lease: MaildropLease, restedSince: Date): Promise<'taken' | MaildropLeaseDocument>;
  renew(account: AccountId, owner: string, until: Date): Promise<void>;
  /** `rest`: the document stays, so that the next one can see when it was taken. */
  give(account: AccountId, owner: string, rest: boolean, now: Date): Promise<void>;
  prune(before: Date): Promise<void>;
  removeAccount(account: AccountId): Promise<void>;
}

export interface MaildropLease {
  readonly owner: string;
  readonly now: Date;
  readonly until: Date;
}

const idOf = (account: AccountId): string => `pop3/${account}`;
const allLeases = { _id: { $gte: 'pop3/', $lt: 'pop30' } } as const;
/** How often a lease that came and went between two looks is tried for again. */
const maxAttempts = 3;

export function createMaildropLeases(db: Db): MaildropLeases {
  const leases = db.collection<MaildropLeaseDocument>('sessions');
  return {
    async take(account, { owner, now, until }, restedSince) {
      const _id = idOf(account);
      for (let attempt = 1; ; attempt++) {
        try {
          await leases.insertOne({ _id, a: account, owner, until, taken: now });
          return 'taken';
        } catch (error) {
          if (!isDuplicateKey(error)) throw asMailError(error);
        }
        const set = { $set: { owner, until, taken: now } };
        const free = { _id, until: { $lte: now }, taken: { $lte: restedSince } };
        if ((await reading(() => leases.updateOne(free, set))).matchedCount === 1) return 'taken';
        const found = await reading(() => leases.findOne({ _id }));
        if (found !== null && (attempt === maxAttempts || found.until > now || found.taken > restedSince)) return found;
      }
    },
    async renew(account, owner, until) {
      await reading(() => leases.updateOne({ _id: idOf(account), owner }, { $set: { until } }));
    },
    async give(account, owner, rest, now) {
      const own = { _id: idOf(account), owner };
      if (rest) await reading(() => leases.updateOne(own, { $set: { until: now } }));
      else await reading(() => leases.deleteOne(own));
    },
    async prune(before) {
      await reading(() => leases.deleteMany({ ...allLeases, until: { $lt: before } }));
    },
    async removeAccount(account) {
      await reading(() => leases.deleteOne({ _id: idOf(account) }));
    },
  };
}
