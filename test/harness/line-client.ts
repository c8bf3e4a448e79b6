/**
 * A client of a line protocol for tests: it sends what it is told, octet for octet, and gives back lines. Every wait has a
 * limit, so that a server that keeps silent fails a test instead of hanging it.
 */
import { connect, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

const waitMs = 10_000;

export interface LineClient {
  readonly socket: Socket;
  send(octets: string | Uint8Array): void;
  /** The next line without its CRLF; rejects when the connection ends before. */
  line(): Promise<string>;
  lines(count: number): Promise<string[]>;
  /** Everything until the server closes. */
  rest(): Promise<string>;
  /** Resolves when the server closed. */
  closed(): Promise<void>;
  /** The client's side of STARTTLS: a new client over the same connection. */
  startTls(): Promise<LineClient>;
  close(): void;
}

export type Target = { readonly port: number; readonly host?: string } | { readonly path: string };

export async function connectLines(target: Target): Promise<LineClient> {
  const socket = connect(
    'path' in target ? { path: target.path } : { port: target.port, host: target.host ?? '127.0.0.1' },
  );
  await once(socket, 'connect');
  socket.setNoDelay(true);
  return lineClient(socket);
}

export async function connectTlsLines(port: number, options: Record<string, unknown> = {}): Promise<LineClient> {
  const socket = tlsConnect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  return lineClient(socket);
}

export function lineClient(socket: Socket): LineClient {
  let buffered = '';
  let ended = false;
  let wake: (() => void) | undefined;
  const onData = (chunk: Buffer): void => {
    buffered += chunk.toString('latin1');
    wake?.();
  };
  const onEnd = (): void => {
    ended = true;
    wake?.();
  };
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('close', onEnd);
  socket.on('error', onEnd);
  const more = async (): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      wake = resolve;
      timer = setTimeout(() => reject(new Error(`nothing came; so far: ${JSON.stringify(buffered)}`)), waitMs);
    });
    clearTimeout(timer);
    wake = undefined;
  };
  const line = async (): Promise<string> => {
    for (;;) {
      const end = buffered.indexOf('\r\n');
      if (end >= 0) {
        const text = buffered.slice(0, end);
        buffered = buffered.slice(end + 2);
        return text;
      }
      if (ended) throw new Error(`connection ended; left: ${JSON.stringify(buffered)}`);
      await more();
    }
  };
  return {
    socket,
    send: (octets) => {
      socket.write(typeof octets === 'string' ? Buffer.from(octets, 'latin1') : octets);
    },
    line,
    lines: async (count) => {
      const result: string[] = [];
      for (let i = 0; i < count; i++) result.push(await line());
      return result;
    },
    rest: async () => {
      while (!ended) await more();
      const text = buffered;
      buffered = '';
      return text;
    },
    closed: async () => {
      while (!ended) await more();
    },
    startTls: async () => {
      socket.off('data', onData);
      socket.off('end', onEnd);
      socket.off('close', onEnd);
      const secure = tlsConnect({ socket, rejectUnauthorized: false });
      await once(secure, 'secureConnect');
      return lineClient(secure);
    },
    close: () => socket.destroy(),
  };
}

async function once(socket: Socket, event: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once(event, resolve);
    socket.once('error', reject);
  });
}
