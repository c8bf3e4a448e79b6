/**
 * Reads the PROXY header from a fresh socket and leaves everything behind it in the socket, for TLS or the protocol to read.
 * Rejects when the header is missing, malformed or late.
 */
import type { Socket } from 'node:net';
import { MailError } from '../kernel/errors.js';
import { proxyHeaderTimeoutMs } from '../kernel/limits.js';
import { parseProxyHeader } from './proxy-header.js';

/** The client that the header names; undefined for LOCAL and UNKNOWN. */
export function readProxyHeader(
  socket: Socket,
): Promise<{ readonly address: string; readonly port: number } | undefined> {
  return new Promise((resolve, reject) => {
    let octets: Buffer = Buffer.alloc(0);
    const done = (): void => {
      clearTimeout(timer);
      socket.off('readable', read);
      socket.off('end', lost);
      socket.off('close', lost);
    };
    const fail = (text: string): void => {
      done();
      reject(new MailError('closed', text));
    };
    const lost = (): void => fail('Connection lost in the PROXY header');
    const read = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      octets = octets.length === 0 ? chunk : Buffer.concat([octets, chunk]);
      const header = parseProxyHeader(octets);
      if (header.kind === 'more') return;
      if (header.kind === 'bad') {
        fail('No PROXY header');
        return;
      }
      done();
      if (octets.length > header.length) socket.unshift(octets.subarray(header.length));
      resolve(header.kind === 'proxied' ? { address: header.address, port: header.port } : undefined);
    };
    const timer = setTimeout(() => fail('PROXY header timed out'), proxyHeaderTimeoutMs);
    socket.on('readable', read);
    socket.once('end', lost);
    socket.once('close', lost);
  });
}
