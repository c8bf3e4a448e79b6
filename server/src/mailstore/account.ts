import type { AccountId, MailboxId, MessageId, ModSeq } from '../kernel/ids.js';
import type { AccountChanges, ChangesOptions } from './account-changes.js';
import type { CardPart, IncomingMessage, MessageCard, MessageOctets, StagedMessage } from './content.js';
import type { EmailSet, EmailSetResult } from './email-set.js';
import type { Emails } from './emails.js';
import type { MailboxCursor, MailboxInfo, MailboxRole, MessageRows, SearchRows } from './mailbox.js';
import type { MailboxChange, NewMailbox, Placed } from './mailbox-set.js';
import type { IndexSet } from './search/index-set.js';
import type { SearchQuery } from './search-query.js';
import type { AccountUploads } from './uploads.js';

/** A STORE of one command: `uids` ascending. Keywords that the account does not know yet are created (or MailError limit). */
export interface FlagChange {
  readonly uids: Uint32Array;
  readonly mode: 'add' | 'remove' | 'replace';
  /** Names: system flags and keywords, at most one spelling each (compared without case). */
  readonly flags: readonly string[];
  /** RFC 7162 3.1.3: messages with a higher modseq are left alone and reported in `conflicts`. */
  readonly unchangedSince?: number;
}

export interface FlagResult {
  /** Of the entry; the account's current one if nothing changed. */
  readonly modseq: ModSeq;
  readonly changed: Uint32Array;
  /** UIDs that `unchangedSince` kept out. */
  readonly conflicts: Uint32Array;
  /** UIDs that are not in the mailbox any more (RFC 2180 4.2). */
  readonly missing: Uint32Array;
}

export interface AppendItem {
  readonly message: StagedMessage;
  readonly flags: readonly string[];
  /** INTERNALDATE, seconds since 1970; now if undefined. */
  readonly date?: number;
  /** Of the server it is imported from (design: UIDL). */
  readonly uidl?: string;
}

export interface AppendResult {
  readonly uidValidity: number;
  /** One a message, in order, ascending. */
  readonly uids: readonly number[];
  readonly ids: readonly MessageId[];
  readonly modseq: ModSeq;
}

/** What a maildrop session leaves behind: marks on some messages, others gone. No message is named twice. */
export interface Settlement {
  readonly marks: readonly { readonly uids: Uint32Array; readonly flags: readonly string[] }[];
  /** They go whether they carry \Deleted or not. */
  readonly gone: Uint32Array;
}

export interface CopyResult {
  readonly uidValidity: number;
  /** Pairwise: source uid i became target uid i. Empty if nothing was there to copy. */
  readonly sourceUids: Uint32Array;
  readonly targetUids: Uint32Array;
  readonly modseq: ModSeq;
}

export interface Quota {
  readonly usedBytes: number;
  /** undefined: no limit. */
  readonly limitBytes: number | undefined;
  readonly messages: number;
}

/**
 * One account as one session sees it. `by` of the handle (session id) marks its entries in the log and lets its cursors
 * leave out the session's own flag changes. Every call that changes something resolves after the change is durable and
 * applied to the process's view; it throws MailError `nonexistent`, `alreadyExists`, `hasChildren`, `cannot`, `limit`,
 * `overQuota`, `tooBig`, `unavailable`. Reads never wait for writes.
 */
export interface Account {
  readonly id: AccountId;
  /** The number of the newest entry this process knows. */
  readonly modseq: ModSeq;
  /** Grows whenever a new message comes, and hardly ever otherwise. */
  readonly arrivedAt: ModSeq;
  /** Keyword i is bit 5 + i of the flag words (flags.ts). Grows, never shrinks. */
  readonly keywords: readonly string[];
  readonly keywordsFull: boolean;

  /** Makes sure that everything acknowledged before the call is in the view (store.md section 3, Freshness). */
  refresh(signal?: AbortSignal): Promise<void>;
  /** Told of every applied entry, after it was applied. */
  onChange(listener: () => void): () => void;

  /** All mailboxes, sorted by path, INBOX first. */
  mailboxes(): readonly MailboxInfo[];
  mailbox(path: string): MailboxInfo | undefined;
  mailboxByRole(role: MailboxRole): MailboxInfo | undefined;
  /** Names subscribed to, with or without a mailbox (RFC 9051 6.3.7). */
  subscriptions(): readonly string[];
  quota(): Quota;

