import type { Socket } from 'node:net';
import type { Target } from '../target.js';
import { type Feed, openSocket } from './socket.js';

const lineFeed = 10;

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

interface Pending extends Waiting<string> {
  readonly what: string;
  /** NO and BAD resolve too. */
  readonly any: boolean;
}

export interface AppendItem {
  readonly body: Buffer;
  readonly flags?: string;
  readonly date?: string;
}

/**
 * A minimal IMAP client that costs the machine little: one native indexOf a line, literals skipped by count and never looked
 * at. It counts what it is told (`fetched`, `expunged`, `literalOctets`) so that a row can be checked.
 */
export class BenchImap implements Feed {
  fetched = 0;
  expunged = 0;
  exists = -1;
  literals = 0;
  literalOctets = 0;
  octets = 0;
  closed = false;
  onExists: ((count: number) => void) | undefined;
  onLiteral: ((chunk: Buffer) => void) | undefined;
  onLiteralEnd: (() => void) | undefined;

  #socket!: Socket;
  #serial = 0;
  readonly #pending = new Map<string, Pending>();
  readonly #continuations: Waiting<string>[] = [];
  #greeting: Waiting<void> | undefined;
  #partial: Buffer | undefined;
  #literalLeft = 0;
  /** Inside a response that began before the last literal. */
  #continued = false;
  #mayHoldLiteral = false;
  #captured: string[] | undefined;
  #capabilities: ReadonlySet<string> | undefined;
  #idle: Promise<string> | undefined;

  static async connect(target: Target, secure: boolean): Promise<BenchImap> {
    const client = new BenchImap();
    await new Promise<void>((resolve, reject) => {
      client.#greeting = { resolve, reject };
      const port = secure ? target.ports.imaps : target.ports.imap;
      if (port === undefined) throw new Error(`${target.name} has no ${secure ? 'imaps' : 'imap'} port`);
      client.#socket = openSocket(target, port, secure, client);
    });
    return client;
  }

  fail(error: Error): void {
    this.closed = true;
    this.#greeting?.reject(error);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    for (const waiting of this.#continuations.splice(0)) waiting.reject(error);
  }

  feed(chunk: Buffer): void {
    this.octets += chunk.length;
    let at = 0;
    while (at < chunk.length) {
      if (this.#literalLeft > 0) {
        const count = Math.min(this.#literalLeft, chunk.length - at);
        this.onLiteral?.(chunk.subarray(at, at + count));
        this.#literalLeft -= count;
        at += count;
        if (this.#literalLeft === 0) this.onLiteralEnd?.();
        continue;
      }
      const end = chunk.indexOf(lineFeed, at);
      if (end < 0) {
        const rest = chunk.subarray(at);
        this.#partial = this.#partial ? Buffer.concat([this.#partial, rest]) : Buffer.from(rest);
        return;
      }
      if (this.#partial) {
        const whole = Buffer.concat([this.#partial, chunk.subarray(at, end + 1)]);
        this.#partial = undefined;
        this.#segment(whole, 0, whole.length - 1);
      } else this.#segment(chunk, at, end);
      at = end + 1;
    }
  }

  /** One stretch between literals; `bytes[end]` is its LF. */
  #segment(bytes: Buffer, start: number, end: number): void {
    if (this.#continued) this.#captured?.push(bytes.toString('latin1', start, end));
    else if (bytes[start] === 0x2a) this.#mayHoldLiteral = this.#untagged(bytes, start + 2, end);
    else {
      this.#mayHoldLiteral = false;
      if (bytes[start] === 0x2b) this.#continuations.shift()?.resolve(bytes.toString('latin1', start, end));
      else this.#tagged(bytes, start, end);
    }
    // status texts are free text, so only data may end in {n}
    if (this.#mayHoldLiteral && bytes[end - 1] === 0x0d && bytes[end - 2] === 0x7d) {
      let at = end - 3;
      let count = 0;
      let scale = 1;
      for (let c = bytes[at]!; at >= start && c >= 48 && c <= 57; c = bytes[--at]!) {
        count += (c - 48) * scale;
        scale *= 10;
      }
      if (bytes[at] === 0x7b && scale > 1) {
        this.#continued = true;
        this.#literalLeft = count;
        this.literals++;
        this.literalOctets += count;
        if (count === 0) this.onLiteralEnd?.();
        return;
      }
    }
    this.#continued = false;
  }

  /** True if the response may hold literals. */
  #untagged(bytes: Buffer, start: number, end: number): boolean {
    this.#captured?.push(bytes.toString('latin1', start - 2, end));
    let at = start;
    let c = bytes[at]!;
    if (c >= 48 && c <= 57) {
      let number = 0;
      for (; c >= 48 && c <= 57; c = bytes[++at]!) number = number * 10 + c - 48;
      const name = bytes.toString('latin1', at + 1, at + 5);
      if (name === 'FETC') {
        this.fetched++;
        return true;
      }
      if (name === 'EXIS') {
        this.exists = number;
        this.onExists?.(number);
      } else if (name === 'EXPU') {
        this.expunged++;
        this.exists--;
      }
      return false;
    }
    const word = bytes.toString('latin1', at, Math.min(at + 8, end));
    if (/^(OK|NO|BAD|BYE|PREAUTH) /.test(word)) {
      const greeting = this.#greeting;
      this.#greeting = undefined;
      if (word.startsWith('OK')) greeting?.resolve();
      else greeting?.reject(new Error(bytes.toString('latin1', at, end)));
      return false;
    }
    return true;
  }

  #tagged(bytes: Buffer, start: number, end: number): void {
    const space = bytes.indexOf(32, start);
    const tag = bytes.toString('latin1', start, space);
    const pending = this.#pending.get(tag);
    if (!pending) {
      this.fail(new Error(`unexpected line: ${bytes.toString('latin1', start, Math.min(end, start + 200))}`));
      this.#socket.destroy();
      return;
    }
    this.#pending.delete(tag);
    const text = bytes.toString('latin1', space + 1, bytes[end - 1] === 0x0d ? end - 1 : end);
    if (pending.any || text.startsWith('OK')) pending.resolve(text);
    else pending.reject(new Error(`${pending.what.slice(0, 80)} -> ${text}`));
  }

  #expect(tag: string, what: string, any: boolean): Promise<string> {
    return new Promise((resolve, reject) => this.#pending.set(tag, { resolve, reject, what, any }));
  }

  #nextTag(): string {
    return `b${(this.#serial++).toString(36)}`;
  }

  /** Resolves to the tagged text; rejects on NO and BAD unless `any`. */
  command(line: string, any = false): Promise<string> {
    const tag = this.#nextTag();
    const reply = this.#expect(tag, line, any);
    this.#socket.write(`${tag} ${line}\r\n`, 'latin1');
    return reply;
  }

  /** All commands in one write, all answers awaited. */
  pipeline(lines: readonly string[]): Promise<string[]> {
    let out = '';
    const replies = lines.map((line) => {
      const tag = this.#nextTag();
      out += `${tag} ${line}\r\n`;
      return this.#expect(tag, line, false);
    });
    this.#socket.write(out, 'latin1');
    return Promise.all(replies);
  }

  /** The untagged responses of one command, as text without literals. */
  async lines(line: string): Promise<string[]> {
    const captured: string[] = [];
    this.#captured = captured;
    try {
      await this.command(line);
      return captured;
    } finally {
      this.#captured = undefined;
    }
  }

  async login(user: string, password: string): Promise<this> {
    const text = await this.command(`LOGIN ${user} "${password}"`);
    const listed = /\[CAPABILITY ([^\]]*)\]/i.exec(text)?.[1];
    if (listed !== undefined) this.#capabilities = new Set(listed.toUpperCase().split(' '));
    return this;
  }

