import assert from 'node:assert/strict';
import net from 'node:net';
import tls from 'node:tls';
import {
  parseResponse,
  type Response,
  responseLength,
  type Tagged,
  type Untagged,
  type Value,
} from './response-parser.js';

export type { Tagged, Untagged, Value } from './response-parser.js';

export interface Reply extends Tagged {
  /** Everything the server said since the last reply. */
  readonly untagged: readonly Untagged[];
}

export interface ImapTarget {
  readonly host?: string;
  readonly port: number;
  /** Implicit TLS; certificates are not checked (tests use self-signed ones). */
  readonly tls?: boolean;
}

const waitLimitMs = 30_000;

/**
 * The typed transcript that protocol tests are written in: send a line, expect a status, look at the untagged responses as
 * values. It reads strictly (response-parser) and fails a wait after 30 seconds with what came so far.
 */
export class ImapClient {
  #socket: net.Socket;
  /** What was read and not parsed yet. */
  #chunks: Buffer[] = [];
  #octets = 0;
  /** Octets that there must be before another look is worth it. */
  #needed = 1;
  #responses: Response[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #error: Error | undefined;
  #serial = 0;
  /** Untagged responses that no reply has taken yet. */
  #untagged: Untagged[] = [];
  greeting!: Untagged;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#attach(socket);
  }

  static async connect(target: ImapTarget): Promise<ImapClient> {
    const host = target.host ?? '127.0.0.1';
    const socket = target.tls
      ? tls.connect({ host, port: target.port, rejectUnauthorized: false })
      : net.connect({ host, port: target.port });
    const client = new ImapClient(socket);
    const first = await client.#next();
    assert.equal(first.kind, 'untagged', 'greeting');
    client.greeting = first as Untagged;
    return client;
  }

  #attach(socket: net.Socket): void {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#octets += chunk.length;
      if (this.#octets >= this.#needed) this.#parse();
    });
    socket.on('error', (error) => {
      this.#error = error;
      this.#ended = true;
      this.#wake?.();
    });
    socket.on('close', () => {
      this.#ended = true;
      this.#wake?.();
    });
  }

  #parse(): void {
    let buffer = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    for (;;) {
      const length = buffer.length === 0 ? -1 : responseLength(buffer);
      if (length < 0) {
        this.#needed = -length;
        break;
      }
      try {
        this.#responses.push(parseResponse(buffer.subarray(0, length)));
      } catch (error) {
        this.#error = error as Error;
      }
      buffer = buffer.subarray(length);
    }
    this.#chunks = buffer.length === 0 ? [] : [buffer];
    this.#octets = buffer.length;
    this.#wake?.();
  }

  async #next(waitMs = waitLimitMs): Promise<Response> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const response = this.#responses.shift();
      if (response) return response;
      if (this.#error) throw this.#error;
      if (this.#ended)
        throw new Error(`connection closed; untagged so far: ${JSON.stringify(this.#untagged).slice(0, 2000)}`);
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`nothing came; untagged so far: ${JSON.stringify(this.#untagged).slice(0, 2000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
  }

  get closed(): boolean {
    return this.#ended;
  }

  nextTag(): string {
    return `t${++this.#serial}`;
  }

  /** Octets as they are, a string as UTF-8. */
  write(octets: string | Uint8Array): void {
    this.#socket.write(octets);
  }

  /** Sends `line` with a tag and waits for its reply. Literals are given as further parts and sent without waiting
   *  (the line must then end in `{n+}`), or after `+` when it ends in `{n}`. */
  async command(line: string, ...parts: readonly (string | Uint8Array)[]): Promise<Reply> {
    const tag = this.nextTag();
    this.write(`${tag} ${line}`);
    let ends = line;
    for (const part of parts) {
      this.write('\r\n');
      if (/\{\d+\}$/.test(ends)) {
        const response = await this.#until((r) => r.kind !== 'untagged');
        if (response.kind === 'tagged') return this.#reply(response);
      }
      this.write(part);
      ends = typeof part === 'string' ? part : Buffer.from(part).toString('latin1');
    }
    this.write('\r\n');
    return this.reply(tag);
  }

  /** Sends a command whose message is a literal: `before` is everything up to the literal, `after` what follows it. */
  async literal(before: string, message: string | Uint8Array, after = ''): Promise<Reply> {
    const octets = typeof message === 'string' ? Buffer.from(message) : message;
    return this.command(`${before} {${octets.length}}`, octets, ...(after === '' ? [] : [after]));
  }

  async #until(found: (response: Response) => boolean, waitMs?: number): Promise<Response> {
    for (;;) {
      const response = await this.#next(waitMs);
      if (response.kind === 'untagged') this.#untagged.push(response);
      if (found(response)) return response;
    }
  }

  #reply(tagged: Tagged): Reply {
    const untagged = this.#untagged;
    this.#untagged = [];
    return { tag: tagged.tag, status: tagged.status, code: tagged.code, text: tagged.text, untagged };
  }

  /** Waits for the reply with this tag; another tag is an error. */
  async reply(tag: string): Promise<Reply> {
    const response = await this.#until((r) => r.kind === 'tagged');
    assert.ok(response.kind === 'tagged');
    assert.equal(response.tag, tag, 'tag of the reply');
    return this.#reply(response);
  }

  /** Waits for `+ ...` and gives its text. */
  async continuation(): Promise<string> {
    const response = await this.#until((r) => r.kind !== 'untagged');
    assert.equal(response.kind, 'continue', `expected +, got ${JSON.stringify(response)}`);
    return (response as { text: string }).text;
  }

  /** Waits for an untagged response with this name, outside a command (in IDLE). Those before it are kept for `take`. */
  async untagged(name: string, waitMs = waitLimitMs): Promise<Untagged> {
    const at = this.#untagged.findIndex((u) => u.name === name);
    if (at >= 0) return this.#untagged.splice(at, 1)[0]!;
    const response = await this.#until((r) => r.kind === 'untagged' && r.name === name, waitMs);
    this.#untagged.splice(this.#untagged.indexOf(response as Untagged), 1);
    return response as Untagged;
  }

  /** True if nothing comes for so long. */
  async quiet(ms: number): Promise<boolean> {
    try {
      const response = await this.#next(ms);
      if (response.kind === 'untagged') this.#untagged.push(response);
      return false;
    } catch {
      return !this.#ended;
    }
  }

  async ok(line: string, ...parts: readonly (string | Uint8Array)[]): Promise<Reply> {
    const reply = await this.command(line, ...parts);
    assert.equal(reply.status, 'OK', `${line}: ${reply.status} [${reply.code ?? ''}] ${reply.text}`);
    return reply;
  }

  async no(line: string, code?: string): Promise<Reply> {
    const reply = await this.command(line);
    assert.equal(reply.status, 'NO', `${line}: ${reply.status} [${reply.code ?? ''}] ${reply.text}`);
    if (code !== undefined) assert.equal(reply.code, code, line);
    return reply;
  }

  async bad(line: string): Promise<Reply> {
    const reply = await this.command(line);
    assert.equal(reply.status, 'BAD', `${line}: ${reply.status} [${reply.code ?? ''}] ${reply.text}`);
    return reply;
  }

  async login(user: string, password: string): Promise<Reply> {
    return this.ok(`LOGIN ${quote(user)} ${quote(password)}`);
  }

  async append(mailbox: string, message: string | Uint8Array, options = ''): Promise<Reply> {
    const reply = await this.literal(
      `APPEND ${quote(mailbox)} ${options === '' ? '' : `${options} `}`.trimEnd(),
      message,
    );
    assert.equal(reply.status, 'OK', `APPEND: ${reply.status} [${reply.code ?? ''}] ${reply.text}`);
    return reply;
  }

  async startTls(): Promise<void> {
    await this.ok('STARTTLS');
    this.upgrade();
  }

  /** The client's half of STARTTLS, after its OK. */
  upgrade(): void {
    this.#socket.removeAllListeners('data');
    this.#socket.removeAllListeners('close');
    const secure = tls.connect({ socket: this.#socket, rejectUnauthorized: false });
    this.#socket = secure;
    this.#attach(secure);
  }

  /** Stops reading, for tests of slow readers. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  async closedByServer(waitMs = waitLimitMs): Promise<void> {
    const deadline = Date.now() + waitMs;
    while (!this.#ended) {
      if (Date.now() > deadline) throw new Error('the server did not close the connection');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async logout(): Promise<void> {
    await this.command('LOGOUT');
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** The items of the FETCH responses among `untagged`: sequence number -> item name -> value. */
export function fetched(untagged: readonly Untagged[]): Map<number, Map<string, Value>> {
  const messages = new Map<number, Map<string, Value>>();
  for (const response of untagged) {
    if (response.name !== 'FETCH') continue;
    const list = response.values[0];
    assert.ok(Array.isArray(list), 'FETCH without a list');
    const items = messages.get(response.number!) ?? new Map<string, Value>();
    for (let i = 0; i < list.length; i += 2) items.set(String(list[i]).toUpperCase(), list[i + 1]!);
    messages.set(response.number!, items);
  }
  return messages;
}
