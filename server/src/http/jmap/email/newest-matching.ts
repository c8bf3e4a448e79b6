import type { Account } from '../../../mailstore/account.js';
import type { Emails } from '../../../mailstore/emails.js';
import { IndexSet } from '../../../mailstore/search/index-set.js';
import { searchQueryOf } from './email-filter.js';
import type { EmailQuery } from './email-list.js';
import { sortByDate } from './email-sort.js';

interface Extent {
  /** Results that are wanted. */
  readonly enough: number;
  /** Emails looked at first; twice as many at each further step. */
  readonly firstStep: number;
  readonly signal: AbortSignal;
}

/**
 * The newest emails that match, from the newest on until there are enough: who types a frequent word does not wait until all mail was
 * read. At least `enough` if there are as many; what is given is the beginning of the whole list.
 */
export async function newestMatching(
  account: Account,
  emails: Emails,
  { filter, collapseThreads }: Pick<EmailQuery, 'filter' | 'collapseThreads'>,
  { enough, firstStep, signal }: Extent,
): Promise<Uint32Array> {
  const query = filter === undefined ? { kind: 'all' as const } : searchQueryOf(filter, account, emails);
  const order = emails.byDate();
  let found: Uint32Array = new Uint32Array(0);
  let end = order.length;
  for (let step = firstStep; end > 0 && found.length < enough; step *= 2) {
    const start = Math.max(0, end - step);
    const among = IndexSet.empty(emails.count);
    for (const number of order.subarray(start, end)) if (emails.isLive(number)) among.add(number);
    const some = live(emails, await account.search(emails, query, signal, among));
    sortByDate(emails, some, false);
    const all = new Uint32Array(found.length + some.length);
    all.set(found);
    all.set(some, found.length);
    found = collapseThreads ? firstOfThreads(emails, all) : all;
    end = start;
  }
  return found;
}

/** Those that lie somewhere. */
export function live(emails: Emails, numbers: Uint32Array): Uint32Array {
  return emails.live === emails.count ? numbers : numbers.filter((number) => emails.isLive(number));
}

/** RFC 8621 4.4.3: of each thread the first in the order of the list. */
export function firstOfThreads(emails: Emails, numbers: Uint32Array): Uint32Array {
  const met = new Uint8Array(emails.threadCount);
  return numbers.filter((number) => {
    const thread = emails.threadNumber(number);
    if (met[thread] === 1) return false;
    met[thread] = 1;
    return true;
  });
}
