/**
 * What the reader wants to find again wherever they sign in, value by value: looks, labels. It lies on the server; this browser
 * keeps a copy, so that a page looks right before anybody has answered. A change shows at once, is told to the other tabs, and is
 * sent a moment later; what could not be sent is sent with the next change or at the next start.
 *
 * Without storage, without network, or before anybody is signed in, a choice lasts as long as the page.
 */
import { ask } from '../jmap/transport.js';
import { browserStorage } from '../vault/browser-storage.js';

type Values = Readonly<Record<string, unknown>>;

interface Kept {
  /** Whose they are; undefined on a page that is open to anybody. */
  readonly account?: string | undefined;
  readonly values: Values;
  /** Not yet on the server; null takes away. */
  readonly unsent: Values;
}

const storageKey = 'vaguemestre.settings';
const sendAfterMs = 600;
/** How long the first page of a browser waits for looks it has never seen. */
const firstMs = 1_500;

/** The other tabs of this browser. */
const others = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('vaguemestre.settings');

let kept = read();
let values = $state.raw<Values>(kept.values);
let account: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
let isKnown = kept.account !== undefined;
let tellKnown: () => void = () => {};
const known = new Promise<void>((resolve) => {
  tellKnown = resolve;
});

function read(): Kept {
  try {
    const { account, values, unsent } = JSON.parse(browserStorage.get(storageKey) ?? '{}') as Partial<Kept>;
    return { account, values: isValues(values) ? values : {}, unsent: isValues(unsent) ? unsent : {} };
  } catch {
    return { values: {}, unsent: {} };
  }
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null;
}

function merge(under: Values, over: Values): Values {
  return Object.fromEntries(Object.entries({ ...under, ...over }).filter(([, value]) => value !== null));
}

function keep(next: Kept): void {
  kept = next;
  show(next.values);
  browserStorage.set(storageKey, JSON.stringify(next));
  others?.postMessage(next);
}

function show(next: Values): void {
  values = next;
  for (const listener of listeners) listener();
}

/** What the server says goes under what it has not heard yet. */
function adopt(said: Values): void {
  keep({ account, values: merge(said, kept.unsent), unsent: kept.unsent });
}

async function send(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const { unsent } = kept;
  if (account === undefined || Object.keys(unsent).length === 0) return;
  try {
    const response = await ask('/api/settings', {
      method: 'PATCH',
      type: 'application/json',
      body: JSON.stringify(unsent),
    });
    const said = (await response.json()) as { readonly values: Values };
    // Not what was changed while it was on its way.
    const left = Object.entries(kept.unsent).filter(([key, value]) => unsent[key] !== value);
    kept = { ...kept, unsent: Object.fromEntries(left) };
    adopt(said.values);
  } catch {
    // It stays unsent.
  }
}

async function load(): Promise<void> {
  const response = await ask('/api/settings');
  const said = (await response.json()) as { readonly version: number; readonly values: Values };
  // Chosen on a page that is open to anybody, by somebody who had chosen nothing before.
  if (said.version === 0 && kept.account === undefined) kept = { ...kept, unsent: merge(kept.values, kept.unsent) };
  adopt(said.values);
  await send();
}

if (others)
  others.onmessage = ({ data }: MessageEvent<Kept>) => {
    if (data.account === undefined || data.account !== account) return;
    kept = data;
    browserStorage.set(storageKey, JSON.stringify(data));
    show(data.values);
  };

/** Changed on another computer meanwhile, or not sent for want of a network. */
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState !== 'visible') void send();
  else if (account !== undefined) void load().catch(() => {});
});

export const settings = {
  /** Watched. */
  get(key: string): unknown {
    return values[key];
  },
  /** Watched: all that begin so, without what they begin with. */
  under(prefix: string): readonly (readonly [name: string, value: unknown])[] {
    return Object.entries(values).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
    );
  },
  /** null takes a value away. */
  change(patch: Values): void {
    keep({ ...kept, values: merge(kept.values, patch), unsent: { ...kept.unsent, ...patch } });
    clearTimeout(timer);
    timer = setTimeout(() => void send(), sendAfterMs);
  },
  /** For what has to do more than look: called after each change, wherever it came from. */
  listen(listener: () => void): void {
    listeners.add(listener);
  },
  /** Asks the server, whose answer is about whoever `who` says. */
  async open(who: Promise<{ readonly account: string }>): Promise<void> {
    try {
      account = (await who).account;
      // Somebody else's, left behind in this browser: from here on what is chosen is this reader's.
      if (kept.account !== undefined && kept.account !== account) kept = { account, values: {}, unsent: {} };
      await load();
      isKnown = true;
    } catch {
      // What this browser keeps holds.
    } finally {
      tellKnown();
    }
  },
  /** Resolves when the page may be drawn: at once where this browser knows its reader. */
  async first(): Promise<void> {
    if (isKnown) return;
    await Promise.race([known, new Promise((resolve) => setTimeout(resolve, firstMs))]);
  },
};
