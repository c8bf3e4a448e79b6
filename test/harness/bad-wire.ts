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

/**
 * How many answers begin in these octets, which follow those it was called with before: a large answer comes in many parts, more
 * the busier the machine is, and is to break no more often than a small one. A message begins with its length, 4 octets.
 */
function answerCounter(): (octets: Buffer) => number {
  let left = 0;
  let length = 0;
  let lengthOctets = 0;
  return (octets) => {
    let begun = 0;
    for (let at = 0; at < octets.length; ) {
      if (left > 0) {
        const step = Math.min(left, octets.length - at);
        left -= step;
        at += step;
        continue;
      }
      if (lengthOctets === 0) begun++;
      length += octets[at++]! * 256 ** lengthOctets++;
      if (lengthOctets < 4) continue;
      left = length - 4;
      length = 0;
      lengthOctets = 0;
    }
    return begun;
  };
}

export async function startBadWire(listenOn: string, forwardTo: string, options: BadWireOptions): Promise<BadWire> {
  const sockets = new Set<Socket>();
  let broken = 0;
  const server: Server = createServer((client) => {
    const upstream = createConnection(forwardTo);
    let delayed: Promise<void> = Promise.resolve();
    const answersIn = answerCounter();
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
      let pauseMs = 0;
      for (let answers = answersIn(octets); answers > 0; answers--) {
        if (options.random() < options.lost) {
          broken += 1;
          client.destroy();
          upstream.destroy();
          return;
        }
        if (options.random() < options.slow) pauseMs = options.random() * options.slowMs;
      }
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
