import type { MailboxId, ModSeq } from '../kernel/ids.js';
import type { MailboxRole } from './mailbox.js';

/**
 * Mailboxes as a tree of names, for a front end that knows them by id (JMAP). Each call is one entry; where a mailbox lies is
 * looked up in the step that commits, so that a parent that was renamed meanwhile is found all the same.
 */
export interface NewMailbox {
  /** undefined: at the top. */
  readonly parent: MailboxId | undefined;
  /** One level: no slash. */
  readonly name: string;
  readonly role: MailboxRole | undefined;
  readonly subscribed: boolean;
  /** 0 to 2^31 - 1. */
  readonly sortOrder: number;
}

export interface Placed<T> {
  readonly done: T;
  /** Of its entry; undefined: there was nothing to write. */
  readonly modseq: ModSeq | undefined;
}

/** What stays out stays as it is; everything else happens together or not at all. */
export interface MailboxChange {
  readonly parent?: MailboxId | null;
  readonly name?: string;
  readonly role?: MailboxRole | null;
  readonly subscribed?: boolean;
  readonly sortOrder?: number;
}
