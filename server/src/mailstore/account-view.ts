import type { MailDatabase } from '../database/database.js';
import type { RootDocument } from '../database/documents.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId, MailboxId } from '../kernel/ids.js';
import type { Log } from '../kernel/log.js';
import { type AccountState, applyEntry, stateOfRoot } from './account-state.js';
import { Deliveries } from './deliveries.js';
import { HeldEmails } from './emails/held-emails.js';
import { type Freshness, freshness } from './freshness.js';
import { type Generation, LoadedMailbox } from './loaded-mailbox.js';
import { type AddsOp, type Entry, entryBytes, follows, type Op } from './log-entry.js';
import { Columns, columnBytes, type Rows } from './mailbox-columns.js';
import {
  coldFor,
  lineageOf,
  readSegments,
  readSpilled,
  replay,
  rowsOf,
  type SpilledRows,
  segmentsOf,
} from './mailbox-loader.js';
import { decodeUids } from './uid-set.js';

/** A moment on both clocks: neither alone is enough to judge an age by (store design section 2, rule d). */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export interface ViewContext {
  readonly database: MailDatabase;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets columns of so many bytes be loaded, or throws MailError unavailable; call what it gives when they are there. */
  reserve?(bytes: number): () => void;
  /** Up to when a feed has told everything, to every view that is loaded; undefined when nothing is told. */
  toldUpTo?(): Moment | undefined;
}

/** Entries read in one command. */
const entriesPerRead = 512;
/** Rule (d) of store design section 2: a view of which nothing was heard for so long is not built upon. */
export const maxUnwatchedMs = 10 * 60_000;
/** How often a mailbox is loaded again because the root was replaced meanwhile. */
const maxLoadAttempts = 8;

/**
 * What one process knows of an account: its root, the tail of the log above it, the state they fold to, and the mailboxes
 * whose columns are in memory (store design section 3). Entries are applied contiguous and in order, whoever brings them
 * (own commit, feed, read), so every view is a prefix of the log (store design section 2, rule a).
 */
export class AccountView {
  readonly account: AccountId;
  root: RootDocument;
  state: AccountState;
  tail: Entry[] = [];
  /** The newest entry that brought a message; what is folded already may have. */
  arrivedAt: number;
  tailBytes = 0;
  /** When a read or a commit of this process last showed that nothing newer was there. */
  #readAt: Moment = { monotonicMs: Number.NEGATIVE_INFINITY, wallMs: Number.NEGATIVE_INFINITY };
  /** How many entries were not given to it, and how many of them a read has brought since. */
  #missed = 0;
  #madeUp = 0;
  /** Told of every entry after it was applied, before the listeners: the commit queue looks for its own. */
  applied: (entry: Entry) => void = () => undefined;
  readonly mailboxes = new Map<string, LoadedMailbox>();
  readonly listeners = new Set<() => void>();
  readonly freshness: Freshness;
  readonly emails = new HeldEmails(this);
  readonly #context: ViewContext;
  /** Rows of spilled ops of the tail. */
  readonly spilled: SpilledRows = new WeakMap();
  readonly #loading = new Map<string, Promise<LoadedMailbox>>();
  #deliveries: Deliveries | undefined;

  constructor(account: AccountId, root: RootDocument, context: ViewContext) {
    this.account = account;
    this.root = root;
    this.state = stateOfRoot(root);
    this.arrivedAt = root.n;
    this.#context = context;
    this.freshness = freshness(() => this.readTail());
  }

  /** Reads root and tail. MailError nonexistent when there is no such account. */
  static async load(account: AccountId, context: ViewContext): Promise<AccountView> {
    for (let attempt = 0; attempt < maxLoadAttempts; attempt++) {
      const root = await context.database.roots.get(account);
      if (root === undefined) throw new MailError('nonexistent', 'There is no such account');
      const view = new AccountView(account, root, context);
      const read = await view.#readEntries();
      if (read !== undefined) {
        view.confirm(read);
        return view;
      }
      // Entries right above the root are missing: they are folded and pruned, so there is a newer root (section 3).
    }
    throw damaged(account, 'entries above the root are missing');
  }

