import type { Socket } from 'node:net';
import type { Target } from '../target.js';
import { type Feed, openSocket } from './socket.js';

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** A minimal LMTP client; pipelines when the server offers it. Any reply but the expected one is an error. */
export class BenchLmtp implements Feed {
  #socket!: Socket;
  #partial = '';
  #waiting: Waiting[] = [];
  #pipelining = false;

  static async connect(target: Target): Promise<BenchLmtp> {
    const client = new BenchLmtp();
    const greeting = client.#reply();
    client.#socket = openSocket(target, target.ports.lmtp!, false, client);
    await greeting;
    const capabilities = client.#reply();
    client.#socket.write('LHLO bench.test\r\n');
    client.#pipelining = /PIPELINING/i.test(await capabilities);
    return client;
  }

  fail(error: Error): void {
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }

  #multiline = '';
  feed(chunk: Buffer): void {
    this.#partial += chunk.toString('latin1');
    for (let end = this.#partial.indexOf('\n'); end >= 0; end = this.#partial.indexOf('\n')) {
      const line = this.#partial.slice(0, end + 1);
      this.#partial = this.#partial.slice(end + 1);
      this.#multiline += line;
      if (line[3] === '-') continue;
      const reply = this.#multiline;
      this.#multiline = '';
      this.#waiting.shift()?.resolve(reply);
    }
  }

  #reply(): Promise<string> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async #expect(reply: Promise<string>, code: string): Promise<void> {
    const text = await reply;
    if (!text.startsWith(code)) throw new Error(`LMTP: expected ${code}, got ${text.trim()}`);
  }

  /** `stuffed` is the message with its dots doubled and the end mark. Resolves when every recipient was answered 250. */
  async deliver(recipients: readonly string[], stuffed: Buffer): Promise<void> {
    const lines = ['MAIL FROM:<sender@bench.test>', ...recipients.map((to) => `RCPT TO:<${to}>`), 'DATA'];
    const codes = lines.map((_, i) => (i === lines.length - 1 ? '354' : '250'));
    if (this.#pipelining) {
      const replies = lines.map(() => this.#reply());
      this.#socket.write(`${lines.join('\r\n')}\r\n`);
      for (const [i, reply] of replies.entries()) await this.#expect(reply, codes[i]!);
    } else {
      for (const [i, line] of lines.entries()) {
        const reply = this.#reply();
        this.#socket.write(`${line}\r\n`);
        await this.#expect(reply, codes[i]!);
      }
    }
    const answers = recipients.map(() => this.#reply());
    this.#socket.write(stuffed);
    await Promise.all(answers.map((answer) => this.#expect(answer, '250')));
  }

  async quit(): Promise<void> {
    const reply = this.#reply();
    this.#socket.write('QUIT\r\n');
    await reply;
    this.#socket.end();
  }
}
