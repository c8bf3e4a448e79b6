import type { MailboxId, MessageId, ThreadId } from '../kernel/ids.js';
import type { FlagWords } from './flags.js';
import type { Generation } from './loaded-mailbox.js';
import type { LazyColumn, MailboxView } from './mailbox.js';
import { type ColdColumns, idBytes, threadBytes } from './mailbox-columns.js';

/** One version of a mailbox as sessions read it: a generation of arrays and how many of its messages the session knows. */
export class MailboxVersion implements MailboxView {
  readonly mailbox: MailboxId;
  readonly generation: Generation;
  readonly count: number;
  readonly #loadCold: (generation: Generation, signal?: AbortSignal) => Promise<void>;

  constructor(
    mailbox: MailboxId,
    generation: Generation,
    count: number,
    loadCold: (generation: Generation, signal?: AbortSignal) => Promise<void>,
  ) {
    this.mailbox = mailbox;
    this.generation = generation;
    this.count = count;
    this.#loadCold = loadCold;
  }

  /** The same generation, further on. */
  at(generation: Generation, count: number): MailboxVersion {
    return new MailboxVersion(this.mailbox, generation, count, this.#loadCold);
  }

  get uid(): Uint32Array {
    return this.generation.columns.uid;
  }

  get flags(): Uint32Array {
    return this.generation.columns.flags;
  }

  get keywords(): readonly [Uint32Array | undefined, Uint32Array | undefined, Uint32Array | undefined] {
    return this.generation.columns.keywords;
  }

  get modseq(): Float64Array {
    return this.generation.columns.modseq;
  }

  async load(columns: readonly LazyColumn[], signal?: AbortSignal): Promise<void> {
    if (columns.length === 0 || this.generation.columns.cold !== undefined) return;
    await this.#loadCold(this.generation, signal);
  }

  idAt(index: number): MessageId {
    return hexAt(this.#cold.id, idBytes, index) as MessageId;
  }

  sizeAt(index: number): number {
    return this.#cold.size[index]!;
  }

  dateAt(index: number): number {
    return this.#cold.date[index]!;
  }

  threadAt(index: number): ThreadId {
    return hexAt(this.#cold.thread, threadBytes, index) as ThreadId;
  }

  slotAt(index: number): number {
    return this.#cold.slot[index]!;
  }

  flagsAt(index: number): FlagWords {
    const { columns } = this.generation;
    return [
      columns.flags[index]! >>> 0,
      columns.keywordWord(0, index),
      columns.keywordWord(1, index),
      columns.keywordWord(2, index),
    ];
  }

  indexOf(uid: number): number {
    const index = this.lowerBound(uid);
    return index < this.count && this.uid[index] === uid ? index : -1;
  }

  lowerBound(uid: number): number {
    return Math.min(this.generation.columns.lowerBound(uid), this.count);
  }

  get #cold(): ColdColumns {
    const { cold } = this.generation.columns;
    if (cold === undefined) throw new Error('load() the column before reading it');
    return cold;
  }
}

/** `width` octets of a column of fixed width as hex. */
export function hexAt(column: Uint8Array, width: number, index: number): string {
  return Buffer.from(column.buffer, column.byteOffset + width * index, width).toString('hex');
}
