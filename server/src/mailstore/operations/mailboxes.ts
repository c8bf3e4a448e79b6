import { noSupportWrites } from '../../database/commits.js';
import { MailError } from '../../kernel/errors.js';
import { newMailboxId } from '../../kernel/ids.js';
import type { AccountState } from '../account-state.js';
import type { Command } from '../draft.js';
import type { EntryBuilder } from '../entry-builder.js';
import type { MailboxRole } from '../mailbox.js';
import {
  checkRoom,
  checkTree,
  hasChildren,
  idOfPath,
  inboxPath,
  maxMailboxes,
  missingParents,
  normalPath,
} from '../mailbox-path.js';
import { addGoneOp } from './expunge.js';

/** CREATE, DELETE, RENAME, SUBSCRIBE: one entry each, missing parents included (RFC 9051 6.3.4 to 6.3.8). */
interface Common {
  readonly by: string;
  readonly nowSeconds: number;
}

/** A command on names: it brings no documents, and its entry is small. */
function nameCommand<T>(
  by: string,
  run: (entry: EntryBuilder) => T,
  more: Partial<Pick<Command<T>, 'columns' | 'alone'>> = {},
): Command<T> {
  return { by, supports: noSupportWrites, bytes: 4096, columns: [], ...more, run };
}

/** Answers with the new mailbox's id. */
export function createCommand(
  path: string,
  role: MailboxRole | undefined,
  { by, nowSeconds }: Common,
): Command<string> {
  const wanted = normalPath(path);
  return nameCommand(by, (entry) => {
    const { state } = entry.view;
    if (state.paths.has(wanted)) throw exists();
    checkRole(state, role, undefined);
    return createWithParents(entry, state, wanted, { role }, nowSeconds);
  });
}

/** RFC 6154 5.2, RFC 8621 2: each special use is one mailbox's. INBOX's is only its own. */
export function checkRole(state: AccountState, role: string | undefined, of: string | undefined): void {
  if (role === undefined) return;
  if (role === 'inbox' || [...state.boxes.values()].some((box) => box.role === role && box.id !== of)) {
    throw roleTaken();
  }
}

interface Marks {
  readonly role?: MailboxRole | undefined;
  /** As the name is subscribed to if undefined. */
  readonly sub?: boolean;
  readonly so?: number;
}

/** The id of the new mailbox. MailError limit. */
export function createWithParents(
  entry: EntryBuilder,
  state: AccountState,
  path: string,
  marks: Marks,
  nowSeconds: number,
): string {
  const parents = missingParents(state, path);
  checkRoom(state, [...parents, path]);
  // A deleted name made again gets a higher UIDVALIDITY (store design section 2).
  let uv = Math.max(nowSeconds, state.uv + 1);
  for (const parent of parents) addBoxOp(entry, state, parent, {}, uv++);
  return addBoxOp(entry, state, path, marks, uv);
}

function addBoxOp(
  entry: EntryBuilder,
  state: AccountState,
  path: string,
  { role, sub = state.subs.has(path), so = 0 }: Marks,
  uv: number,
): string {
  const id = newMailboxId();
  entry.ops.push({ o: 'box', id, path, sub, uv, ...(role !== undefined && { role }), ...(so !== 0 && { so }) });
  entry.newTotals(id, { un: 1, ex: 0, us: 0, fs: 0, by: 0, sl: 0 });
  return id;
}

export function deleteCommand(
  account: string,
  path: string,
  box: string | undefined,
  { by }: Common,
): Command<undefined> {
  return nameCommand(
    by,
    (entry) => {
      const { state } = entry.view;
      const id = idOfPath(state, path);
      if (id === undefined || id !== box) throw nonexistent();
      const { path: name } = entry.box(id);
      if (name === inboxPath) throw new MailError('cannot', 'INBOX cannot be deleted');
      if (hasChildren(state, name)) throw new MailError('hasChildren', 'The mailbox has mailboxes below it');
      const columns = entry.view.columns(id);
      if (columns.count > 0) addGoneOp(entry, account, id, columns, allIndexes(columns.count));
      entry.ops.push({ o: 'drop', box: id });
      entry.forget(id);
      return undefined;
    },
    { columns: box === undefined ? [] : [{ box, cold: true }] },
  );
}

export function allIndexes(count: number): Uint32Array {
  return new Uint32Array(count).map((_, i) => i);
}

/** RENAME of anything but INBOX: the mailbox and all below it change their path, in one op. */
export function renameCommand(from: string, to: string, { by, nowSeconds }: Common): Command<undefined> {
  const target = normalPath(to);
  return nameCommand(by, (entry) => {
    const { state } = entry.view;
    const id = idOfPath(state, from);
    if (id === undefined) throw nonexistent();
    const source = entry.box(id).path;
    if (source === target || state.paths.has(target)) throw exists();
    if (target.startsWith(`${source}/`)) throw new MailError('cannot', 'A mailbox cannot go below itself');
    checkTree(state, source, target);
    const parents = missingParents(state, target);
    checkRoom(state, parents);
    let uv = Math.max(nowSeconds, state.uv + 1);
    for (const parent of parents) addBoxOp(entry, state, parent, {}, uv++);
    entry.ops.push({ o: 'tree', from: source, to: target });
    return undefined;
  });
}

/** RENAME INBOX (RFC 9051 6.3.6): its messages go into a new mailbox; INBOX keeps id, UIDVALIDITY and UIDNEXT. */
export function takeInboxCommand(inbox: string, to: string, { by, nowSeconds }: Common): Command<undefined> {
  const target = normalPath(to);
  return nameCommand(
    by,
    (entry) => {
      const { state } = entry.view;
      if (state.paths.has(target)) throw exists();
      const id = createWithParents(entry, state, target, {}, nowSeconds);
      const { un, ex, us, fs, by: octets, sl } = entry.box(inbox);
      entry.ops.push({ o: 'take', from: inbox, to: id });
      entry.newTotals(id, { un, ex, us, fs, by: octets, sl });
      entry.newTotals(inbox, { un, ex: 0, us: 0, fs: 0, by: 0, sl: 0 });
      return undefined;
    },
    { alone: true },
  );
}

export function subscribeCommand(path: string, on: boolean, { by }: Common): Command<undefined> {
  return nameCommand(by, (entry) => {
    const { state } = entry.view;
    // A name that could never be a mailbox can be unsubscribed from without an error, not subscribed to.
    const name = on ? normalPath(path) : (pathOrUndefined(path) ?? path);
    const id = state.paths.get(name);
    const now = id === undefined ? state.subs.has(name) : entry.box(id).sub;
    if (now === on) return undefined;
    if (on && id === undefined) {
      if (state.subs.size >= maxMailboxes)
        throw new MailError('limit', 'There are as many subscriptions as there may be');
      checkRoom(state, [name]);
    }
    entry.ops.push({ o: 'sub', path: name, on });
    return undefined;
  });
}

function pathOrUndefined(path: string): string | undefined {
  try {
    return normalPath(path);
  } catch {
    return undefined;
  }
}

export function exists(): MailError {
  return new MailError('alreadyExists', 'There is a mailbox of that name already');
}

export function roleTaken(): MailError {
  return new MailError('cannot', 'Another mailbox has that special use already');
}

function nonexistent(): MailError {
  return new MailError('nonexistent', 'The mailbox does not exist');
}
