import net from 'node:net';
import tls from 'node:tls';
import type { Target } from '../target.js';

/**
 * Sockets of the bench clients, made to cost little: one read buffer shared by all (each read is consumed at once), one
 * TLS context for all connections.
 */
export interface Feed {
  feed(chunk: Buffer): void;
  fail(error: Error): void;
}

const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);
const secureContext = tls.createSecureContext();
const live = new Set<net.Socket>();

export function destroyAll(): void {
  for (const socket of live) socket.destroy();
  live.clear();
}

export function openSocket(target: Target, port: number, secure: boolean, feed: Feed): net.Socket {
  const onread = {
    buffer: readBuffer,
    callback: (count: number, buffer: Uint8Array) => {
      feed.feed((buffer as Buffer).subarray(0, count));
      return true;
    },
  };
  const options = { host: target.host, port, noDelay: true, onread };
  const socket = secure
    ? tls.connect({ ...options, secureContext, rejectUnauthorized: false } as tls.ConnectionOptions)
    : net.connect(options);
  live.add(socket);
  socket.on('error', (error) => feed.fail(error));
  socket.on('close', () => {
    live.delete(socket);
    feed.fail(new Error('connection closed'));
  });
  return socket;
}
