import { noSupportWrites } from '../../database/commits.js';
import { MailError } from '../../kernel/errors.js';
import type { MailboxId } from '../../kernel/ids.js';
import type { AccountState, BoxState } from '../account-state.js';
import type { Command } from '../draft.js';
import type { EntryBuilder } from '../entry-builder.js';
import { deletedBit } from '../flags.js';
import { hasChildren, inboxPath, normalPath } from '../mailbox-path.js';
import type { MailboxChange, NewMailbox } from '../mailbox-set.js';
import { addGoneOp } from './expunge.js';
import { allIndexes, checkRole, createWithParents, exists, roleTaken } from './mailboxes.js';

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

/**
 * All of the changes or none; what counts is what the mailboxes are afterwards, so two may change their names with each other.
 * MailError nonexistent: a mailbox or a new parent is not there; alreadyExists; cannot; limit.
 */
export function changeMailboxesCommand(
  changes: ReadonlyMap<MailboxId, MailboxChange>,
  { by }: Common,
): Command<undefined> {
  return {
    by,
    supports: noSupportWrites,
    bytes,
    columns: [],
    run(entry) {
      const { state } = entry.view;
      const paths = pathsAfter(state, changes);
      const after = new Map<string, BoxState>();
      for (const [id, change] of changes) {
        const box = entry.box(id);
        const role = change.role === undefined ? box.role : (change.role ?? undefined);
        if (role !== box.role && box.path === inboxPath) throw new MailError('cannot', 'INBOX keeps its role');
        const { subscribed: sub = box.sub, sortOrder: so = box.so } = change;
        after.set(id, { ...box, role, sub, so });
      }
      checkRoles(state, after);
      // One renaming says what becomes of everything below; several might be read in the wrong order.
      const moved = [...changes.keys()].filter((id) => (paths.get(id) ?? entry.box(id).path) !== entry.box(id).path);
      if (moved.length === 1) entry.ops.push({ o: 'tree', from: entry.box(moved[0]!).path, to: paths.get(moved[0]!)! });
      for (const box of state.boxes.values()) {
        const { path: _path, ...next } = after.get(box.id) ?? box;
        const path = paths.get(box.id) ?? box.path;
        const isMarked = next.role !== box.role || next.sub !== box.sub || next.so !== box.so;
        if (isMarked || (moved.length > 1 && path !== box.path)) addBox(entry, { ...next, path });
      }
      return undefined;
    },
  };
}

function addBox(entry: EntryBuilder, { id, path, role, sub, uv, so }: BoxState): void {
  entry.ops.push({ o: 'box', id, path, sub, uv, ...(role !== undefined && { role }), ...(so !== 0 && { so }) });
}

function checkRoles(state: AccountState, after: ReadonlyMap<string, BoxState>): void {
  const roles = new Map<string, string>();
  for (const { id, role } of [...state.boxes.values()].map((box) => after.get(box.id) ?? box)) {
    if (role === undefined) continue;
    if (roles.has(role)) throw roleTaken();
    roles.set(role, id);
  }
}

/** Paths of the mailboxes that lie elsewhere afterwards. MailError when there is no such tree. */
function pathsAfter(state: AccountState, changes: ReadonlyMap<MailboxId, MailboxChange>): ReadonlyMap<string, string> {
  const moves = [...changes].some(([, { name, parent }]) => name !== undefined || parent !== undefined);
  if (!moves) return new Map();
  const known = new Map<string, string>();
  const open = new Set<string>();
  const pathOf = (id: string): string => {
    const path = known.get(id);
    if (path !== undefined) return path;
    if (open.has(id)) throw new MailError('cannot', 'A mailbox cannot go below itself');
    const box = state.boxes.get(id);
    if (box === undefined) throw new MailError('nonexistent', 'The mailbox does not exist');
    open.add(id);
    const { name, parent } = changes.get(id as MailboxId) ?? {};
    const slash = box.path.lastIndexOf('/');
    const level = name === undefined ? box.path.slice(slash + 1) : checkedName(name);
    const oldAbove = slash < 0 ? undefined : box.path.slice(0, slash);
    const above = parent === undefined ? state.paths.get(oldAbove ?? '') : (parent ?? undefined);
    // A parent without a mailbox of its own stays where it is.
    const prefix = above === undefined ? (parent === undefined ? oldAbove : undefined) : pathOf(above);
    const now = normalPath(prefix === undefined ? level : `${prefix}/${level}`);
    open.delete(id);
    known.set(id, now);
    return now;
  };
  const taken = new Set<string>();
  const moved = new Map<string, string>();
  for (const { id, path } of state.boxes.values()) {
    const now = pathOf(id);
    if (taken.has(now)) throw exists();
    taken.add(now);
    if (now === path) continue;
    if (path === inboxPath) throw new MailError('cannot', 'INBOX cannot be renamed or moved');
    moved.set(id, now);
  }
  return moved;
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
