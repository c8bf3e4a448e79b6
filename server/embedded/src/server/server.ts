/**
 * The server in its thread: opens the engine, listens on the socket, does the housekeeping, and goes down in order: no new
 * connection, running commands finish, what they committed is on disk. A request that is not here whole is cut off.
 */
import { chmodSync, existsSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { openEngine } from '../engine/engine.js';
import type { Services } from './call.js';
import { type Connection, serveConnection } from './connection.js';
import { createCursors } from './cursors.js';
import { createFailPoints } from './fail-points.js';
import { createSessions } from './sessions.js';

export interface ServerOptions {
  readonly dataDir: string;
  readonly socketPath: string;
  readonly testCommands: boolean;
  readonly log: Services['log'];
}

export interface RunningServer {
  close(): Promise<void>;
}

const housekeepingMs = 30_000;
/**
 * Old records go some at a time: LMDB looks through all free pages it holds with every commit, which takes many milliseconds after
 * half a minute's worth under load became free at once.
 */
const trimMs = 5_000;
/** How long commands that run at the end may take before their connections are cut. */
const graceMs = 5_000;

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const done = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

export async function runServer(options: ServerOptions): Promise<RunningServer> {
  const { dataDir, socketPath, testCommands, log } = options;
  // The owner of the folder holds a lock on it, so a socket that is there was left by a process that died; all the same.
  if (existsSync(socketPath)) {
    if (await answers(socketPath)) throw new Error(`another server answers on ${socketPath}`);
    unlinkSync(socketPath);
  }
  const engine = openEngine(dataDir, log);
  const closing = new AbortController();
  const services: Services = {
    engine,
    cursors: createCursors(),
    sessions: createSessions(engine.storage),
    failPoints: createFailPoints(testCommands),
    socketPath,
    startedAt: Date.now(),
    closing: closing.signal,
    log,
  };
  const open = new Map<Socket, Connection>();
  let lastId = 0;
  const server = createServer((socket) => {
    lastId++;
    const connection = serveConnection(services, socket, lastId);
    open.set(socket, connection);
    void connection.done.then(() => open.delete(socket));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    await engine.close();
    throw error;
  }
  chmodSync(socketPath, 0o600);
  server.on('error', (error) => log('error', 'listening failed', error));

  const failed = (error: unknown): void => log('error', 'housekeeping failed', error);
  const timer = setInterval(() => {
    services.cursors.expire();
    engine.storage.dropDeadReaders();
    services.sessions.expire().catch(failed);
  }, housekeepingMs);
  timer.unref();
  const trimming = setInterval(() => void engine.oplog.trim().catch(failed), trimMs);
  trimming.unref();

  return {
    async close() {
      clearInterval(timer);
      clearInterval(trimming);
      closing.abort();
      server.close();
      services.cursors.closeAll();
      for (const connection of open.values()) connection.stop();
      const late = setTimeout(() => {
        for (const socket of open.keys()) socket.destroy();
      }, graceMs);
      await Promise.all([...open.values()].map(({ done }) => done));
      clearTimeout(late);
      await engine.close();
    },
  };
}
