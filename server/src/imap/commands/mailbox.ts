/** CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 9051 6.3.4 to 6.3.8). */
import type { CreateCommand, MailboxCommand, RenameCommand } from '../../codec/imap/command.js';
import { MailError } from '../../kernel/errors.js';
import type { MailboxRole } from '../../mailstore/mailbox.js';
import { findMailbox, standsForUse } from '../find-mailbox.js';
import { no, type Outcome, ok } from '../outcome.js';
import { leaveMailbox, loginOf, type Session } from '../session.js';

const roles: ReadonlyMap<string, MailboxRole> = new Map([
  ['\\all', 'all'],
  ['\\archive', 'archive'],
  ['\\drafts', 'drafts'],
  ['\\flagged', 'flagged'],
  ['\\important', 'important'],
  ['\\junk', 'junk'],
  ['\\sent', 'sent'],
  ['\\trash', 'trash'],
]);

/** RFC 6154 5.2: a mailbox has one use here, and a use one mailbox; what cannot be had is refused with USEATTR. */
export async function create(session: Session, command: CreateCommand): Promise<Outcome> {
  const { account } = loginOf(session);
  const [use, ...more] = command.use;
  const role = use === undefined ? undefined : roles.get(use.toLowerCase());
  if (more.length > 0 || (use !== undefined && role === undefined)) {
    return no('A mailbox can have one use, of those this server knows', 'USEATTR');
  }
  if (role === 'all' || role === 'flagged') return no('There is no mailbox of that use here', 'USEATTR');
  await account.refresh(session.connection.signal);
  if (role !== undefined && account.mailboxByRole(role) !== undefined) {
    return no('Another mailbox has that use', 'USEATTR');
  }
  if (standsForUse(account, command.mailbox))
    throw new MailError('alreadyExists', 'There is such a mailbox outside INBOX');
  await account.create(command.mailbox, role);
  return ok('CREATE completed');
}

export async function remove(session: Session, command: MailboxCommand): Promise<Outcome> {
  const { account } = loginOf(session);
  const target = account.mailbox(command.mailbox);
  await account.delete(command.mailbox);
  // RFC 9051 7.1, CLOSED: the session must not go on in a mailbox that it has deleted itself.
  const { state } = session;
  if (state.kind === 'selected' && state.mailbox.cursor.view.mailbox === target?.id) {
    leaveMailbox(session);
    session.connection.write('* OK [CLOSED] The selected mailbox was deleted\r\n');
  }
  return ok('DELETE completed');
}

export async function rename(session: Session, command: RenameCommand): Promise<Outcome> {
  await loginOf(session).account.rename(command.from, command.to);
  return ok('RENAME completed');
}

/** RFC 9051 6.3.7: may verify that the mailbox exists. It does: clients that misspell a name want to know. */
export async function subscribe(session: Session, command: MailboxCommand): Promise<Outcome> {
  const { account } = loginOf(session);
  await account.refresh(session.connection.signal);
  const found = findMailbox(account, command.mailbox);
  if (found === undefined) throw new MailError('nonexistent', 'No such mailbox');
  await account.subscribe(found.path, true);
  return ok('SUBSCRIBE completed');
}

/** A name stays subscribed when its mailbox is deleted (6.3.8), so there need not be one. */
export async function unsubscribe(session: Session, command: MailboxCommand): Promise<Outcome> {
  const { account } = loginOf(session);
  const named = account.subscriptions().includes(command.mailbox);
  const path = named ? command.mailbox : (findMailbox(account, command.mailbox)?.path ?? command.mailbox);
  await account.subscribe(path, false);
  return ok('UNSUBSCRIBE completed');
}
