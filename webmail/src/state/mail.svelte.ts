/**
 * The reader's mail on this page: opened once, kept up by push, closed with the page. What stands here is the state of the
 * connection; the mail itself is in the store.
 */
import { type MailCache, openCache } from '../jmap/cache.js';
import { createClient } from '../jmap/client.js';
import { JmapFailure } from '../jmap/failure.js';
import { watchChanges } from '../jmap/push.js';
import { createMailStore, type MailStore } from '../jmap/store/mail-store.js';
import { ask, openSession, postTo } from '../jmap/transport.js';
import { reader } from './reader.svelte.js';
import { settings } from './settings.svelte.js';

export type Connection = 'opening' | 'open' | 'offline' | 'signedOut' | 'failed';

let store = $state.raw<MailStore>();
let connection = $state<Connection>('opening');
let standing = $state(true);
let arrival = $state.raw<{ readonly count: number }>();
let cache: MailCache | undefined;
let close: () => void = () => {};

/** Snapshots are written when nothing else is to be done, and not for every change. */
const snapshotMs = 4000;

export const mail = {
  /** Only after `open`; views under the shell can rely on it. */
  get store(): MailStore {
    if (store === undefined) throw new Error('the mail is not open');
    return store;
  },
  get isOpen(): boolean {
    return store !== undefined;
  },
  get connection(): Connection {
    return connection;
  },
  /** Whether new mail shows by itself. */
  get standing(): boolean {
    return standing && connection !== 'offline';
  },
  /** Unread messages that came to the inbox last, by themselves; another object each time. */
  get arrival(): { readonly count: number } | undefined {
    return arrival;
  },
  get address(): string {
    return store?.client.session.username ?? '';
  },
  /** Addresses that are the reader's own. */
  get addresses(): readonly string[] {
    const others = store?.identities.all().map((one) => one.email.toLowerCase()) ?? [];
    return [...new Set([mail.address.toLowerCase(), ...others])];
  },
  isMe: (email: string): boolean => mail.addresses.includes(email.toLowerCase()),
  async open(): Promise<void> {
    close();
    connection = 'opening';
    try {
      const asked = reader.ask();
      void settings.open(asked);
      const [session, { cacheKey }] = await Promise.all([openSession(), asked]);
      const post = postTo(session.apiUrl);
      const client = createClient(session, async (request, signal) => {
        try {
          const response = await post(request, signal);
          if (connection === 'offline') connection = 'open';
          return response;
        } catch (error) {
          note(error);
          throw error;
        }
      });
      const opened = createMailStore(client);
      cache = cacheKey === undefined ? undefined : openCache(client.accountId, cacheKey);
      const kept = await cache?.load();
      if (kept !== undefined) {
        opened.restore(kept);
        store = opened;
        connection = 'open';
      }
      await opened.open();
      store = opened;
      connection = 'open';
      close = keepUp(opened);
      if (kept !== undefined) await opened.sync();
    } catch (error) {
      note(error);
      if (connection === 'opening') connection = 'failed';
    }
  },
  /** Nothing of the session stays: the server ends it and has the browser forget what is kept; the page goes to its door. */
  async signOut(): Promise<void> {
    close();
    await cache?.wipe();
    // What was searched and begun in this tab: the tab may stay open on a computer that others use.
    sessionStorage.clear();
    try {
      await ask('/logout', { method: 'POST', type: 'application/x-www-form-urlencoded', body: '' });
    } finally {
      location.assign('/');
    }
  },
  async refresh(): Promise<void> {
    try {
      await store?.sync();
    } catch (error) {
      note(error);
    }
  },
};

function note(error: unknown): void {
  if (!(error instanceof JmapFailure)) return;
  if (error.kind === 'signedOut') connection = 'signedOut';
  if (error.kind === 'offline' || error.kind === 'busy') connection = 'offline';
}

/** What the server said had changed, and whether new mail came with it. */
async function follow(opened: MailStore): Promise<void> {
  const unread = (): number => opened.mailboxOf('inbox')?.unreadEmails ?? 0;
  const before = unread();
  await mail.refresh();
  const count = unread() - before;
  if (count > 0) arrival = { count };
}

function keepUp(opened: MailStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keep = (): void => {
    if (cache === undefined || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      const snapshot = opened.snapshot();
      if (snapshot !== undefined) void cache?.save(snapshot);
    }, snapshotMs);
  };
  const stop = watchChanges({
    session: opened.client.session,
    accountId: opened.client.accountId,
    onChange: () => {
      void follow(opened);
      keep();
    },
    onStanding: (now) => {
      standing = now;
    },
  });
  keep();
  return () => {
    stop();
    clearTimeout(timer);
  };
}
