/**
 * What the reader does to messages: shown at once, sent at once, taken back by the inverse change. While the server has
 * not answered, records and lists carry the change as an overlay; the overlay goes when the answer and what it changed
 * elsewhere (counts, lists) have arrived in the same request, so that nothing jumps in between.
 *
 * On failure: what the server refused looks again as it was, and `done` says which. When nobody answers the change stays
 * shown and is sent again until somebody does: the patches say how it shall be, so twice is once.
 */

import { capability } from '@vaguemestre/shared/jmap/core';
import type { SetError } from '@vaguemestre/shared/jmap/errors';
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import type { JmapClient } from '../client.js';
import { JmapFailure } from '../failure.js';
import { matches } from './email-filter.js';
import type { EmailQuery } from './email-query.js';
import {
  applyChange,
  type EmailChange,
  type EmailChanges,
  type EmailRow,
  inverseOf,
  isUnread,
  patchOf,
} from './email-row.js';
import { stillMeant } from './late-changes.js';
import type { Records } from './records.js';
import { type Watched, watched } from './signal.js';

export interface Outcome {
  readonly changed: readonly string[];
  readonly refused: ReadonlyMap<string, SetError>;
}

export interface Done {
  readonly outcome: Promise<Outcome>;
  /** What takes it back; empty when nothing changed. */
  readonly inverse: EmailChanges;
}

export interface EmailChanger {
  change(changes: EmailChanges): Done;
  /** What an earlier page could not send: shown now, and sent as far as nobody has done otherwise meanwhile. */
  resume(changes: EmailChanges): Promise<Outcome>;
  /** For good. The rows leave at once. */
  destroy(ids: readonly string[]): Promise<Outcome>;
  /** Resolves when the server has answered every change made before: what asks it for a whole view then gets the view that is shown. */
  settled(): Promise<void>;
  /** Changes that wait for the network. */
  readonly waiting: Watched<number>;
}

export interface ChangeContext {
  readonly client: JmapClient;
  readonly emails: Records<EmailRow>;
  readonly mailboxes: Records<Mailbox>;
  readonly lists: () => Iterable<EmailQuery>;
  readonly sync: () => Promise<void>;
  /** Resolves when it is worth asking again. */
  readonly untilOnline: (atMostMs: number) => Promise<void>;
  /** Keeps a change until it is answered: what comes back is called then. */
  readonly hold?: ((changes: EmailChanges) => () => void) | undefined;
}

const askAgainMs = 5000;

