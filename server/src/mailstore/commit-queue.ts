import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommitOutcome, Commits, SupportWrites } from '../database/commits.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { MailboxId } from '../kernel/ids.js';
import { type AccountView, ageOf, maxUnwatchedMs } from './account-view.js';
import { type Command, Draft, type Prepared } from './draft.js';
import type { Entry } from './log-entry.js';

/**
 * The commit of store design section 2: one queue an account in one process. What waits while a commit is under way shares
 * the next one. A command is answered after its entry is durable and applied to the view, or with a refusal that nothing
 * uncommitted led to, or with `unavailable` when nothing can be known; never with "no" for what may be committed.
 */

/** Store design 2.1. */
const maxBatchCommands = 256;
const maxBatchBytes = 8 * 1024 * 1024;
/** Store design 2.4: how long to wait for somebody else's entry to become visible. */
const visibilityTimeoutMs = 10_000;
/** Store design 2.5: how long to send the same documents again. Longer than a failover takes. */
const unknownTimeoutMs = 30_000;
/** Rule (d): an acknowledgement that comes later than this after the view was known current does not count. */
const maxAcknowledgeMs = 60 * 60_000;

export interface QueueContext {
  readonly commits: Commits;
  readonly clock: Clock;
  /** A `w` that was never used: process nonce and serial. */
  nextWriter(): string;
  /** Called after entries were committed: the fold looks whether it is due. */
  committed(view: AccountView): void;
}

interface Waiting {
  readonly command: Command<unknown>;
  /** Kept through every retry (store design section 1, `w`). */
  readonly writer: string;
  supportsWritten: boolean;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Attempt {
  readonly waiting: Waiting;
  readonly prepared: Prepared;
  committed: boolean;
}

/** The queue while one delivery to many writes the entry itself (store design section 2, several accounts). */
export interface Hold {
  readonly entry: Entry | undefined;
  /** Goes on from the outcome of writing `entry`, as the queue would have. Resolves when the command was answered. */
  settle(outcome: CommitOutcome): Promise<void>;
}

export class CommitQueue {
  readonly #view: AccountView;
  readonly #context: QueueContext;
  readonly #waiting: Waiting[] = [];
  /** Attempts under way, by `w`: an entry of ours may come back by the feed or by a read before its acknowledgement. */
  readonly #underway = new Map<string, Attempt>();
  #busy = false;

  constructor(view: AccountView, context: QueueContext) {
    this.#view = view;
    this.#context = context;
    view.applied = (entry) => {
      const attempt = this.#underway.get(entry.w);
      if (attempt !== undefined) attempt.committed = true;
    };
  }

  get idle(): boolean {
    return !this.#busy;
  }

