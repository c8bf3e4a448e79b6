/**
 * Makes one change of flags out of many. Clients that synchronise send a STORE a message, hundreds in one write, mostly with
 * the same flags; while one change is being committed, those that say the same gather into one that is committed next, so
 * that a thousand STOREs cost a handful of log entries. The order of the commands is kept: what says something else ends the
 * gathering. The messages of STOREs under way are never the same (store-pipeline.ts), so each has its own part of the result.
 */
import type { FlagChange, FlagResult } from '../mailstore/account.js';

export interface StoreBatches {
  /** As Account.storeFlags of one mailbox. */
  store(change: FlagChange): Promise<FlagResult>;
}

interface Batch {
  readonly key: string;
  readonly change: FlagChange;
  readonly sets: Uint32Array[];
  readonly result: Promise<FlagResult>;
  readonly begin: () => void;
}

export function createStoreBatches(storeFlags: (change: FlagChange) => Promise<FlagResult>): StoreBatches {
  let underway = 0;
  let gathering: Batch | undefined;

  const run = async (change: FlagChange): Promise<FlagResult> => {
    underway++;
    try {
      return await storeFlags(change);
    } finally {
      underway--;
      begin();
    }
  };

  const begin = (): void => {
    const batch = gathering;
    gathering = undefined;
    batch?.begin();
  };

  const gather = (key: string, change: FlagChange): Batch => {
    const sets: Uint32Array[] = [];
    let start = (): void => {};
    const result = new Promise<FlagResult>((resolve) => {
      start = () => resolve(run({ ...change, uids: union(sets) }));
    });
    return { key, change, sets, result, begin: start };
  };

  return {
    async store(change) {
      // A condition is for the messages of its own command, and its conflicts are told by that command.
      const key = change.unchangedSince === undefined ? `${change.mode} ${change.flags.join(' ')}` : undefined;
      if (key === undefined || gathering?.key !== key) begin();
      if (key === undefined || underway === 0) return run(change);
      gathering ??= gather(key, change);
      gathering.sets.push(change.uids);
      return partOf(await gathering.result, change.uids);
    },
  };
}

/** Ascending. */
function union(sets: readonly Uint32Array[]): Uint32Array {
  if (sets.length === 1) return sets[0]!;
  let length = 0;
  for (const set of sets) length += set.length;
  const all = new Uint32Array(length);
  let at = 0;
  for (const set of sets) {
    all.set(set, at);
    at += set.length;
  }
  return all.sort();
}

function partOf(result: FlagResult, uids: Uint32Array): FlagResult {
  const within = (all: Uint32Array): Uint32Array => (all.length === 0 ? all : uids.filter((uid) => includes(all, uid)));
  return {
    modseq: result.modseq,
    changed: within(result.changed),
    conflicts: within(result.conflicts),
    missing: within(result.missing),
  };
}

/** Binary search in ascending numbers. */
function includes(numbers: Uint32Array, wanted: number): boolean {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return numbers[low] === wanted;
}
