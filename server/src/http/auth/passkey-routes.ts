/**
 * A person's passkeys: seen, made and removed in a browser, with the password. Signing in with one has a page of its own, so that
 * no script runs beside the password: it asks for a challenge, lets the authenticator sign it, and brings the answer. After the
 * password the same page brings it in place of the code.
 */
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../../auth/authenticator.js';
import type { Passkeys, WebOrigin } from '../../auth/passkeys.js';
import type { SecondFactor } from '../../auth/second-factor.js';
import type { SignInSteps } from '../../auth/sign-in-steps.js';
import type { WebSessions } from '../../auth/web-sessions.js';
import { MailError } from '../../kernel/errors.js';
import { KiB } from '../../kernel/limits.js';
import { errorStatus } from '../error-status.js';
import { requireOwnCall } from './cross-site.js';
import { enterWeb, waitingStep } from './enter-web.js';
import { peerOf } from './identify.js';
import { noteAct, type OwnActs } from './own-acts.js';
import { passkeySite } from './passkey-site.js';
import { provePassword, requireBrowser } from './prove-again.js';
import { returnPath } from './return-path.js';
import { takeStep } from './session-cookie.js';
import { codePath, passkeyPath } from './sign-in-routes.js';
import { passkeyNotice, type SignInScreen } from './sign-in-screen.js';

export interface PasskeyRoutesOptions extends OwnActs {
  readonly authenticator: Authenticator;
  readonly passkeys: Passkeys;
  readonly secondFactor: SecondFactor;
  readonly steps: SignInSteps;
  readonly sessions: WebSessions;
  readonly screen: SignInScreen;
  /** The name that people know the webmail by. */
  readonly publicHost: string;
}

const text = { type: 'string', maxLength: 1024 } as const;
/** What an authenticator says; the library looks at what is in it. */
const response = {
  type: 'object',
  properties: { id: { type: 'string', maxLength: 2048 }, response: { type: 'object' } },
  required: ['id', 'response'],
} as const;
const body = (properties: Readonly<Record<string, object>>) => ({
  schema: { body: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false } },
  bodyLimit: 64 * KiB,
});

export const passkeyRoutes: FastifyPluginAsync<PasskeyRoutesOptions> = async (app, options) => {
  const { authenticator, passkeys, secondFactor, steps, sessions, screen, log } = options;
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  app.setErrorHandler(async (error, request, reply) => {
    if (!(error instanceof MailError) || request.routeOptions.url !== passkeyPath) throw error;
    return reply.code(errorStatus[error.code]).send({ notice: passkeyNotice(request, error) });
  });

  const siteOf = (request: FastifyRequest): WebOrigin => {
    const site = passkeySite(request, options.publicHost);
    if (site === undefined) throw new MailError('cannot', 'Passkeys work under the name of the service, over https.');
    return site;
  };

  app.get('/api/auth/passkeys', async (request) => {
    const { account } = requireBrowser(request).principal;
    const [held, recoveryLeft] = await Promise.all([passkeys.list(account), secondFactor.recoveryLeft(account)]);
    return { possible: passkeySite(request, options.publicHost) !== undefined, passkeys: held, recoveryLeft };
  });

  app.post('/api/auth/passkeys/start', body({ current: text }), async (request) => {
    const { principal } = requireBrowser(request);
    const site = siteOf(request);
    await provePassword(authenticator, request, (request.body as { readonly current: string }).current);
    return await passkeys.startAdding(principal.account, site);
  });

  app.post('/api/auth/passkeys', body({ name: text, response }), async (request, reply) => {
    const { principal, session } = requireBrowser(request);
    const given = request.body as { readonly name: string; readonly response: RegistrationResponseJSON };
    const made = await passkeys.add(principal.account, siteOf(request), given.name, given.response);
    // Whoever is in elsewhere came in without it.
    if (principal.secondFactor !== true) await sessions.endOthers(principal.account, session);
    await noteAct(options, request, 'passkey made', { name: made.passkey.name });
    return reply.code(201).send(made);
  });

  app.post('/api/auth/passkeys/remove', body({ id: text, current: text }), async (request, reply) => {
    const { principal } = requireBrowser(request);
    const { id, current } = request.body as { readonly id: string; readonly current: string };
    await provePassword(authenticator, request, current);
    if (!(await passkeys.remove(principal.account, id))) {
      throw new MailError('nonexistent', 'There is no such passkey.');
    }
    await noteAct(options, request, 'passkey removed', { passkey: id });
    return reply.code(204).send();
  });

  app.get(passkeyPath, async (request, reply) => {
    const after = await waitingStep(steps, request);
    // Recovery codes are taken at any address.
    if (passkeySite(request, options.publicHost) === undefined) return reply.redirect(after ? codePath : '/', 303);
    return screen(request, reply, { step: after === undefined ? 'passkey' : 'second passkey' });
  });

  app.post(`${passkeyPath}/start`, async (request) => {
    requireOwnCall(request, peerOf(request));
    return await passkeys.startSignIn(siteOf(request), (await waitingStep(steps, request))?.step.account);
  });

  const answer = { own: { type: 'boolean' }, to: text, response } as const;
  app.post(passkeyPath, body(answer), async (request, reply) => {
    requireOwnCall(request, peerOf(request));
    const site = siteOf(request);
    const {
      own,
      to,
      response: signed,
    } = request.body as {
      readonly own: boolean;
      readonly to: string;
      readonly response: AuthenticationResponseJSON;
    };
    const waiting = await waitingStep(steps, request);
    if (waiting === undefined) {
      const { account } = await passkeys.signIn(site, signed);
      await enterWeb(sessions, request, reply, { account, own });
    } else await second(request, reply, waiting, site, signed);
    return { to: returnPath(to) ?? '/' };
  });

  async function second(
    request: FastifyRequest,
    reply: FastifyReply,
    { token, step }: NonNullable<Awaited<ReturnType<typeof waitingStep>>>,
    site: WebOrigin,
    signed: AuthenticationResponseJSON,
  ): Promise<void> {
    const audit = { audit: 'passkey', account: step.account, peer: site.peer.address };
    if (!(await passkeys.check(step.account, site, signed))) {
      log.warn({ ...audit, result: 'wrong' }, 'wrong passkey');
      throw new MailError('authenticationFailed', 'The passkey is wrong.');
    }
    // Two that bring proofs for one password: one gets in.
    if (!(await steps.close(token, step))) throw new MailError('nonexistent', 'Sign in with your password first.');
    log.info({ ...audit, result: 'ok' }, 'right passkey');
    takeStep(reply, peerOf(request));
    await enterWeb(sessions, request, reply, step);
  }
};
