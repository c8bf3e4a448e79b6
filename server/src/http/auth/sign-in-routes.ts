/**
 * Signing in and out: `POST /login`, `POST /login/code` and `POST /logout` are plain forms that work without script. A client that
 * asks for JSON gets JSON: the webmail signs in again without losing what is being written; `{"step":"code"}` says that the code of
 * a second factor is still to come.
 *
 * Whatever is wrong with name or password has one text and takes one time (auth/password-authenticator.ts). Who signs in gets
 * a new token whatever the browser brought along, and the session it brought is ended (session fixation).
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../../auth/authenticator.js';
import type { Passkeys } from '../../auth/passkeys.js';
import type { SecondFactor } from '../../auth/second-factor.js';
import type { SignInSteps } from '../../auth/sign-in-steps.js';
import type { WebSessions } from '../../auth/web-sessions.js';
import { MailError } from '../../kernel/errors.js';
import type { AccountId } from '../../kernel/ids.js';
import { KiB } from '../../kernel/limits.js';
import type { Log } from '../../kernel/log.js';
import { enterWeb, waitingStep } from './enter-web.js';
import { peerOf } from './identify.js';
import { returnPath } from './return-path.js';
import { giveStep, takeStep, takeToken } from './session-cookie.js';
import { pathWithReturn } from './sign-in-page.js';
import type { SecondWays, SignInScreen } from './sign-in-screen.js';

export interface SignInOptions {
  readonly authenticator: Authenticator;
  readonly secondFactor: SecondFactor;
  readonly passkeys: Passkeys;
  readonly steps: SignInSteps;
  readonly sessions: WebSessions;
  readonly screen: SignInScreen;
  readonly log: Log;
}

/** A name, a password and a path: what is larger is no form of ours. */
const maxFormBytes = 16 * KiB;

export const signInRoutes: FastifyPluginAsync<SignInOptions> = async (app, options) => {
  const { authenticator, secondFactor, passkeys, steps, sessions, screen, log } = options;

  const waysOf = async (account: AccountId): Promise<SecondWays> => {
    const [codes, held] = await Promise.all([secondFactor.isOn(account), passkeys.list(account)]);
    return { codes, passkeys: held.length > 0 };
  };

  const codeScreen = async (request: FastifyRequest, reply: FastifyReply, error?: MailError): Promise<FastifyReply> => {
    const account = (await waitingStep(steps, request))?.step.account;
    const ways = account === undefined ? {} : { ways: await waysOf(account) };
    return screen(request, reply, { step: 'code', ...ways, ...(error !== undefined && { error }) });
  };

  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: maxFormBytes },
    async (_request: FastifyRequest, body: string) => new URLSearchParams(body),
  );
  app.setErrorHandler(async (error, request, reply) => {
    if (!wantsPage(request)) throw error;
    if (!(error instanceof MailError)) log.error({ err: error, path: request.routeOptions.url }, 'request failed');
    const told = error instanceof MailError ? error : new MailError('internal', 'Something went wrong on our side');
    const step = request.routeOptions.url === codePath && error instanceof MailError && error.code !== 'nonexistent';
    return step ? codeScreen(request, reply, told) : screen(request, reply, { error: told });
  });

  app.post('/login', { config: { form: true } }, async (request, reply) => {
    const from = peerOf(request);
    // As IMAP before STARTTLS (RFC 9051 6.2.3): no password over a line that others can read.
    if (!from.secure && !from.peer.local) throw new MailError('privacyRequired', 'Use an https address to sign in.');
    const form = formOf(request);
    const principal = await authenticator.login({
      identity: form.get('username') ?? '',
      password: Buffer.from(form.get('password') ?? ''),
      protocol: 'webmail',
      peer: from.peer,
      secure: from.secure,
      by: 'page',
    });
    const step = { account: principal.account, own: form.get('own') === '1' };
    reply.header('cache-control', 'no-store');
    const to = returnPath(form.get('to') ?? undefined);
    if (principal.secondFactor === true) {
      giveStep(reply, from, await steps.open(step, from.peer));
      const ways = await waysOf(principal.account);
      if (!wantsPage(request)) return reply.send({ step: 'code', ...ways });
      return reply.redirect(pathWithReturn(ways.codes ? codePath : passkeyPath, { to }), 303);
    }
    await enterWeb(sessions, request, reply, step);
    if (wantsPage(request)) return reply.redirect(to ?? '/', 303);
    return reply.send({ account: principal.account, address: principal.address });
  });

  app.get(codePath, async (request, reply) => {
    if ((await waitingStep(steps, request)) === undefined) return reply.redirect('/', 303);
    return codeScreen(request, reply);
  });

  app.post(codePath, { config: { form: true } }, async (request, reply) => {
    const from = peerOf(request);
    const waiting = await waitingStep(steps, request);
    if (waiting === undefined) throw new MailError('nonexistent', 'Sign in with your password first.');
    const { token, step } = waiting;
    const form = formOf(request);
    if (!(await secondFactor.check(step.account, form.get('code') ?? '', from.peer))) {
      log.warn({ audit: 'code', result: 'wrong', account: step.account, peer: from.peer.address }, 'wrong code');
      throw new MailError('authenticationFailed', 'The code is wrong.');
    }
    // Two that bring codes for one password: one gets in.
    if (!(await steps.close(token, step))) throw new MailError('nonexistent', 'Sign in with your password first.');
    log.info({ audit: 'code', result: 'ok', account: step.account, peer: from.peer.address }, 'right code');
    takeStep(reply, from);
    await enterWeb(sessions, request, reply, step);
    reply.header('cache-control', 'no-store');
    if (wantsPage(request)) return reply.redirect(returnPath(form.get('to') ?? undefined) ?? '/', 303);
    return reply.send({ account: step.account });
  });

  app.post('/logout', { config: { form: true } }, async (request, reply) => {
    takeToken(request, reply, peerOf(request));
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

export const codePath = '/login/code';
export const passkeyPath = '/login/passkey';

const formOf = (request: FastifyRequest): URLSearchParams =>
  request.body instanceof URLSearchParams ? request.body : new URLSearchParams();

/** A browser's form asks for text/html among others; a script asks for JSON. */
const wantsPage = (request: FastifyRequest): boolean => request.headers.accept?.includes('text/html') ?? false;
