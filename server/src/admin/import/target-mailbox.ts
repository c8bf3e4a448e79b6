import { MailError } from '../../kernel/errors.js';
import type { Account } from '../../mailstore/account.js';
import type { MailboxInfo } from '../../mailstore/mailbox.js';
import type { SourceMailbox } from './mail-source.js';

export interface TargetOptions {
  /** Everything goes below this mailbox; undefined: to the same names as at the source. */
  readonly under: string | undefined;
  /** "Sent" stays "Sent" even if the person's own is called "Envoyés". */
  readonly keepNames: boolean;
}

/** Where the messages of a source mailbox go. */
export function targetPath(account: Account, mailbox: SourceMailbox, { under, keepNames }: TargetOptions): string {
  if (mailbox.path.length === 0) return under ?? 'INBOX';
  if (under === undefined && !keepNames && mailbox.role !== undefined) {
    const own = account.mailboxByRole(mailbox.role);
    if (own !== undefined) return own.path;
  }
  const path = mailbox.path.map(tidy).join('/');
  if (under !== undefined) return `${under}/${path}`;
  return path.toLowerCase() === 'inbox' ? 'INBOX' : path;
}

/** A level that no mailbox name may have: control characters, nothing at all. */
function tidy(level: string): string {
  const clean = level
    .normalize('NFC')
    .replaceAll(/[\p{Cc}/]/gu, '_')
    .trim();
  return clean === '' ? '_' : clean;
}

/** The mailbox, made with its parents if it is not there, and subscribed to as at the source. */
export async function ensureMailbox(account: Account, path: string, source: SourceMailbox): Promise<MailboxInfo> {
  const levels = path.split('/');
  let made = false;
  for (let depth = 1; depth <= levels.length; depth++) {
    const name = levels.slice(0, depth).join('/');
    if (account.mailbox(name) !== undefined) continue;
    const role = depth === levels.length && source.role !== undefined ? source.role : undefined;
    const free = role !== undefined && role !== 'inbox' && account.mailboxByRole(role) === undefined;
    try {
      await account.create(name, free ? role : undefined);
      made = true;
    } catch (error) {
      if (!(error instanceof MailError) || error.code !== 'alreadyExists') throw error;
    }
  }
  await account.refresh();
  if (source.subscribed ?? made) await account.subscribe(path, true);
  const info = account.mailbox(path);
  if (info === undefined) throw new MailError('nonexistent', `the mailbox ${path} could not be made`);
  return info;
}