  async capabilities(): Promise<ReadonlySet<string>> {
    this.#capabilities ??= new Set((await this.lines('CAPABILITY')).join(' ').toUpperCase().trim().split(/\s+/));
    return this.#capabilities;
  }

  #continuation(): Promise<string> {
    return new Promise((resolve, reject) => this.#continuations.push({ resolve, reject }));
  }

  /** More than one item needs MULTIAPPEND. LITERAL+ where the server has it. */
  async append(mailbox: string, items: readonly AppendItem[]): Promise<string> {
    const plus = (await this.capabilities()).has('LITERAL+') ? '+' : '';
    const tag = this.#nextTag();
    const reply = this.#expect(tag, `APPEND ${mailbox}`, false);
    reply.catch(() => undefined);
    let head = `${tag} APPEND ${mailbox}`;
    for (const item of items) {
      head += `${item.flags ? ` (${item.flags})` : ''}${item.date ? ` "${item.date}"` : ''} {${item.body.length}${plus}}\r\n`;
      if (plus === '') {
        const ready = this.#continuation();
        this.#socket.write(head, 'latin1');
        const refused = reply.then(() => Promise.reject(new Error('no continuation')));
        await Promise.race([ready, refused]);
        this.#socket.write(item.body);
      } else {
        this.#socket.cork();
        this.#socket.write(head, 'latin1');
        this.#socket.write(item.body);
        this.#socket.uncork();
      }
      head = '';
    }
    this.#socket.write('\r\n');
    return reply;
  }

  async idle(): Promise<void> {
    const ready = this.#continuation();
    this.#idle = this.command('IDLE');
    this.#idle.catch(() => undefined);
    await Promise.race([ready, this.#idle.then(() => Promise.reject(new Error('IDLE ended')))]);
  }

  async done(): Promise<void> {
    this.#socket.write('DONE\r\n');
    await this.#idle;
  }

  async select(mailbox: string): Promise<void> {
    this.exists = -1;
    await this.command(`SELECT ${mailbox}`);
    if (this.exists < 0) throw new Error('SELECT without EXISTS');
  }

  async status(mailbox: string, item: 'MESSAGES' | 'UNSEEN'): Promise<number> {
    const text = (await this.lines(`STATUS ${mailbox} (${item})`)).join('');
    return Number(new RegExp(`${item} (\\d+)`).exec(text)?.[1] ?? Number.NaN);
  }

  async logout(): Promise<void> {
    try {
      await this.command('LOGOUT');
    } finally {
      this.#socket.end();
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
