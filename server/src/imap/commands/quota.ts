/**
 * QUOTA (RFC 9208). Every mailbox of a person counts towards one root, `""`; the resource is STORAGE, in units of 1,024
 * octets. Limits are an administrator's to set.
 */
import type { GetQuotaCommand, MailboxCommand, SetQuotaCommand } from '../../codec/imap/command.js';
import { formatQuota, formatQuotaRoot } from '../../codec/imap/quota.js';
import { MailError } from '../../kernel/errors.js';
import type { Account } from '../../mailstore/account.js';
import { findMailbox } from '../find-mailbox.js';

import { no, type Outcome, ok } from '../outcome.js';
import { loginOf, namesInUtf8, type Session } from '../session.js';

const unitBytes = 1024;

export async function getQuota(session: Session, command: GetQuotaCommand): Promise<Outcome> {
  const { account } = loginOf(session);
  requireRoot(command.root);
  await account.refresh(session.connection.signal);
  session.connection.write(quotaLine(account));
  return ok('GETQUOTA completed');
}

export async function getQuotaRoot(session: Session, command: MailboxCommand): Promise<Outcome> {
  const { account, enabled } = loginOf(session);
  await account.refresh(session.connection.signal);
  if (findMailbox(account, command.mailbox) === undefined) throw new MailError('nonexistent', 'No such mailbox');
  const roots = formatQuotaRoot(command.mailbox, [''], namesInUtf8(enabled));
  session.connection.write(`${roots}\r\n${quotaLine(account)}`);
  return ok('GETQUOTAROOT completed');
}

export async function setQuota(session: Session, command: SetQuotaCommand): Promise<Outcome> {
  loginOf(session);
  requireRoot(command.root);
  return no('Quotas are set by the administrator', 'NOPERM');
}

function requireRoot(root: string): void {
  if (root !== '') throw new MailError('nonexistent', 'No such quota root');
}

/** RFC 9208 4.2.1: resources without a limit are left out. */
function quotaLine(account: Account): string {
  const { usedBytes, limitBytes } = account.quota();
  if (limitBytes === undefined) return `${formatQuota('', [])}\r\n`;
  const usage = Math.ceil(usedBytes / unitBytes);
  return `${formatQuota('', [{ name: 'STORAGE', usage, limit: Math.floor(limitBytes / unitBytes) }])}\r\n`;
}