export function createEmailChanges(context: ChangeContext): EmailChanger {
  const { client, emails, mailboxes } = context;
  const maxObjects = client.session.capabilities[capability.core].maxObjectsInSet;
  const waiting = watched(0);
  const underWay = new Set<Promise<Outcome>>();
  /** The newest change of each message that is not answered yet. */
  const newest = new Map<string, Promise<Outcome>>();
  /** Where a row was when it left a list: that is where an undo brings it back to. */
  const lastPlaces = new WeakMap<EmailQuery, Map<string, number>>();

  function overlay(token: object, changes: EmailChanges): void {
    const before = [...changes.keys()].map((id) => emails.get(id)).filter((row) => row !== undefined);
    for (const [id, change] of changes) {
      if (emails.has(id)) emails.overlay(token, id, (row) => applyChange(row, change));
    }
    for (const [id, delta] of countDeltas(before, changes)) {
      const box = mailboxes.get(id);
      if (box === undefined) continue;
      // Numbers as they will be, not by how much: when the server's own arrive below, nothing is counted twice.
      const totalEmails = Math.max(0, box.totalEmails + delta.total);
      const unreadEmails = Math.max(0, box.unreadEmails + delta.unread);
      mailboxes.overlay(token, id, (one) => ({ ...one, totalEmails, unreadEmails }));
    }
    for (const list of context.lists()) moveInList(token, list, before);
  }

  function moveInList(token: object, list: EmailQuery, before: readonly EmailRow[]): void {
    const leaving: string[] = [];
    const coming: { id: string; index: number }[] = [];
    const places = lastPlaces.get(list) ?? new Map<string, number>();
    lastPlaces.set(list, places);
    for (const old of before) {
      const row = emails.get(old.id);
      if (row === undefined) continue;
      const index = list.indexOf(old.id);
      const fits = matches(row, list.spec.filter);
      if (index >= 0 && fits === false && isMoved(old, row)) {
        leaving.push(old.id);
        places.set(old.id, index);
      } else if (index < 0 && fits !== false) {
        const place = places.get(old.id);
        if (place !== undefined) coming.push({ id: old.id, index: place });
      } else if (index >= 0 && fits === false) {
        list.hold(old.id);
      }
    }
    if (leaving.length > 0) list.hide(token, leaving);
    if (coming.length > 0) list.insert(token, coming);
  }

  function settle(token: object): void {
    emails.settle(token);
    mailboxes.settle(token);
    for (const list of context.lists()) list.settle(token);
  }

  async function send(update: EmailChanges): Promise<Outcome> {
    const entries = [...update];
    const refused = new Map<string, SetError>();
    for (let first = 0; first < entries.length; first += maxObjects) {
      const part = Object.fromEntries(
        entries.slice(first, first + maxObjects).map(([id, change]) => [id, patchOf(change)]),
      );
      const answer = await client.call('Email/set', { update: part }, { repeatable: true }).result;
      for (const [id, error] of Object.entries(answer.notUpdated ?? {})) refused.set(id, error);
    }
    return { changed: entries.map(([id]) => id).filter((id) => !refused.has(id)), refused };
  }

  async function sendMeant(update: EmailChanges): Promise<Outcome> {
    const ids = [...update.keys()];
    const now = new Map<string, Readonly<Record<string, boolean>>>();
    for (let first = 0; first < ids.length; first += maxObjects) {
      const part = ids.slice(first, first + maxObjects);
      const { list } = await client.call('Email/get', { ids: part, properties: ['id', 'mailboxIds'] }).result;
      for (const one of list) now.set(one.id, one.mailboxIds ?? {});
    }
    return send(stillMeant(update, now));
  }

  async function untilHeard(attempt: () => Promise<Outcome>): Promise<Outcome> {
    let counted = false;
    try {
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          if (!(error instanceof JmapFailure) || (error.kind !== 'offline' && error.kind !== 'busy')) throw error;
          if (!counted) waiting.value += 1;
          counted = true;
          await context.untilOnline(askAgainMs);
        }
      }
    } finally {
      if (counted) waiting.value -= 1;
    }
  }

  /**
   * Changes of one message go one after the other: two requests may overtake each other on the way, and a change that
   * arrives after its own undo would stay.
   */
  function carry(token: object, ids: readonly string[], what: () => Promise<Outcome>): Promise<Outcome> {
    const earlier = new Set(ids.map((id) => newest.get(id)).filter((one) => one !== undefined));
    const carried = carryOut(token, earlier, what).finally(() => {
      underWay.delete(carried);
      for (const id of ids) if (newest.get(id) === carried) newest.delete(id);
    });
    underWay.add(carried);
    for (const id of ids) newest.set(id, carried);
    return carried;
  }

  async function carryOut(
    token: object,
    earlier: ReadonlySet<Promise<Outcome>>,
    what: () => Promise<Outcome>,
  ): Promise<Outcome> {
    try {
      if (earlier.size > 0) await Promise.allSettled(earlier);
      const outcome = what();
      // In the same request when it is short: the answer then brings the counts and lists as they are after it.
      const synced = context.sync().catch(() => {});
      const result = await outcome;
      await synced;
      return result;
    } finally {
      settle(token);
    }
  }

  return {
    waiting,
    async settled() {
      await Promise.allSettled([...underWay]);
    },
    change(changes) {
      const effective = new Map<string, EmailChange>();
      const inverse = new Map<string, EmailChange>();
      for (const [id, change] of changes) {
        const row = emails.get(id);
        const back = row === undefined ? undefined : inverseOf(row, change);
        if (row !== undefined && back === undefined) continue;
        effective.set(id, change);
        if (back !== undefined) inverse.set(id, back);
      }
      if (effective.size === 0) return { outcome: Promise.resolve({ changed: [], refused: new Map() }), inverse };
      const token = {};
      overlay(token, effective);
      const answered = context.hold?.(effective);
      const outcome = carry(token, [...effective.keys()], () => untilHeard(() => send(effective)).finally(answered));
      return { outcome, inverse };
    },
    resume(changes) {
      const token = {};
      overlay(token, changes);
      return carry(token, [...changes.keys()], () => untilHeard(() => sendMeant(changes)));
    },
    destroy(ids) {
      const token = {};
      for (const list of context.lists()) list.hide(token, ids);
      return carry(token, ids, async () => {
        const refused = new Map<string, SetError>();
        for (let first = 0; first < ids.length; first += maxObjects) {
          const part = ids.slice(first, first + maxObjects);
          const answer = await client.call('Email/set', { destroy: part }, { repeatable: true }).result;
          for (const [id, error] of Object.entries(answer.notDestroyed ?? {})) {
            if (error.type !== 'notFound') refused.set(id, error); // gone is gone
          }
        }
        return { changed: ids.filter((id) => !refused.has(id)), refused };
      });
    },
  };
}

function isMoved(before: EmailRow, after: EmailRow): boolean {
  const old = Object.keys(before.mailboxIds);
  return old.length !== Object.keys(after.mailboxIds).length || old.some((id) => after.mailboxIds[id] !== true);
}

interface Delta {
  total: number;
  unread: number;
}

/** What a change does to the numbers beside the mailboxes. */
export function countDeltas(before: readonly EmailRow[], changes: EmailChanges): Map<string, Delta> {
  const deltas = new Map<string, Delta>();
  const add = (row: EmailRow, sign: 1 | -1): void => {
    for (const id of Object.keys(row.mailboxIds)) {
      const delta = deltas.get(id) ?? { total: 0, unread: 0 };
      delta.total += sign;
      if (isUnread(row)) delta.unread += sign;
      deltas.set(id, delta);
    }
  };
  for (const row of before) {
    const change = changes.get(row.id);
    if (change === undefined) continue;
    add(row, -1);
    add(applyChange(row, change), 1);
  }
  for (const [id, delta] of deltas) if (delta.total === 0 && delta.unread === 0) deltas.delete(id);
  return deltas;
}

export function untilOnline(atMostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, atMostMs);
    function done(): void {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      resolve();
    }
    window.addEventListener('online', done);
  });
}
