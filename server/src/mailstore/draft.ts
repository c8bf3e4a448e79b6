import type { SupportWrites } from '../database/commits.js';
import { changeKey } from '../database/documents.js';
import { MailError } from '../kernel/errors.js';
import { type AccountState, applyEntry } from './account-state.js';
import type { AccountView } from './account-view.js';
import { deliveryKey } from './deliveries.js';
import { EntryBuilder } from './entry-builder.js';
import { boxesOf, type Entry, entryBytes, maxEntryBytes } from './log-entry.js';
import { Columns } from './mailbox-columns.js';
import { applyOp, type SpilledRows } from './mailbox-loader.js';

/** A command on an account: one entry of the log at most (store design section 1). */
export interface Command<T> {
  /** Session id, or delivery id of 12 octets. */
  readonly by: string | Uint8Array;
  /** Documents that its entry names and that do not depend on where it lands. */
  readonly supports: SupportWrites;
  /** About how many bytes it writes, for the bound of a batch. */
  readonly bytes: number;
  /** Mailboxes whose columns `run` reads. */
  readonly columns: readonly { readonly box: string; readonly cold: boolean }[];
  /** Shares no batch: it moves all messages of a mailbox, which a draft does not follow. */
  readonly alone?: boolean;
  /**
   * Computes ops and answer on the state before it. It is run again after a lost race (store design 2.4), so it changes
   * nothing but the builder. What it throws is its answer. No ops: there is no entry.
   */
  run(entry: EntryBuilder): T;
}

/** A command computed for one place in the log. */
export type Prepared =
  | { readonly kind: 'entry'; readonly entry: Entry; readonly builder: EntryBuilder; readonly answer: unknown }
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'refusal'; readonly error: unknown };

/**
 * A batch of commands computed one on top of the other before any of them is written (store design 2.1). The view is not
 * touched: columns that an earlier command of the batch changes are copied when a later one reads them.
 */
export class Draft {
  readonly #view: AccountView;
  readonly #now: Date;
  readonly #entries: Entry[] = [];
  readonly #changed = new Map<string, { columns: Columns | undefined; applied: number }>();
  readonly #spilled: SpilledRows = new WeakMap();
  readonly #delivered = new Set<string>();
  #state: AccountState;

  constructor(view: AccountView, now: Date) {
    this.#view = view;
    this.#state = view.state;
    this.#now = now;
  }

  get state(): AccountState {
    return this.#state;
  }

  add(command: Command<unknown>, writer: string): Prepared {
    const builder = new EntryBuilder(this);
    let answer: unknown;
    let entry: Entry;
    try {
      answer = command.run(builder);
      if (builder.ops.length === 0) return { kind: 'answer', answer };
      entry = this.#entry(builder, command.by, writer);
      if (entryBytes(entry) > maxEntryBytes) throw new MailError('tooBig', 'That is too much for one command');
    } catch (error) {
      return { kind: 'refusal', error };
    }
    this.#take(entry, builder);
    return { kind: 'entry', entry, builder, answer };
  }

  columns(box: string): Columns {
    const changed = this.#changed.get(box);
    if (changed === undefined) return this.#base(box) ?? neverLoaded(box);
    changed.columns ??= this.#base(box)?.fork() ?? new Columns(0, true);
    for (; changed.applied < this.#entries.length; changed.applied++) {
      const entry = this.#entries[changed.applied]!;
      for (const op of entry.ops) applyOp(changed.columns, box, op, entry.n, this.#spilled);
    }
    return changed.columns;
  }

  delivered(id: Uint8Array): boolean {
    return this.#delivered.has(deliveryKey(id)) || this.#view.deliveries.has(id);
  }

  #base(box: string): Columns | undefined {
    return this.#view.mailboxes.get(box)?.generation.columns;
  }

  #entry(builder: EntryBuilder, by: string | Uint8Array, writer: string): Entry {
    const { account } = this.#view;
    return {
      _id: changeKey(account, builder.n),
      a: account,
      n: builder.n,
      t: this.#now,
      w: writer,
      p: this.#state.w,
      ops: builder.ops,
      after: builder.after,
      use: builder.use,
      blocks: builder.blocks,
      by,
    };
  }

  #take(entry: Entry, builder: EntryBuilder): void {
    for (const op of entry.ops) {
      for (const box of boxesOf(op)) {
        if (!this.#changed.has(box)) this.#changed.set(box, { columns: undefined, applied: this.#entries.length });
      }
    }
    for (const [op, rows] of builder.spilled) this.#spilled.set(op, rows);
    if (entry.by instanceof Uint8Array) this.#delivered.add(deliveryKey(entry.by));
    this.#entries.push(entry);
    this.#state = applyEntry(this.#state, entry);
  }
}

function neverLoaded(box: string): never {
  throw new Error(`the columns of mailbox ${box} were not loaded before the command ran`);
}
