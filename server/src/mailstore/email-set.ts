import type { MailboxId, MessageId, ModSeq, ThreadId } from '../kernel/ids.js';
import type { StagedMessage } from './content.js';

/** A message that comes into one mailbox or several at once. */
export interface EmailCreate {
  readonly message: StagedMessage;
  /** At least one. */
  readonly mailboxes: readonly MailboxId[];
  /** System flags and keywords by name. */
  readonly flags: readonly string[];
  /** Seconds since 1970; now if undefined. */
  readonly receivedAt?: number;
}

/** Names to put on or take off, wherever the email lies; `all` takes off everything else but \Deleted. */
export interface FlagPatch {
  readonly on: readonly string[];
  readonly off: readonly string[] | 'all';
}

/** Where the email is to lie; of a patch, what is to be added and taken away. */
export type MailboxPatch =
  | { readonly kind: 'replace'; readonly mailboxes: readonly MailboxId[] }
  | { readonly kind: 'patch'; readonly add: readonly MailboxId[]; readonly remove: readonly MailboxId[] };

export interface EmailUpdate {
  readonly id: string;
  readonly flags?: FlagPatch;
  readonly mailboxes?: MailboxPatch;
}

export interface EmailSet {
  readonly creates: readonly EmailCreate[];
  readonly updates: readonly EmailUpdate[];
  readonly destroys: readonly string[];
  /** MailError conflict when the account is not at this entry; looked at in the same step that commits. */
  readonly ifModseq?: number;
}

/**
 * Why one of them was not done: `nonexistent` (email), `mailbox` (one that is not there), `nowhere` (it would lie in no mailbox),
 * `overQuota`, `limit` (keywords, mailboxes of an email), `invalid` (a keyword that cannot be).
 */
export interface EmailRefusal {
  readonly refused: 'nonexistent' | 'mailbox' | 'nowhere' | 'overQuota' | 'limit' | 'invalid';
}

export interface CreatedEmail {
  readonly id: MessageId;
  readonly thread: ThreadId;
  readonly size: number;
  readonly receivedAt: number;
}

/** In the order of what was asked. */
export interface EmailSetResult {
  /** The entry before, and the entry after: the same when nothing changed. */
  readonly before: ModSeq;
  readonly modseq: ModSeq;
  readonly created: readonly (CreatedEmail | EmailRefusal)[];
  readonly updated: readonly (EmailRefusal | undefined)[];
  readonly destroyed: readonly (EmailRefusal | undefined)[];
}
