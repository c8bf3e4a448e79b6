import type { Db } from 'mongodb';
import type { AccountId } from '../kernel/ids.js';
import { reading, repeating } from './failure.js';

/**
 * What was done to whom and by whom: kept when the person is gone, appended to and never changed. No password, no mail and no
 * subject of a message is ever in it.
 */
export interface AuditDocument {
  readonly _id: string;
  readonly t: Date;
  /** What it was: `account locked`. */
  readonly what: string;
  readonly a: AccountId;
  /** The address it concerned, which outlives the account. */
  readonly address: string;
  /** `service`, or which command of the command line. */
  readonly by: string;
  readonly detail?: Readonly<Record<string, string | number>>;
}

export interface AuditTrail {
  ensureIndexes(): Promise<void>;
  /** Repeating it with the same `_id` is harmless. */
  add(entry: AuditDocument): Promise<void>;
  /** Newest last; at most `limit`, the newest. */
  list(filter: {
    readonly account?: AccountId;
    readonly address?: string;
    readonly limit: number;
  }): Promise<AuditDocument[]>;
}

export function createAuditTrail(db: Db): AuditTrail {
  const audit = db.collection<AuditDocument>('audit');
  return {
    async ensureIndexes() {
      await reading(() => audit.createIndex({ address: 1, t: 1 }));
      await reading(() => audit.createIndex({ t: 1 }));
    },
    async add(entry) {
      await repeating(() => audit.updateOne({ _id: entry._id }, { $setOnInsert: withoutId(entry) }, { upsert: true }));
    },
    async list({ account, address, limit }) {
      const filter = { ...(account !== undefined && { a: account }), ...(address !== undefined && { address }) };
      const newest = await reading(() => audit.find(filter).sort({ t: -1 }).limit(limit).toArray());
      return newest.reverse();
    },
  };
}

function withoutId({ _id, ...rest }: AuditDocument): Omit<AuditDocument, '_id'> {
  return rest;
}
