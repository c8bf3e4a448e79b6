/**
 * The list that is open: which rows it has, which one the keyboard is on, which ones are chosen. The view that draws it and
 * the commands that act on it both look here.
 */
import { untrack } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import type { EmailFilter } from '../jmap/store/email-filter.js';
import type { EmailQuery } from '../jmap/store/email-query.js';
import type { EmailRow } from '../jmap/store/email-row.js';
import { type SearchNames, searchFilter } from '../model/search-filter.js';
import { comparators, type FilterContext, filterOf, mailboxOf } from '../model/view.js';
import { clock } from './clock.svelte.js';
import { labels } from './labels.svelte.js';
import { mail } from './mail.svelte.js';
import { preferences } from './preferences.svelte.js';
import { route } from './route.svelte.js';
import { boxName } from './view-name.js';
import { writing } from './writing.svelte.js';

/** Drafts are opened one by one: an answer that was begun is not hidden in what it answers. */
function collapses(): boolean {
  const { view } = route.place;
  return preferences.conversations && !(view.kind === 'role' && view.role === 'drafts');
}

/** What was typed, as a filter. The hour counts for `newer:7d` when the search is opened, and not as time goes by. */
export const searchIn = (text: string): EmailFilter => searchFilter(text, searchNames());

/** What names in a search stand for. */
export function searchNames(): SearchNames {
  const now = untrack(() => clock.now);
  return { mailboxes: mail.store.mailboxes.all(), labels: labels.all, nameOf: boxName, now };
}

export function filterContext(): FilterContext {
  return { mailboxes: mail.store.mailboxes.all(), me: mail.addresses, search: searchIn };
}

const filter = $derived.by((): EmailFilter | undefined => {
  if (!mail.isOpen) return undefined;
  return filterOf(route.place, filterContext());
});
/** By value: that a number beside a mailbox changed is not another list. */
const filterKey = $derived(filter === undefined ? undefined : JSON.stringify(filter));
const query = $derived.by((): EmailQuery | undefined => {
  if (filterKey === undefined) return undefined;
  const sort = comparators[route.place.sort];
  const spec = { filter: JSON.parse(filterKey), sort, collapseThreads: collapses() };
  return untrack(() => mail.store.query(spec));
});

const chosen = new SvelteSet<string>();
let everything = $state(false);
let cursor = $state<string>();
let anchor: string | undefined;
/** Where the keyboard has gone, while the row there is not loaded. */
let wanted = $state<number>();

export const list = {
  get query(): EmailQuery | undefined {
    return query;
  },
  get collapsed(): boolean {
    return query?.spec.collapseThreads ?? false;
  },
  /** The row the keyboard is on. */
  get cursor(): string | undefined {
    return cursor;
  },
  set cursor(id: string | undefined) {
    cursor = id;
    wanted = undefined;
  },
  /** -1 when it is on none. */
  get cursorIndex(): number {
    return wanted ?? (cursor === undefined ? -1 : (query?.indexOf(cursor) ?? -1));
  },
  /** Puts the keyboard on the row it was waiting for, once that is there; then says which. */
  arrive(): string | undefined {
    const id = wanted === undefined ? undefined : query?.idAt(wanted);
    if (id === undefined || !mail.store.emails.has(id)) return undefined;
    untrack(() => {
      list.cursor = id;
    });
    return id;
  },
  get chosen(): ReadonlySet<string> {
    return chosen;
  },
  /** All of the view are chosen, loaded or not. */
  get everything(): boolean {
    return everything;
  },
  get chosenCount(): number {
    return everything ? (query?.total ?? chosen.size) : chosen.size;
  },
  isChosen: (id: string): boolean => everything || chosen.has(id),
  clear(): void {
    chosen.clear();
    everything = false;
    anchor = undefined;
  },
  takeAll(): void {
    everything = true;
  },
  toggle(id: string): void {
    if (everything) {
      // All but one: what is loaded becomes the choice, without it.
      everything = false;
      for (const one of query?.ids() ?? []) chosen.add(one);
    }
    if (!chosen.delete(id)) chosen.add(id);
    anchor = id;
  },
  /** From where the last choice was made to here. Rows that are not loaded are not in it. */
  extendTo(id: string): void {
    const from = query?.indexOf(anchor ?? cursor ?? id) ?? -1;
    const to = query?.indexOf(id) ?? -1;
    if (to < 0) return;
    const first = Math.min(from < 0 ? to : from, to);
    const last = Math.max(from, to);
    anchor ??= cursor ?? id;
    for (let index = first; index <= last; index++) {
      const one = query?.idAt(index);
      if (one !== undefined) chosen.add(one);
    }
  },
  /** Rows that an act is about: the chosen ones, else the open conversation's, else the one under the keyboard. */
  get targets(): readonly string[] {
    if (chosen.size > 0) return [...chosen].filter((id) => mail.store.emails.has(id));
    const open = list.openRow;
    if (open !== undefined) return [open];
    return cursor !== undefined && mail.store.emails.has(cursor) ? [cursor] : [];
  },
  /** The row of the open conversation, if it is in this list. */
  get openRow(): string | undefined {
    const thread = route.place.thread;
    if (thread === undefined || !mail.isOpen) return undefined;
    if (cursor !== undefined && mail.store.emails.get(cursor)?.threadId === thread) return cursor;
    return query?.ids().find((id) => mail.store.emails.get(id)?.threadId === thread);
  },
  /** The messages a row stands for: its conversation where rows are conversations, but only what lies in this view. */
  messagesOf(id: string): readonly EmailRow[] {
    const row = mail.store.emails.get(id);
    if (row === undefined) return [];
    if (!list.collapsed) return [row];
    const thread = mail.store.threads.get(row.threadId);
    const rows = (thread?.emailIds ?? [id]).map((one) => mail.store.emails.get(one)).filter((one) => one !== undefined);
    const box = mailboxOf(route.place.view, mail.store.mailboxes.all());
    const inside = box === undefined ? rows : rows.filter((one) => one.mailboxIds[box.id] === true);
    return inside.some((one) => one.id === id) ? inside : [...inside, row];
  },
  /** The whole conversation of a row, oldest first, wherever its messages lie. */
  conversationOf(id: string): readonly EmailRow[] {
    const row = mail.store.emails.get(id);
    if (row === undefined || !list.collapsed) return row === undefined ? [] : [row];
    const thread = mail.store.threads.get(row.threadId);
    const rows = (thread?.emailIds ?? []).map((one) => mail.store.emails.get(one)).filter((one) => one !== undefined);
    return rows.length > 0 ? rows : [row];
  },
  /** undefined when the row is not loaded: the keyboard is there all the same, and `arrive` will say. */
  move(by: number): string | undefined {
    const total = query?.total ?? 0;
    if (query === undefined || total === 0) return undefined;
    const at = list.cursorIndex;
    // From nowhere one step goes to the near end; a leap goes where it leaps to.
    const from = at >= 0 ? at : by > 0 ? -1 : total;
    const to = Math.max(0, Math.min(total - 1, from + by));
    const id = query.idAt(to);
    if (id === undefined) wanted = to;
    else list.cursor = id;
    return id;
  },
  open(id: string, options: { replace?: boolean } = {}): void {
    const row = mail.store.emails.get(id);
    if (row === undefined) return;
    cursor = id;
    anchor = id;
    // A draft is gone on with rather than read.
    if (row.keywords['$draft'] === true && !list.collapsed) {
      writing.resume(row.id);
      return;
    }
    route.go({ thread: row.threadId }, options);
  },
};
