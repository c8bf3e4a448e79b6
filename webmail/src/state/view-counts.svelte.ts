/**
 * Numbers beside views that are no mailboxes: unread messages of each label and those to the reader, and what waits to be sent.
 * They are asked for in one request, a moment after anything changed, and only while somebody looks.
 */
import type { EmailSubmission } from '@vaguemestre/shared/jmap/submission';
import type { EmailFilter } from '../jmap/store/email-filter.js';
import { filterOf, pathOf, type View } from '../model/view.js';
import { labels } from './labels.svelte.js';
import { filterContext } from './list.svelte.js';
import { mail } from './mail.svelte.js';

const restMs = 700;
/** Of what was sent lately: what is older than these does not wait any more. */
const mostSubmissions = 200;
const mostCounted = 40;

let counts = $state.raw<ReadonlyMap<string, number>>(new Map());
let waiting = $state.raw<readonly EmailSubmission[]>([]);
let looked = $state(false);

const keyOf = (view: View): string => pathOf({ view, thread: undefined, show: [], sort: 'newest' });

async function count(view: View): Promise<readonly [string, number] | undefined> {
  const base: EmailFilter | undefined = filterOf({ view, show: ['unread'] }, filterContext());
  if (base === undefined) return undefined;
  const asked = mail.store.client.call('Email/query', { filter: base, limit: 1, calculateTotal: true });
  return [keyOf(view), (await asked.result).total ?? 0];
}

/** It has not left: held for its sender, or there is no way to somebody yet. */
export function isWaiting({ undoStatus, deliveryStatus }: EmailSubmission): boolean {
  if (undoStatus === 'canceled') return false;
  return (
    undoStatus === 'pending' || Object.values(deliveryStatus ?? {}).some(({ delivered }) => delivered === 'queued')
  );
}

async function lookAtOutbox(): Promise<void> {
  const { client } = mail.store;
  const sort = [{ property: 'sentAt', isAscending: false } as const];
  const found = client.call('EmailSubmission/query', { sort, limit: mostSubmissions });
  const { list } = await client.call('EmailSubmission/get', { '#ids': found.ref('/ids') }).result;
  waiting = list.filter(isWaiting).toSorted((a, b) => a.sendAt.localeCompare(b.sendAt));
  looked = true;
}

async function look(): Promise<void> {
  const views: readonly View[] = [
    { kind: 'toMe' },
    ...labels.all.slice(0, mostCounted).map(({ keyword }) => ({ kind: 'label', keyword }) as const),
  ];
  // Asked in one turn, so they travel together.
  const [found] = await Promise.all([Promise.allSettled(views.map(count)), lookAtOutbox().catch(() => {})]);
  counts = new Map(found.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : [])));
}

export const viewCounts = {
  of: (view: View): number => counts.get(keyOf(view)) ?? 0,
  /** What was sent and has not left, the next to leave first. */
  get waiting(): readonly EmailSubmission[] {
    return waiting;
  },
  /** It is known whether anything waits. */
  get isKnown(): boolean {
    return looked;
  },
  look,
  /** Called from an effect: runs again when mail or labels changed. */
  keepUp(): (() => void) | undefined {
    void [labels.all.length, mail.store.emails.all().length, mail.store.mailboxes.all()];
    if (mail.store.checking.value) return undefined;
    const timer = setTimeout(() => {
      if (document.visibilityState === 'visible') void look().catch(() => {});
    }, restMs);
    return () => clearTimeout(timer);
  },
};
