/** The passwords of a person's programs: seen, made, taken back, in a browser. */
import { type Protocol, protocols, type Zone, zones } from '@vaguemestre/shared/people';
import type { FastifyPluginAsync } from 'fastify';
import type { AppPasswords } from '../../auth/app-passwords.js';
import type { Authenticator } from '../../auth/authenticator.js';
import { MailError } from '../../kernel/errors.js';
import { noteAct, type OwnActs } from './own-acts.js';
import { provePassword, requireBrowser } from './prove-again.js';

export interface AppPasswordRoutesOptions extends OwnActs {
  readonly authenticator: Authenticator;
  readonly appPasswords: AppPasswords;
}

const newApp = {
  type: 'object',
  properties: {
    current: { type: 'string', maxLength: 1024 },
    name: { type: 'string', maxLength: 200 },
    protocols: { type: 'array', items: { enum: protocols }, maxItems: protocols.length },
    zones: { type: 'array', items: { enum: zones }, maxItems: zones.length },
  },
  required: ['current', 'name', 'protocols', 'zones'],
  additionalProperties: false,
} as const;

interface NewApp {
  readonly current: string;
  readonly name: string;
  readonly protocols: readonly Protocol[];
  readonly zones: readonly Zone[];
}

export const appPasswordRoutes: FastifyPluginAsync<AppPasswordRoutesOptions> = async (app, options) => {
  const { authenticator, appPasswords } = options;
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  app.get('/api/auth/apps', async (request) => {
    const { principal } = requireBrowser(request);
    return { apps: await appPasswords.list(principal.account) };
  });

  app.post('/api/auth/apps', { schema: { body: newApp } }, async (request, reply) => {
    const { principal } = requireBrowser(request);
    const { current, ...given } = request.body as NewApp;
    await provePassword(authenticator, request, current);
    const made = await appPasswords.add(principal.account, given);
    await noteAct(options, request, 'app password made', { name: made.app.name });
    return reply.code(201).send(made);
  });

  app.delete('/api/auth/apps/:id', async (request, reply) => {
    const { principal } = requireBrowser(request);
    const { id } = request.params as { readonly id: string };
    if (!(await appPasswords.remove(principal.account, id))) {
      throw new MailError('nonexistent', 'There is no such app password.');
    }
    await noteAct(options, request, 'app password taken back', { app: id });
    return reply.code(204).send();
  });
};
