import { MailError } from '../kernel/errors.js';
import { type AccountState, movedPath } from './account-state.js';

/** Limits of store design section 1: the root of an account stays under 4 MB. */
export const maxMailboxes = 5_000;
export const maxPathBytes = 1_000;
const maxAllPathsBytes = 1024 * 1024;
export const inboxPath = 'INBOX';

/**
 * A path as it is stored: UTF-8 in NFC, levels joined by `/`, none empty, no control characters, the first level INBOX in
 * whatever case spelt `INBOX` (RFC 9051 5.1). MailError invalid or limit.
 */
export function normalPath(path: string): string {
  const nfc = path.normalize('NFC');
  if (Buffer.byteLength(nfc) > maxPathBytes) throw new MailError('limit', 'The mailbox name is too long');
  if (Buffer.from(nfc).toString() !== nfc) throw new MailError('invalid', 'The mailbox name is not valid Unicode');
  for (let i = 0; i < nfc.length; i++) {
    const code = nfc.charCodeAt(i);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029) {
      throw new MailError('invalid', 'The mailbox name holds control characters');
    }
  }
  const levels = nfc.split('/');
  if (levels.some((level) => level === '')) throw new MailError('invalid', 'The mailbox name has an empty level');
  if (levels[0]!.toUpperCase() === inboxPath) levels[0] = inboxPath;
  return levels.join('/');
}

/** Looking up never fails for a bad name: there is no such mailbox. */
export function idOfPath(state: AccountState, path: string): string | undefined {
  const exact = state.paths.get(path);
  if (exact !== undefined) return exact;
  try {
    return state.paths.get(normalPath(path));
  } catch {
    return undefined;
  }
}

/** The levels above a path, from the top, that have no mailbox. */
export function missingParents(state: AccountState, path: string): readonly string[] {
  const missing: string[] = [];
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const parent = path.slice(0, slash);
    if (!state.paths.has(parent)) missing.push(parent);
  }
  return missing;
}

export function hasChildren(state: AccountState, path: string): boolean {
  for (const other of state.paths.keys()) if (other.startsWith(`${path}/`)) return true;
  return false;
}

/** MailError limit when the account would have too many mailboxes, or names too long in all. */
export function checkRoom(state: AccountState, added: readonly string[]): void {
  if (state.boxes.size + added.length > maxMailboxes) {
    throw new MailError('limit', 'The account has as many mailboxes as it may have');
  }
  let bytes = 0;
  for (const path of [...state.paths.keys(), ...state.subs, ...added]) bytes += Buffer.byteLength(path);
  if (bytes > maxAllPathsBytes) throw new MailError('limit', 'The mailbox names are too long in all');
}

/** MailError when renaming `from` and all below it to `to` meets a mailbox or makes a name too long. */
export function checkTree(state: AccountState, from: string, to: string): void {
  for (const path of state.paths.keys()) {
    const moved = movedPath(path, from, to);
    if (moved === undefined) continue;
    if (Buffer.byteLength(moved) > maxPathBytes) throw new MailError('limit', 'The mailbox name is too long');
    if (state.paths.has(moved) && movedPath(moved, from, to) === undefined) {
      throw new MailError('alreadyExists', 'There is a mailbox of that name already');
    }
  }
}
