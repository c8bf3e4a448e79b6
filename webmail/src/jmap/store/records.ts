/**
 * The objects of one type that the page knows, as the server told them and as they look to the reader. A change the reader
 * made shows at once as an *overlay* on the record; it goes when the server has confirmed or refused it, and what the
 * server says meanwhile goes under it. So nothing flickers and nothing comes back from the dead.
 */
import { SvelteMap } from 'svelte/reactivity';
import { createSignal } from './signal.js';

export interface Records<T extends { readonly id: string }> {
  /** As the reader sees it. Watched. */
  get(id: string): T | undefined;
  has(id: string): boolean;
  /** All, as the reader sees them. Watched as a whole. */
  all(): readonly T[];
  /** As the server told it, without what the reader did and it has not confirmed. */
  known(id: string): T | undefined;
  allKnown(): readonly T[];
  /** What the server said: properties that did not come stay as they were. */
  put(list: readonly (Partial<T> & { readonly id: string })[]): void;
  drop(ids: Iterable<string>): void;
  /** Lays a change over a record until `settle` is called with the same token. */
  overlay(token: object, id: string, change: (record: T) => T): void;
  settle(token: object): void;
  clear(): void;
}

export interface RecordOptions {
  /** Beyond this the ones put longest ago are forgotten, unless `pinned` says that they are in use. */
  readonly limit?: number;
  readonly pinned?: () => ReadonlySet<string>;
}

export function createRecords<T extends { readonly id: string }>(options: RecordOptions = {}): Records<T> {
  const base = new Map<string, T>();
  const shown = new SvelteMap<string, T>();
  const overlays = new Map<string, Map<object, (record: T) => T>>();
  const touched = new Map<object, Set<string>>();
  const whole = createSignal();
  const limit = options.limit ?? Number.POSITIVE_INFINITY;

  function show(id: string): void {
    let record = base.get(id);
    if (record === undefined) {
      shown.delete(id);
      return;
    }
    for (const change of overlays.get(id)?.values() ?? []) record = change(record);
    shown.set(id, record);
  }

  function forgetSome(): void {
    const pinned = options.pinned?.() ?? new Set<string>();
    let surplus = base.size - Math.floor(limit * 0.8);
    for (const id of base.keys()) {
      if (surplus <= 0) return;
      if (pinned.has(id) || overlays.has(id)) continue;
      base.delete(id);
      shown.delete(id);
      surplus--;
    }
  }

  return {
    get: (id) => shown.get(id),
    has: (id) => base.has(id),
    all() {
      whole.track();
      return [...base.keys()].map((id) => shown.get(id)).filter((record) => record !== undefined);
    },
    known: (id) => base.get(id),
    allKnown: () => [...base.values()],
    put(list) {
      for (const news of list) {
        const old = base.get(news.id);
        base.delete(news.id); // to the end: most recently put
        base.set(news.id, old === undefined ? (news as T) : { ...old, ...news });
        show(news.id);
      }
      if (base.size > limit) forgetSome();
      if (list.length > 0) whole.bump();
    },
    drop(ids) {
      let any = false;
      for (const id of ids) any = (base.delete(id) && shown.delete(id)) || any;
      if (any) whole.bump();
    },
    overlay(token, id, change) {
      const own = overlays.get(id) ?? new Map<object, (record: T) => T>();
      const earlier = own.get(token);
      own.set(token, earlier === undefined ? change : (record) => change(earlier(record)));
      overlays.set(id, own);
      touched.set(token, (touched.get(token) ?? new Set()).add(id));
      show(id);
      whole.bump();
    },
    settle(token) {
      for (const id of touched.get(token) ?? []) {
        const own = overlays.get(id);
        own?.delete(token);
        if (own?.size === 0) overlays.delete(id);
        show(id);
      }
      if (touched.delete(token)) whole.bump();
    },
    clear() {
      for (const map of [base, shown, overlays, touched]) map.clear();
      whole.bump();
    },
  };
}
