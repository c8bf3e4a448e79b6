import { noSupportWrites } from '../../database/commits.js';
import { MailError } from '../../kernel/errors.js';
import type { MailboxId } from '../../kernel/ids.js';
import type { AccountState, BoxState } from '../account-state.js';
import type { Command } from '../draft.js';
import type { EntryBuilder } from '../entry-builder.js';
import { deletedBit } from '../flags.js';
import { checkTree, hasChildren, inboxPath, normalPath } from '../mailbox-path.js';
import type { MailboxChange, NewMailbox } from '../mailbox-set.js';
import { addGoneOp } from './expunge.js';
import { allIndexes, checkRole, createWithParents, exists } from './mailboxes.js';

/** Creating, changing and destroying mailboxes by id (contract: mailbox-set.ts): one entry each. */
interface Common {
  readonly by: string;
  readonly nowSeconds: number;
}

const bytes = 4096;

/** Answers with the new mailbox's id. MailError nonexistent: there is no such parent. */
export function createMailboxCommand(mailbox: NewMailbox, { by, nowSeconds }: Common): Command<string> {
  return {
    by,
    supports: noSupportWrites,
    bytes,
    columns: [],
    run(entry) {
      const { state } = entry.view;
      const path = pathBelow(entry, mailbox.parent, mailbox.name);
      if (state.paths.has(path)) throw exists();
      checkRole(state, mailbox.role, undefined);
      const { role, sortOrder, subscribed } = mailbox;
      return createWithParents(entry, state, path, { role, so: sortOrder, sub: subscribed }, nowSeconds);
    },
  };
}

/** MailError nonexistent: the mailbox or its new parent is not there; alreadyExists; cannot. */
export function changeMailboxCommand(id: MailboxId, change: MailboxChange, { by }: Common): Command<undefined> {
  return {
    by,
    supports: noSupportWrites,
    bytes,
    columns: [],
    run(entry) {
      const { state } = entry.view;
      const box = entry.box(id);
      const path = movedPathOf(entry, box, change);
      if (path !== box.path) move(entry, state, box, path);
      const role = change.role === undefined ? box.role : (change.role ?? undefined);
      if (role !== box.role) {
        if (box.path === inboxPath) throw new MailError('cannot', 'INBOX keeps its role');
        checkRole(state, role, id);
      }
      const sub = change.subscribed ?? box.sub;
      const so = change.sortOrder ?? box.so;
      if (role === box.role && sub === box.sub && so === box.so) return undefined;
      const { uv } = box;
      entry.ops.push({ o: 'box', id, path, sub, uv, ...(role !== undefined && { role }), ...(so !== 0 && { so }) });
      return undefined;
    },
  };
}

function movedPathOf(entry: EntryBuilder, box: BoxState, change: MailboxChange): string {
  if (change.name === undefined && change.parent === undefined) return box.path;
  const slash = box.path.lastIndexOf('/');
  const name = change.name ?? box.path.slice(slash + 1);
  if (change.parent !== undefined) return pathBelow(entry, change.parent ?? undefined, name);
  return normalPath(slash < 0 ? checkedName(name) : `${box.path.slice(0, slash)}/${checkedName(name)}`);
}

function move(entry: EntryBuilder, state: AccountState, box: BoxState, path: string): void {
  if (box.path === inboxPath) throw new MailError('cannot', 'INBOX cannot be renamed or moved');
  if (state.paths.has(path)) throw exists();
  if (path.startsWith(`${box.path}/`)) throw new MailError('cannot', 'A mailbox cannot go below itself');
  checkTree(state, box.path, path);
  entry.ops.push({ o: 'tree', from: box.path, to: path });
}

function pathBelow(entry: EntryBuilder, parent: MailboxId | undefined, name: string): string {
  return normalPath(parent === undefined ? checkedName(name) : `${entry.box(parent).path}/${checkedName(name)}`);
}

function checkedName(name: string): string {
  if (name === '' || name.includes('/'))
    throw new MailError('invalid', 'A name has at least one character and no slash');
  return name;
}

/**
 * Destroys a mailbox with its subscription. Messages that IMAP marked \Deleted are none to JMAP (RFC 8621 4.1.1) and go with
 * it; others only if `withMessages`. MailError nonexistent, hasChildren, cannot.
 */
export function destroyMailboxCommand(
  account: string,
  id: MailboxId,
  withMessages: boolean,
  { by }: Common,
): Command<'destroyed' | 'notEmpty'> {
  return {
    by,
    supports: noSupportWrites,
    bytes,
    columns: [{ box: id, cold: true }],
    run(entry) {
      const { state } = entry.view;
      const { path, sub } = entry.box(id);
      if (path === inboxPath) throw new MailError('cannot', 'INBOX cannot be deleted');
      if (hasChildren(state, path)) throw new MailError('hasChildren', 'The mailbox has mailboxes below it');
      const columns = entry.view.columns(id);
      if (!withMessages) {
        for (let i = 0; i < columns.count; i++) if ((columns.flags[i]! & deletedBit) === 0) return 'notEmpty';
      }
      if (sub) entry.ops.push({ o: 'sub', path, on: false });
      if (columns.count > 0) addGoneOp(entry, account, id, columns, allIndexes(columns.count));
      entry.ops.push({ o: 'drop', box: id });
      entry.forget(id);
      return 'destroyed';
    },
  };
}
