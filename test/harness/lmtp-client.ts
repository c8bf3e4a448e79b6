import assert from 'node:assert/strict';
import net from 'node:net';

export interface SmtpReply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** A plain LMTP (and SMTP) client for the tests: one command, one reply, or as many as were pipelined. */
export class LmtpClient {
  readonly #socket: net.Socket;
  #buffer = '';
  #replies: SmtpReply[] = [];
  #lines: string[] = [];
  #wake: (() => void) | undefined;
  #ended = false;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#buffer += chunk;
      for (let end = this.#buffer.indexOf('\r\n'); end >= 0; end = this.#buffer.indexOf('\r\n')) {
        const line = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 2);
        this.#lines.push(line);
        if (line[3] !== '-') {
          this.#replies.push({ code: Number(line.slice(0, 3)), lines: this.#lines });
          this.#lines = [];
        }
      }
      this.#wake?.();
    });
    const ended = () => {
      this.#ended = true;
      this.#wake?.();
    };
    socket.on('error', ended);
    socket.on('close', ended);
  }

  static async connect(target: { host?: string; port: number } | { path: string }): Promise<LmtpClient> {
    const client = new LmtpClient(
      'path' in target ? net.connect(target.path) : net.connect({ host: '127.0.0.1', ...target }),
    );
    assert.equal((await client.reply()).code, 220);
    return client;
  }

  get closed(): boolean {
    return this.#ended;
  }

  write(octets: string | Uint8Array): void {
    this.#socket.write(octets);
  }

  async reply(): Promise<SmtpReply> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const reply = this.#replies.shift();
      if (reply) return reply;
      if (this.#ended) throw new Error('connection closed');
      if (Date.now() > deadline) throw new Error('no reply');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 30_000);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
  }

  async command(line: string): Promise<SmtpReply> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  async lhlo(): Promise<SmtpReply> {
    const reply = await this.command('LHLO test.example');
    assert.equal(reply.code, 250);
    return reply;
  }

  /** One transaction; resolves with the last reply of each recipient (its RCPT reply if that refused it). */
  async deliver(options: {
    readonly from?: string;
    readonly mailParameters?: string;
    readonly to: readonly string[];
    readonly message: Uint8Array;
  }): Promise<SmtpReply[]> {
    const parameters = options.mailParameters ? ` ${options.mailParameters}` : '';
    const lines = [`MAIL FROM:<${options.from ?? 'sender@elsewhere.example'}>${parameters}`];
    for (const to of options.to) lines.push(`RCPT TO:<${to}>`);
    lines.push('DATA');
    this.write(`${lines.join('\r\n')}\r\n`);
    const mail = await this.reply();
    assert.equal(mail.code, 250, mail.lines.join('\n'));
    const results: SmtpReply[] = [];
    for (const _ of options.to) results.push(await this.reply());
    const data = await this.reply();
    if (data.code !== 354) return results;
    this.write(dotStuffed(options.message));
    for (const [i, rcpt] of results.entries()) if (rcpt.code === 250) results[i] = await this.reply();
    return results;
  }

  async quit(): Promise<void> {
    await this.command('QUIT');
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** RFC 5321 4.5.2, with the final dot. A message without a final line end gets one. */
export function dotStuffed(message: Uint8Array): Buffer {
  const source = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const parts: Buffer[] = [];
  let from = 0;
  if (source[0] === 0x2e) parts.push(Buffer.from('.'));
  for (let at = source.indexOf('\n.', 0, 'latin1'); at >= 0; at = source.indexOf('\n.', at + 1, 'latin1')) {
    parts.push(source.subarray(from, at + 1), Buffer.from('.'));
    from = at + 1;
  }
  parts.push(source.subarray(from));
  if (source.length > 0 && source[source.length - 1] !== 0x0a) parts.push(Buffer.from('\r\n'));
  parts.push(Buffer.from('.\r\n'));
  return Buffer.concat(parts);
}
