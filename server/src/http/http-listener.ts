/** Opens the plain or the TLS listener of a web application. Both hand their requests to the one application. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import type { ListenAddress } from '../net/address.js';
import { bindServer, boundAddress } from '../net/bind.js';

export interface HttpListenerOptions {
  readonly address: ListenAddress;
  /** PEM files: then it speaks TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly maxConnections: number;
}

export interface HttpListener {
  readonly address: ListenAddress;
  readonly connections: number;
  /** Reads the certificate again; rejects and keeps what it had if it makes no sense. */
  reload(): Promise<void>;
  /** No new connection; requests under way finish within `graceMs`. */
  close(graceMs: number): Promise<void>;
}

// Bodies have deadlines of their own (body-deadline.ts).
const timeouts = { requestTimeout: 0, headersTimeout: 10_000, keepAliveTimeout: 60_000 };

/** Rejects when the address cannot be bound. */
export async function listenHttp(app: FastifyInstance, options: HttpListenerOptions): Promise<HttpListener> {
  const { tls } = options;
  const handler = app.routing.bind(app);
  const server: Server | TlsServer = tls
    ? createTlsServer({ ...timeouts, ...(await material(tls)), minVersion: 'TLSv1.2' }, handler)
    : createServer(timeouts, handler);
  server.maxConnections = options.maxConnections;
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    socket.setNoDelay(true);
    socket.once('close', () => connections--);
  });
  await bindServer(server, options.address);
  return {
    address: boundAddress(server, options.address),
    get connections() {
      return connections;
    },
    reload: async () => {
      if (tls) (server as TlsServer).setSecureContext(await material(tls));
    },
    close: async (graceMs) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function material(tls: {
  readonly certFile: string;
  readonly keyFile: string;
}): Promise<{ cert: Buffer; key: Buffer }> {
  const [cert, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)]);
  return { cert, key };
}
