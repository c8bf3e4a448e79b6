/**
 * `Connection` over a net.Socket or tls.TLSSocket: the reading half is `SocketInput`, the writing half `SocketOutput`; here are
 * the framing calls, the deadlines, STARTTLS and the end. One timer a connection serves every deadline: it is re-armed only when
 * a nearer deadline appears, so that a thousand pipelined lines touch no timer.
 *
 * A class, because a server holds thousands of these and closures would cost kilobytes each.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { MailError } from '../kernel/errors.js';
import { lingerTimeoutMs, minInputBytesPerSecond, stalledInputTimeoutMs } from '../kernel/limits.js';
import type { Connection, Line, Peer } from './connection.js';
import { SocketInput } from './socket-input.js';
import { SocketOutput } from './socket-output.js';
import { verifiedSubject } from './tls-context.js';

/** First stretch of a literal in which its rate does not count. */
const rateGraceMs = 60_000;

/** RFC 9266 2. */
const exporterOctets = 32;

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
  readonly #input = new SocketInput();
  readonly #output: SocketOutput;
  #ending = false;
  #destroyed: MailError | undefined;
  #controller: AbortController | undefined;
  #onClosed: (() => void) | undefined;
  #readTimeoutMs = Number.POSITIVE_INFINITY;
  #readDeadline = Number.POSITIVE_INFINITY;
  /** Nearer than `#readDeadline` while a line is under way. */
  #progressDeadline = Number.POSITIVE_INFINITY;
  #lingerDeadline = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, options: SocketConnectionOptions) {
    this.#socket = socket;
    this.peer = options.peer;
    this.id = options.id;
    this.#secure = options.secure;
    this.#output = new SocketOutput(socket, () => this.#arm(this.#output.deadline));
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

  tlsExporter(): Buffer | undefined {
    const socket = this.#socket as TLSSocket;
    // RFC 9266 4.2: under TLS 1.2 only with the extended master secret (RFC 7627), of which Node tells nothing.
    if (!this.secure || socket.getProtocol() !== 'TLSv1.3') return undefined;
    return socket.exportKeyingMaterial(exporterOctets, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
  }

  get hasBufferedInput(): boolean {
    return this.#input.buffer.length > 0;
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
    if (this.#destroyed === undefined && this.#input.mayTakeLine()) {
      const line = this.#takeLine(maxBytes);
      return line === undefined ? this.#waitForLine(maxBytes) : Promise.resolve(line);
    }
    return this.#input.nextTurn().then(() => this.#waitForLine(maxBytes));
  }

  async readSome(maxBytes: number): Promise<Buffer | undefined> {
    for (;;) {
      const octets = this.#takeSome(maxBytes);
      if (octets !== undefined) return octets;
      if (this.#input.ended && this.#destroyed === undefined) return undefined;
      await this.#moreInput();
    }
  }

  async readExactly(count: number, sink: (chunk: Buffer) => Promise<void> | void): Promise<boolean> {
    let began = performance.now();
    let left = count;
    try {
      while (left > 0) {
        const octets = this.#takeSome(left);
        if (octets !== undefined) {
          left -= octets.length;
          const pending = sink(octets);
          if (pending !== undefined) {
            const waitedFrom = performance.now();
            await pending;
            // The time the sink took is not the peer's.
            began += performance.now() - waitedFrom;
          }
          continue;
        }
        if (this.#input.ended && this.#destroyed === undefined) return false;
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
    this.#input.buffer.unshift(bytes);
  }

  setReadTimeout(ms: number): void {
    this.#readTimeoutMs = ms;
    this.#readDeadline = performance.now() + ms;
    if (this.#input.waiting) this.#arm(this.#readDeadline);
  }

  write(octets: Uint8Array | string): void {
    if (this.#ending || this.#destroyed !== undefined) return;
    this.#output.write(octets);
  }

  flush(): void {
    if (this.#destroyed === undefined) this.#output.flush();
  }

  drained(): Promise<void> | undefined {
    return this.#destroyed === undefined ? this.#output.drained() : Promise.reject(this.#destroyed);
  }

  async startTls(): Promise<void> {
    if (this.#secure === undefined) throw new MailError('cannot', 'TLS is not available here');
    if (this.secure) throw new MailError('invalid', 'TLS is already active');
    await this.#output.sent();
    if (this.#destroyed !== undefined) throw this.#destroyed;
    this.#output.hold();
    const plain = this.#socket;
    this.#detach();
    // RFC 3207 4.2, RFC 9051 6.2.1: what the peer sent in clear behind its STARTTLS must not be taken for its words under TLS.
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
    this.#attach();
    if (this.#destroyed !== undefined) {
      this.#socket.destroy();
      throw this.#destroyed;
    }
    this.#output.release(this.#socket);
  }

  end(): void {
    if (this.#ending || this.#destroyed !== undefined) return;
    this.#output.flush();
    this.#ending = true;
    this.#socket.end();
    this.#input.discard();
    this.#lingerDeadline = performance.now() + lingerTimeoutMs;
    this.#arm(this.#lingerDeadline);
  }

  destroy(reason: string): void {
    this.#lost(new MailError('closed', 'Connection closed', { details: { reason } }));
  }

  // ---- reading

  #takeLine(maxBytes: number): Line | undefined {
    const line = this.#input.buffer.takeLine(maxBytes);
    if (line !== undefined) this.#input.took();
    return line;
  }

  #takeSome(maxBytes: number): Buffer | undefined {
    const octets = this.#input.buffer.takeSome(maxBytes);
    if (octets !== undefined) this.#input.took();
    return octets;
  }

  async #waitForLine(maxBytes: number): Promise<Line> {
    try {
      for (;;) {
        if (this.#destroyed !== undefined) throw this.#destroyed;
        const line = this.#takeLine(maxBytes);
        if (line !== undefined) return line;
        // RFC 9051 and RFC 5321 know no line without its end: what was begun is not a command.
        if (this.#input.ended) return { kind: 'end' };
        if (this.#input.buffer.inLine) this.#progressDeadline = performance.now() + stalledInputTimeoutMs;
        await this.#moreInput();
      }
    } finally {
      this.#progressDeadline = Number.POSITIVE_INFINITY;
    }
  }

  #moreInput(): Promise<void> {
    if (this.#destroyed !== undefined) return Promise.reject(this.#destroyed);
    const deadline = Math.min(this.#readDeadline, this.#progressDeadline);
    if (deadline <= performance.now()) return Promise.reject(timedOut());
    this.#arm(deadline);
    return this.#input.more();
  }

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
    // The peer may take its time to read our last words; what it may not is to keep the connection behind them.
    if (this.#lingerDeadline <= now && this.#socket.writableLength > 0) this.#lingerDeadline = now + lingerTimeoutMs;
    if (this.#output.deadline <= now || this.#lingerDeadline <= now) {
      this.destroy(this.#ending ? 'peer did not close' : 'peer does not read');
      return;
    }
    if (this.#input.waiting) {
      const read = Math.min(this.#readDeadline, this.#progressDeadline);
      if (read <= now) this.#input.fail(timedOut());
      else this.#arm(read);
    }
    this.#arm(Math.min(this.#output.deadline, this.#lingerDeadline));
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
    this.#input.buffer.clear();
    this.#input.fail(error);
    this.#output.fail(error);
    this.#controller?.abort(error);
    this.#onClosed?.();
  }

  #attach(): void {
    this.#input.attach(this.#socket);
    this.#socket.on('error', this.#failed);
    this.#socket.on('close', this.#gone);
  }

  #detach(): void {
    this.#input.detach();
    this.#socket.off('error', this.#failed);
    this.#socket.off('close', this.#gone);
  }
}

const ignore = (): void => {};

function deadlinePassed(connection: SocketConnection): void {
  connection.checkDeadlines();
}

const timedOut = (): MailError => new MailError('closed', 'Connection timed out', { details: { timeout: true } });
