/**
 * Which names LIST and LSUB show, and with what: the rules of RFC 9051 6.3.9 (RFC 5258 LIST-EXTENDED, RFC 6154 SPECIAL-USE, RFC
 * 3348 CHILDREN) and of RFC 3501 6.3.9, as functions of what the account holds. A name that is subscribed to is shown although
 * its mailbox is gone: the client alone may unsubscribe it (RFC 9051 6.3.7).
 */
import type { ListCommand, ListSelect } from '../codec/imap/list.js';
import type { ListPattern } from '../codec/imap/list-pattern.js';
import { delimiter } from '../codec/imap/mailbox-name.js';
import type { ListLine } from '../codec/imap/response.js';
import type { MailboxInfo, MailboxRole } from '../mailstore/mailbox.js';
import { createTurn } from './fetch-columns.js';

export interface ListedName extends ListLine {
  /** undefined for a name without a mailbox. */
  readonly info: MailboxInfo | undefined;
}

/** A name that may be shown. */
interface Candidate {
  readonly path: string;
  readonly info: MailboxInfo | undefined;
  readonly subscribed: boolean;
}

const noSelection: ListSelect = { subscribed: false, remote: false, recursiveMatch: false, specialUse: false };

/** Which of these names, and of the names above them, match. Lets others have the thread: names and patterns may be long. */
export async function matchingNames(
  patterns: readonly ListPattern[],
  paths: Iterable<string>,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const turn = createTurn();
  for (const path of paths) {
    for (const pattern of patterns) {
      for (const length of pattern.levels(path)) names.add(path.slice(0, length));
      const yielded = turn.yielded();
      if (yielded !== undefined) await yielded;
    }
  }
  return names;
}

/** `all` as the account gives them: INBOX first, then by path. `matching` is of all these names. */
export function listNames(
  command: ListCommand,
  all: readonly MailboxInfo[],
  subscriptions: readonly string[],
  matching: ReadonlySet<string>,
): ListedName[] {
  const matches = (path: string): boolean => matching.has(path);
  const select = command.select ?? noSelection;
  const candidates = candidatesOf(select, all, subscriptions);
  const parents = ancestorsOf(all.map((info) => info.path));
  const selected = (name: Candidate): boolean =>
    (!select.subscribed || name.subscribed) && (!select.specialUse || specialUse(name.info?.role) !== undefined);
  const descent = select.recursiveMatch ? descentOf(candidates.filter(selected), matches) : undefined;
  const showSubscribed = select.subscribed || command.return?.subscribed === true;
  const names: ListedName[] = [];
  for (const name of withParents(candidates, descent?.hidden)) {
    if (!matches(name.path)) continue;
    const below = descent?.any.has(name.path) === true;
    if (!selected(name) && !below) continue;
    const attributes: string[] = [];
    // RFC 9051 7.3.1: it implies \Noselect.
    if (name.info === undefined) attributes.push('\\NonExistent');
    if (parents.has(name.path)) attributes.push('\\HasChildren');
    else if (name.info !== undefined) attributes.push('\\HasNoChildren');
    // RFC 6154 2: shown in every LIST, as phones look for them in the plain one.
    const use = specialUse(name.info?.role);
    if (use !== undefined) attributes.push(use);
    if (showSubscribed && name.subscribed) attributes.push('\\Subscribed');
    names.push({
      path: name.path,
      info: name.info,
      attributes,
      ...(below ? { childInfo: criteriaOf(select) } : {}),
    });
  }
  return names;
}

/** RFC 3501 6.3.9: with `%`, the parent of a name below the pattern's reach is shown as \Noselect. */
export function lsubNames(subscriptions: readonly string[], matching: ReadonlySet<string>): ListLine[] {
  const names = new Map<string, ListLine>();
  for (const path of subscriptions) {
    if (matching.has(path)) {
      names.set(path, { path, attributes: [] });
      continue;
    }
    // The longest parent that matches: `%` stops there.
    for (const parent of parentsOf(path)) {
      if (!matching.has(parent)) continue;
      if (!names.has(parent)) names.set(parent, { path: parent, attributes: ['\\Noselect'] });
      break;
    }
  }
  return [...names.values()].sort((a, b) => comparePaths(a.path, b.path));
}

/** Mailboxes and, if it is asked for what is subscribed, names that are subscribed to without a mailbox; sorted. */
function candidatesOf(select: ListSelect, all: readonly MailboxInfo[], subscriptions: readonly string[]): Candidate[] {
  const candidates: Candidate[] = all.map((info) => ({ path: info.path, info, subscribed: info.subscribed }));
  if (!select.subscribed) return candidates;
  const existing = new Set(all.map((info) => info.path));
  const gone = subscriptions.filter((path) => !existing.has(path));
  if (gone.length === 0) return candidates;
  for (const path of gone) candidates.push({ path, info: undefined, subscribed: true });
  return candidates.sort((a, b) => comparePaths(a.path, b.path));
}

interface Descent {
  /** Names with a selected name below: they get CHILDINFO. Whether that one matches the pattern does not matter. */
  readonly any: ReadonlySet<string>;
  /** Those of them that have one which no pattern shows: reason enough to show even a name that has no mailbox. */
  readonly hidden: ReadonlySet<string>;
}

/** RFC 9051 6.3.9.1, RECURSIVEMATCH. */
function descentOf(selected: readonly Candidate[], matches: (path: string) => boolean): Descent {
  const any = ancestorsOf(selected.map((name) => name.path));
  const hidden = ancestorsOf(selected.filter((name) => !matches(name.path)).map((name) => name.path));
  return { any, hidden };
}

/** Adds the parents that are no candidates themselves. */
function withParents(candidates: readonly Candidate[], parents: ReadonlySet<string> | undefined): readonly Candidate[] {
  if (parents === undefined) return candidates;
  const known = new Set(candidates.map((name) => name.path));
  const added = [...parents].filter((path) => !known.has(path));
  if (added.length === 0) return candidates;
  const names = [...candidates, ...added.map((path) => ({ path, info: undefined, subscribed: false }))];
  return names.sort((a, b) => comparePaths(a.path, b.path));
}

function criteriaOf(select: ListSelect): string[] {
  const criteria: string[] = [];
  if (select.subscribed) criteria.push('SUBSCRIBED');
  if (select.specialUse) criteria.push('SPECIAL-USE');
  return criteria;
}

/** Every proper prefix of a path that ends before a delimiter, longest first. */
function* parentsOf(path: string): Generator<string> {
  for (let at = path.lastIndexOf(delimiter); at > 0; at = path.lastIndexOf(delimiter, at - 1)) yield path.slice(0, at);
}

function ancestorsOf(paths: readonly string[]): ReadonlySet<string> {
  const ancestors = new Set<string>();
  for (const path of paths) {
    for (const parent of parentsOf(path)) {
      if (ancestors.has(parent)) break;
      ancestors.add(parent);
    }
  }
  return ancestors;
}

/** INBOX and what is below it first. */
function comparePaths(a: string, b: string): number {
  const inboxFirst = Number(!isInbox(a)) - Number(!isInbox(b));
  return inboxFirst !== 0 ? inboxFirst : a < b ? -1 : a > b ? 1 : 0;
}

const isInbox = (path: string): boolean => path === 'INBOX' || path.startsWith(`INBOX${delimiter}`);

/** RFC 6154 2, RFC 8457; INBOX has no attribute of its own. */
function specialUse(role: MailboxRole | undefined): string | undefined {
  if (role === undefined || role === 'inbox') return undefined;
  return `\\${role[0]!.toUpperCase()}${role.slice(1)}`;
}