  create(path: string, role?: MailboxRole): Promise<MailboxInfo>;
  /** A mailbox with children cannot be deleted: MailError hasChildren. INBOX: cannot. */
  delete(path: string): Promise<void>;
  /** RFC 9051 6.3.6: children move along, missing parents are made; INBOX gives its messages to a new mailbox. */
  rename(from: string, to: string): Promise<void>;
  subscribe(path: string, on: boolean): Promise<void>;
  /** By id, as JMAP knows them (mailbox-set.ts). `ifModseq`: MailError conflict when the account is not at this entry. */
  createMailbox(mailbox: NewMailbox, ifModseq?: number): Promise<Placed<MailboxInfo>>;
  /** All or nothing, in one entry. */
  changeMailboxes(changes: ReadonlyMap<MailboxId, MailboxChange>, ifModseq?: number): Promise<Placed<undefined>>;
  /** Messages that are not marked \Deleted go with it only if `withMessages`. */
  destroyMailbox(id: MailboxId, withMessages: boolean, ifModseq?: number): Promise<Placed<'destroyed' | 'notEmpty'>>;

  /** Opens a cursor; the columns uid, flags, modseq are loaded when it resolves. */
  open(mailbox: MailboxId, signal?: AbortSignal): Promise<MailboxCursor>;

  /** What a client sent to make messages of. */
  readonly uploads: AccountUploads;
  receive(limits: { readonly maxBytes: number }): IncomingMessage;
  /** One entry, all or nothing (RFC 3502). */
  append(mailbox: MailboxId, items: readonly AppendItem[]): Promise<AppendResult>;
  storeFlags(mailbox: MailboxId, change: FlagChange): Promise<FlagResult>;
  copy(from: MailboxId, uids: Uint32Array, to: MailboxId): Promise<CopyResult>;
  /** One entry: no protocol ever sees a message twice or not at all. */
  move(from: MailboxId, uids: Uint32Array, to: MailboxId): Promise<CopyResult>;
  /** Removes those of `uids` (all if undefined) that carry \Deleted; resolves with what went. */
  expunge(mailbox: MailboxId, uids?: Uint32Array): Promise<{ readonly uids: Uint32Array; readonly modseq: ModSeq }>;
  /** One entry, all or nothing. What is not there any more is left out; resolves with how many went. */
  settle(mailbox: MailboxId, settlement: Settlement): Promise<{ readonly gone: number }>;
  /** By uid, what messages were called on the server they were imported from (design: UIDL). */
  importedUidls(mailbox: MailboxId): Promise<ReadonlyMap<number, string>>;
  /** RFC 7162 3.2.5: uids in `known` (ranges; all below UIDNEXT if undefined) gone since `since`; may name more than went. */
  vanished(
    mailbox: MailboxId,
    since: number,
    known?: readonly (readonly [number, number])[],
  ): Promise<readonly (readonly [number, number])[]>;

  /** Octets of the messages at `indexes` of the view, in that order, read ahead by a bounded amount. A message that was
   *  expunged long ago and collected is left out. */
  readContents(view: MessageRows, indexes: ArrayLike<number>, signal?: AbortSignal): AsyncIterable<MessageOctets>;
  /** Cards of the messages at `indexes`, in that order, many to a read. */
  readCards(
    view: MessageRows,
    indexes: ArrayLike<number>,
    parts: readonly CardPart[],
    signal?: AbortSignal,
  ): AsyncIterable<readonly MessageCard[]>;
  /** Indexes of the view that match, ascending; of those in `among` if it is given. */
  search(view: SearchRows, query: SearchQuery, signal?: AbortSignal, among?: IndexSet): Promise<Uint32Array>;

  /**
   * The emails of the account as of `modseq`: built on first need, then kept up to date by entries. It may be of an earlier moment
   * after the next `await`; its numbers stay what they are.
   */
  emails(): Promise<Emails>;
  /** What changed since entry `since`; undefined when the log does not reach back so far. */
  changesSince(since: number, options?: ChangesOptions): Promise<AccountChanges | undefined>;
  /** Creates, changes and destroys of one call: one entry, whatever their number. */
  setEmails(changes: EmailSet): Promise<EmailSetResult>;
  /** Previews of the emails at `numbers`, in that order; '' for what went long ago. */
  readPreviews(emails: MessageRows, numbers: ArrayLike<number>): Promise<readonly string[]>;

  /** Gives the handle back; cursors must be closed before. */
  release(): void;
}
