/**
 * /changes of what lives in the account's log and is few: mailboxes, threads. When there are more changes than the client takes,
 * the answer ends at an earlier entry, the latest that has few enough.
 */

import { capability } from '@vaguemestre/shared/jmap/core';
import type { Account } from '../../../mailstore/account.js';
import type { AccountChanges, ObjectChanges } from '../../../mailstore/account-changes.js';
import type { JmapMethod, JsonObject } from '../method.js';
import { changesMethod } from './changes.js';
import { accountState, cannotCalculateChanges, modseqOf } from './state.js';

export interface LogChanges {
  readonly changes: AccountChanges;
  readonly newState: string;
  readonly hasMoreChanges: boolean;
}

const count = ({ created, updated, destroyed }: ObjectChanges<string>): number =>
  created.length + updated.length + destroyed.length;

export interface LogChangesType {
  readonly name: string;
  objects(changes: AccountChanges): ObjectChanges<string>;
  /** What the type adds to the response. */
  more?(changes: AccountChanges): JsonObject;
}

export function logChangesMethod({ name, objects, more }: LogChangesType): JmapMethod {
  return changesMethod({
    name,
    capability: capability.mail,
    async changes(sinceState, maxChanges, { account }) {
      const { changes, newState, hasMoreChanges } = await changesFromLog(account, sinceState, maxChanges, objects);
      const { created, updated, destroyed } = objects(changes);
      return { newState, hasMoreChanges, created, updated, destroyed, ...(more && { more: more(changes) }) };
    },
  });
}

/** MethodError cannotCalculateChanges, also when a single entry has more changes than `maxChanges`. */
export async function changesFromLog(
  account: Account,
  sinceState: string,
  maxChanges: number | undefined,
  objects: (changes: AccountChanges) => ObjectChanges<string>,
): Promise<LogChanges> {
  const since = modseqOf(sinceState, account);
  const until = async (upTo?: number): Promise<AccountChanges> => {
    const changes = await account.changesSince(since, upTo === undefined ? {} : { upTo });
    if (changes === undefined) throw cannotCalculateChanges();
    return changes;
  };
  let changes = await until();
  const fits = (each: AccountChanges): boolean => maxChanges === undefined || count(objects(each)) <= maxChanges;
  if (!fits(changes)) {
    // The number of objects grows with the entries taken, but for objects that came and went: halving finds an end that fits.
    let low = since;
    let high: number = changes.upTo;
    let best: AccountChanges | undefined;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      const some = await until(middle);
      if (fits(some)) {
        best = some;
        low = middle;
      } else high = middle;
    }
    if (best === undefined) throw cannotCalculateChanges();
    changes = best;
  }
  const newState = String(changes.upTo);
  return { changes, newState, hasMoreChanges: newState !== accountState(account) && changes.more };
}
