/**
 * `Connection` over a net.Socket or tls.TLSSocket.
 *
 * Reading: the socket flows into an `InputBuffer` while somebody reads or little waits there; past `readAheadBytes` with nobody
 * reading it is paused, so that the kernel holds the peer back. Writing: parts gather in an `OutputQueue` that goes to the
 * socket at the end of the turn, or as soon as it is large. One timer a connection serves every deadline: it is re-armed only
 * when a nearer deadline appears, so that a thousand pipelined lines touch no timer.
 *
 * A class, because a server holds thousands of these and closures would cost kilobytes each.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { MailError } from '../kernel/errors.js';
import {
  lingerTimeoutMs,
  maxUnreadOutputBytes,
  minInputBytesPerSecond,
  stalledInputTimeoutMs,
  stalledOutputTimeoutMs,
} from '../kernel/limits.js';
import type { Connection, Line, Peer } from './connection.js';
import { InputBuffer } from './input-buffer.js';
import { OutputQueue } from './output-queue.js';
import { verifiedSubject } from './tls-context.js';

/** What is read ahead of a session that is busy. Small: a thousand busy sessions must not hold the memory of their peers. */
const readAheadBytes = 64 * 1024;
/** Queued output that does not wait for the end of the turn. */
const eagerFlushBytes = 64 * 1024;
/** Lines handed out in one turn: then other connections get theirs. */
const linesPerTurn = 128;
/** First stretch of a literal in which its rate does not count. */
const rateGraceMs = 60_000;

export interface SocketConnectionOptions {
  readonly peer: Peer;
  readonly id: string;
  /** Server side of TLS on this socket; undefined: `startTls` is refused. */
  readonly secure: ((socket: Socket) => Promise<TLSSocket>) | undefined;
}

