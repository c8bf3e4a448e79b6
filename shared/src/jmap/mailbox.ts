/** RFC 8621 section 2: mailboxes. */
import type { Id } from './core.js';
import type { ChangesResponse, Comparator, QueryArguments, QueryChangesArguments, SetArguments } from './methods.js';

/** RFC 8621 2: the roles of the IANA registry that this service gives; in lower case. */
export const mailboxRoles = [
  'inbox',
  'all',
  'archive',
  'drafts',
  'flagged',
  'important',
  'junk',
  'sent',
  'trash',
] as const;
export type MailboxRole = (typeof mailboxRoles)[number];

export interface MailboxRights {
  readonly mayReadItems: boolean;
  readonly mayAddItems: boolean;
  readonly mayRemoveItems: boolean;
  readonly maySetSeen: boolean;
  readonly maySetKeywords: boolean;
  readonly mayCreateChild: boolean;
  readonly mayRename: boolean;
  readonly mayDelete: boolean;
  readonly maySubmit: boolean;
}

export interface Mailbox {
  readonly id: Id;
  /** The last level of its path. */
  readonly name: string;
  readonly parentId: Id | null;
  readonly role: MailboxRole | null;
  readonly sortOrder: number;
  readonly totalEmails: number;
  readonly unreadEmails: number;
  readonly totalThreads: number;
  readonly unreadThreads: number;
  readonly myRights: MailboxRights;
  readonly isSubscribed: boolean;
}

/** RFC 8621 2.2: only counts changed if not null; then these are the properties to get anew. */
export interface MailboxChangesResponse extends ChangesResponse {
  readonly updatedProperties: readonly (keyof Mailbox)[] | null;
}

/** RFC 8621 2.3. */
export interface MailboxFilterCondition {
  readonly parentId?: Id | null;
  readonly name?: string;
  readonly role?: MailboxRole | null;
  readonly hasAnyRole?: boolean;
  readonly isSubscribed?: boolean;
}

export type MailboxComparator = Comparator<'sortOrder' | 'name'>;

export interface MailboxQueryArguments extends QueryArguments<MailboxFilterCondition, MailboxComparator> {
  readonly sortAsTree?: boolean;
  readonly filterAsTree?: boolean;
}

export interface MailboxQueryChangesArguments extends QueryChangesArguments<MailboxFilterCondition, MailboxComparator> {
  readonly sortAsTree?: boolean;
  readonly filterAsTree?: boolean;
}

/** RFC 8621 2.5. */
export interface MailboxSetArguments extends SetArguments<Mailbox> {
  readonly onDestroyRemoveEmails?: boolean;
}
