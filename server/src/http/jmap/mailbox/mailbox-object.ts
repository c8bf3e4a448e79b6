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

interface Listed {
  readonly modseq: number;
  readonly all: readonly NamedMailbox[];
  readonly byId: ReadonlyMap<string, NamedMailbox>;
}

const listed = new WeakMap<Account, Listed>();

/** Kept while the account stays as it is: a /set looks mailboxes up by the hundred. */
function list(account: Account): Listed {
  const known = listed.get(account);
  if (known?.modseq === account.modseq) return known;
  const infos = account.mailboxes();
  const ids = new Map(infos.map((info) => [info.path, info.id]));
  const all = infos.map((info) => named(info, ids));
  const fresh = { modseq: account.modseq, all, byId: new Map(all.map((mailbox) => [mailbox.id, mailbox])) };
  listed.set(account, fresh);
  return fresh;
}

export const namedMailboxes = (account: Account): readonly NamedMailbox[] => list(account).all;
export const namedMailbox = (account: Account, id: string): NamedMailbox | undefined => list(account).byId.get(id);

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
