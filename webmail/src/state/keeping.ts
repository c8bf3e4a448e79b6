/**
 * What this page keeps for the next start, on a reader's own computer only (vault/vault.ts): the mail as it is known, from time
 * to time, and messages as they are read. Several tabs keep one vault: one of them writes the mail, any may add messages.
 */

import type { JmapClient } from '../jmap/client.js';
import { JmapFailure } from '../jmap/failure.js';
import type { EmailChanges } from '../jmap/store/email-row.js';
import type { MailStore } from '../jmap/store/mail-store.js';
import { type ChangeKeeper, createChangeKeeper } from '../vault/kept-changes.js';
import { createMailKeeper, type KeptMail, type MailKeeper } from '../vault/kept-mail.js';
import { createMessageKeeper, type MessageKeeper, messageKeepers } from '../vault/kept-messages.js';
import { openVaults, type Vault, type Vaults } from '../vault/vault.js';
import { whenIdle } from './idle.js';
import type { Reader } from './reader.svelte.js';

/** When nothing else is to be done, and not for every change. */
const afterMs = 3_000;

let vaults: Vaults | undefined;
let vault: Vault | undefined;
let mailKeeper: MailKeeper<Reader> | undefined;
let messageKeeper: MessageKeeper<{ readonly id: string }> | undefined;
let changeKeeper: ChangeKeeper | undefined;
let open: (() => KeptMail<Reader> | undefined) | undefined;
let isWriter = false;
/** The session is over. */
let paused = false;
let timer: ReturnType<typeof setTimeout> | undefined;

function take(one: Vault): void {
  if (vault === one) return;
  vault = one;
  mailKeeper = createMailKeeper(one);
  messageKeeper = createMessageKeeper(one);
  changeKeeper = createChangeKeeper(one);
}

async function write(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const now = isWriter && !paused ? open?.() : undefined;
  if (now !== undefined) await mailKeeper?.save(now);
}

async function sendLeft(store: MailStore): Promise<void> {
  const left = await changeKeeper?.left();
  if (left === undefined || left.changes.size === 0) return;
  try {
    await store.resume(left.changes);
  } catch (error) {
    // They wait for whoever signs in again.
    if (error instanceof JmapFailure && error.kind === 'signedOut') return;
  }
  await left.forget();
}

export const keeping = {
  get vault(): Vault | undefined {
    return vault;
  },
  /** What the last page of this session kept. */
  async find(): Promise<KeptMail<Reader> | undefined> {
    vaults = await openVaults();
    if (vaults.own === undefined) return undefined;
    take(vaults.own);
    return mailKeeper?.load();
  },
  /** Messages that are kept are read from there. */
  serve(client: JmapClient): void {
    if (messageKeeper) messageKeepers.set(client, messageKeeper);
  },
  /** From now on the mail of this reader is kept, where it may be. */
  async begin(reader: Reader, store: MailStore): Promise<void> {
    const claimed = await vaults?.claim(reader.account);
    if (claimed === undefined) return;
    take(claimed);
    keeping.serve(store.client);
    open = () => {
      const snapshot = store.snapshot();
      return snapshot && { session: store.client.session, reader, snapshot };
    };
    // Granted to another tab when this one closes.
    navigator.locks
      .request(`vaguemestre.vault.${reader.account}`, () => {
        isWriter = true;
        keeping.changed();
        return new Promise(() => {});
      })
      .catch(() => {});
  },
  /** Something came from the server. */
  changed(): void {
    if (!isWriter || timer !== undefined) return;
    timer = setTimeout(() => whenIdle(() => void write()), afterMs);
  },
  /** A change that nobody has answered yet; what comes back is called when somebody has. */
  hold: (changes: EmailChanges): (() => void) => changeKeeper?.hold(changes) ?? (() => {}),
  /** What was done on pages that are gone and never heard of is shown again and sent; what another tab sends too is done once. */
  goOnWith(store: MailStore): void {
    void sendLeft(store).catch(() => {});
  },
  gone(ids: readonly string[]): void {
    void messageKeeper?.drop(ids);
  },
  /** The session is over: mail is no longer kept. What was being written is. */
  async sessionOver(): Promise<void> {
    paused = true;
    await Promise.all([vault?.clear('mail'), vault?.clear('messages'), vault?.clear('uses')]);
  },
  /** The same reader signed in again on this page. */
  async goOn(): Promise<void> {
    await vault?.renew();
    paused = false;
    keeping.changed();
  },
  async wipe(): Promise<void> {
    paused = true;
    await vault?.wipe();
  },
};

// What a page knew when it was left is what the next one begins with.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') void write();
});
