import type { Account } from '../../../mailstore/account.js';
import type { Emails } from '../../../mailstore/emails.js';
import { bitOf } from '../../../mailstore/keyword-table.js';
import { IndexSet } from '../../../mailstore/search/index-set.js';
import { flagOf } from './keywords.js';

/** Which emails carry a keyword, and which threads. */
export interface Carriers {
  readonly emails: IndexSet;
  /** By thread number: some email of it, and every one. */
  threads(): { readonly some: IndexSet; readonly all: IndexSet };
}

/** Scans a column: a tenth of a millisecond for 100,000 emails. */
export function carriers(account: Account, emails: Emails, keyword: string): Carriers {
  const set = IndexSet.empty(emails.count);
  const bit = bitOf(flagOf(keyword), account.keywords);
  const word = bit >>> 5;
  const column = bit < 0 ? undefined : word === 0 ? emails.flags : emails.keywords[word - 1];
  if (column !== undefined) {
    const mask = 1 << (bit & 31);
    const end = Math.min(emails.count, column.length);
    for (let i = 0; i < end; i++) if ((column[i]! & mask) !== 0) set.add(i);
  }
  return {
    emails: set,
    threads() {
      const some = IndexSet.empty(emails.threadCount);
      const all = IndexSet.full(emails.threadCount);
      for (let number = 0; number < emails.count; number++) {
        if (!emails.isLive(number)) continue;
        const thread = emails.threadNumber(number);
        if (set.has(number)) some.add(thread);
        else all.delete(thread);
      }
      return { some, all };
    },
  };
}
