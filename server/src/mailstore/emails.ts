import type { MailboxId, MessageId, ModSeq, ThreadId } from '../kernel/ids.js';
import type { FlagWords } from './flags.js';
import type { SearchRows } from './mailbox.js';

/** What RFC 8621 2 counts of a mailbox, where an email counts once however often it lies there. */
export interface EmailCounts {
  readonly emails: number;
  /** Neither \Seen nor \Draft. */
  readonly unread: number;
  readonly threads: number;
  /** Threads with an unread email anywhere but in the trash; for the trash itself, in it. */
  readonly unreadThreads: number;
}

/** One place of an email: a message of a mailbox as IMAP sees it. */
export interface EmailPlace {
  readonly mailbox: MailboxId;
  readonly uid: number;
}

/**
 * The emails of an account (design, *Names that protocols share*): an email is a message id, its mailboxes are where it lies, a
 * keyword is set when it is set anywhere, \Seen when it is set everywhere. A message that is marked \Deleted lies nowhere to JMAP (RFC
 * 8621 4.1.1). Numbers run from 0 to `count`; an email that went keeps
 * its number with no place, and no number is given twice. `flags` and `keywords` are those of the emails.
 *
 * Everything is as of the newest entry this process knows, synchronously: what must belong together is read in one turn.
 */
export interface Emails extends SearchRows {
  /** The entry it is as of. */
  readonly asOf: ModSeq;
  /** Grows whenever an email comes, goes or lies elsewhere; flags do not count. */
  readonly shape: number;
  /** Emails that lie somewhere. */
  readonly live: number;
  isLive(number: number): boolean;
  idAt(number: number): MessageId;
  threadAt(number: number): ThreadId;
  /** INTERNALDATE, seconds since 1970. */
  dateAt(number: number): number;
  flagsAt(number: number): FlagWords;
  /** -1 when there is no such email, or it went. */
  numberOf(id: string): number;
  /** The email at a place, -1 when there is none. */
  emailAt(mailbox: string, uid: number): number;
  placesOf(number: number): readonly EmailPlace[];
  /** Without repetition. */
  mailboxesOf(number: number): readonly MailboxId[];
  /** Emails of a thread, oldest first (RFC 8621 3); empty when there is no such thread. */
  thread(id: string): Uint32Array;
  /** Number of the thread of an email: the same for emails of one thread. */
  threadNumber(number: number): number;
  readonly threadCount: number;
  /** Numbers of the emails in a mailbox, without repetition, in the order of their first uid there; or of those below a uid.
   *  `hiddenToo`: also those that are marked \Deleted there. */
  inMailbox(mailbox: string, belowUid?: number, hiddenToo?: boolean): Uint32Array;
  /** All numbers, those that went too, by date and then by id, oldest first. Not to be changed. */
  byDate(): Uint32Array;
  /** Which of two comes first where nothing else tells them apart: the same in every process. */
  compareIds(x: number, y: number): number;
  counts(mailbox: string): EmailCounts;
  /** Results that are worth keeping while the account stays as it is; counted in the budget of this view. */
  readonly memo: EmailMemo;
}

/** A small cache inside the budget of packed views: least recently used out. */
export interface EmailMemo {
  get<T>(key: string): T | undefined;
  set(key: string, value: unknown, bytes: number): void;
}
