import type { Log } from './log.js';

/**
 * Owner of everything that goes on in the background: a task is started by `run`, is told to stop by the signal, and is
 * waited for by `close`. Nothing in the service starts a promise that no lifetime owns. Lifetimes nest: closing one closes
 * its children first.
 */
export class Lifetime {
  readonly #controller = new AbortController();
  readonly #tasks = new Set<Promise<void>>();
  readonly #closers: (() => Promise<void> | void)[] = [];
  readonly #log: Log;
  #closing: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get closed(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Runs `task` until it ends; what it throws after the signal is expected, before it is logged under `name`. */
  run(name: string, task: (signal: AbortSignal) => Promise<void>): void {
    if (this.closed) return;
    const running = task(this.signal).catch((error: unknown) => {
      if (!this.closed) this.#log.error({ err: error, task: name }, 'background task failed');
    });
    this.#tasks.add(running);
    void running.finally(() => this.#tasks.delete(running));
  }

  /** Registers what `close` must call, last registered first. */
  onClose(closer: () => Promise<void> | void): void {
    this.#closers.push(closer);
  }

  child(): Lifetime {
    const child = new Lifetime(this.#log);
    this.onClose(() => child.close());
    return child;
  }

  /** Signals every task, runs the closers in reverse order, waits for the tasks. Safe to call more than once. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#controller.abort();
    for (const closer of this.#closers.reverse()) {
      try {
        await closer();
      } catch (error) {
        this.#log.error({ err: error }, 'closing failed');
      }
    }
    await Promise.all(this.#tasks);
  }
}
