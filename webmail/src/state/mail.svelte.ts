/**
 * The reader's mail on this page: opened once, kept up by push, closed with the page. What stands here is the state of the
 * connection; the mail itself is in the store.
 *
 * Where mail is kept (keeping.ts) the page opens with it before anybody has answered, and catches up. It is shown only
 * to the session that kept it; when the service then names another reader, nothing of it stays.
 */
import type { Session } from '@vaguemestre/shared/jmap/core';
import { createClient, type JmapClient } from '../jmap/client.js';
import { JmapFailure } from '../jmap/failure.js';
import { watchChanges } from '../jmap/push.js';
import { createMailStore, type MailStore } from '../jmap/store/mail-store.js';
import { ask, openSession, postTo } from '../jmap/transport.js';
import { uninstall } from './installed.js';
import { keeping } from './keeping.js';
import { type Reader, reader } from './reader.svelte.js';
import { signInHref } from './route.svelte.js';
import { settings } from './settings.svelte.js';

export type Connection = 'opening' | 'open' | 'offline' | 'signedOut' | 'failed';

let store = $state.raw<MailStore>();
let connection = $state<Connection>('opening');
let standing = $state(true);
let arrival = $state.raw<{ readonly count: number }>();
let close: () => void = () => {};
/** The page shows what was kept, and nobody has said yet that it is this reader's. */
let unconfirmed = false;

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
    const person = reader.ask();
    const asked = Promise.all([openSession(), person]);
    asked.catch(() => {}); // heard below
    void settings.open(person);
    try {
      const kept = await keeping.find();
      if (kept !== undefined) {
        const opened = createStore(kept.session);
        opened.restore(kept.snapshot);
        keeping.serve(opened.client);
        reader.remember(kept.reader);
        unconfirmed = true;
        show(opened);
        keeping.goOnWith(opened);
        await Promise.all([mail.refresh(), confirm(asked)]);
        return;
      }
      const [session, who] = await asked;
      const opened = createStore(session);
      await Promise.all([opened.open(), keeping.begin(who, opened)]);
      show(opened);
      keeping.goOnWith(opened);
    } catch (error) {
      note(error);
      if (connection === 'opening') connection = 'failed';
    }
  },
  /** Nothing of the session stays: the server ends it and has the browser forget what is kept; the page goes to its door. */
  async signOut(): Promise<void> {
    close();
    await Promise.all([keeping.wipe(), uninstall()]);
    // What was searched and begun in this tab: the tab may stay open on a computer that others use.
    sessionStorage.clear();
    try {
      await ask('/logout', { method: 'POST', type: 'application/x-www-form-urlencoded', body: '' });
    } finally {
      location.assign('/?out');
    }
  },
  /** The session that was over goes on as another of the same reader. */
  async signedInAgain(): Promise<void> {
    if (connection === 'signedOut') connection = 'open';
    await keeping.goOn();
    await mail.refresh();
  },
  async refresh(): Promise<void> {
    try {
      await store?.sync();
    } catch (error) {
      note(error);
    }
  },
};

function createStore(session: Session): MailStore {
  const post = postTo(session.apiUrl);
  const client: JmapClient = createClient(session, async (request, signal) => {
    try {
      const response = await post(request, signal);
      if (connection === 'offline') connection = 'open';
      keeping.changed();
      return response;
    } catch (error) {
      note(error);
      throw error;
    }
  });
  return createMailStore(client, { onGone: keeping.gone, hold: keeping.hold });
}

/** What the server said had changed, and whether new mail came with it. */
async function follow(opened: MailStore): Promise<void> {
  const unread = (): number => opened.mailboxOf('inbox')?.unreadEmails ?? 0;
  const before = unread();
  await mail.refresh();
  const count = unread() - before;
  if (count > 0) arrival = { count };
}

function show(opened: MailStore): void {
  store = opened;
  connection = 'open';
  close = watchChanges({
    session: opened.client.session,
    accountId: opened.client.accountId,
    onChange: () => {
      void follow(opened);
      if (unconfirmed) void confirm(Promise.all([openSession(), reader.ask()]));
    },
    onStanding: (now) => {
      standing = now;
    },
  });
}

/** The mail that is shown is this reader's, or it goes. Without an answer it stays until there is one. */
async function confirm(asked: Promise<readonly [Session, Reader]>): Promise<void> {
  try {
    const [session, who] = await asked;
    if (store === undefined) return;
    unconfirmed = false;
    if (who.account === keeping.vault?.account && session.username === store.client.session.username) {
      await keeping.begin(who, store);
    } else {
      await keeping.wipe();
      location.reload();
    }
  } catch (error) {
    note(error);
  }
}

function note(error: unknown): void {
  if (!(error instanceof JmapFailure)) return;
  if (error.kind === 'offline' || error.kind === 'busy') connection = 'offline';
  if (error.kind !== 'signedOut' || connection === 'signedOut') return;
  connection = 'signedOut';
  // Nobody has done anything here yet: what was kept is not shown to whoever comes.
  const leaves = unconfirmed || store === undefined;
  void keeping.sessionOver().finally(() => {
    if (leaves) location.replace(signInHref());
  });
}
