/**
 * What the list shows, as the address bar says it: `/mail/inbox`, `/mail/folder:M12/T34?show=unread`, `/mail/search?q=...`.
 * Every view is one filter over all mail; the quick filters and the order are added to it.
 */
import type { EmailComparator } from '@vaguemestre/shared/jmap/email';
import { type Mailbox, type MailboxRole, mailboxRoles } from '@vaguemestre/shared/jmap/mailbox';
import type { EmailFilter } from '../jmap/store/email-filter.js';

export type View =
  | { readonly kind: 'role'; readonly role: MailboxRole }
  | { readonly kind: 'folder'; readonly id: string }
  | { readonly kind: 'label'; readonly keyword: string }
  | { readonly kind: 'flagged' }
  | { readonly kind: 'all' }
  | { readonly kind: 'search'; readonly text: string };

export const quickFilters = ['all', 'unread', 'flagged', 'files'] as const;
export type QuickFilter = (typeof quickFilters)[number];

export const sortOrders = ['newest', 'oldest', 'from', 'subject', 'size', 'unread'] as const;
export type SortOrder = (typeof sortOrders)[number];

export interface Place {
  readonly view: View;
  /** The conversation that is open. */
  readonly thread: string | undefined;
  readonly show: QuickFilter;
  readonly sort: SortOrder;
}

export const inbox: View = { kind: 'role', role: 'inbox' };

function segmentOf(view: View): string {
  switch (view.kind) {
    case 'role':
      return view.role;
    case 'folder':
      return `folder:${encodeURIComponent(view.id)}`;
    case 'label':
      return `label:${encodeURIComponent(view.keyword)}`;
    default:
      return view.kind;
  }
}

function viewOf(segment: string, query: URLSearchParams): View {
  if (segment === 'flagged' || segment === 'all') return { kind: segment };
  if (segment === 'search') return { kind: 'search', text: query.get('q') ?? '' };
  const role = mailboxRoles.find((one) => one === segment);
  if (role !== undefined) return { kind: 'role', role };
  const [kind, name] = segment.split(':', 2);
  if (kind === 'folder' && name) return { kind, id: decoded(name) };
  if (kind === 'label' && name) return { kind, keyword: decoded(name) };
  return inbox;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // an address typed by hand
  }
}

export function pathOf(place: Place): string {
  const query = new URLSearchParams();
  if (place.view.kind === 'search') query.set('q', place.view.text);
  if (place.show !== 'all') query.set('show', place.show);
  if (place.sort !== 'newest') query.set('sort', place.sort);
  const thread = place.thread === undefined ? '' : `/${encodeURIComponent(place.thread)}`;
  const more = query.size > 0 ? `?${query}` : '';
  return `/mail/${segmentOf(place.view)}${thread}${more}`;
}

export function placeOf(pathname: string, search: string): Place {
  const query = new URLSearchParams(search);
  const [, first, segment = '', thread] = pathname.split('/');
  return {
    view: first === 'mail' ? viewOf(segment, query) : inbox,
    thread: first === 'mail' && thread ? decoded(thread) : undefined,
    show: quickFilters.find((one) => one === query.get('show')) ?? 'all',
    sort: sortOrders.find((one) => one === query.get('sort')) ?? 'newest',
  };
}

export function sameView(a: View, b: View): boolean {
  return a.kind === b.kind && segmentOf(a) === segmentOf(b) && (a.kind !== 'search' || a.text === (b as typeof a).text);
}

/** The mailbox a view is of, if it is of one. */
export function mailboxOf(view: View, mailboxes: readonly Mailbox[]): Mailbox | undefined {
  if (view.kind === 'role') return mailboxes.find((box) => box.role === view.role);
  if (view.kind === 'folder') return mailboxes.find((box) => box.id === view.id);
  return undefined;
}

/** Mail that was thrown away is not looked for unless it is asked for. */
export function outsideTrash(mailboxes: readonly Mailbox[]): EmailFilter {
  const ids = mailboxes.filter((box) => box.role === 'trash' || box.role === 'junk').map((box) => box.id);
  return ids.length > 0 ? { inMailboxOtherThan: ids } : {};
}

const quick: Readonly<Record<QuickFilter, EmailFilter | undefined>> = {
  all: undefined,
  unread: { notKeyword: '$seen' },
  flagged: { hasKeyword: '$flagged' },
  files: { hasAttachment: true },
};

/** undefined: the view's mailbox is not there (not yet, or no longer). `search` turns what was typed into a filter. */
export function filterOf(
  place: Pick<Place, 'view' | 'show'>,
  mailboxes: readonly Mailbox[],
  search: (text: string) => EmailFilter,
): EmailFilter | undefined {
  const base = baseFilter(place.view, mailboxes, search);
  const narrow = quick[place.show];
  if (base === undefined || narrow === undefined) return base;
  return { operator: 'AND', conditions: [base, narrow] };
}

function baseFilter(
  view: View,
  mailboxes: readonly Mailbox[],
  search: (text: string) => EmailFilter,
): EmailFilter | undefined {
  switch (view.kind) {
    case 'role':
    case 'folder': {
      const box = mailboxOf(view, mailboxes);
      return box === undefined ? undefined : { inMailbox: box.id };
    }
    case 'flagged':
      return { operator: 'AND', conditions: [{ hasKeyword: '$flagged' }, outsideTrash(mailboxes)] };
    case 'label':
      return { operator: 'AND', conditions: [{ hasKeyword: view.keyword }, outsideTrash(mailboxes)] };
    case 'all':
      return outsideTrash(mailboxes);
    case 'search':
      return search(view.text);
  }
}

const newest: EmailComparator = { property: 'receivedAt', isAscending: false };

export const comparators: Readonly<Record<SortOrder, readonly EmailComparator[]>> = {
  newest: [newest],
  oldest: [{ property: 'receivedAt', isAscending: true }],
  from: [{ property: 'from', isAscending: true }, newest],
  subject: [{ property: 'subject', isAscending: true }, newest],
  size: [{ property: 'size', isAscending: false }, newest],
  unread: [{ property: 'hasKeyword', keyword: '$seen', isAscending: true }, newest],
};
