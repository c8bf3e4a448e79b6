/**
 * A change to everything in a view, loaded or not: the ids are asked for, then what each message is now (so that it can be
 * taken back exactly), then changed part by part, while a notice counts. The list is emptied of what leaves when it is done.
 */

import { capability } from '@vaguemestre/shared/jmap/core';
import { formatNumber } from '../i18n/format.js';
import { t } from '../i18n/text.svelte.js';
import type { EmailFilter } from '../jmap/store/email-filter.js';
import type { QuerySpec } from '../jmap/store/email-query.js';
import { type EmailChange, type EmailRow, inverseOf, patchOf, rowProperties } from '../jmap/store/email-row.js';
import { comparators } from '../model/view.js';
import type { Making } from './acts.svelte.js';
import { list } from './list.svelte.js';
import { mail } from './mail.svelte.js';
import { preferences } from './preferences.svelte.js';
import { toasts } from './toasts.svelte.js';

const pageIds = 5000;

async function everyId(spec: Pick<QuerySpec, 'filter' | 'sort'>): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await mail.store.client.call('Email/query', {
      filter: spec.filter,
      sort: spec.sort,
      position: ids.length,
      limit: pageIds,
    }).result;
    ids.push(...page.ids);
    // A server may give less than it was asked for; nothing at all is the end.
    if (page.ids.length === 0) return ids;
  }
}

export async function changeEverything(make: Making, say: (count: number) => string, icon: string): Promise<void> {
  try {
    // An undo still under way brings back rows that the server does not have in the view yet.
    await mail.store.settled();
    const ids = list.query === undefined ? [] : await everyId(list.query.spec);
    const inverse = await changeAll(ids, make);
    await mail.store.sync();
    toasts.say(say(ids.length), {
      icon,
      undo: () => void takeBack(inverse),
    });
  } catch {
    toasts.say(t.text.toasts.failed, { tone: 'trouble' });
  }
}

/** Everything that fits a filter, wherever it lies; the change that takes it back. */
export async function changeWhere(filter: EmailFilter, make: Making): Promise<ReadonlyMap<string, EmailChange>> {
  await mail.store.settled();
  return changeAll(await everyId({ filter, sort: comparators.newest }), make);
}

export async function takeBack(inverse: ReadonlyMap<string, EmailChange>): Promise<void> {
  try {
    await changeAll([...inverse.keys()], (row) => inverse.get(row.id));
    await mail.store.sync();
    toasts.say(t.text.undone, { forMs: 3000 });
  } catch {
    toasts.say(t.text.toasts.failed, { tone: 'trouble' });
  }
}

export async function changeAll(ids: readonly string[], make: Making): Promise<Map<string, EmailChange>> {
  const { client } = mail.store;
  const limits = client.session.capabilities[capability.core];
  const step = Math.max(1, Math.min(limits.maxObjectsInGet, limits.maxObjectsInSet, 500));
  const inverse = new Map<string, EmailChange>();
  const show = (count: number): string => formatNumber(preferences.language, count);
  const notice =
    ids.length > step ? toasts.say(t.text.toasts.working('0', show(ids.length)), { forMs: 600_000 }) : undefined;
  try {
    for (let first = 0; first < ids.length; first += step) {
      const part = ids.slice(first, first + step);
      const got = await client.call('Email/get', { ids: part, properties: rowProperties }).result;
      const update: Record<string, ReturnType<typeof patchOf>> = {};
      for (const row of got.list as readonly EmailRow[]) {
        const change = make(row);
        const back = change === undefined ? undefined : inverseOf(row, change);
        if (change === undefined || back === undefined) continue;
        update[row.id] = patchOf(change);
        inverse.set(row.id, back);
      }
      await client.call('Email/set', { update }, { repeatable: true }).result;
      if (notice !== undefined) {
        toasts.change(notice.id, t.text.toasts.working(show(Math.min(first + step, ids.length)), show(ids.length)));
      }
    }
  } finally {
    if (notice !== undefined) toasts.dismiss(notice.id);
  }
  return inverse;
}

/** For good: whatever lies in the trash or among junk, loaded or not. */
export async function emptyBox(role: 'trash' | 'junk'): Promise<void> {
  const box = mail.store.mailboxOf(role);
  if (box !== undefined) await destroyWhere({ inMailbox: box.id });
}

/** For good: all of the view, and nothing that its filter leaves out. */
export async function destroyEverything(): Promise<void> {
  const spec = list.query?.spec;
  if (spec !== undefined) await destroyWhere(spec.filter);
}

async function destroyWhere(filter: EmailFilter | null): Promise<void> {
  const { client } = mail.store;
  const limit = client.session.capabilities[capability.core].maxObjectsInSet;
  let count = 0;
  try {
    await mail.store.settled();
    for (;;) {
      const page = await client.call('Email/query', { filter, limit }).result;
      if (page.ids.length === 0) break;
      const answer = await client.call('Email/set', { destroy: page.ids }, { repeatable: true }).result;
      const gone = answer.destroyed?.length ?? 0;
      count += gone;
      if (gone === 0) break; // nothing of it can be deleted: asking again would never end
    }
    list.clear();
    toasts.say(t.text.toasts.destroyed(count), { icon: 'trash' });
  } catch {
    toasts.say(t.text.toasts.failed, { tone: 'trouble' });
  }
  await mail.refresh();
}