  /** Everything is known as of the moment given: a read or a commit was sent then. */
  confirm(moment: Moment): void {
    if (moment.monotonicMs > this.#readAt.monotonicMs) this.#readAt = moment;
  }

  /** Somebody's entry was not given to it, as nobody looks at it: it is to be read before it is used again. */
  miss(): void {
    this.#missed += 1;
  }

  get behind(): boolean {
    return this.#missed !== this.#madeUp;
  }

  /** The latest moment at which everything up to `state.n` was known to be all there is. */
  get currentAt(): Moment {
    // What the feed says holds only for views that were given all of it.
    const told = this.behind ? undefined : this.#context.toldUpTo?.();
    return told !== undefined && told.monotonicMs > this.#readAt.monotonicMs ? told : this.#readAt;
  }

  get deliveries(): Deliveries {
    this.#deliveries ??= new Deliveries(this.root, this.tail);
    return this.#deliveries;
  }

  /** Reads what the log holds above the view. Callers share reads through `freshness`. */
  async readTail(): Promise<void> {
    const missed = this.#missed;
    const slept = ageOf(this.currentAt, this.#context.clock) > maxUnwatchedMs;
    const read = await this.#readEntries();
    if (read === undefined || (slept && (await this.#isOvertaken()))) await this.#reset();
    else this.confirm(read);
    this.#madeUp = missed;
  }

  /**
   * After a long sleep an empty log above the view proves nothing: what was there may be folded and pruned, and its numbers
   * would be taken a second time (store design section 2, rule d). The root knows.
   */
  async #isOvertaken(): Promise<boolean> {
    const root = await this.#context.database.roots.get(this.account);
    if (root === undefined) throw new MailError('nonexistent', 'There is no such account');
    if (root.n <= this.state.n) return false;
    // Folded in this very moment, or long ago: only in the first case are its entries still there.
    return (await this.#readEntries()) === undefined || root.n > this.state.n;
  }

  /** When the last read was sent; undefined when entries are missing between the view and what was read. */
  async #readEntries(): Promise<Moment | undefined> {
    const { clock, database } = this.#context;
    for (;;) {
      const moment = { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
      const entries = (await database.changes.after(this.account, this.state.n, entriesPerRead)) as readonly Entry[];
      const first = entries[0];
      if (first !== undefined && first.n > this.state.n + 1) return undefined;
      await this.absorb(entries);
      if (entries.length < entriesPerRead) return moment;
    }
  }

  /**
   * Applies those of `entries` that are next. Known ones are dropped; what lies beyond a gap is left for a read. Without
   * spilled ops everything happens before this returns to the event loop.
   */
  async absorb(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      if (entry.n !== this.state.n + 1) continue;
      for (const op of entry.ops) {
        if (op.o === 'adds' && op.segs !== undefined && !this.spilled.has(op)) await this.#readSpilled(op, entry.n);
      }
      // Somebody else may have brought it while the segments were read.
      if (entry.n === this.state.n + 1) this.#apply(entry);
    }
  }

  /** Gives the rows of an op that this process spilled itself, so that they need not be read. */
  knowSpilled(op: AddsOp, rows: Rows): void {
    this.spilled.set(op, rows);
  }

  async #readSpilled(op: AddsOp, n: number): Promise<void> {
    const rows = await readSpilled(this.#context.database.segments, this.account, op, n);
    if (rows === undefined) throw damaged(this.account, `segments that entry ${n} names are missing`);
    this.spilled.set(op, rows);
  }

  #apply(entry: Entry): void {
    if (!follows(entry, this.state.n, this.state.w)) {
      throw damaged(this.account, `entry ${entry.n} does not stand on the entry before it`);
    }
    this.state = applyEntry(this.state, entry);
    this.tail.push(entry);
    this.tailBytes += entryBytes(entry);
    if (entry.ops.some((op) => op.o === 'add')) this.arrivedAt = entry.n;
    this.#deliveries?.note(entry);
    for (const op of entry.ops) this.#applyToLoaded(op, entry);
    this.emails.apply(entry);
    for (const totals of entry.after) this.mailboxes.get(totals.id)?.stir();
    this.applied(entry);
    for (const listener of [...this.listeners]) {
      try {
        listener();
      } catch (error) {
        this.#context.log.error({ err: error, account: this.account }, 'a listener of an account failed');
      }
    }
  }

  #applyToLoaded(op: Op, entry: Entry): void {
    switch (op.o) {
      case 'add':
      case 'adds':
        this.mailboxes.get(op.box)?.add(rowsOf(op, entry.n, this.spilled));
        return;
      case 'flag':
        this.mailboxes.get(op.box)?.flag(decodeUids(op.u), op, entry.n, entry.by);
        return;
      case 'gone':
        this.mailboxes.get(op.box)?.remove(decodeUids(op.u));
        return;
      case 'drop':
        this.#forget(op.box);
        return;
      case 'take': {
        const from = this.mailboxes.get(op.from);
        if (from === undefined) return;
        const columns = from.generation.columns.fork();
        columns.modseq.fill(entry.n);
        this.mailboxes.set(op.to, new LoadedMailbox(op.to as MailboxId, columns));
        from.replace(new Columns(0, true));
        return;
      }
      default:
        return;
    }
  }

  #forget(box: string): void {
    const loaded = this.mailboxes.get(box);
    if (loaded === undefined) return;
    this.mailboxes.delete(box);
    loaded.gone = true;
    loaded.stir();
  }

  /** The mailbox with its columns; the cold ones too when asked for. MailError nonexistent when it is not there. */
  async load(box: MailboxId, cold: boolean): Promise<LoadedMailbox> {
    let loaded = this.mailboxes.get(box);
    if (loaded === undefined) {
      let loading = this.#loading.get(box);
      if (loading === undefined) {
        loading = this.#load(box, cold).finally(() => this.#loading.delete(box));
        this.#loading.set(box, loading);
      }
      loaded = await loading;
    }
    if (cold) await this.loadCold(loaded, loaded.generation);
    return loaded;
  }

  async #load(box: MailboxId, cold: boolean): Promise<LoadedMailbox> {
    const settle = this.#context.reserve?.(columnBytes(this.state.boxes.get(box)?.ex ?? 0, cold));
    return this.#built(box, cold).finally(settle);
  }

