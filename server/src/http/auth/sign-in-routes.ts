/**
 * Signing in and out: `POST /login` and `POST /logout` are plain forms that work without script. A client that asks for JSON
 * gets JSON: the webmail signs in again without losing what is being written.
 *
 * Whatever is wrong with name or password has one text and takes one time (auth/password-authenticator.ts). Who signs in gets
 * a new token whatever the browser brought along, and the session it brought is ended (session fixation).
 */
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Authenticator } from '../../auth/authenticator.js';
import type { WebSessions } from '../../auth/web-sessions.js';
import { MailError } from '../../kernel/errors.js';
import { KiB } from '../../kernel/limits.js';
import type { Log } from '../../kernel/log.js';
import { peerOf } from './identify.js';
import { returnPath } from './return-path.js';
import { giveToken, takeToken } from './session-cookie.js';
import type { SignInScreen } from './sign-in-screen.js';

export interface SignInOptions {
  readonly authenticator: Authenticator;
  readonly sessions: WebSessions;
  readonly screen: SignInScreen;
  readonly log: Log;
}

/** A name, a password and a path: what is larger is no form of ours. */
const maxFormBytes = 16 * KiB;

export const signInRoutes: FastifyPluginAsync<SignInOptions> = async (app, options) => {
  const { authenticator, sessions, screen, log } = options;
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: maxFormBytes },
    async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
  );
  app.setErrorHandler(async (error, request, reply) => {
    if (!wantsPage(request)) throw error;
    if (error instanceof MailError) return screen(request, reply, error);
    log.error({ err: error, path: request.routeOptions.url }, 'request failed');
    return screen(request, reply, new MailError('internal', 'Something went wrong on our side'));
  });

  app.post('/login', { config: { form: true } }, async (request, reply) => {
    const from = peerOf(request);
    // As IMAP before STARTTLS (RFC 9051 6.2.3): no password over a line that others can read.
    if (!from.secure && !from.peer.local) throw new MailError('privacyRequired', 'Use an https address to sign in.');
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    const principal = await authenticator.login({
      identity: form.get('username') ?? '',
      password: Buffer.from(form.get('password') ?? ''),
      protocol: 'webmail',
      peer: from.peer,
      secure: from.secure,
      by: 'page',
    });
    if (request.signedIn !== undefined) {
      await sessions.end(request.signedIn.principal.account, request.signedIn.session);
    }
    const own = form.get('own') === '1';
    const agent = request.headers['user-agent'] ?? '';
    const { token } = await sessions.open(principal.account, { own, agent, peer: from.peer });
    giveToken(reply, from, token, own);
    reply.header('cache-control', 'no-store');
    if (wantsPage(request)) return reply.redirect(returnPath(form.get('to') ?? undefined) ?? '/', 303);
    return reply.send({ account: principal.account, address: principal.address });
  });

  app.post('/logout', { config: { form: true } }, async (request, reply) => {
    takeToken(reply, peerOf(request));
    // W3C Clear Site Data: what the webmail kept in this browser. Not "cookies": that would sign the person out of every
    // other service under the same domain.
    reply.header('clear-site-data', '"cache", "storage"').header('cache-control', 'no-store');
    if (request.signInError !== undefined) throw request.signInError;
    if (request.signedIn !== undefined) {
      await sessions.end(request.signedIn.principal.account, request.signedIn.session);
    }
    return wantsPage(request) ? reply.redirect('/?out', 303) : reply.code(204).send();
  });
};

/** A browser's form asks for text/html among others; a script asks for JSON. */
const wantsPage = (request: FastifyRequest): boolean => request.headers.accept?.includes('text/html') ?? false;
