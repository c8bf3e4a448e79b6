/**
 * Which mailbox a client means. On servers of another make all folders lie below INBOX, joined by a dot, and their users type
 * `INBOX` or `INBOX.` as "root path" into Outlook or Mail; the program then says `INBOX.Sent` or `INBOX/Sent` for `Sent`. Such
 * a name stands for the mailbox without it where no mailbox has the name itself. It is never listed: that would show the
 * mailbox twice. DELETE and RENAME take names as they are listed only.
 */
import { delimiter } from '../codec/imap/mailbox-name.js';
import type { Account } from '../mailstore/account.js';
import type { MailboxInfo } from '../mailstore/mailbox.js';

export function findMailbox(account: Account, name: string): MailboxInfo | undefined {
  const found = account.mailbox(name);
  if (found !== undefined) return found;
  const path = withoutRoot(name);
  return path === undefined ? undefined : account.mailbox(path);
}

/**
 * A mailbox with a use that `name` stands for: to make one more beside it would part the sent mail of one program from that of
 * another.
 */
export function standsForUse(account: Account, name: string): boolean {
  const path = withoutRoot(name);
  return path !== undefined && account.mailbox(path)?.role !== undefined;
}

const root = 'INBOX';

function withoutRoot(name: string): string | undefined {
  const joint = name[root.length];
  if ((joint !== '.' && joint !== delimiter) || name.length <= root.length + 1) return undefined;
  if (name.slice(0, root.length).toUpperCase() !== root) return undefined;
  const rest = name.slice(root.length + 1);
  return joint === '.' ? rest.replaceAll('.', delimiter) : rest;
}
