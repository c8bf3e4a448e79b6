import type { MailboxId, ModSeq } from '../kernel/ids.js';
import type { AccountState, BoxState } from './account-state.js';
import type { MailboxInfo, MailboxRole } from './mailbox.js';
import { inboxPath } from './mailbox-path.js';

const known = new WeakMap<BoxState, MailboxInfo>();

/** A mailbox as front ends see it: the same object as long as nothing changed. */
export function infoOf(box: BoxState): MailboxInfo {
  let info = known.get(box);
  if (info === undefined) {
    info = {
      id: box.id as MailboxId,
      path: box.path,
      role: box.role as MailboxRole | undefined,
      subscribed: box.sub,
      uidValidity: box.uv,
      uidNext: box.un,
      highestModseq: box.hm as ModSeq,
      exists: box.ex,
      unseen: box.us,
      firstUnseen: box.fs,
      bytes: box.by,
      sortOrder: box.so,
    };
    known.set(box, info);
  }
  return info;
}

const sorted = new WeakMap<ReadonlyMap<string, string>, readonly string[]>();

/** Ids sorted by path, INBOX first; kept as long as no path changes. */
function idsByPath(state: AccountState): readonly string[] {
  let ids = sorted.get(state.paths);
  if (ids === undefined) {
    ids = [...state.paths].sort(([x], [y]) => comparePaths(x, y)).map(([, id]) => id);
    sorted.set(state.paths, ids);
  }
  return ids;
}

export function allInfos(state: AccountState): readonly MailboxInfo[] {
  return idsByPath(state).map((id) => infoOf(state.boxes.get(id)!));
}

function comparePaths(x: string, y: string): number {
  if (x === y) return 0;
  if (x === inboxPath) return -1;
  if (y === inboxPath) return 1;
  return x < y ? -1 : 1;
}
