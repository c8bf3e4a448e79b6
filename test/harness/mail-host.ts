/**
 * Somebody else's mail host, on this machine: it takes mail, and is as sick as a test wants it. Every command goes through
 * `answer`, which may say something else than a healthy host would, say nothing, or hang up.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TlsContext } from '@vaguemestre/server/net/tls-context';

export interface TakenMessage {
  readonly mail: string;
  readonly recipients: readonly string[];
  readonly content: Buffer;
  readonly secure: boolean;
  /** Which connection it came by, counted from 1. */
  readonly connection: number;
}

/** A reply without its CRLF, `hangUp`, `silence`; undefined: what a healthy host says. */
export type Answer = string | 'hangUp' | 'silence' | undefined;

export interface MailHostOptions {
  readonly protocol?: 'smtp' | 'lmtp';
  readonly address?: string;
  readonly port?: number;
  readonly path?: string;
  readonly extensions?: readonly string[];
  readonly tls?: TlsContext;
  /** STARTTLS is offered, agreed to, and then it hangs up. */
  readonly brokenTls?: boolean;
  /** `greeting`, each command line, `content` for the end of a message (once a recipient in LMTP, with its address). */
  readonly answer?: (command: string, host: MailHost, recipient?: string) => Answer;
}

export interface MailHost {
  readonly port: number;
  readonly messages: TakenMessage[];
  /** Commands, in order. */
  readonly commands: string[];
  readonly connections: number;
  close(): Promise<void>;
}

export const usualExtensions = ['PIPELINING', 'SIZE 10000000', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES', 'DSN'];

export async function startMailHost(options: MailHostOptions = {}): Promise<MailHost> {
  const sockets = new Set<Socket>();
  const host = { port: 0, messages: [] as TakenMessage[], commands: [] as string[], connections: 0 };
  const handle: MailHost = Object.assign(host, { close: () => closeAll(server, sockets) });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    host.connections++;
    serve(socket, host.connections, handle, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if (options.path !== undefined) server.listen(options.path, resolve);
    else server.listen(options.port ?? 0, options.address ?? '127.0.0.1', resolve);
  });
  if (options.path === undefined) host.port = (server.address() as AddressInfo).port;
  return handle;
}

function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}

function serve(first: Socket, connection: number, host: MailHost, options: MailHostOptions): void {
  let socket: Socket = first;
  let secure = false;
  let input = Buffer.alloc(0);
  let mail = '';
  let recipients: string[] = [];
  let mode: 'commands' | 'data' | 'chunk' = 'commands';
  let chunkLeft = 0;
  let lastChunk = false;
  let chunks: Buffer[] = [];
  const lmtp = options.protocol === 'lmtp';

  const say = (command: string, usual: string, recipient?: string): boolean => {
    const answer = options.answer?.(command, host, recipient) ?? usual;
    if (answer === 'hangUp') socket.destroy();
    else if (answer !== 'silence') socket.write(`${answer}\r\n`);
    return answer.startsWith('2') || answer.startsWith('3');
  };
  const finish = (content: Buffer): void => {
    const taken = { mail, recipients, content, secure, connection };
    if (lmtp) {
      const kept: string[] = [];
      for (const to of recipients) if (say('content', `250 2.1.5 <${to}> delivered`, to)) kept.push(to);
      if (kept.length > 0) host.messages.push({ ...taken, recipients: kept });
    } else if (say('content', '250 2.0.0 taken')) host.messages.push(taken);
    mail = '';
    recipients = [];
    mode = 'commands';
  };
  const command = (line: string): void => {
    (host.commands as string[]).push(line);
    const verb = line.slice(0, 4).toUpperCase();
    switch (verb) {
      case 'EHLO':
      case 'LHLO': {
        const list = [...(options.extensions ?? usualExtensions)];
        if ((options.tls !== undefined || options.brokenTls === true) && !secure) list.push('STARTTLS');
        const lines = ['host.example', ...list];
        say(line, lines.map((text, i) => `250${i === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n'));
        return;
      }
      case 'MAIL':
        if (say(line, '250 2.1.0 sender')) mail = line;
        return;
      case 'RCPT':
        if (mail === '') say(line, '503 5.5.1 MAIL first');
        else if (say(line, '250 2.1.5 recipient')) recipients.push(line.slice(9, line.indexOf('>')));
        return;
      case 'DATA':
        if (recipients.length === 0) say(line, '503 5.5.1 no recipients');
        else if (say(line, '354 go on')) mode = 'data';
        return;
      case 'BDAT': {
        const [, size = '0', last] = line.split(' ');
        chunkLeft = Number(size);
        lastChunk = last?.toUpperCase() === 'LAST';
        mode = 'chunk';
        return;
      }
      case 'RSET':
        mail = '';
        recipients = [];
        say(line, '250 2.0.0 reset');
        return;
      case 'STAR':
        if (options.brokenTls === true && say(line, '220 2.0.0 go')) socket.once('data', () => socket.destroy());
        else if (options.tls === undefined) say(line, '502 5.5.1 no TLS');
        else if (say(line, '220 2.0.0 go')) void upgrade(options.tls);
        return;
      case 'QUIT':
        say(line, '221 2.0.0 bye');
        socket.end();
        return;
      default:
        say(line, verb === 'HELO' ? '250 host.example' : '500 5.5.1 unknown');
    }
  };
  const upgrade = async (tls: TlsContext): Promise<void> => {
    socket.removeAllListeners('data');
    input = Buffer.alloc(0);
    try {
      socket = await tls.secure(socket);
      secure = true;
      attach();
    } catch {
      socket.destroy();
    }
  };
  const consume = (): void => {
    for (;;) {
      if (mode === 'data') {
        const end = input.subarray(0, 3).equals(Buffer.from('.\r\n')) ? -2 : input.indexOf('\r\n.\r\n');
        if (end === -1) return;
        const content = unstuffed(input.subarray(0, Math.max(0, end + 2)));
        input = input.subarray(end === -2 ? 3 : end + 5);
        finish(content);
      } else if (mode === 'chunk') {
        if (chunkLeft > 0 && input.length === 0) return;
        const part = input.subarray(0, chunkLeft);
        chunks.push(Buffer.from(part));
        input = input.subarray(part.length);
        chunkLeft -= part.length;
        if (chunkLeft > 0) return;
        if (lastChunk) {
          const content = Buffer.concat(chunks);
          chunks = [];
          finish(content);
        } else say('BDAT', '250 2.0.0 chunk');
        mode = 'commands';
      } else {
        const end = input.indexOf('\r\n');
        if (end < 0) return;
        const line = input.toString('latin1', 0, end);
        input = input.subarray(end + 2);
        command(line);
      }
    }
  };
  const attach = (): void => {
    socket.on('data', (octets: Buffer) => {
      input = Buffer.concat([input, octets]);
      consume();
    });
    socket.on('error', () => socket.destroy());
  };
  attach();
  say('greeting', '220 host.example ready');
}

/** RFC 5321 4.5.2. */
function unstuffed(content: Buffer): Buffer {
  let text = content.toString('latin1');
  if (text.startsWith('.')) text = text.slice(1);
  return Buffer.from(text.replaceAll('\r\n.', '\r\n'), 'latin1');
}
