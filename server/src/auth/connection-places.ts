/**
 * How many connections an account may have by one protocol, so that one person's runaway client cannot use up what all share.
 * The counting; where it stands decides over what it counts: over one process, or, in the main process, over all workers
 * (main/worker-places.ts).
 */
import type { AccountId } from '../kernel/ids.js';

export interface ConnectionPlaces {
  /** undefined when the account has as many connections as it may; else the way to give the place back. */
  take(account: AccountId): Promise<(() => void) | undefined>;
}

/** Counts by a key, up to `most` each unless the one who takes says otherwise. */
export interface PlaceCounter {
  take(key: string, ownMost?: number): boolean;
  give(key: string): void;
}

export function createPlaceCounter(most: number): PlaceCounter {
  const taken = new Map<string, number>();
  return {
    take(key, ownMost = most) {
      const count = taken.get(key) ?? 0;
      if (count >= ownMost) return false;
      taken.set(key, count + 1);
      return true;
    },
    give(key) {
      const count = (taken.get(key) ?? 0) - 1;
      if (count > 0) taken.set(key, count);
      else taken.delete(key);
    },
  };
}

/** The places of this process alone. */
export function createConnectionPlaces(most: number): ConnectionPlaces {
  const counter = createPlaceCounter(most);
  return {
    take: async (account) => (counter.take(account) ? once(() => counter.give(account)) : undefined),
  };
}

/** Giving back twice gives back once. */
export function once(give: () => void): () => void {
  let given = false;
  return () => {
    if (given) return;
    given = true;
    give();
  };
}
