/**
 * LIST and LSUB (RFC 9051 6.3.9, RFC 3501 6.3.9; LIST-EXTENDED RFC 5258, LIST-STATUS RFC 5819, SPECIAL-USE RFC 6154, CHILDREN
 * RFC 3348). Special uses stand in plain LIST too: phones look for them there.
 */
import type { ListCommand, LsubCommand } from '../../codec/imap/list.js';
import { compileListPattern } from '../../codec/imap/list-pattern.js';
import { formatMailboxName } from '../../codec/imap/mailbox-name.js';
import type { MailboxInfo, MailboxRole } from '../../mailstore/mailbox.js';
import { type Outcome, ok } from '../outcome.js';
import { loginOf, namesInUtf8, type Session } from '../session.js';
import { statusLine } from './status.js';

export async function list(session: Session, command: ListCommand): Promise<Outcome> {
  const login = loginOf(session);
  const { account } = login;
  const { connection } = session;
  // RFC 9051 6.3.9: an empty pattern asks for the delimiter; phones show nothing without this very line.
  if (command.patterns.length === 1 && command.patterns[0] === '' && command.select === undefined) {
    connection.write('* LIST (\\Noselect) "/" ""\r\n');
    return ok('LIST completed');
  }
  await account.refresh(connection.signal);
  const utf8 = namesInUtf8(login.enabled);
  const patterns = command.patterns.map((pattern) => compileListPattern(command.reference, pattern));
  const all = account.mailboxes();
  const parents = parentPaths(all);
  for (const info of all) {
    if (!patterns.some((pattern) => pattern.matches(info.path))) continue;
    if (command.select?.subscribed === true && !info.subscribed) continue;
    if (command.select?.specialUse === true && useOf(info.role) === undefined) continue;
    const attributes = [parents.has(info.path) ? '\\HasChildren' : '\\HasNoChildren'];
    const use = useOf(info.role);
    if (use !== undefined) attributes.push(use);
    if (info.subscribed && (command.select?.subscribed === true || command.return?.subscribed === true)) {
      attributes.push('\\Subscribed');
    }
    connection.write(`* LIST (${attributes.join(' ')}) "/" ${formatMailboxName(info.path, utf8)}\r\n`);
    const items = command.return?.status;
    if (items !== undefined) connection.write(await statusLine(session, login, info, items));
    await connection.drained();
  }
  return ok('LIST completed');
}

export async function lsub(session: Session, command: LsubCommand): Promise<Outcome> {
  const { account, enabled } = loginOf(session);
  await account.refresh(session.connection.signal);
  const pattern = compileListPattern(command.reference, command.pattern);
  for (const path of account.subscriptions()) {
    if (!pattern.matches(path)) continue;
    session.connection.write(`* LSUB () "/" ${formatMailboxName(path, namesInUtf8(enabled))}\r\n`);
  }
  return ok('LSUB completed');
}

function parentPaths(all: readonly MailboxInfo[]): ReadonlySet<string> {
  const parents = new Set<string>();
  for (const { path } of all) {
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const parent = path.slice(0, slash);
      if (parents.has(parent)) break;
      parents.add(parent);
    }
  }
  return parents;
}

/** RFC 6154 2; INBOX has no attribute of its own. */
function useOf(role: MailboxRole | undefined): string | undefined {
  if (role === undefined || role === 'inbox') return undefined;
  return `\\${role[0]!.toUpperCase()}${role.slice(1)}`;
}
