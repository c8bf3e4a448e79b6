import type { Db } from 'mongodb';
import { repeating, unlessTaken } from './failure.js';

/**
 * Which process does a chore that one does for all, among machines that share a MongoDB. It saves work and nothing rests on it: what
 * is done under it can be done twice without harm, so clocks that disagree do none either.
 */
export interface ChoreLeases {
  /** True: `owner` has it until then, now or still. */
  take(chore: string, owner: string, now: Date, until: Date): Promise<boolean>;
  give(chore: string, owner: string): Promise<void>;
}

interface ChoreLeaseDocument {
  /** `chore/NAME`. */
  readonly _id: string;
  readonly owner: string;
  readonly until: Date;
}

export function createChoreLeases(db: Db): ChoreLeases {
  const leases = db.collection<ChoreLeaseDocument>('sessions');
  return {
    async take(chore, owner, now, until) {
      const _id = `chore/${chore}`;
      const free = { _id, $or: [{ owner }, { until: { $lte: now } }] };
      return unlessTaken(() => leases.updateOne(free, { $set: { owner, until } }, { upsert: true }));
    },
    async give(chore, owner) {
      await repeating(() => leases.deleteOne({ _id: `chore/${chore}`, owner }));
    },
  };
}
