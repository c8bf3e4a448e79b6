import { setImmediate as nextTurn } from 'node:timers/promises';
import { MailError } from '../../kernel/errors.js';
import type { MailboxId, ModSeq } from '../../kernel/ids.js';
import type { AccountView } from '../account-view.js';
import type { Generation, LoadedMailbox } from '../loaded-mailbox.js';
import type { Entry } from '../log-entry.js';
import type { Columns, Rows } from '../mailbox-columns.js';
import { EmailIndex } from './email-index.js';

/** Rows taken in before the event loop has its turn: about 5 ms. */
const rowsPerTurn = 16_384;
/** How often building is begun anew because the account was read again, or a mailbox went, meanwhile. */
const maxAttempts = 8;
/** Emails that went and keep their numbers, before the index is built anew. */
const minDeadToRebuild = 10_000;

interface Part {
  readonly mailbox: string;
  readonly loaded: LoadedMailbox;
  readonly generation: Generation;
  readonly count: number;
}

interface Held {
  readonly parts: readonly Part[];
  readonly modseq: ModSeq;
  readonly backlog: readonly Entry[];
}

/**
 * The email index of an account view: built when somebody asks, in turns, from columns that are held while entries go on being
 * applied; what was applied meanwhile is applied to it afterwards. From then on it moves with the view.
 */
export class HeldEmails {
  readonly #view: AccountView;
  #index: EmailIndex | undefined;
  #building: Promise<EmailIndex> | undefined;
  /** Entries applied to the view since the build under way took its columns. */
  #backlog: Entry[] | undefined;

  constructor(view: AccountView) {
    this.#view = view;
  }

  /** The index, if there is one: at the same entry as the view. */
  get current(): EmailIndex | undefined {
    return this.#index;
  }

  get bytes(): number {
    return this.#index?.bytes ?? 0;
  }

  /** Told by the view of every entry, in the turn in which it is applied. */
  apply(entry: Entry): void {
    this.#backlog?.push(entry);
    const index = this.#index;
    if (index === undefined) return;
    index.apply(entry, this.#view.spilled);
    if (index.dead > Math.max(minDeadToRebuild, index.live)) this.#index = undefined;
  }

  /** To free memory, or because the view was read anew. */
  drop(): void {
    this.#index = undefined;
    this.#backlog = undefined;
  }

  async ready(): Promise<EmailIndex> {
    for (;;) {
      if (this.#index !== undefined) return this.#index;
      this.#building ??= this.#build().finally(() => {
        this.#building = undefined;
      });
      await this.#building;
    }
  }

  async #build(): Promise<EmailIndex> {
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const { parts, modseq, backlog } = await this.#hold();
      const total = parts.reduce((sum, part) => sum + part.count, 0);
      const index = new EmailIndex(modseq, total, () => this.#trash());
      try {
        for (const part of parts) {
          const { columns } = part.generation;
          for (let start = 0; start < part.count; start += rowsPerTurn) {
            index.add(part.mailbox, rowsBetween(columns, start, Math.min(part.count, start + rowsPerTurn)));
            await nextTurn();
          }
        }
      } finally {
        for (const { loaded, generation } of parts) loaded.release(generation);
      }
      if (this.#backlog !== backlog) continue;
      // Flags of the columns may be newer already: an op states the result, so saying it again changes nothing.
      for (const entry of backlog) index.apply(entry, this.#view.spilled);
      this.#backlog = undefined;
      this.#index = index;
      return index;
    }
    throw new MailError('unavailable', 'The mailbox is changing too fast to be read, try again');
  }

  /** All mailboxes of one and the same state, held; the backlog begins in the same turn. */
  async #hold(): Promise<Held> {
    const view = this.#view;
    /** What was loaded on the way must not be dropped for what is loaded next. */
    const underway: { readonly loaded: LoadedMailbox; readonly generation: Generation }[] = [];
    try {
      for (let missing = this.#missing(); missing !== undefined; missing = this.#missing()) {
        try {
          const loaded = await view.load(missing, true);
          underway.push({ loaded, generation: loaded.hold() });
        } catch (error) {
          if (!(error instanceof MailError && error.code === 'nonexistent')) throw error;
        }
      }
      const parts = [...view.state.boxes.keys()].map((mailbox) => {
        const loaded = view.mailboxes.get(mailbox)!;
        const generation = loaded.hold();
        return { mailbox, loaded, generation, count: generation.columns.count };
      });
      const backlog: Entry[] = [];
      this.#backlog = backlog;
      return { parts, modseq: view.state.n as ModSeq, backlog };
    } finally {
      for (const { loaded, generation } of underway) loaded.release(generation);
    }
  }

  /** A mailbox whose columns are not all in memory. */
  #missing(): MailboxId | undefined {
    const { state, mailboxes } = this.#view;
    for (const id of state.boxes.keys()) {
      if (mailboxes.get(id)?.generation.columns.cold === undefined) return id as MailboxId;
    }
    return undefined;
  }

  #trash(): string | undefined {
    for (const box of this.#view.state.boxes.values()) if (box.role === 'trash') return box.id;
    return undefined;
  }
}

function rowsBetween(columns: Columns, start: number, end: number): Rows {
  const cold = columns.cold!;
  const [one, two, three] = columns.keywords.map((column) => column?.subarray(start, end));
  return {
    count: end - start,
    uid: columns.uid.subarray(start, end),
    flags: columns.flags.subarray(start, end),
    keywords: [one, two, three],
    modseq: columns.modseq.subarray(start, end),
    cold: {
      id: cold.id.subarray(12 * start, 12 * end),
      size: cold.size.subarray(start, end),
      date: cold.date.subarray(start, end),
      thread: cold.thread.subarray(8 * start, 8 * end),
      slot: cold.slot.subarray(start, end),
    },
  };
}
