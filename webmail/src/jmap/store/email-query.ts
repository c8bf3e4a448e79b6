/**
 * A list of messages as the server orders them (RFC 8621 4.4), of which only what is looked at is known: the page asks for
 * the slots around the window, the rest stays a number. It keeps up by `Email/queryChanges`, and shows what the reader did
 * before the server has confirmed it: rows that a change takes out are hidden, rows that an undo brings back are put in.
 *
 * On failure the last known list stays and `failure` says why it may be old.
 */
import type { EmailComparator } from '@vaguemestre/shared/jmap/email';
import type { GetResponse, QueryChangesResponse } from '@vaguemestre/shared/jmap/methods';
import type { Thread } from '@vaguemestre/shared/jmap/thread';
import type { Call, JmapClient } from '../client.js';
import { isAbort, isFailure, JmapFailure } from '../failure.js';
import type { EmailFilter } from './email-filter.js';
import { type EmailRow, rowProperties } from './email-row.js';
import { applyQueryChanges, type Slots } from './query-changes.js';
import { createSignal, type Watched, watched } from './signal.js';

export interface QuerySpec {
  readonly filter: EmailFilter | null;
  readonly sort: readonly EmailComparator[];
  readonly collapseThreads: boolean;
}

/** What a list is opened with before the server has spoken. */
export interface QueryHead {
  readonly ids: readonly string[];
  readonly total: number;
  readonly state: string;
}

export interface EmailQuery {
  readonly key: string;
  readonly spec: QuerySpec;
  /** Rows there are; undefined until it is known. Watched, as are the next three. */
  readonly total: number | undefined;
  idAt(index: number): string | undefined;
  indexOf(id: string): number;
  /** Known ids, in order, as shown. */
  ids(): readonly string[];
  readonly failure: Watched<JmapFailure | undefined>;
  /** The rows from `first` to before `last` are looked at, or will be in a moment. */
  show(first: number, last: number): void;
  /** What has changed since the last answer. */
  refresh(): Promise<void>;
  head(count: number): QueryHead | undefined;
  restore(head: QueryHead): void;
  /** Rows that leave at once, until `settle(token)`. */
  hide(token: object, ids: readonly string[]): void;
  /** Rows that come back at once, at the place they had. */
  insert(token: object, rows: readonly { readonly id: string; readonly index: number }[]): void;
  settle(token: object): void;
  /** Stays in the list although it no longer fits, until `release`: what one has just read does not vanish under one. */
  hold(id: string): void;
  release(): void;
}

export interface QueryContext {
  readonly client: JmapClient;
  readonly putRows: (rows: readonly EmailRow[], state: string) => void;
  readonly putThreads: (threads: readonly Thread[], state: string) => void;
  readonly hasRow: (id: string) => boolean;
}

/** Rows come in pages: a scroll of one row is no request. */
const pageRows = 40;
const maxChanges = 250;

export const keyOf = (spec: QuerySpec): string => JSON.stringify([spec.filter, spec.sort, spec.collapseThreads]);

