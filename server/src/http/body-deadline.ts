/**
 * Time for the body of a request. Node has one such time for all requests, which a large upload over a slow line would not meet;
 * so it has none here, and every route but those that keep a minimum rate themselves gets a deadline of its own.
 */
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route reads a body of any length itself, and sees to it that it comes. */
    longBody?: boolean;
  }
}

/** A client that sends its request drop by drop holds a connection, not more. */
const bodyTimeoutMs = 30_000;

export function bodyDeadline(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0;
    if (hasBody && request.routeOptions.config.longBody !== true) {
      const timer = setTimeout(() => {
        if (!raw.complete) raw.destroy();
      }, bodyTimeoutMs);
      raw.once('end', () => clearTimeout(timer));
      raw.once('close', () => clearTimeout(timer));
    }
    done();
  });
}
