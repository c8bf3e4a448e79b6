/**
 * What a person sees and does about being signed in: who am I, which sessions are open, end one or all others, another
 * password. For the webmail only: a program that came in otherwise cannot list or end the sessions of browsers.
 */
import type { FastifyPluginAsync } from 'fastify';
import type { Authenticator } from '../../auth/authenticator.js';
import type { WebSession, WebSessions } from '../../auth/web-sessions.js';
import { MailError } from '../../kernel/errors.js';
import { peerOf, webVisit } from './identify.js';
import { noteAct, type OwnActs } from './own-acts.js';
import { provePassword, requireBrowser } from './prove-again.js';
import { giveKeepingKey, sessionToken } from './session-cookie.js';
import { requireSignedIn } from './signed-in.js';

export interface SessionRoutesOptions extends OwnActs {
  readonly authenticator: Authenticator;
  readonly sessions: WebSessions;
  /** MailError invalid when it cannot be a password. */
  readonly setPassword: (address: string, password: Uint8Array) => Promise<void>;
  /** Whose Authentication-Results fields the webmail believes (RFC 8601 2.5): the relay's. */
  readonly authservId?: string | undefined;
}

const revokeBody = {
  type: 'object',
  properties: { id: { type: 'string', maxLength: 100 }, others: { const: true } },
  oneOf: [{ required: ['id'] }, { required: ['others'] }],
  additionalProperties: false,
} as const;

const passwordBody = {
  type: 'object',
  properties: { current: { type: 'string', maxLength: 1024 }, next: { type: 'string', maxLength: 1024 } },
  required: ['current', 'next'],
  additionalProperties: false,
} as const;

export const sessionRoutes: FastifyPluginAsync<SessionRoutesOptions> = async (app, options) => {
  const { authenticator, sessions } = options;
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  app.get('/api/auth/session', async (request, reply) => {
    const { principal } = requireSignedIn(request);
    const { account, address, name, role, lang, admin } = principal;
    const web = webVisit(request);
    const from = peerOf(request);
    const token = sessionToken(request, from);
    // A browser may have lost it, or never had one.
    if (web?.session.own === true && token !== undefined) giveKeepingKey(request, reply, from, token);
    return {
      account,
      address,
      name,
      role,
      lang,
      admin,
      own: web?.session.own ?? false,
      ...(options.authservId === undefined ? {} : { authservId: options.authservId }),
    };
  });

  app.get('/api/auth/sessions', async (request) => {
    const { principal, session } = requireBrowser(request);
    const all = await sessions.list(principal.account);
    return { sessions: all.map((one) => listed(one, session)) };
  });

  app.post('/api/auth/sessions/revoke', { schema: { body: revokeBody } }, async (request, reply) => {
    const { principal, session } = requireBrowser(request);
    const { id } = request.body as { readonly id?: string };
    if (id === undefined) await sessions.endOthers(principal.account, session);
    else if (!(await sessions.end(principal.account, id))) {
      throw new MailError('nonexistent', 'There is no such session.');
    }
    return reply.code(204).send();
  });

  app.post('/api/auth/password', { schema: { body: passwordBody } }, async (request, reply) => {
    const { principal, session } = requireBrowser(request);
    const { current, next } = request.body as { readonly current: string; readonly next: string };
    await provePassword(authenticator, request, current);
    await options.setPassword(principal.address, Buffer.from(next));
    await sessions.passwordChanged(principal.account, session);
    await noteAct(options, request, 'password changed');
    return reply.code(204).send();
  });
};

function listed({ id, made, used, expires, agent, address, own }: WebSession, current: string): object {
  return { id, made, used, expires, agent, address, own, current: id === current };
}
