/**
 * The web side of a worker: health, the facts of the start page, and the built webmail. One Fastify application for the
 * plain and the TLS listener (http-listener.ts).
 *
 * On failure: a `MailError` becomes a problem document with the status of its code; anything else is logged with an id and
 * answered with that id and a constant text.
 */
import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify';
import { MailError } from '../kernel/errors.js';
import { newProcessNonce } from '../kernel/ids.js';
import { KiB } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';
import { isLoopback } from '../net/address.js';
import type { HealthCheck } from '../observe/health.js';
import { type RelayRoutesOptions, relayRoutes } from './admin/relay-routes.js';
import { passkeySite } from './auth/passkey-site.js';
import { createSignInScreen } from './auth/sign-in-screen.js';
import { registerWebAuth, type WebAuthOptions } from './auth/web-auth.js';
import { bodyDeadline } from './body-deadline.js';
import { compressJson } from './compress-json.js';
import { type ConfigureOptions, configureRoutes } from './configure/configure-routes.js';
import { type DirectoryOptions, directoryRoutes } from './directory/directory-routes.js';
import { errorStatus, type Problem } from './error-status.js';
import { type JmapOptions, jmapRoutes } from './jmap/jmap-routes.js';
import { type MediaOptions, mediaRoutes } from './media/media-routes.js';
import { findWebmail } from './pages/webmail-files.js';
import { messageFrame, webmailPages } from './pages/webmail-pages.js';
import { securityHeaders, strictTransportSecurity } from './security-headers.js';
import { type SettingsOptions, settingsRoutes } from './settings/settings-routes.js';
import { type UnsubscribeOptions, unsubscribeRoutes } from './unsubscribe/unsubscribe-routes.js';

export interface HttpAppOptions {
  readonly health: HealthCheck;
  /** Asked at each request: addresses are known only when all listeners are open. */
  readonly info: () => ServiceInfo;
  /** The built webmail. */
  readonly webmailFolder: string;
  readonly auth: Omit<WebAuthOptions, 'screen' | 'log'>;
  readonly log: Log;
  readonly media?: MediaOptions;
  readonly jmap?: JmapOptions;
  readonly directory?: DirectoryOptions;
  readonly unsubscribe?: UnsubscribeOptions;
  readonly settings?: SettingsOptions;
  readonly relay?: RelayRoutesOptions;
  readonly configure?: Omit<ConfigureOptions, 'info'>;
}

/** Nothing that is taken today is larger; a crowd of large bodies would fill memory. */
const maxBodyBytes = 64 * KiB;
const keepAliveTimeoutMs = 60_000;
/** Of one part of an address: the name of a file may have 255 characters, each of up to nine where it is escaped. */
const maxParameterLength = 2_400;
const forAnybody = { config: { forAnybody: true } } as const;

export async function createHttpApp(options: HttpAppOptions): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    keepAliveTimeout: keepAliveTimeoutMs,
    routerOptions: { maxParamLength: maxParameterLength },
    exposeHeadRoutes: true,
    forceCloseConnections: 'idle',
  }) as unknown as FastifyInstance;

  app.addHook('onSend', async (request, reply) => {
    for (const [name, value] of Object.entries(securityHeaders)) {
      // A route may be stricter: what people sent is not our page.
      if (reply.getHeader(name) === undefined) reply.header(name, value);
    }
    // Whatever does not say otherwise is somebody's own.
    if (reply.getHeader('cache-control') === undefined) reply.header('cache-control', 'no-store');
    if (request.protocol === 'https' && !options.info().selfSigned) {
      reply.header('strict-transport-security', strictTransportSecurity);
    }
  });
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, options.log));
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, { title: 'There is nothing here', status: 404, code: 'nonexistent' }),
  );

  bodyDeadline(app);
  compressJson(app);
  const webmail = findWebmail(options.webmailFolder, options.log);
  const screen = createSignInScreen({
    health: options.health,
    domain: () => options.info().domain,
    style: webmail?.signInStyle,
    script: webmail?.passkeyScript,
    passkeysPossible: (request) => passkeySite(request, options.auth.publicHost) !== undefined,
  });
  await registerWebAuth(app, { ...options.auth, screen, log: options.log });

  if (options.jmap !== undefined) await app.register(jmapRoutes, options.jmap);
  if (options.directory !== undefined) await app.register(directoryRoutes, options.directory);
  if (options.settings !== undefined) await app.register(settingsRoutes, options.settings);
  if (options.relay !== undefined) await app.register(relayRoutes, options.relay);
  if (options.configure !== undefined)
    await app.register(configureRoutes, { ...options.configure, info: options.info });

  app.get('/healthz', forAnybody, async (_request, reply) => {
    const health = await options.health.check();
    reply.header('cache-control', 'no-store');
    return reply.code(health.status === 'ok' ? 200 : 503).send(health);
  });

  app.get('/api/service', forAnybody, async (request, reply) => {
    const info = options.info();
    reply.header('cache-control', 'no-store');
    return reply.send(isOnThisMachine(request) ? info : { ...info, inside: [] });
  });

  if (options.media !== undefined) await app.register(mediaRoutes, options.media);
  if (options.unsubscribe !== undefined) await app.register(unsubscribeRoutes, options.unsubscribe);
  messageFrame(app);
  if (webmail !== undefined) await app.register(webmailPages, { files: webmail, screen });
  await app.ready();
  return app;
}

/** A connection from this machine itself: a proxy on it would be one too, but then it names whom it speaks for. */
function isOnThisMachine(request: FastifyRequest): boolean {
  const { remoteAddress, localAddress } = request.socket;
  const forwarded = request.headers['x-forwarded-for'] ?? request.headers['forwarded'];
  return forwarded === undefined && isLoopback(remoteAddress ?? '') && isLoopback(localAddress ?? '');
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  if (error instanceof MailError) {
    const waitMs = error.details?.['waitMs'];
    // RFC 9110 10.2.3
    if (typeof waitMs === 'number') reply.header('retry-after', Math.ceil(waitMs / 1000));
    return sendProblem(reply, { title: error.public, status: errorStatus[error.code], code: error.code });
  }
  const status = (error as { statusCode?: number }).statusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    return sendProblem(reply, { title: 'The request makes no sense here', status, code: 'invalid' });
  }
  const id = newProcessNonce();
  log.error({ err: error, id, method: request.method, path: request.routeOptions.url }, 'request failed');
  return sendProblem(reply, { title: 'Something went wrong on our side', status: 500, code: 'internal', id });
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  reply.header('content-type', 'application/problem+json; charset=utf-8');
  reply.header('cache-control', 'no-store');
  return reply.code(problem.status).send(JSON.stringify(problem));
}
