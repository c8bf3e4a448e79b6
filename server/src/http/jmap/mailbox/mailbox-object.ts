/** A mailbox of the store as a Mailbox of RFC 8621 2. */
import type { MailboxRights } from '@vaguemestre/shared/jmap/mailbox';
import type { Account } from '../../../mailstore/account.js';
import type { EmailCounts } from '../../../mailstore/emails.js';
import type { MailboxInfo } from '../../../mailstore/mailbox.js';
import type { JsonObject } from '../method.js';

/** What is known of a mailbox without counting. */
export interface NamedMailbox {
  readonly id: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly role: string | null;
  readonly sortOrder: number;
  readonly isSubscribed: boolean;
}

export const countProperties = ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads'] as const;
export const mailboxProperties = [
  'id',
  'name',
  'parentId',
  'role',
  'sortOrder',
  ...countProperties,
  'myRights',
  'isSubscribed',
] as const;

const ownRights: MailboxRights = {
  mayReadItems: true,
  mayAddItems: true,
  mayRemoveItems: true,
  maySetSeen: true,
  maySetKeywords: true,
  mayCreateChild: true,
  mayRename: true,
  mayDelete: true,
  maySubmit: true,
};
const inboxRights: MailboxRights = { ...ownRights, mayRename: false, mayDelete: false };

/** INBOX is a name of IMAP, not a word. */
const inboxName = 'Inbox';

export function namedMailboxes(account: Account): readonly NamedMailbox[] {
  const infos = account.mailboxes();
  const ids = new Map(infos.map((info) => [info.path, info.id]));
  return infos.map((info) => named(info, ids));
}

function named(info: MailboxInfo, ids: ReadonlyMap<string, string>): NamedMailbox {
  const { id, path, role, sortOrder, subscribed } = info;
  const slash = path.lastIndexOf('/');
  return {
    id,
    name: role === 'inbox' ? inboxName : path.slice(slash + 1),
    parentId: slash < 0 ? null : (ids.get(path.slice(0, slash)) ?? null),
    role: role ?? null,
    sortOrder,
    isSubscribed: subscribed,
  };
}

export function mailboxObject(mailbox: NamedMailbox, counts: EmailCounts | undefined): JsonObject {
  return {
    ...mailbox,
    myRights: mailbox.role === 'inbox' ? inboxRights : ownRights,
    ...(counts && {
      totalEmails: counts.emails,
      unreadEmails: counts.unread,
      totalThreads: counts.threads,
      unreadThreads: counts.unreadThreads,
    }),
  };
}