  commit<T>(command: Command<T>, options: { readonly supportsWritten?: boolean } = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        command,
        writer: this.#context.nextWriter(),
        supportsWritten: options.supportsWritten ?? false,
        resolve: resolve as (answer: unknown) => void,
        reject,
      });
      if (!this.#busy) {
        this.#busy = true;
        // Not in this turn: what the same turn brings shares the batch.
        setImmediate(() => void this.#work());
      }
    });
  }

  /**
   * Takes the queue for one command whose entry the caller writes, together with entries of other accounts. undefined when
   * the queue is busy or the view is too old: then the command goes the usual way. The supports must be durable already.
   */
  hold<T>(command: Command<T>, answered: (answer: T) => void, refused: (error: unknown) => void): Hold | undefined {
    if (this.#busy || this.#isOld()) return undefined;
    this.#busy = true;
    const waiting: Waiting = {
      command,
      writer: this.#context.nextWriter(),
      supportsWritten: true,
      resolve: answered as (answer: unknown) => void,
      reject: refused,
    };
    const [attempt] = this.#prepare([waiting]);
    const entry = attempt?.prepared.kind === 'entry' ? attempt.prepared.entry : undefined;
    return {
      entry,
      settle: async (outcome) => {
        try {
          await this.#process([waiting], [attempt!], outcome);
        } finally {
          await this.#work();
        }
      },
    };
  }

  /** Until nothing waits. */
  async #work(): Promise<void> {
    for (;;) {
      const batch = this.#nextBatch();
      if (batch.length === 0) break;
      await this.#process(batch);
    }
    this.#busy = false;
  }

  #nextBatch(): Waiting[] {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && count < maxBatchCommands) {
      const { command } = this.#waiting[count]!;
      bytes += command.bytes;
      if (count > 0 && (bytes > maxBatchBytes || command.alone === true)) break;
      count += 1;
      if (command.alone === true) break;
    }
    return this.#waiting.splice(0, count);
  }

  /** Answers every command of the batch, whatever happens. */
  async #process(batch: readonly Waiting[], first?: readonly Attempt[], outcome?: CommitOutcome): Promise<void> {
    let pending = batch;
    let attempts = first;
    let written = outcome;
    try {
      for (let races = 0; pending.length > 0; races++) {
        // Fairness: the batch grows meanwhile (store design section 2).
        if (races >= 3) await sleep(randomInt(1, 9));
        attempts ??= await this.#compute(pending);
        const lost = await this.#write(attempts, written);
        pending = this.#answer(attempts, lost);
        attempts = undefined;
        written = undefined;
      }
      this.#context.committed(this.#view);
    } catch (error) {
      for (const waiting of pending) {
        const attempt = attempts?.find((one) => one.waiting === waiting);
        if (attempt?.committed === true && attempt.prepared.kind === 'entry') waiting.resolve(attempt.prepared.answer);
        else waiting.reject(error);
      }
    } finally {
      this.#underway.clear();
    }
  }

  /** Runs the commands on the newest view this process has, once the columns they read are there. */
  async #compute(pending: readonly Waiting[]): Promise<readonly Attempt[]> {
    if (this.#isOld()) await this.#view.freshness.refresh();
    for (;;) {
      const missing = this.#missingColumns(pending);
      if (missing === undefined) return this.#prepare(pending);
      try {
        await this.#view.load(missing.box as MailboxId, missing.cold);
      } catch (error) {
        // Deleted meanwhile: it is not missing any more, and the command finds out itself.
        if (!(error instanceof MailError && error.code === 'nonexistent')) throw error;
      }
    }
  }

  /** Asked again after every wait: what was loaded may be gone by then, and preparing happens in the same turn. */
  #missingColumns(pending: readonly Waiting[]): { readonly box: string; readonly cold: boolean } | undefined {
    for (const { command } of pending) {
      for (const need of command.columns) {
        if (!this.#view.state.boxes.has(need.box)) continue;
        const columns = this.#view.mailboxes.get(need.box)?.generation.columns;
        if (columns === undefined || (need.cold && columns.cold === undefined)) return need;
      }
    }
    return undefined;
  }

  #prepare(pending: readonly Waiting[]): readonly Attempt[] {
    const draft = new Draft(this.#view, new Date(this.#context.clock.nowMs()));
    this.#underway.clear();
    return pending.map((waiting) => {
      const prepared = draft.add(waiting.command, waiting.writer);
      const attempt: Attempt = { waiting, prepared, committed: false };
      if (prepared.kind === 'entry') this.#underway.set(waiting.writer, attempt);
      return attempt;
    });
  }

  /** Writes the entries of a batch. Resolves when the fate of each is known, with true when a race was lost. */
  async #write(attempts: readonly Attempt[], already?: CommitOutcome): Promise<boolean> {
    const withEntry = attempts.filter((attempt) => attempt.prepared.kind === 'entry');
    if (withEntry.length === 0) return false;
    const entries = withEntry.map((attempt) => entryOf(attempt));
    const supports = supportsOf(withEntry);
    const { clock, commits } = this.#context;
    let sentMonotonic = clock.monotonicMs();
    let sentWall = clock.nowMs();
    const knownAt = this.#view.currentAt;
    let outcome = already ?? (await commits.write(supports, entries));
    if (outcome.kind === 'unknown') {
      const deadline = clock.monotonicMs() + unknownTimeoutMs;
      for (let pauseMs = 5; outcome.kind === 'unknown'; pauseMs = Math.min(500, pauseMs * 2)) {
        if (withEntry.every((attempt) => attempt.committed)) {
          outcome = { kind: 'committed' };
          break;
        }
        if (clock.monotonicMs() > deadline) throw unavailable(outcome.error);
        await sleep(randomInt(1, pauseMs + 1));
        sentMonotonic = clock.monotonicMs();
        sentWall = clock.nowMs();
        outcome = await this.#sendAgain(supports, entries);
      }
    }
    // Rule (d): a number could have been pruned and taken again by a writer that slept this long. Nothing is applied: the
    // next command reads the log first, and finds the entry if it is one.
    if (ageOf(knownAt, clock) > maxAcknowledgeMs) throw unavailable(undefined);
    for (const attempt of withEntry) {
      attempt.waiting.supportsWritten = true;
      this.#knowSpilled(attempt.prepared);
    }
    try {
      if (outcome.kind === 'taken') {
        await this.#view.absorb(entries.slice(0, outcome.index));
        await this.#readFrom(entries[outcome.index]!.n);
      } else {
        await this.#view.absorb(entries);
        this.#view.confirm({ monotonicMs: sentMonotonic, wallMs: sentWall });
      }
    } catch (error) {
      // What was taken may have been taken by an earlier attempt of ours: only the log could tell, and it does not.
      throw unavailable(error);
    }
    const known = withEntry.every((attempt) => attempt.committed);
    if (!known && outcome.kind === 'committed') throw unavailable(undefined);
    return !known;
  }

  /** Rows that this process spilled itself need not be read back. */
  #knowSpilled(prepared: Prepared): void {
    if (prepared.kind !== 'entry') return;
    for (const [op, rows] of prepared.builder.spilled) this.#view.knowSpilled(op, rows);
  }

  /** Store design 2.5: supports in one unordered insert, then the very same entries, ordered. */
  async #sendAgain(supports: SupportWrites, entries: readonly Entry[]): Promise<CommitOutcome> {
    try {
      await this.#context.commits.writeSupports(supports);
    } catch (error) {
      return { kind: 'unknown', error };
    }
    return this.#context.commits.insertEntries(entries);
  }

  /** Store design 2.4: reads until entry `n`, which somebody wrote, is visible to the majority. */
  async #readFrom(n: number): Promise<void> {
    const deadline = this.#context.clock.monotonicMs() + visibilityTimeoutMs;
    for (;;) {
      await this.#view.freshness.refresh();
      if (this.#view.state.n >= n) return;
      if (this.#context.clock.monotonicMs() > deadline) throw unavailable(undefined);
      await sleep(randomInt(1, 51));
    }
  }

  /** Answers what is settled. What stands behind a lost race is computed anew: it may have another answer now. */
  #answer(attempts: readonly Attempt[], lost: boolean): readonly Waiting[] {
    const pending: Waiting[] = [];
    let behind = false;
    for (const { waiting, prepared, committed } of attempts) {
      if (prepared.kind === 'entry') {
        if (committed) waiting.resolve(prepared.answer);
        else {
          behind = true;
          pending.push(waiting);
        }
      } else if (lost && behind) pending.push(waiting);
      else if (prepared.kind === 'answer') waiting.resolve(prepared.answer);
      else waiting.reject(prepared.error);
    }
    return pending;
  }

  /** Rule (d): such a view is read again before use. */
  #isOld(): boolean {
    return ageOf(this.#view.currentAt, this.#context.clock) > maxUnwatchedMs;
  }
}

function entryOf(attempt: Attempt): Entry {
  if (attempt.prepared.kind !== 'entry') throw new TypeError('not an entry');
  return attempt.prepared.entry;
}

function supportsOf(attempts: readonly Attempt[]): SupportWrites {
  const contents = [];
  const messages = [];
  const signatures = [];
  const segments = [];
  for (const { waiting, prepared } of attempts) {
    if (!waiting.supportsWritten) {
      contents.push(...waiting.command.supports.contents);
      messages.push(...waiting.command.supports.messages);
      signatures.push(...waiting.command.supports.signatures);
    }
    if (prepared.kind === 'entry') segments.push(...prepared.builder.segments);
  }
  return { contents, messages, signatures, segments };
}

/** Only where an entry was sent: it may be there. */
function unavailable(cause: unknown): MailError {
  return new MailError('unavailable', 'The mail store does not answer, try again later', { cause, uncertain: true });
}
