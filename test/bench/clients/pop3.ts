import type { Socket } from 'node:net';
import type { Target } from '../target.js';
import { type Feed, openSocket } from './socket.js';

interface Waiting {
  readonly multi: boolean;
  readonly resolve: (answer: Pop3Answer) => void;
  readonly reject: (error: Error) => void;
}

export interface Pop3Answer {
  readonly line: string;
  /** Octets of the lines behind it, as they came, without the final dot. */
  readonly octets: number;
}

const end = Buffer.from('\r\n.\r\n');

/** A minimal POP3 client that counts what comes and keeps none of it. */
export class BenchPop3 implements Feed {
  #socket!: Socket;
  readonly #waiting: Waiting[] = [];
  #line = '';
  /** Within a multi-line answer: its first line, its octets so far, and the last of them. */
  #body: { readonly line: string; octets: number; tail: Buffer } | undefined;

  static async connect(target: Target): Promise<BenchPop3> {
    const client = new BenchPop3();
    const greeting = client.#answer(false);
    client.#socket = openSocket(target, target.ports.pop3!, false, client);
    await greeting;
    return client;
  }

  fail(error: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }

  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) at = this.#body === undefined ? this.#feedLine(chunk, at) : this.#feedBody(chunk, at);
  }

  #feedLine(chunk: Buffer, at: number): number {
    const lf = chunk.indexOf(10, at);
    if (lf < 0) {
      this.#line += chunk.toString('latin1', at);
      return chunk.length;
    }
    const line = this.#line + chunk.toString('latin1', at, lf + 1);
    this.#line = '';
    const [waiting] = this.#waiting;
    if (waiting?.multi === true && line.startsWith('+OK')) this.#body = { line, octets: 0, tail: Buffer.from('\r\n') };
    else this.#settle(line, 0);
    return lf + 1;
  }

  /** The end mark may lie in two reads: the last octets of the one before are looked at again. */
  #feedBody(chunk: Buffer, at: number): number {
    const body = this.#body!;
    const joint = Buffer.concat([body.tail, chunk.subarray(at, at + end.length - 1)]);
    const across = joint.indexOf(end);
    const found = across >= 0 ? at + across - body.tail.length : chunk.indexOf(end, at);
    if (found < at && across < 0) {
      body.octets += chunk.length - at;
      const last = Buffer.concat([body.tail, chunk.subarray(Math.max(at, chunk.length - 4))]);
      body.tail = Buffer.from(last.subarray(-4));
      return chunk.length;
    }
    this.#body = undefined;
    this.#settle(body.line, body.octets + found + 2 - at);
    return found + end.length;
  }

  #settle(line: string, octets: number): void {
    const waiting = this.#waiting.shift();
    if (line.startsWith('+OK')) waiting?.resolve({ line, octets });
    else waiting?.reject(new Error(`POP3: ${line.trim()}`));
  }

  #answer(multi: boolean): Promise<Pop3Answer> {
    return new Promise((resolve, reject) => this.#waiting.push({ multi, resolve, reject }));
  }

  command(text: string, multi = false): Promise<Pop3Answer> {
    const answer = this.#answer(multi);
    this.#socket.write(`${text}\r\n`);
    return answer;
  }

  pipeline(commands: readonly string[]): Promise<Pop3Answer[]> {
    const answers = commands.map(() => this.#answer(true));
    this.#socket.write(`${commands.join('\r\n')}\r\n`);
    return Promise.all(answers);
  }

  async login(user: string, password: string): Promise<this> {
    await this.command(`USER ${user}`);
    await this.command(`PASS ${password}`);
    return this;
  }

  async quit(): Promise<void> {
    await this.command('QUIT');
    this.#socket.end();
  }
}
