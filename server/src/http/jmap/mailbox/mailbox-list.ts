/** Which mailboxes a query finds, and in which order (RFC 8621 2.3). */
import { type MailboxFilterCondition, mailboxRoles } from '@vaguemestre/shared/jmap/mailbox';
import type { MethodContext } from '../method.js';
import type { ArgumentReader } from '../standard/arguments.js';
import { type ConditionTypes, matchesFilter, type ParsedFilter, parseFilter } from '../standard/filter.js';
import { compareBy, type ParsedComparator, readSort } from '../standard/sort.js';
import { type NamedMailbox, namedMailboxes } from './mailbox-object.js';

const isString = (value: unknown): boolean => typeof value === 'string';
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';

const conditionTypes: ConditionTypes = {
  parentId: (value) => value === null || isString(value),
  name: isString,
  role: (value) => value === null || isString(value),
  hasAnyRole: isBoolean,
  isSubscribed: isBoolean,
} satisfies Record<keyof MailboxFilterCondition, (value: unknown) => boolean>;

export interface MailboxQuery {
  readonly filter: ParsedFilter<MailboxFilterCondition> | undefined;
  readonly sort: readonly ParsedComparator[];
  readonly sortAsTree: boolean;
  readonly filterAsTree: boolean;
}

/** Nothing asked for: as people see them. */
const usualSort: readonly ParsedComparator[] = [
  { property: 'sortOrder', isAscending: true },
  { property: 'name', isAscending: true },
];

export function readMailboxQuery(args: ArgumentReader): MailboxQuery {
  const sort = readSort(args, ['sortOrder', 'name']);
  return {
    filter: parseFilter<MailboxFilterCondition>(args.raw('filter'), conditionTypes),
    sort: sort.length > 0 ? sort : usualSort,
    sortAsTree: args.boolean('sortAsTree', false),
    filterAsTree: args.boolean('filterAsTree', false),
  };
}

export function listMailboxes(query: MailboxQuery, { account, signedIn }: MethodContext): readonly string[] {
  const compare = comparison(query.sort, signedIn.principal.lang);
  const matches = matcher(query.filter);
  const all = namedMailboxes(account);
  if (!query.sortAsTree && !query.filterAsTree) {
    return all
      .filter(matches)
      .sort(compare)
      .map(({ id }) => id);
  }
  const found = walk(all, compare, matches, query.filterAsTree);
  // The walk goes by tree: that is the order only if it was asked for.
  return (query.sortAsTree ? found : found.sort(compare)).map(({ id }) => id);
}

/** RFC 8621 2.3: parents before children, siblings by the comparators; `filterAsTree` leaves out all below what is left out. */
function walk(
  all: readonly NamedMailbox[],
  compare: (a: NamedMailbox, b: NamedMailbox) => number,
  matches: (mailbox: NamedMailbox) => boolean,
  filterAsTree: boolean,
): NamedMailbox[] {
  const children = childrenOf(all);
  const found: NamedMailbox[] = [];
  const open = [...(children.get(null) ?? [])].sort(compare).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const included = matches(next);
    if (included) found.push(next);
    if (included || !filterAsTree) open.push(...[...(children.get(next.id) ?? [])].sort(compare).reverse());
  }
  return found;
}

function childrenOf(all: readonly NamedMailbox[]): ReadonlyMap<string | null, readonly NamedMailbox[]> {
  const children = new Map<string | null, NamedMailbox[]>();
  for (const mailbox of all) {
    const siblings = children.get(mailbox.parentId);
    if (siblings === undefined) children.set(mailbox.parentId, [mailbox]);
    else siblings.push(mailbox);
  }
  return children;
}

/** `ids` and everything below them, as the tree is now. */
export function withDescendants(ids: Iterable<string>, context: MethodContext): ReadonlySet<string> {
  const children = childrenOf(namedMailboxes(context.account));
  const all = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (all.has(id)) continue;
    all.add(id);
    for (const child of children.get(id) ?? []) open.push(child.id);
  }
  return all;
}

const collators = { fr: new Intl.Collator('fr'), en: new Intl.Collator('en') } as const;

function comparison(
  sort: readonly ParsedComparator[],
  lang: 'fr' | 'en',
): (a: NamedMailbox, b: NamedMailbox) => number {
  const collator = collators[lang];
  const byProperties = compareBy<NamedMailbox>(sort, (property, a, b) =>
    property === 'name' ? collator.compare(a.name, b.name) : a.sortOrder - b.sortOrder,
  );
  // RFC 8620 5.5: stable; by what never changes.
  return (a, b) => byProperties(a, b) || (a.id < b.id ? -1 : 1);
}

function matcher(filter: ParsedFilter<MailboxFilterCondition> | undefined): (mailbox: NamedMailbox) => boolean {
  return (mailbox) => matchesFilter(filter, (condition) => matchesCondition(mailbox, condition));
}

function matchesCondition(mailbox: NamedMailbox, condition: MailboxFilterCondition): boolean {
  const { parentId, name, role, hasAnyRole, isSubscribed } = condition;
  return (
    (parentId === undefined || mailbox.parentId === parentId) &&
    (name === undefined || folded(mailbox.name).includes(folded(name))) &&
    (role === undefined || mailbox.role === role) &&
    (hasAnyRole === undefined || (mailbox.role !== null) === hasAnyRole) &&
    (isSubscribed === undefined || mailbox.isSubscribed === isSubscribed)
  );
}

const folded = (text: string): string => text.normalize('NFC').toLowerCase();

export const isRole = (value: unknown): boolean => (mailboxRoles as readonly unknown[]).includes(value);
