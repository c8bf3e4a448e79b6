import type { CheckReads } from '../../database/check-reads.js';
import { bornSeconds } from '../../database/contents.js';
import type { MailDatabase } from '../../database/database.js';
import type { RootDocument } from '../../database/documents.js';
import type { OwnedCollection } from '../../database/upkeep.js';
import type { Clock } from '../../kernel/clock.js';
import { type AccountId, newProcessNonce } from '../../kernel/ids.js';
import type { Log } from '../../kernel/log.js';
import { slotsOf } from '../derived/slots.js';
import { checkBoxes } from './check-boxes.js';
import { checkDerived } from './check-derived.js';
import { checkLog, type LogCheck } from './check-log.js';
import { checkMessages } from './check-messages.js';
import { type AccountCheck, findingList } from './finding.js';
import { type Repaired, repairAccount } from './repair-account.js';

/**
 * Verifies every invariant of one account in the store, beside a running service and without stopping it: what it looks at is
 * the root and the entries above it as they were read, a state that was, and documents that never change (store design
 * section 9). Reports; `repair` mends what can be mended.
 */
export interface CheckOptions {
  /** Do not read contents again to compare their SHA-256. */
  readonly quick?: boolean;
  /** Compare all cards and signatures with a rebuild, not a sample. */
  readonly deep?: boolean;
  readonly signal?: AbortSignal;
}

export interface StoreChecker {
  /** Accounts that have mail, whether they have a person or not. */
  accounts(): Promise<readonly AccountId[]>;
  check(account: AccountId, options?: CheckOptions): Promise<AccountCheck>;
  /** Mends what can be mended without losing anything. No service may run: it would go on with what it holds. */
  repair(account: AccountId): Promise<Repaired>;
}

const dayMs = 24 * 3600_000;

export interface CheckerParts {
  readonly database: MailDatabase;
  readonly reads: CheckReads;
  readonly clock: Clock;
  readonly log: Log;
}

export function storeChecker({ database, reads, clock, log }: CheckerParts): StoreChecker {
  return {
    async accounts() {
      const accounts: AccountId[] = [];
      for await (const batch of database.roots.accounts()) accounts.push(...(batch as readonly AccountId[]));
      return accounts;
    },
    async check(account, options = {}) {
      const found = findingList(account);
      const root = await database.roots.get(account);
      if (root === undefined) {
        found.add('root', 'there is no root');
        const orphans = { messages: 0, segments: 0, contents: 0 };
        return { account, findings: found.list, mailboxes: 0, messages: 0, entries: 0, verifiedBytes: 0, orphans };
      }
      const entries = await checkLog(reads, root, found);
      const { state, columns } = await checkBoxes(database.segments, root, entries.tail, found);
      const { quick = false, deep = false, signal } = options;
      const messages = await checkMessages(account, columns.values(), database.messages, reads, found, {
        quick,
        signal,
      });
      const listed = slotsOf(columns.values());
      await checkDerived(database, root, listed, { deep, signal }, found);
      const segmentsNamed = namedSegments(root, entries);
      return {
        account,
        findings: found.list,
        mailboxes: state.boxes.size,
        messages: messages.messages,
        entries: entries.entries,
        verifiedBytes: messages.verifiedBytes,
        orphans: {
          messages: await count(account, 'messages', (id) => !listed.has(id) && !entries.namedMessages.has(id)),
          segments: await count(account, 'segments', (id) => !segmentsNamed.has(id)),
          contents: await count(account, 'contents', (id) => !messages.contents.has(`${account}/${id}`)),
        },
      };
    },
    repair: (account) =>
      repairAccount({ database, clock, log, nextWriter: () => `check.${newProcessNonce()}` }, account),
  };

  /** Of documents old enough that no command under way can still be going to name them. */
  async function count(
    account: AccountId,
    collection: OwnedCollection,
    orphan: (id: string) => boolean,
  ): Promise<number> {
    let orphans = 0;
    for await (const batch of database.upkeep.scan(collection, account)) {
      for (const { id } of batch) {
        const bornMs = bornSeconds(id) * 1000;
        if (clock.nowMs() - bornMs > dayMs && orphan(id)) orphans++;
      }
    }
    return orphans;
  }
}

function namedSegments(root: RootDocument, log: LogCheck): ReadonlySet<string> {
  const named = new Set(log.namedSegments);
  for (const box of root.boxes) for (const { s } of box.segs) named.add(s);
  for (const { segs } of root.prev) for (const { s } of segs) named.add(s);
  for (const { s } of root.dead) named.add(s);
  return named;
}
