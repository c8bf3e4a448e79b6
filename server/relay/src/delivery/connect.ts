/**
 * Connections to other hosts. The same `Connection` as the listeners give, so that lines, deadlines and backpressure are written
 * once; its `startTls` is the client's side here. Rejects with HostTrouble when nobody answers, and with the signal's reason.
 */
import { connect as connectSocket, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { newProcessNonce } from '@vaguemestre/server/kernel/ids';
import { isLoopback } from '@vaguemestre/server/net/address';
import { SocketConnection } from '@vaguemestre/server/net/socket-connection';
import { HostTrouble } from './remote-reply.js';

export type ConnectTarget =
  | { readonly host: string; readonly address: string; readonly port: number }
  | { readonly path: string };

export interface TlsTrust {
  /** Authorities (PEM) in place of the system's. */
  readonly authorities?: string;
}

export interface HostConnection {
  readonly connection: SocketConnection;
  /** Known after `startTls`: why its certificate is not one for the name of the host; undefined if it is. */
  unverified(): string | undefined;
}

export async function connectHost(
  target: ConnectTarget,
  timeouts: { readonly connectMs: number; readonly handshakeMs: number },
  trust: TlsTrust,
  signal: AbortSignal,
): Promise<HostConnection> {
  const unix = 'path' in target;
  const socket = await openSocket(target, timeouts.connectMs, signal);
  let secured: TLSSocket | undefined;
  const connection = new SocketConnection(socket, {
    peer: {
      address: unix ? target.path : target.address,
      port: unix ? 0 : target.port,
      unix,
      local: unix || isLoopback(target.address),
    },
    id: newProcessNonce(),
    secure: async (plain) => {
      secured = await handshake(plain, unix ? 'localhost' : target.host, trust, timeouts.handshakeMs);
      return secured;
    },
  });
  return {
    connection,
    unverified: () => {
      if (secured === undefined) return 'there is no TLS';
      if (secured.authorized) return undefined;
      const reason: unknown = secured.authorizationError;
      return reason instanceof Error ? ((reason as NodeJS.ErrnoException).code ?? reason.message) : String(reason);
    },
  };
}

function openSocket(target: ConnectTarget, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const where = 'path' in target ? { path: target.path } : { host: target.address, port: target.port };
    // Half open: a host that says its last words and closes must still be heard.
    const socket = connectSocket({ ...where, allowHalfOpen: true, noDelay: true });
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new HostTrouble('4.4.1', 'the host does not answer')), timeoutMs);
    const aborted = (): void => fail(signal.reason);
    const refused = (error: NodeJS.ErrnoException): void =>
      fail(new HostTrouble('4.4.1', `no connection to the host (${error.code ?? 'failed'})`, error));
    signal.addEventListener('abort', aborted, { once: true });
    socket.once('error', refused);
    socket.once('connect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      socket.off('error', refused);
      resolve(socket);
    });
  });
}

function handshake(plain: Socket, host: string, trust: TlsTrust, timeoutMs: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const named = isIP(host) === 0;
    const secure = connectTls({
      socket: plain,
      // RFC 6066 3: names only. The certificate is compared with `host` all the same.
      ...(named ? { servername: host } : { host }),
      minVersion: 'TLSv1.2', // RFC 8996
      // Whether a certificate must be right is the route's to say (RFC 7435), so the handshake goes through and it is looked at.
      rejectUnauthorized: false,
      ...(trust.authorities === undefined ? {} : { ca: trust.authorities }),
    });
    const fail = (error: Error): void => {
      clearTimeout(timer);
      secure.destroy();
      reject(error);
    };
    const closed = (): void => fail(new Error('the host closed the connection during the TLS handshake'));
    const timer = setTimeout(() => fail(new Error('the TLS handshake took too long')), timeoutMs);
    secure.once('error', fail);
    secure.once('close', closed);
    secure.once('secureConnect', () => {
      clearTimeout(timer);
      secure.off('error', fail);
      secure.off('close', closed);
      secure.allowHalfOpen = true;
      resolve(secure);
    });
  });
}
