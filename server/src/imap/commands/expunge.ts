import type { UidExpungeCommand } from '../../codec/imap/command.js';
import { indexesOf, uidsAt } from '../message-set.js';
import { type Outcome, ok } from '../outcome.js';
import { requireWritable, type Session, selectedOf } from '../session.js';

/** EXPUNGE (RFC 9051 6.4.3). The untagged EXPUNGEs are the command loop's updates. */
export async function expunge(session: Session): Promise<Outcome> {
  const { login, mailbox } = selectedOf(session);
  requireWritable(mailbox);
  const { modseq } = await login.account.expunge(mailbox.cursor.view.mailbox);
  return ok('EXPUNGE completed', codeOf(login.enabled.condstore, modseq));
}

/** UID EXPUNGE (RFC 9051 6.4.9, RFC 4315 2.1). */
export async function uidExpunge(session: Session, command: UidExpungeCommand): Promise<Outcome> {
  const { login, mailbox } = selectedOf(session);
  requireWritable(mailbox);
  const { view } = mailbox.cursor;
  const uids = uidsAt(view, indexesOf(mailbox, command.set, true));
  if (uids.length === 0) return ok('UID EXPUNGE completed');
  const { modseq } = await login.account.expunge(view.mailbox, uids);
  return ok('UID EXPUNGE completed', codeOf(login.enabled.condstore, modseq));
}

/** RFC 7162 3.2.7 wants HIGHESTMODSEQ here from QRESYNC on; a CONDSTORE client has the same use for it. */
const codeOf = (condstore: boolean, modseq: number): string | undefined =>
  condstore ? `HIGHESTMODSEQ ${modseq}` : undefined;
