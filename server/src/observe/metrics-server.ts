/** The metrics listener, in the main process: answers `GET /metrics` with the figures of all processes together. */
import { createServer } from 'node:http';
import type { Log } from '../kernel/log.js';
import type { ListenAddress } from '../net/address.js';
import { bindServer, boundAddress } from '../net/bind.js';

export interface MetricsServer {
  readonly address: ListenAddress;
  close(): Promise<void>;
}

/** Rejects when the address cannot be bound. */
export async function serveMetrics(
  address: ListenAddress,
  gather: () => Promise<{ readonly contentType: string; readonly text: string }>,
  log: Log,
): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Only GET /metrics is here.\n');
      return;
    }
    gather().then(
      ({ contentType, text }) => response.writeHead(200, { 'content-type': contentType }).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'metrics could not be gathered');
        response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8' }).end('Not available now.\n');
      },
    );
  });
  await bindServer(server, address);
  return {
    address: boundAddress(server, address),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
