import type { MailboxId, MessageId, ModSeq, ThreadId } from '../kernel/ids.js';

/** What happened to the objects of one kind between two entries. Disjoint; what came and went in between is in none. */
export interface ObjectChanges<Id extends string> {
  readonly created: readonly Id[];
  readonly updated: readonly Id[];
  readonly destroyed: readonly Id[];
}

export interface AccountChanges {
  /** Up to and with this entry. */
  readonly upTo: ModSeq;
  /** More entries follow, because `maxEmails` was reached. */
  readonly more: boolean;
  readonly emails: ObjectChanges<MessageId>;
  /** Of the updated emails those of which only keywords changed. */
  readonly onlyKeywords: ReadonlySet<MessageId>;
  readonly threads: ObjectChanges<ThreadId>;
  readonly mailboxes: ObjectChanges<MailboxId>;
  /** Of the updated mailboxes those of which only counts may have changed (RFC 8621 2.2, updatedProperties). */
  readonly onlyCounts: ReadonlySet<MailboxId>;
}

export interface ChangesOptions {
  /** Ends at the last entry that keeps the number of emails at or below it; one entry is always taken. */
  readonly maxEmails?: number;
  /** Ends with this entry, as if nothing had been told after it. */
  readonly upTo?: number;
}