export function createEmailQuery(spec: QuerySpec, context: QueryContext): EmailQuery {
  const { client } = context;
  const changed = createSignal();
  const failure = watched<JmapFailure | undefined>(undefined);
  const hidden = new Map<object, ReadonlySet<string>>();
  const inserted = new Map<object, readonly { readonly id: string; readonly index: number }[]>();
  const held = new Map<string, number>();
  const flights = new Map<AbortController, { readonly first: number; readonly last: number }>();
  let slots: (string | undefined)[] = [];
  let view: Slots = slots;
  let places: Map<string, number> | undefined;
  let state: string | undefined;
  let window = { first: 0, last: pageRows };

  function redraw(): void {
    const out = new Set([...hidden.values()].flatMap((ids) => [...ids]));
    const into = [...inserted.values()].flat().sort((a, b) => a.index - b.index);
    for (const { id } of into) out.add(id);
    let next: (string | undefined)[] = slots;
    if (out.size > 0) next = slots.filter((id) => id === undefined || !out.has(id));
    if (into.length > 0) {
      next = [...next];
      for (const { id, index } of into) next.splice(Math.min(index, next.length), 0, id);
    }
    for (const [id, index] of held) {
      if (next.includes(id)) continue;
      next = [...next];
      next.splice(Math.min(index, next.length), 0, id);
    }
    view = next;
    places = undefined;
    changed.bump();
  }

  function placeOf(id: string): number {
    if (places === undefined) {
      places = new Map();
      for (let index = 0; index < view.length; index++) {
        const one = view[index];
        if (one !== undefined) places.set(one, index);
      }
    }
    return places.get(id) ?? -1;
  }

  /** The rows of a query's or a change's ids, their conversations, and the rows of those: all in the same request. */
  function askRows(of: Call<unknown>, path: string, signal?: AbortSignal): Promise<void> {
    const options = { signal };
    const rows = client.call('Email/get', { '#ids': of.ref(path), properties: rowProperties }, options);
    const asked: Promise<void>[] = [rows.result.then((got) => putRows(got))];
    if (spec.collapseThreads) {
      const threads = client.call('Thread/get', { '#ids': rows.ref('/list/*/threadId') }, options);
      const others = client.call(
        'Email/get',
        { '#ids': threads.ref('/list/*/emailIds'), properties: rowProperties },
        options,
      );
      asked.push(threads.result.then((got) => context.putThreads(got.list, got.state)));
      // A page of very long conversations may be more than one /get may carry; the rows themselves are there.
      asked.push(
        others.result.then(
          (got) => putRows(got),
          (error: unknown) => {
            if (!isFailure(error, 'requestTooLarge')) throw error;
          },
        ),
      );
    }
    const all = Promise.all(asked).then(() => {});
    all.catch(() => {}); // whoever waits for it hears it; when the query itself failed, nobody does
    return all;
  }

  const putRows = (got: GetResponse<unknown>): void => context.putRows(got.list as readonly EmailRow[], got.state);

  async function load(first: number, last: number, anew = false): Promise<void> {
    const abort = new AbortController();
    flights.set(abort, { first, last });
    try {
      const query = client.call(
        'Email/query',
        { ...spec, position: first, limit: last - first, calculateTotal: true },
        { signal: abort.signal },
      );
      const rows = askRows(query, '/ids', abort.signal);
      const answer = await query.result;
      await rows;
      if (anew || (state !== undefined && answer.queryState !== state)) slots = [];
      state = answer.queryState;
      const total = answer.total ?? Math.max(slots.length, answer.position + answer.ids.length);
      if (slots.length !== total) slots = resized(slots, total);
      answer.ids.forEach((id, offset) => {
        slots[answer.position + offset] = id;
      });
      failure.value = undefined;
      redraw();
    } catch (error) {
      fail(error);
    } finally {
      flights.delete(abort);
    }
  }

  function fail(error: unknown): void {
    if (isAbort(error)) return;
    failure.value =
      error instanceof JmapFailure ? error : new JmapFailure('refused', 'clientFail', String((error as Error).message));
  }

  function isMissing(index: number): boolean {
    const id = slots[index];
    return id === undefined || !context.hasRow(id);
  }

  function loadMissing(): void {
    for (const [abort, flight] of flights) {
      // What has been scrolled past is not waited for.
      if (state !== undefined && (flight.last <= window.first || flight.first >= window.last)) abort.abort();
    }
    if (state === undefined) {
      if (flights.size === 0) void load(0, pageRows);
      return;
    }
    const end = Math.min(Math.ceil(window.last / pageRows) * pageRows, slots.length);
    let run: number | undefined;
    for (let page = Math.floor(window.first / pageRows) * pageRows; page < end; page += pageRows) {
      const last = Math.min(page + pageRows, slots.length);
      const wanted = !isUnderWay(page) && someMissing(page, last);
      if (wanted && run === undefined) run = page;
      if (!wanted && run !== undefined) {
        void load(run, page);
        run = undefined;
      }
    }
    if (run !== undefined) void load(run, end);
  }

  function isUnderWay(page: number): boolean {
    for (const [abort, flight] of flights) {
      if (!abort.signal.aborted && flight.first <= page && page < flight.last) return true;
    }
    return false;
  }

  function someMissing(first: number, last: number): boolean {
    for (let index = first; index < last; index++) if (isMissing(index)) return true;
    return false;
  }

  function reload(): Promise<void> {
    for (const abort of flights.keys()) abort.abort();
    const first = Math.floor(window.first / pageRows) * pageRows;
    return load(first, Math.max(first + pageRows, window.last), true);
  }

  function apply(changes: QueryChangesResponse): boolean {
    const next = applyQueryChanges(slots, changes);
    if (next === undefined) return false;
    for (const id of held.keys()) {
      const place = placeOf(id);
      if (place >= 0) held.set(id, place);
    }
    slots = next;
    state = changes.newQueryState;
    redraw();
    return true;
  }

  async function refresh(): Promise<void> {
    if (state === undefined) {
      if (flights.size === 0) await load(0, pageRows);
      return;
    }
    try {
      const call = client.call('Email/queryChanges', {
        ...spec,
        sinceQueryState: state,
        maxChanges,
        calculateTotal: true,
      });
      const rows = askRows(call, '/added/*/id');
      const changes = await call.result;
      await rows;
      if (changes.oldQueryState !== state) return; // overtaken by a load
      if (!apply(changes)) await reload();
      failure.value = undefined;
    } catch (error) {
      if (isFailure(error, 'cannotCalculateChanges', 'tooManyChanges')) return reload();
      fail(error);
    }
  }

  return {
    key: keyOf(spec),
    spec,
    failure,
    get total() {
      changed.track();
      return state === undefined ? undefined : view.length;
    },
    idAt(index) {
      changed.track();
      return view[index];
    },
    indexOf(id) {
      changed.track();
      return placeOf(id);
    },
    ids() {
      changed.track();
      return view.filter((id) => id !== undefined);
    },
    show(first, last) {
      window = { first: Math.max(0, first), last };
      loadMissing();
    },
    refresh,
    head(count) {
      if (state === undefined) return undefined;
      const until = slots.indexOf(undefined);
      const ids = slots.slice(0, until < 0 ? count : Math.min(count, until)) as string[];
      return { ids, total: slots.length, state };
    },
    restore(head) {
      if (state !== undefined) return;
      slots = resized(head.ids, head.total);
      state = head.state;
      redraw();
    },
    hide(token, ids) {
      hidden.set(token, new Set(ids));
      redraw();
    },
    insert(token, rows) {
      inserted.set(token, rows);
      redraw();
    },
    settle(token) {
      const any = hidden.delete(token);
      if (inserted.delete(token) || any) redraw();
    },
    hold(id) {
      const place = placeOf(id);
      if (place >= 0) held.set(id, place);
    },
    release() {
      if (held.size === 0) return;
      held.clear();
      redraw();
    },
  };
}

function resized(slots: Slots, total: number): (string | undefined)[] {
  const next = new Array<string | undefined>(total).fill(undefined);
  for (let index = 0; index < Math.min(total, slots.length); index++) next[index] = slots[index];
  return next;
}
