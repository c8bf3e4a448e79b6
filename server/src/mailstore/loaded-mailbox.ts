import type { MailboxId } from '../kernel/ids.js';
import { applyFlags } from './apply-op.js';
import type { FlagOp } from './log-entry.js';
import type { Columns, Rows } from './mailbox-columns.js';

/** One set of arrays between two expunges, and how many cursors stand in it. */
export interface Generation {
  columns: Columns;
  holders: number;
}

/** What a cursor is told while entries are applied; its own view moves only when the session asks. */
export interface MailboxObserver {
  /** Session that must not be told of its own flag changes. */
  readonly by: string;
  flagsChanged(uids: Uint32Array): void;
  /** Something is pending: called after an entry was applied. */
  stirred(): void;
}

/**
 * A mailbox whose columns are in memory, shared by every session of the process (store design section 3): never a private
 * sequence map a connection. Expunges make a new generation while somebody still stands in the old one; flag changes go
 * into every generation that is still held, so that a session that was not told of an expunge reads current flags.
 */
export class LoadedMailbox {
  readonly id: MailboxId;
  generation: Generation;
  /** The mailbox was deleted. */
  gone = false;
  readonly observers = new Set<MailboxObserver>();
  readonly #older = new Set<Generation>();
  #stirring = false;

  constructor(id: MailboxId, columns: Columns) {
    this.id = id;
    this.generation = { columns, holders: 0 };
  }

  get bytes(): number {
    let bytes = this.generation.columns.bytes;
    for (const generation of this.#older) bytes += generation.columns.bytes;
    return bytes;
  }

  hold(): Generation {
    this.generation.holders += 1;
    return this.generation;
  }

  release(generation: Generation): void {
    generation.holders -= 1;
    if (generation.holders === 0) this.#older.delete(generation);
  }

  add(rows: Rows): void {
    this.generation.columns.append(rows);
  }

  flag(uids: Uint32Array, op: FlagOp, modseq: number, by: string | Uint8Array): void {
    const { columns } = this.generation;
    applyFlags(columns, columns.indexesOf(uids), op, modseq);
    for (const older of this.#older) applyFlags(older.columns, older.columns.indexesOf(uids), op, modseq);
    for (const observer of this.observers) if (observer.by !== by) observer.flagsChanged(uids);
  }

  remove(uids: Uint32Array): void {
    const { columns } = this.generation;
    const indexes = columns.indexesOf(uids);
    if (indexes.length === 0) return;
    if (this.generation.holders === 0) columns.remove(indexes);
    else this.replace(columns.without(indexes));
  }

  /** Another set of arrays from now on: after an expunge, and when the view had to be read anew. */
  replace(columns: Columns): void {
    if (this.generation.holders > 0) this.#older.add(this.generation);
    this.generation = { columns, holders: 0 };
  }

  /** Tells those who wait, once a turn whatever the number of entries. */
  stir(): void {
    if (this.#stirring || this.observers.size === 0) return;
    this.#stirring = true;
    setImmediate(() => {
      this.#stirring = false;
      for (const observer of [...this.observers]) observer.stirred();
    });
  }
}
