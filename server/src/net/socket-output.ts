/**
 * The writing half of a connection: what is written in one turn of the event loop gathers in an `OutputQueue` and goes to the
 * socket in one piece at its end, or as soon as it is large. `drained` is the backpressure.
 */
import type { Socket } from 'node:net';
import { maxUnreadOutputBytes, stalledOutputTimeoutMs } from '../kernel/limits.js';
import { OutputQueue } from './output-queue.js';

/** Queued output that does not wait for the end of the turn. */
const eagerFlushBytes = 64 * 1024;

export class SocketOutput {
  /** When the peer must have read something; infinite while nothing waits. */
  deadline = Number.POSITIVE_INFINITY;
  readonly #queue = new OutputQueue();
  readonly #onDeadline: () => void;
  #socket: Socket;
  #held = false;
  #flushQueued = false;
  #waiters: { readonly below: number; resolve(): void; reject(error: Error): void }[] = [];

  /** `onDeadline`: `deadline` became finite. */
  constructor(socket: Socket, onDeadline: () => void) {
    this.#socket = socket;
    this.#onDeadline = onDeadline;
  }

  write(octets: Uint8Array | string): void {
    this.#queue.push(octets);
    if (this.#held || this.#flushQueued) {
      if (!this.#held && this.#queue.length >= eagerFlushBytes) this.flush();
      return;
    }
    if (this.#queue.length >= eagerFlushBytes) {
      this.flush();
      return;
    }
    this.#flushQueued = true;
    setImmediate(flushLater, this);
  }

  /** Called at the end of the turn. */
  flushQueued(): void {
    this.#flushQueued = false;
    this.flush();
  }

  flush(): void {
    if (this.#queue.length === 0 || this.#held) return;
    const parts = this.#queue.take();
    const socket = this.#socket;
    const last = parts.length - 1;
    if (last > 0) socket.cork();
    for (let i = 0; i <= last; i++) {
      const part = parts[i]!;
      if (typeof part === 'string') socket.write(part, 'latin1', i === last ? this.#written : undefined);
      else socket.write(part, i === last ? this.#written : undefined);
    }
    if (last > 0) socket.uncork();
    if (socket.writableLength > 0 && this.deadline === Number.POSITIVE_INFINITY) {
      this.deadline = performance.now() + stalledOutputTimeoutMs;
      this.#onDeadline();
    }
  }

  /** Undefined: less than `maxUnreadOutputBytes` waits. */
  drained(): Promise<void> | undefined {
    if (this.#unsent() < maxUnreadOutputBytes) return undefined;
    this.flush();
    return this.#below(maxUnreadOutputBytes);
  }

  /** Resolves when everything went to the kernel. */
  async sent(): Promise<void> {
    this.flush();
    await this.#below(1);
  }

  /** From here on what is written waits for `release`, which names the socket that it goes to. */
  hold(): void {
    this.#held = true;
  }

  release(socket: Socket): void {
    this.#socket = socket;
    this.#held = false;
    this.flush();
  }

  fail(error: Error): void {
    this.#queue.clear();
    this.#held = true;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }

  #unsent(): number {
    return this.#queue.length + this.#socket.writableLength;
  }

  #below(below: number): Promise<void> | undefined {
    if (this.#unsent() < below) return undefined;
    return new Promise((resolve, reject) => this.#waiters.push({ below, resolve, reject }));
  }

  readonly #written = (): void => {
    const waits = this.#socket.writableLength > 0;
    this.deadline = waits ? performance.now() + stalledOutputTimeoutMs : Number.POSITIVE_INFINITY;
    if (this.#waiters.length === 0) return;
    const unsent = this.#unsent();
    const waiters = this.#waiters;
    this.#waiters = waiters.filter((waiter) => unsent >= waiter.below);
    for (const waiter of waiters) if (unsent < waiter.below) waiter.resolve();
  };
}

function flushLater(output: SocketOutput): void {
  output.flushQueued();
}
