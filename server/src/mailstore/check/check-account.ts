import type { CheckReads } from '../../database/check-reads.js';
import type { MailDatabase } from '../../database/database.js';
import type { RootDocument } from '../../database/documents.js';
import type { Clock } from '../../kernel/clock.js';
import type { AccountId } from '../../kernel/ids.js';
import type { Log } from '../../kernel/log.js';
import { AccountView } from '../account-view.js';
import { fold } from '../fold-job.js';
import { checkBoxes, recount } from './check-boxes.js';
import { checkLog, type LogCheck } from './check-log.js';
import { checkMessages } from './check-messages.js';
import { type AccountCheck, findingList } from './finding.js';

/**
 * Verifies every invariant of one account in the store, beside a running service and without stopping it: what it looks at is
 * the root and the entries above it as they were read, a state that was, and documents that never change (store design
 * section 9). Reports; `repairRoot` mends what a recount can mend.
 */
export interface CheckOptions {
  /** Do not read contents again to compare their SHA-256. */
  readonly quick?: boolean;
  readonly signal?: AbortSignal;
}

export interface StoreChecker {
  /** Accounts that have mail, whether they have a person or not. */
  accounts(): Promise<readonly AccountId[]>;
  check(account: AccountId, options?: CheckOptions): Promise<AccountCheck>;
  /** Folds, then writes the totals of the root anew from its segments; false when nothing was wrong, or more than that. No
   *  service may run: it would go on with the totals it holds. */
  repairRoot(account: AccountId): Promise<boolean>;
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
      return (await reads.accounts()) as readonly AccountId[];
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
      const { quick = false, signal } = options;
      const messages = await checkMessages(account, columns.values(), database.messages, reads, found, {
        quick,
        signal,
      });
      const listed = new Set<string>();
      for (const { cold, count } of columns.values()) {
        const ids = Buffer.from(cold?.id.slice(0, 12 * count) ?? []);
        for (let at = 0; at < ids.length; at += 12) listed.add(ids.toString('hex', at, at + 12));
      }
      const segmentsNamed = namedSegments(root, entries);
      return {
        account,
        findings: found.list,
        mailboxes: state.boxes.size,
        messages: messages.messages,
        entries: entries.entries,
        verifiedBytes: messages.verifiedBytes,
        orphans: {
          messages: await count(
            reads.ids(account, 'messages'),
            (id) => !listed.has(id) && !entries.namedMessages.has(id),
          ),
          segments: await count(reads.ids(account, 'segments'), (id) => !segmentsNamed.has(id)),
          contents: await count(reads.ids(account, 'contents'), (id) => !messages.contents.has(`${account}/${id}`)),
        },
      };
    },
    async repairRoot(account) {
      // What the tail says of totals goes into the root first: it was built on the wrong ones.
      const view = await AccountView.load(account, { database, clock, log });
      await fold(view, { database, clock });
      const { root } = view;
      const found = findingList(account);
      const counted = await checkBoxes(database.segments, root, [], found);
      if (counted.rootTotals || found.list.some(({ kind }) => kind !== 'totals')) return false;
      const boxes = root.boxes.map((box) => {
        const columns = counted.columns.get(box.id);
        return columns === undefined
          ? box
          : { ...box, ...recount(columns), un: Math.max(box.un, (columns.uid[columns.count - 1] ?? 0) + 1) };
      });
      const use = boxes.reduce((sum, box) => sum + box.by, 0);
      return await database.roots.replace({ ...root, boxes, use, g: root.g + 1 }, root.g);
    },
  };

  /** Of documents old enough that no command under way can still be going to name them. */
  async function count(ids: AsyncIterable<string>, orphan: (id: string) => boolean): Promise<number> {
    let orphans = 0;
    for await (const id of ids) {
      const bornMs = Number.parseInt(id.slice(0, 8), 16) * 1000;
      if (clock.nowMs() - bornMs > dayMs && orphan(id)) orphans++;
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
