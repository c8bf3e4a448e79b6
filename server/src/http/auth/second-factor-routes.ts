/** The second factor of a person: switched on by proving a code, switched off with the password, in a browser. */
import type { FastifyPluginAsync } from 'fastify';
import encodeQR from 'qr';
import type { Authenticator } from '../../auth/authenticator.js';
import type { SecondFactor } from '../../auth/second-factor.js';
import type { WebSessions } from '../../auth/web-sessions.js';
import { MailError } from '../../kernel/errors.js';
import { peerOf } from './identify.js';
import { noteAct, type OwnActs } from './own-acts.js';
import { provePassword, requireBrowser } from './prove-again.js';

export interface SecondFactorRoutesOptions extends OwnActs {
  readonly authenticator: Authenticator;
  readonly secondFactor: SecondFactor;
  readonly sessions: WebSessions;
}

const text = { type: 'string', maxLength: 1024 } as const;
const body = <K extends string>(...names: K[]) =>
  ({
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, text])),
    required: names,
    additionalProperties: false,
  }) as const;

export const secondFactorRoutes: FastifyPluginAsync<SecondFactorRoutesOptions> = async (app, options) => {
  const { authenticator, secondFactor, sessions } = options;
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  app.get('/api/auth/code', async (request) => {
    const { principal } = requireBrowser(request);
    if (!(await secondFactor.isOn(principal.account))) return { on: false };
    return { on: true, recoveryLeft: (await secondFactor.recoveryLeft(principal.account)) ?? 0 };
  });

  app.post('/api/auth/code/start', { schema: { body: body('current') } }, async (request) => {
    const { principal } = requireBrowser(request);
    await provePassword(authenticator, request, (request.body as { readonly current: string }).current);
    return await secondFactor.start(principal.account);
  });

  /** What `start` told, as a picture for the telephone's camera. */
  app.get('/api/auth/code/qr.svg', async (request, reply) => {
    const { principal } = requireBrowser(request);
    const enrolment = await secondFactor.pending(principal.account);
    if (enrolment === undefined)
      throw new MailError('nonexistent', 'There is no second factor that waits to be proved.');
    return reply
      .header('content-type', 'image/svg+xml')
      .send(encodeQR(enrolment.uri, 'svg', { ecc: 'medium', border: 2 }));
  });

  app.post('/api/auth/code/confirm', { schema: { body: body('code') } }, async (request) => {
    const { principal, session } = requireBrowser(request);
    const recovery = await secondFactor.confirm(principal.account, (request.body as { readonly code: string }).code);
    if (recovery === undefined) throw new MailError('cannot', 'The code is wrong.');
    // Whoever is in elsewhere came in without it.
    await sessions.endOthers(principal.account, session);
    await noteAct(options, request, 'second factor on');
    return { recovery };
  });

  app.post('/api/auth/code/off', { schema: { body: body('current', 'code') } }, async (request, reply) => {
    const { principal } = requireBrowser(request);
    const { current, code } = request.body as { readonly current: string; readonly code: string };
    await provePassword(authenticator, request, current);
    if (!(await secondFactor.check(principal.account, code, peerOf(request).peer))) {
      throw new MailError('cannot', 'The code is wrong.');
    }
    await secondFactor.remove(principal.account);
    await noteAct(options, request, 'second factor off');
    return reply.code(204).send();
  });
};