  #built(box: MailboxId, cold: boolean): Promise<LoadedMailbox> {
    return this.#build(box, cold, false, (columns) => {
      const expected = this.state.boxes.get(box)?.ex;
      if (columns.count !== expected) {
        throw damaged(this.account, `mailbox ${box} has ${columns.count} messages, the log says ${expected}`);
      }
      const loaded = new LoadedMailbox(box, columns);
      this.mailboxes.set(box, loaded);
      return loaded;
    });
  }

  /** Fills the cold columns of a generation, which may be an old one that still shows messages that went. */
  async loadCold(loaded: LoadedMailbox, generation: Generation): Promise<void> {
    while (generation.columns.cold === undefined) {
      const { count } = generation.columns;
      const settle = this.#context.reserve?.(columnBytes(count, true) - columnBytes(count, false));
      await this.#build(loaded.id, true, true, (all) => {
        generation.columns.cold = coldFor(generation.columns, all);
      }).finally(settle);
    }
  }

  /** Hands columns as of `state.n` to `use`, in the same turn: an entry that is applied later must find them in place. */
  async #build<T>(box: MailboxId, cold: boolean, keepGone: boolean, use: (columns: Columns) => T): Promise<T> {
    for (let attempt = 0; attempt < maxLoadAttempts; attempt++) {
      const { root } = this;
      const lineage = lineageOf(box, this.tail);
      const columns = await readSegments(
        this.#context.database.segments,
        this.account,
        segmentsOf(lineage, root),
        cold,
      );
      if (columns === undefined) {
        // A fold replaced the segments that this root lists (section 3: reload the root).
        await this.readRoot();
        continue;
      }
      if (!this.state.boxes.has(box)) throw new MailError('nonexistent', 'The mailbox does not exist');
      const now = lineageOf(box, this.tail);
      if (this.root !== root || now.base !== lineage.base) continue;
      replay(columns, now, this.tail, this.spilled, { keepGone });
      return use(columns);
    }
    throw damaged(this.account, `segments of mailbox ${box} are missing`);
  }

  /** Adopts the root if it is newer than the known one; the tail shrinks to what is above it. */
  async readRoot(): Promise<void> {
    const root = await this.#context.database.roots.get(this.account);
    if (root === undefined) throw new MailError('nonexistent', 'There is no such account');
    await this.adopt(root);
  }

  async adopt(root: RootDocument): Promise<void> {
    if (root.g <= this.root.g) return;
    if (root.n > this.state.n) await this.freshness.refresh();
    if (root.g <= this.root.g || root.n > this.state.n) return;
    this.root = root;
    this.tail = this.tail.filter((entry) => entry.n > root.n);
    this.tailBytes = this.tail.reduce((sum, entry) => sum + entryBytes(entry), 0);
  }

  /** Begins anew from the root: the log between the view and its root is gone. Cursors find out by comparing. */
  async #reset(): Promise<void> {
    const fresh = await AccountView.load(this.account, this.#context);
    if (fresh.state.n < this.state.n) throw damaged(this.account, 'the log is shorter than it was');
    this.root = fresh.root;
    this.state = fresh.state;
    this.arrivedAt = fresh.arrivedAt;
    this.tail = fresh.tail;
    this.tailBytes = fresh.tailBytes;
    this.confirm(fresh.#readAt);
    this.#deliveries = undefined;
    this.emails.drop();
    // An entry of our own may be among them: its command must not be run again.
    for (const entry of this.tail) this.applied(entry);
    for (const [box, loaded] of [...this.mailboxes]) {
      this.mailboxes.delete(box);
      if (!this.state.boxes.has(box)) {
        loaded.gone = true;
      } else if (loaded.observers.size > 0) {
        await this.#build(box as MailboxId, false, false, (columns) => {
          loaded.replace(columns);
          for (const observer of loaded.observers) observer.flagsChanged(columns.uid.slice(0, columns.count));
          this.mailboxes.set(box, loaded);
        });
      }
      loaded.stir();
    }
    for (const listener of [...this.listeners]) listener();
  }
}

/** By the clock that says more: a machine that slept shows it on one of them only. */
export function ageOf(moment: Moment, clock: Clock): number {
  return Math.max(clock.monotonicMs() - moment.monotonicMs, clock.nowMs() - moment.wallMs);
}

function damaged(account: AccountId, what: string): MailError {
  return new MailError('internal', 'The mailbox is damaged, the administrator has been told', {
    details: { account, what },
  });
}
