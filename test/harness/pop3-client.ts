/** A POP3 client for tests: commands one at a time or many at once, answers as they come. */
import assert from 'node:assert/strict';
import { connectLines, connectTlsLines, type LineClient } from './line-client.js';

export interface Pop3Client {
  readonly lines: LineClient;
  readonly greeting: string;
  send(octets: string): void;
  /** The next line. */
  line(): Promise<string>;
  /** Sends a command and gives back its one line. */
  command(text: string): Promise<string>;
  /** The same, which must succeed; without the `+OK `. */
  ok(text: string): Promise<string>;
  /** The same, which must be refused; without the `-ERR `. */
  refused(text: string): Promise<string>;
  /** Lines of a multi-line response, dots unstuffed. */
  multi(text: string): Promise<string[]>;
  /** Lines up to the final dot, of an answer whose first line was read. */
  body(): Promise<string[]>;
  login(user: string, password: string): Promise<void>;
  capabilities(): Promise<string[]>;
  startTls(): Promise<Pop3Client>;
  quit(): Promise<string>;
  closed(): Promise<void>;
  destroy(): void;
}

export async function connectPop3(port: number, options: { tls?: boolean } = {}): Promise<Pop3Client> {
  const lines = options.tls === true ? await connectTlsLines(port) : await connectLines({ port });
  return pop3Client(lines, await lines.line());
}

function pop3Client(lines: LineClient, greeting: string): Pop3Client {
  const send = (octets: string): void => lines.send(octets);
  const command = async (text: string): Promise<string> => {
    send(`${text}\r\n`);
    return lines.line();
  };
  const starting = async (text: string, start: '+OK' | '-ERR'): Promise<string> => {
    const answer = await command(text);
    assert.ok(answer.startsWith(start), `${text} => ${answer}`);
    return answer.slice(start.length + 1);
  };
  const body = async (): Promise<string[]> => {
    const found: string[] = [];
    for (;;) {
      const line = await lines.line();
      if (line === '.') return found;
      found.push(line.startsWith('.') ? line.slice(1) : line);
    }
  };
  const client: Pop3Client = {
    lines,
    greeting,
    send,
    line: () => lines.line(),
    command,
    ok: (text) => starting(text, '+OK'),
    refused: (text) => starting(text, '-ERR'),
    body,
    async multi(text) {
      await starting(text, '+OK');
      return body();
    },
    async login(user, password) {
      await starting(`USER ${user}`, '+OK');
      await starting(`PASS ${password}`, '+OK');
    },
    capabilities: () => client.multi('CAPA'),
    async startTls() {
      await starting('STLS', '+OK');
      return pop3Client(await lines.startTls(), '');
    },
    async quit() {
      const answer = await command('QUIT');
      await lines.closed();
      return answer;
    },
    closed: () => lines.closed(),
    destroy: () => lines.close(),
  };
  return client;
}
