/**
 * A listening address and the connections it accepted. Takes `host:port`, a port on every interface or a Unix socket; works
 * alone and in a cluster worker (the primary then holds the port); gives each connection, after its PROXY header and its
 * implicit TLS, to one session function and owns it until the session is over.
 *
 * On failure: a port in use rejects `listen`; what goes wrong on one connection ends that one only.
 */
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { MailError } from '../kernel/errors.js';
import { newProcessNonce } from '../kernel/ids.js';
import { maxConnectionsPerListener } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';
import { isLoopback, type ListenAddress, type Networks, plainAddress } from './address.js';
import { bindServer, boundAddress } from './bind.js';
import type { Connection, Peer } from './connection.js';
import { readProxyHeader } from './proxy-reader.js';
import { SocketConnection } from './socket-connection.js';
import type { TlsContext } from './tls-context.js';

export interface ListenerOptions {
  /** As in the configuration (`imaps`), for the log. */
  readonly name: string;
  readonly address: ListenAddress;
  /** For implicit TLS and STARTTLS; undefined: neither. */
  readonly tls?: TlsContext;
  readonly implicitTls?: boolean;
  /** Peers that must begin with a PROXY header. */
  readonly proxies?: Networks;
  readonly maxConnections?: number;
  /** Said, with its CRLF, to a connection past `maxConnections` before it is closed (not under implicit TLS). */
  readonly fullText?: string;
  /** Silence after which the network is asked whether the peer is still there; the system's own time if undefined. */
  readonly keepAliveMs?: number;
  readonly log: Log;
}

export interface Listener {
  readonly name: string;
  /** What it is bound to; the port that the system chose for port 0. */
  readonly address: ListenAddress;
  readonly connections: number;
  /** No new connection; resolves when the last one is gone, at the latest after `graceMs`, when what is left is cut. The
   *  sessions are told by their own lifetime. */
  close(graceMs: number): Promise<void>;
}

const processNonce = newProcessNonce().slice(0, 12);
let connectionCount = 0;

/** Resolves when the address is bound. `session` ends when the connection is over; what it throws is logged. */
export async function listen(
  options: ListenerOptions,
  session: (connection: Connection) => Promise<void>,
): Promise<Listener> {
  const { log, name } = options;
  const live = new Set<SocketConnection>();
  const arriving = new Set<Socket>();
  const maxConnections = options.maxConnections ?? maxConnectionsPerListener;
  let closing = false;
  let onEmpty: (() => void) | undefined;

  const serve = async (socket: Socket): Promise<void> => {
    let connection: SocketConnection | undefined;
    arriving.add(socket);
    try {
      connection = await prepare(socket, options);
      live.add(connection);
      arriving.delete(socket);
      await session(connection);
      connection.end();
      await connection.closed();
    } catch (error) {
      logFailure(log, error, connection, name);
    } finally {
      arriving.delete(socket);
      connection?.destroy('session over');
      socket.destroy();
      if (connection !== undefined) live.delete(connection);
      if (live.size === 0 && arriving.size === 0) onEmpty?.();
    }
  };

  const { keepAliveMs } = options;
  const sockets = {
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    ...(keepAliveMs !== undefined && { keepAliveInitialDelay: keepAliveMs }),
  };
  const server = createServer(sockets, (socket) => {
    socket.on('error', ignore);
    if (closing || live.size + arriving.size >= maxConnections) {
      if (options.fullText !== undefined && options.implicitTls !== true) socket.end(options.fullText, 'latin1');
      socket.destroySoon();
      log.warn({ listener: name, connections: live.size }, 'connection refused: the listener is full or closing');
      return;
    }
    void serve(socket);
  });
  await bind(server, options.address);
  server.on('error', (error) => log.error({ err: error, listener: name }, 'listener failed'));

  return {
    name,
    address: boundAddress(server, options.address),
    get connections() {
      return live.size + arriving.size;
    },
    close: async (graceMs) => {
      closing = true;
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of arriving) socket.destroy();
      if (live.size + arriving.size > 0) {
        const empty = new Promise<void>((resolve) => {
          onEmpty = resolve;
        });
        const timer = setTimeout(() => {
          for (const connection of live) connection.destroy('service is ending');
        }, graceMs);
        await empty;
        clearTimeout(timer);
      }
      await stopped;
    },
  };
}

/** PROXY header, then implicit TLS, then the connection. */
async function prepare(socket: Socket, options: ListenerOptions): Promise<SocketConnection> {
  const peer = await peerOf(socket, options);
  const { tls } = options;
  let ready: Socket | TLSSocket = socket;
  if (options.implicitTls === true) {
    if (tls === undefined) throw new Error(`listener ${options.name} has no TLS context`);
    ready = await tls.secure(socket);
  }
  const id = `${processNonce}-${(++connectionCount).toString(36)}`;
  return new SocketConnection(ready, {
    peer,
    id,
    secure: tls === undefined ? undefined : (plain) => tls.secure(plain),
  });
}

async function peerOf(socket: Socket, options: ListenerOptions): Promise<Peer> {
  if (options.address.kind === 'unix') return { address: options.address.path, port: 0, unix: true, local: true };
  const address = plainAddress(socket.remoteAddress ?? '');
  const port = socket.remotePort ?? 0;
  if (address === '') throw new MailError('closed', 'Connection closed');
  if (options.proxies?.has(address) === true) {
    const named = await readProxyHeader(socket);
    return { address: named?.address ?? address, port: named?.port ?? port, unix: false, local: false };
  }
  return { address, port, unix: false, local: isLoopback(address) && isLoopback(socket.localAddress ?? '') };
}

async function bind(server: Server, address: ListenAddress): Promise<void> {
  if (address.kind === 'unix') await removeStaleSocket(address.path);
  await bindServer(server, address);
}

/** A socket file that nobody answers on is left from a killed process. */
async function removeStaleSocket(path: string): Promise<void> {
  const stale = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(false);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
  if (stale) await unlink(path).catch(ignore);
}

/** Peers that vanish are the daily run; anything else is worth a look. */
function logFailure(log: Log, error: unknown, connection: SocketConnection | undefined, name: string): void {
  const fields = { err: error, listener: name, connection: connection?.id, peer: connection?.peer.address };
  if (connection === undefined || (error instanceof MailError && error.code === 'closed')) {
    log.debug(fields, 'connection lost');
  } else log.error(fields, 'session failed');
}

const ignore = (): void => {};
