/**
 * A bad network in front of a database on a Unix socket: connections break after the server has answered and before the
 * client hears of it, so that what was written is not known to be written; other answers come late.
 */
import { createConnection, createServer, type Server, type Socket } from 'node:net';

export interface BadWireOptions {
  /** Share of answers whose connection breaks instead. */
  readonly lost: number;
  /** Share of answers that come up to `slowMs` late. */
  readonly slow: number;
  readonly slowMs: number;
  /** 0 to 1, seeded by the test. */
  readonly random: () => number;
}

export interface BadWire {
  /** How many connections it broke. */
  readonly broken: () => number;
  close(): Promise<void>;
}

export async function startBadWire(listenOn: string, forwardTo: string, options: BadWireOptions): Promise<BadWire> {
  const sockets = new Set<Socket>();
  let broken = 0;
  const server: Server = createServer((client) => {
    const upstream = createConnection(forwardTo);
    let delayed: Promise<void> = Promise.resolve();
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (octets) => upstream.write(octets));
    upstream.on('data', (octets) => {
      if (options.random() < options.lost) {
        broken += 1;
        client.destroy();
        upstream.destroy();
        return;
      }
      const pauseMs = options.random() < options.slow ? options.random() * options.slowMs : 0;
      // In order, whatever the pauses.
      delayed = delayed.then(async () => {
        if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
        client.write(octets);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(listenOn, resolve));
  return {
    broken: () => broken,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
