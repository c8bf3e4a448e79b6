/**
 * JMAP over HTTP (RFC 8620 2.2, 3.1, 6, 7.3): session, API, upload, download and event source, for whoever is signed in.
 *
 * On failure: what refuses a whole request is problem details of JMAP's own types (RFC 8620 3.6.1); a `MailError` becomes the
 * problem document of the web application.
 */

import type { Session } from '@vaguemestre/shared/jmap/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MailError } from '../../kernel/errors.js';
import { maxJmapConcurrentRequests, maxJmapEventStreams, maxJmapRequestBytes } from '../../kernel/limits.js';
import type { Log } from '../../kernel/log.js';
import type { Mailstore } from '../../mailstore/mailstore.js';
import type { PushSource } from '../../push/push-source.js';
import { originOf } from '../auth/identify.js';
import { requireSignedIn, type SignedIn } from '../auth/signed-in.js';
import { goneSignal } from '../gone-signal.js';
import { binaryRoutes } from './binary-routes.js';
import { concurrency } from './concurrency.js';
import { type MethodTable, runRequest } from './engine.js';
import { readStreamOrder, streamChanges } from './event-source.js';
import { limitFailure, notJson, parseRequest, RequestFailure } from './request.js';
import { withAccount } from './request-account.js';
import { capabilityNames, jmapPaths, sessionObject } from './session-object.js';

export interface JmapOptions {
  readonly mailstore: Mailstore;
  readonly methods: MethodTable;
  readonly pushSources: readonly PushSource[];
  readonly maxUploadBytes: number;
  readonly maxDelayedSendSeconds: number;
  readonly log: Log;
}

export async function jmapRoutes(app: FastifyInstance, options: JmapOptions): Promise<void> {
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof RequestFailure) return sendFailure(reply, error);
    if ((error as { code?: string }).code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
      return sendFailure(reply, limitFailure('maxSizeRequest', 413, 'The request is larger than the server takes'));
    }
    // The application's own handler knows the rest.
    throw error;
  });

  // RFC 8620 2.2: the well-known address may redirect.
  app.get('/.well-known/jmap', (_request, reply) => reply.redirect(jmapPaths.session, 307));
  app.get(jmapPaths.session, async (request, reply) => {
    const session = sessionOf(request, requireSignedIn(request), options);
    reply.header('cache-control', 'no-cache, no-store, must-revalidate');
    return reply.send(session);
  });
  for (const routes of [apiRoute, binaryRoutes, eventRoute]) {
    app.register((scope, _options, done) => {
      routes(scope, options);
      done();
    });
  }
}

function sessionOf(request: FastifyRequest, signedIn: SignedIn, options: JmapOptions): Session {
  return sessionObject(signedIn.principal, {
    origin: originOf(request),
    maxUploadBytes: options.maxUploadBytes,
    maxDelayedSendSeconds: options.maxDelayedSendSeconds,
  });
}

function apiRoute(app: FastifyInstance, options: JmapOptions): void {
  const running = concurrency(maxJmapConcurrentRequests);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxJmapRequestBytes }, (_request, body, done) =>
    done(null, body),
  );
  const shape = { bodyLimit: maxJmapRequestBytes, config: { compress: true } };
  app.post(jmapPaths.api, shape, async (request, reply) => {
    const signedIn = requireSignedIn(request);
    if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
      throw notJson('The content type must be application/json');
    }
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    const parsed = parseRequest(body, capabilityNames);
    const leave = running.enter(signedIn.principal.account);
    if (leave === undefined) {
      throw limitFailure('maxConcurrentRequests', 429, `At most ${maxJmapConcurrentRequests} requests at once`);
    }
    const signal = AbortSignal.any([signedIn.signal, goneSignal(reply)]);
    try {
      const text = await withAccount(options.mailstore, signedIn, async (account) => {
        await account.refresh();
        return runRequest(parsed, {
          methods: options.methods,
          signedIn,
          account,
          sessionState: sessionOf(request, signedIn, options).state,
          signal,
          log: options.log,
        });
      });
      reply.header('cache-control', 'no-store');
      reply.header('content-type', 'application/json; charset=utf-8');
      return reply.send(text);
    } catch (error) {
      if (!signal.aborted) throw error;
      // Who asked went away, or is nobody any more: no fault of ours to be logged.
      throw signedIn.signal.aborted
        ? new MailError('authenticationFailed', 'The session has ended')
        : new MailError('closed', 'The connection was closed');
    } finally {
      leave();
    }
  });
}

function eventRoute(app: FastifyInstance, options: JmapOptions): void {
  const open = concurrency(maxJmapEventStreams);
  const closing = new AbortController();
  // A stream would keep the application from closing.
  app.addHook('preClose', (done) => {
    closing.abort();
    done();
  });
  // HEAD would wait for the end of the stream.
  app.get(jmapPaths.eventSource, { exposeHeadRoute: false }, async (request, reply) => {
    const signedIn = requireSignedIn(request);
    const order = readStreamOrder(request);
    const leave = open.enter(signedIn.principal.account);
    if (leave === undefined) throw new MailError('limit', 'There are as many event streams as there may be');
    try {
      await withAccount(options.mailstore, signedIn, async (account) => {
        await account.refresh();
        await streamChanges(reply, order, {
          account,
          sources: options.pushSources,
          signal: AbortSignal.any([signedIn.signal, closing.signal]),
          log: options.log,
        });
      });
    } finally {
      leave();
    }
  });
}

function sendFailure(reply: FastifyReply, { problem }: RequestFailure): FastifyReply {
  reply.header('content-type', 'application/problem+json; charset=utf-8');
  reply.header('cache-control', 'no-store');
  // The rest of a body that is too large is not waited for.
  if (problem.status === 413) reply.header('connection', 'close');
  return reply.code(problem.status).send(JSON.stringify(problem));
}