export class SocketConnection implements Connection {
  readonly peer: Peer;
  readonly id: string;
  #socket: Socket;
  readonly #secure: SocketConnectionOptions['secure'];
  readonly #input = new InputBuffer();
  readonly #output = new OutputQueue();
  #paused = false;
  #peerEnded = false;
  #ending = false;
  #upgrading = false;
  #destroyed: MailError | undefined;
  #reader: { resolve(): void; reject(error: Error): void } | undefined;
  #writers: { resolve(): void; reject(error: Error): void }[] = [];
  #controller: AbortController | undefined;
  #onClosed: (() => void) | undefined;
  #flushQueued = false;
  #linesInTurn = 0;
  #readTimeoutMs = Number.POSITIVE_INFINITY;
  #readDeadline = Number.POSITIVE_INFINITY;
  /** Nearer than `#readDeadline` while a line or literal is under way. */
  #progressDeadline = Number.POSITIVE_INFINITY;
  #writeDeadline = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, options: SocketConnectionOptions) {
    this.#socket = socket;
    this.peer = options.peer;
    this.id = options.id;
    this.#secure = options.secure;
    this.#attach();
  }

  get secure(): boolean {
    return (this.#socket as TLSSocket).encrypted === true;
  }

  get clientCertificate(): string | undefined {
    return this.secure ? verifiedSubject(this.#socket as TLSSocket) : undefined;
  }

  get tls(): { readonly version: string; readonly cipher: string } | undefined {
    if (!this.secure) return undefined;
    const socket = this.#socket as TLSSocket;
    return { version: socket.getProtocol() ?? 'unknown', cipher: socket.getCipher()?.name ?? 'unknown' };
  }

  get hasBufferedInput(): boolean {
    return this.#input.length > 0;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#destroyed !== undefined) this.#controller.abort(this.#destroyed);
    }
    return this.#controller.signal;
  }

  get destroyed(): boolean {
    return this.#destroyed !== undefined;
  }

  /** Why it ended, for the log. */
  get reason(): string | undefined {
    return this.#destroyed?.message;
  }

  /** Resolves when the socket is gone. */
  closed(): Promise<void> {
    if (this.#destroyed !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const previous = this.#onClosed;
      this.#onClosed = () => {
        previous?.();
        resolve();
      };
    });
  }

  readLine(maxBytes: number): Promise<Line> {
    if (this.#destroyed === undefined && ++this.#linesInTurn < linesPerTurn) {
      const line = this.#input.takeLine(maxBytes);
      if (line !== undefined) {
        this.#resume();
        return Promise.resolve(line);
      }
    }
    return this.#waitForLine(maxBytes);
  }

  async readSome(maxBytes: number): Promise<Buffer | undefined> {
    for (;;) {
      const octets = this.#input.takeSome(maxBytes);
      if (octets !== undefined) {
        this.#resume();
        return octets;
      }
      if (this.#peerEnded && this.#destroyed === undefined) return undefined;
      await this.#moreInput();
    }
  }

  async readExactly(count: number, sink: (chunk: Buffer) => Promise<void> | void): Promise<boolean> {
    let began = performance.now();
    let left = count;
    try {
      while (left > 0) {
        const octets = this.#input.takeSome(left);
        if (octets !== undefined) {
          left -= octets.length;
          this.#resume();
          const pending = sink(octets);
          if (pending !== undefined) {
            const waitedFrom = performance.now();
            await pending;
            // The time the sink took is not the peer's.
            began += performance.now() - waitedFrom;
          }
          continue;
        }
        if (this.#peerEnded && this.#destroyed === undefined) return false;
        const stalled = performance.now() + Math.min(stalledInputTimeoutMs, this.#readTimeoutMs);
        this.#readDeadline = Math.min(stalled, began + rateGraceMs + ((count - left) * 1000) / minInputBytesPerSecond);
        await this.#moreInput();
      }
      return true;
    } finally {
      this.#readDeadline = performance.now() + this.#readTimeoutMs;
    }
  }

  unread(bytes: Buffer): void {
    this.#input.unshift(bytes);
  }

  setReadTimeout(ms: number): void {
    this.#readTimeoutMs = ms;
    this.#readDeadline = performance.now() + ms;
    if (this.#reader !== undefined) this.#arm(this.#readDeadline);
  }

  write(octets: Uint8Array | string): void {
    if (this.#ending || this.#destroyed !== undefined) return;
    this.#output.push(octets);
    if (this.#upgrading) return;
    if (this.#output.length >= eagerFlushBytes) this.flush();
    else if (!this.#flushQueued) {
      this.#flushQueued = true;
      setImmediate(flushLater, this);
    }
  }

  flush(): void {
    this.#flushQueued = false;
    if (this.#output.length === 0 || this.#destroyed !== undefined || this.#upgrading) return;
    const parts = this.#output.take();
    const socket = this.#socket;
    const last = parts.length - 1;
    if (last > 0) socket.cork();
    for (let i = 0; i <= last; i++) {
      const part = parts[i]!;
      if (typeof part === 'string') socket.write(part, 'latin1', i === last ? this.#written : undefined);
      else socket.write(part, i === last ? this.#written : undefined);
    }
    if (last > 0) socket.uncork();
    if (socket.writableLength > 0 && this.#writeDeadline === Number.POSITIVE_INFINITY) {
      this.#writeDeadline = performance.now() + stalledOutputTimeoutMs;
      this.#arm(this.#writeDeadline);
    }
  }

  drained(): Promise<void> | undefined {
    if (this.#destroyed !== undefined) return Promise.reject(this.#destroyed);
    if (this.#unsent() < maxUnreadOutputBytes) return undefined;
    this.flush();
    if (this.#unsent() < maxUnreadOutputBytes) return undefined;
    return new Promise((resolve, reject) => this.#writers.push({ resolve, reject }));
  }

  async startTls(): Promise<void> {
    if (this.#secure === undefined) throw new MailError('cannot', 'TLS is not available here');
    if (this.secure) throw new MailError('invalid', 'TLS is already active');
    this.flush();
    const plain = this.#socket;
    while (plain.writableLength > 0 && this.#destroyed === undefined) {
      await new Promise<void>((resolve, reject) => this.#writers.push({ resolve, reject }));
    }
    if (this.#destroyed !== undefined) throw this.#destroyed;
    this.#upgrading = true;
    this.#detach();
    // RFC 3207 4.2, RFC 9051 6.2.1: what the peer sent in clear behind its STARTTLS must not be taken for its words under TLS.
    this.#input.clear();
    plain.pause();
    while (plain.read() !== null);
    plain.on('error', ignore);
    try {
      this.#socket = await this.#secure(plain);
    } catch (error) {
      plain.destroy();
      this.#lost(new MailError('closed', 'TLS handshake failed', { cause: error }));
      throw this.#destroyed;
    }
    this.#upgrading = false;
    this.#peerEnded = false;
    this.#paused = false;
    this.#attach();
    if (this.#destroyed !== undefined) {
      this.#socket.destroy();
      throw this.#destroyed;
    }
    this.flush();
  }

  end(): void {
    if (this.#ending || this.#destroyed !== undefined) return;
    this.flush();
    this.#ending = true;
    this.#socket.end();
    // What still comes is thrown away: closing with unread input would reset the connection and lose our last words.
    this.#input.clear();
    this.#paused = false;
    this.#socket.resume();
    this.#writeDeadline = performance.now() + lingerTimeoutMs;
    this.#arm(this.#writeDeadline);
  }

  destroy(reason: string): void {
    this.#lost(new MailError('closed', 'Connection closed', { details: { reason } }));
  }

  // ---- reading

  async #waitForLine(maxBytes: number): Promise<Line> {
    if (this.#linesInTurn >= linesPerTurn) {
      this.#linesInTurn = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    try {
      for (;;) {
        if (this.#destroyed !== undefined) throw this.#destroyed;
        const line = this.#input.takeLine(maxBytes);
        if (line !== undefined) {
          this.#resume();
          return line;
        }
        // RFC 9051 and RFC 5321 know no line without its end: what was begun is not a command.
        if (this.#peerEnded) return { kind: 'end' };
        if (this.#input.inLine) this.#progressDeadline = performance.now() + stalledInputTimeoutMs;
        await this.#moreInput();
      }
    } finally {
      this.#progressDeadline = Number.POSITIVE_INFINITY;
    }
  }

  #moreInput(): Promise<void> {
    if (this.#destroyed !== undefined) return Promise.reject(this.#destroyed);
    if (this.#reader !== undefined) return Promise.reject(new Error('two reads of one connection at a time'));
    const now = performance.now();
    const deadline = Math.min(this.#readDeadline, this.#progressDeadline);
    if (deadline <= now) return Promise.reject(timedOut());
    this.#arm(deadline);
    this.#resume();
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  #wake(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.resolve();
  }

  #resume(): void {
    if (this.#paused && this.#input.length < readAheadBytes) {
      this.#paused = false;
      this.#socket.resume();
    }
  }

  readonly #received = (chunk: Buffer): void => {
    if (this.#ending) return;
    this.#linesInTurn = 0;
    this.#input.push(chunk);
    if (this.#reader !== undefined) this.#wake();
    else if (this.#input.length >= readAheadBytes) {
      this.#paused = true;
      this.#socket.pause();
    }
  };

  readonly #peerEnd = (): void => {
    this.#peerEnded = true;
    this.#wake();
  };

  // ---- writing

  #unsent(): number {
    return this.#output.length + this.#socket.writableLength;
  }

  readonly #written = (): void => {
    const waiting = this.#socket.writableLength;
    if (!this.#ending) {
      this.#writeDeadline = waiting > 0 ? performance.now() + stalledOutputTimeoutMs : Number.POSITIVE_INFINITY;
    }
    if (this.#writers.length === 0 || this.#unsent() >= maxUnreadOutputBytes) return;
    const writers = this.#writers;
    this.#writers = [];
    for (const writer of writers) writer.resolve();
  };

  // ---- deadlines and the end

  #arm(at: number): void {
    if (at >= this.#timerAt || at === Number.POSITIVE_INFINITY) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(deadlinePassed, Math.max(1, Math.ceil(at - performance.now())), this);
  }

  /** Called by the timer, which may be older than the deadlines that count now. */
  checkDeadlines(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    if (this.#writeDeadline <= now) {
      this.destroy(this.#ending ? 'peer did not close' : 'peer does not read');
      return;
    }
    const read =
      this.#reader === undefined ? Number.POSITIVE_INFINITY : Math.min(this.#readDeadline, this.#progressDeadline);
    if (read <= now) {
      const reader = this.#reader;
      this.#reader = undefined;
      reader?.reject(timedOut());
    } else this.#arm(read);
    this.#arm(this.#writeDeadline);
  }

  readonly #failed = (error: Error): void => {
    this.#lost(new MailError('closed', 'Connection lost', { cause: error }));
  };

  readonly #gone = (): void => {
    this.#lost(new MailError('closed', 'Connection closed', { details: { reason: 'closed' } }));
  };

  #lost(error: MailError): void {
    if (this.#destroyed !== undefined) return;
    this.#destroyed = error;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#socket.destroy();
    this.#input.clear();
    this.#output.clear();
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(error);
    const writers = this.#writers;
    this.#writers = [];
    for (const writer of writers) writer.reject(error);
    this.#controller?.abort(error);
    this.#onClosed?.();
  }

  #attach(): void {
    this.#socket.on('data', this.#received);
    this.#socket.on('end', this.#peerEnd);
    this.#socket.on('error', this.#failed);
    this.#socket.on('close', this.#gone);
  }

  #detach(): void {
    this.#socket.off('data', this.#received);
    this.#socket.off('end', this.#peerEnd);
    this.#socket.off('error', this.#failed);
    this.#socket.off('close', this.#gone);
  }
}

const ignore = (): void => {};

function flushLater(connection: SocketConnection): void {
  connection.flush();
}

function deadlinePassed(connection: SocketConnection): void {
  connection.checkDeadlines();
}

const timedOut = (): MailError => new MailError('closed', 'Connection timed out', { details: { timeout: true } });
