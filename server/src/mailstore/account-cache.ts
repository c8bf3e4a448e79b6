import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import { AccountView, type ViewContext } from './account-view.js';
import { CommitQueue, type QueueContext } from './commit-queue.js';

/**
 * The accounts of a process: loaded once, shared by every session and delivery, kept for a while after the last one has gone
 * and then dropped, least recently used first. Packed columns live in one budget (invariant 6): what nobody has selected stays
 * within it, and with what is selected they stay within four times as much. 48 octets a message (60 with all keywords) make a
 * mailbox of a million messages 48 MB; it is loaded whole, and where there is no room for it, refused with words that say so.
 */
export interface HeldAccount {
  readonly view: AccountView;
  readonly queue: CommitQueue;
  users: number;
}

export interface AccountCacheOptions {
  readonly views: ViewContext;
  readonly queues: QueueContext;
  /** Called with every account that was read from the store. */
  readonly loaded?: (view: AccountView) => void;
  /** Accounts that nobody uses and that are kept all the same. */
  readonly maxIdleAccounts?: number;
  /** Bytes of columns that may stay in memory while nobody has the mailbox selected. */
  readonly columnBudgetBytes?: number;
}

const defaultMaxIdle = 500;
const releasesPerTrim = 32;
/** design.md, invariant 6: 128 MB a process. */
const defaultBudget = 128 * 1024 * 1024;
/** Refusing a mailbox is worse than a process that grows: only well beyond what a laboratory has open at a time. */
const ceilingPerBudget = 4;

export class AccountCache {
  readonly #options: AccountCacheOptions;
  /** Least recently used first. */
  readonly #loaded = new Map<AccountId, HeldAccount>();
  readonly #loading = new Map<AccountId, Promise<HeldAccount>>();
  #released = 0;
  /** Of columns that are being loaded. */
  #reserved = 0;
  /** Accounts of which an entry was heard while they were being loaded: the read may have looked before it. */
  readonly #heard = new Set<AccountId>();

  constructor(options: AccountCacheOptions) {
    const views = { ...options.views, reserve: (bytes: number) => this.#reserve(bytes) };
    this.#options = { ...options, views };
  }

  get #budget(): number {
    return this.#options.columnBudgetBytes ?? defaultBudget;
  }

  /** Makes room for columns that are about to be loaded. MailError unavailable when what is selected leaves none. */
  #reserve(bytes: number): () => void {
    const ceiling = ceilingPerBudget * this.#budget;
    if (this.#heldBytes() + this.#reserved + bytes > ceiling) {
      this.#trimColumns(ceiling - this.#reserved - bytes);
      if (this.#heldBytes() + this.#reserved + bytes > ceiling) {
        throw new MailError('unavailable', 'There is no memory for one more mailbox of this size now, try again later');
      }
    }
    this.#reserved += bytes;
    return () => {
      this.#reserved -= bytes;
    };
  }

  #heldBytes(): number {
    let bytes = 0;
    for (const { view } of this.#loaded.values()) {
      bytes += view.emails.bytes;
      for (const mailbox of view.mailboxes.values()) bytes += mailbox.bytes;
    }
    return bytes;
  }

  /**
   * Entry `n` of an account came by the feed. Gives the account if it is news to somebody; one that is kept though nobody uses
   * it reads what it missed when it is used again, all of it at once.
   */
  hear(account: AccountId, n: number): HeldAccount | undefined {
    const held = this.#loaded.get(account);
    if (held === undefined) {
      if (this.#loading.has(account)) this.#heard.add(account);
      return undefined;
    }
    if (n <= held.view.state.n) return undefined;
    if (held.users > 0 || !held.queue.idle) return held;
    held.view.miss();
    return undefined;
  }

  all(): IterableIterator<HeldAccount> {
    return this.#loaded.values();
  }

  /** Loads the account if it is not there; `release` must follow. */
  async use(account: AccountId): Promise<HeldAccount> {
    for (;;) {
      const held = this.#loaded.get(account);
      if (held !== undefined) {
        held.users += 1;
        this.#loaded.delete(account);
        this.#loaded.set(account, held);
        // Counted as used first: from here on it is given every entry.
        if (held.view.behind) await this.#makeUp(held);
        return held;
      }
      let loading = this.#loading.get(account);
      if (loading === undefined) {
        loading = this.#load(account).finally(() => this.#loading.delete(account));
        this.#loading.set(account, loading);
      }
      await loading;
    }
  }

  async #makeUp(held: HeldAccount): Promise<void> {
    try {
      await held.view.freshness.refresh();
    } catch (error) {
      this.release(held);
      throw error;
    }
  }

  async #load(account: AccountId): Promise<HeldAccount> {
    try {
      const view = await AccountView.load(account, this.#options.views);
      while (this.#heard.delete(account)) await view.freshness.refresh();
      const held: HeldAccount = { view, queue: new CommitQueue(view, this.#options.queues), users: 0 };
      this.#loaded.set(account, held);
      this.#options.loaded?.(view);
      return held;
    } finally {
      this.#heard.delete(account);
    }
  }

  release(held: HeldAccount): void {
    held.users -= 1;
    // Looking through everything at each of a thousand deliveries a second would cost more than it frees.
    this.#released += 1;
    if (this.#released % releasesPerTrim === 0) this.trim();
  }

  forget(account: AccountId): void {
    this.#loaded.delete(account);
  }

  /** Drops what nobody uses beyond the limits. */
  trim(): void {
    const maxIdle = this.#options.maxIdleAccounts ?? defaultMaxIdle;
    if (this.#loaded.size > maxIdle) {
      for (const [account, held] of this.#loaded) {
        if (this.#loaded.size <= maxIdle) break;
        if (held.users === 0 && held.queue.idle) this.#loaded.delete(account);
      }
    }
    this.#trimColumns(this.#budget);
  }

  #trimColumns(budget: number): void {
    let bytes = this.#heldBytes();
    if (bytes <= budget) return;
    for (const { view, queue, users } of this.#loaded.values()) {
      if (!queue.idle) continue;
      if (users === 0) {
        bytes -= view.emails.bytes;
        view.emails.drop();
      }
      for (const [box, mailbox] of view.mailboxes) {
        if (mailbox.observers.size > 0 || mailbox.generation.holders > 0) continue;
        view.mailboxes.delete(box);
        bytes -= mailbox.bytes;
        if (bytes <= budget) return;
      }
    }
  }
}
