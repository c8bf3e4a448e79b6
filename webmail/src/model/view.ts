/**
 * What the list shows, as the address bar says it: `/mail/inbox`, `/mail/folder:M12/T34?show=unread,files`, `/mail/search?q=...`.
 * Every view but what waits to be sent is one filter over all mail; the quick filters and the order are added to it.
 */
import type { EmailComparator } from '@vaguemestre/shared/jmap/email';
import { type Mailbox, type MailboxRole, mailboxRoles } from '@vaguemestre/shared/jmap/mailbox';
import type { EmailFilter } from '../jmap/store/email-filter.js';

export type View =
  | { readonly kind: 'role'; readonly role: MailboxRole }
  | { readonly kind: 'folder'; readonly id: string }
  | { readonly kind: 'label'; readonly keyword: string }
  | { readonly kind: 'flagged' }
  /** In the inbox, with an address of the reader in To: `<address>` is the whole of one to our server. */
  | { readonly kind: 'toMe' }
  | { readonly kind: 'all' }
  /** What was sent and has not left. */
  | { readonly kind: 'outbox' }
  /** An address that leads nowhere. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'search'; readonly text: string };

/** Those that are on hold together. */
export const quickFilters = ['unread', 'flagged', 'files', 'toMe'] as const;
export type QuickFilter = (typeof quickFilters)[number];

export const sortOrders = [
  'newest',
  'oldest',
  'unread',
  'flagged',
  'from',
  'to',
  'subject',
  'size',
  'smallest',
] as const;
export type SortOrder = (typeof sortOrders)[number];

export interface Place {
  readonly view: View;
  /** The conversation that is open. */
  readonly thread: string | undefined;
  /** In the order of `quickFilters`. */
  readonly show: readonly QuickFilter[];
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
    case 'toMe':
      return 'to-me';
    default:
      return view.kind;
  }
}

function viewOf(segment: string, query: URLSearchParams): View {
  if (segment === '') return inbox;
  if (segment === 'flagged' || segment === 'all' || segment === 'outbox') return { kind: segment };
  if (segment === 'to-me') return { kind: 'toMe' };
  if (segment === 'search') return { kind: 'search', text: query.get('q') ?? '' };
  const role = mailboxRoles.find((one) => one === segment);
  if (role !== undefined) return { kind: 'role', role };
  const [kind, name] = segment.split(':', 2);
  if (kind === 'folder' && name) return { kind, id: decoded(name) };
  if (kind === 'label' && name) return { kind, keyword: decoded(name) };
  return { kind: 'unknown' };
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
  if (place.show.length > 0) query.set('show', place.show.join());
  if (place.sort !== 'newest') query.set('sort', place.sort);
  const thread = place.thread === undefined ? '' : `/${encodeURIComponent(place.thread)}`;
  const more = query.size > 0 ? `?${query}` : '';
  return `/mail/${segmentOf(place.view)}${thread}${more}`;
}

export function placeOf(pathname: string, search: string): Place {
  const query = new URLSearchParams(search);
  const [, first, segment = '', thread] = pathname.split('/');
  return {
    view: first === 'mail' ? viewOf(segment, query) : first === '' ? inbox : { kind: 'unknown' },
    thread: first === 'mail' && thread ? decoded(thread) : undefined,
    show: quickFilters.filter((one) => (query.get('show') ?? '').split(',').includes(one)),
    sort: sortOrders.find((one) => one === query.get('sort')) ?? 'newest',
  };
}

export function sameView(a: View, b: View): boolean {
  return a.kind === b.kind && segmentOf(a) === segmentOf(b) && (a.kind !== 'search' || a.text === (b as typeof a).text);
}

/** The mailbox a view is of, if it is of one. */
export function mailboxOf(view: View, mailboxes: readonly Mailbox[]): Mailbox | undefined {
  if (view.kind === 'role') return mailboxes.find((box) => box.role === view.role);
  if (view.kind === 'toMe') return mailboxOf(inbox, mailboxes);
  if (view.kind === 'folder') return mailboxes.find((box) => box.id === view.id);
  return undefined;
}

/** Mail that was thrown away is not looked for unless it is asked for. */
export function outsideTrash(mailboxes: readonly Mailbox[]): EmailFilter {
  const ids = mailboxes.filter((box) => box.role === 'trash' || box.role === 'junk').map((box) => box.id);
  return ids.length > 0 ? { inMailboxOtherThan: ids } : {};
}

export interface FilterContext {
  readonly mailboxes: readonly Mailbox[];
  /** The reader's own addresses. */
  readonly me: readonly string[];
  /** Turns what was typed into a filter. */
  readonly search: (text: string) => EmailFilter;
}

function quick(show: QuickFilter, me: readonly string[]): EmailFilter {
  switch (show) {
    case 'unread':
      return { notKeyword: '$seen' };
    case 'flagged':
      return { hasKeyword: '$flagged' };
    case 'files':
      return { hasAttachment: true };
    case 'toMe':
      return { operator: 'OR', conditions: me.map((email) => ({ to: `<${email}>` })) };
  }
}

/** undefined: the view's mailbox is not there (not yet, or no longer), or it is no list of mail. */
export function filterOf(place: Pick<Place, 'view' | 'show'>, context: FilterContext): EmailFilter | undefined {
  const base = baseFilter(place.view, context);
  if (base === undefined || place.show.length === 0) return base;
  return { operator: 'AND', conditions: [base, ...place.show.map((one) => quick(one, context.me))] };
}

function baseFilter(view: View, { mailboxes, me, search }: FilterContext): EmailFilter | undefined {
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
    case 'toMe': {
      const box = mailboxOf(inbox, mailboxes);
      return box === undefined
        ? undefined
        : { operator: 'AND', conditions: [{ inMailbox: box.id }, quick('toMe', me)] };
    }
    case 'outbox':
    case 'unknown':
      return undefined;
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
  to: [{ property: 'to', isAscending: true }, newest],
  flagged: [{ property: 'hasKeyword', keyword: '$flagged', isAscending: false }, newest],
  subject: [{ property: 'subject', isAscending: true }, newest],
  size: [{ property: 'size', isAscending: false }, newest],
  smallest: [{ property: 'size', isAscending: true }, newest],
  unread: [{ property: 'hasKeyword', keyword: '$seen', isAscending: true }, newest],
};
