/**
 * STATUS (RFC 9051 6.3.11; RECENT RFC 3501; SIZE RFC 8438; HIGHESTMODSEQ RFC 7162 3.1.7; APPENDLIMIT RFC 7889; MAILBOXID RFC 8474).
 * LIST with RETURN (STATUS ...) writes the same line (RFC 5819).
 */
import { statusDataLine } from '../../codec/imap/response.js';
import type { StatusCommand, StatusItem } from '../../codec/imap/status.js';
import { MailError } from '../../kernel/errors.js';
import { deletedBit } from '../../mailstore/flags.js';
import type { MailboxInfo } from '../../mailstore/mailbox.js';
import { enableCondstore } from '../condstore.js';
import { findMailbox } from '../find-mailbox.js';
import { type Outcome, ok } from '../outcome.js';
import { loginOf, namesInUtf8, type Session } from '../session.js';
import type { LoggedIn } from '../session-state.js';

export async function status(session: Session, command: StatusCommand): Promise<Outcome> {
  const login = loginOf(session);
  await login.account.refresh(session.connection.signal);
  const info = findMailbox(login.account, command.mailbox);
  if (info === undefined) throw new MailError('nonexistent', 'No such mailbox');
  // RFC 7162 3.1.7: asking for HIGHESTMODSEQ makes the client one that knows CONDSTORE.
  if (command.items.includes('highestModseq')) enableCondstore(session, login);
  session.connection.write(await statusLine(session, login, info, command.items));
  return ok('STATUS completed');
}

export async function statusLine(
  session: Session,
  login: LoggedIn,
  info: MailboxInfo,
  items: readonly StatusItem[],
): Promise<string> {
  const values: [StatusItem, number | string][] = [];
  for (const item of items) {
    switch (item) {
      case 'messages':
        values.push([item, info.exists]);
        break;
      case 'recent':
        values.push([item, 0]);
        break;
      case 'uidNext':
        values.push([item, info.uidNext]);
        break;
      case 'uidValidity':
        values.push([item, info.uidValidity]);
        break;
      case 'unseen':
        values.push([item, info.unseen]);
        break;
      case 'deleted':
        values.push([item, await countDeleted(session, login, info)]);
        break;
      case 'size':
        values.push([item, info.bytes]);
        break;
      case 'highestModseq':
        values.push([item, info.highestModseq]);
        break;
      case 'appendLimit':
        values.push([item, session.services.maxMessageBytes]);
        break;
      case 'mailboxId':
        values.push([item, info.id]);
        break;
      default:
        item satisfies never;
    }
  }
  return statusDataLine(info.path, values, namesInUtf8(login.enabled));
}

/** The one number that the root does not keep: nobody asks for it often enough. */
async function countDeleted(session: Session, { account }: LoggedIn, info: MailboxInfo): Promise<number> {
  const cursor = await account.open(info.id, session.connection.signal);
  try {
    const { view } = cursor;
    const { flags, count } = view;
    let deleted = 0;
    for (let i = 0; i < count; i++) if ((flags[i]! & deletedBit) !== 0) deleted++;
    return deleted;
  } finally {
    cursor.close();
  }
}
