/** COPY and MOVE with their UID forms (RFC 9051 6.4.7, 6.4.8; RFC 6851; COPYUID RFC 4315 3). */
import type { CopyCommand } from '../../codec/imap/command.js';
import { copyUidCode } from '../../codec/imap/response.js';
import { MailError } from '../../kernel/errors.js';
import type { CopyResult } from '../../mailstore/account.js';
import { findMailbox } from '../find-mailbox.js';
import { indexesOf, uidsAt } from '../message-set.js';
import { no, type Outcome, ok } from '../outcome.js';
import { requireWritable, type Session, selectedOf } from '../session.js';

export async function copy(session: Session, command: CopyCommand): Promise<Outcome> {
  const { login, mailbox } = selectedOf(session);
  const { account } = login;
  const moving = command.kind === 'move';
  const name = `${command.uid ? 'UID ' : ''}${moving ? 'MOVE' : 'COPY'}`;
  if (moving) requireWritable(mailbox);
  const { view } = mailbox.cursor;
  const uids = uidsAt(view, indexesOf(mailbox, command.set, command.uid));
  const target = findMailbox(account, command.mailbox) ?? (await afterRefresh(session, command.mailbox));
  // RFC 9051 6.4.7: TRYCREATE tells the client that CREATE would help; it is not made by itself.
  if (target === undefined) return no('No such mailbox', 'TRYCREATE');
  if (moving && target.id === view.mailbox) throw new MailError('cannot', 'The messages are in that mailbox already');
  // RFC 9051 6.4.9: UIDs that are not there are no error.
  if (uids.length === 0) return ok(`${name} completed`);
  const result = await (moving ? account.move : account.copy).call(account, view.mailbox, uids, target.id);
  if (result.sourceUids.length === 0) {
    const text = 'Those messages are gone';
    return command.uid ? ok(text, 'EXPUNGEISSUED') : no(text, 'EXPUNGEISSUED');
  }
  if (!moving) return ok(`${name} completed`, copyUid(result));
  // RFC 6851 4.3: COPYUID goes out before the EXPUNGEs, which the updates after this command are.
  session.connection.write(`* OK [${copyUid(result)}] Moved\r\n`);
  return ok(`${name} completed`, login.enabled.condstore ? `HIGHESTMODSEQ ${result.modseq}` : undefined);
}

async function afterRefresh(session: Session, path: string) {
  const { login } = selectedOf(session);
  await login.account.refresh(session.connection.signal);
  return findMailbox(login.account, path);
}

/** RFC 4315 3: both sets in the order of the pairs; targets ascend as the sources do, so sets in shortest form keep it. */
const copyUid = (result: CopyResult): string => copyUidCode(result.uidValidity, result.sourceUids, result.targetUids);
