/** Everything about being somebody on the web, registered on the application before anything that asks who speaks. */
import fastifyCookie from '@fastify/cookie';
import type { FastifyInstance } from 'fastify';
import type { Networks } from '../../net/address.js';
import { type AppPasswordRoutesOptions, appPasswordRoutes } from './app-password-routes.js';
import { cookieWay, identifyRequests, type WayIn } from './identify.js';
import { type PasskeyRoutesOptions, passkeyRoutes } from './passkey-routes.js';
import { credentialsOf } from './program-way.js';
import { type SecondFactorRoutesOptions, secondFactorRoutes } from './second-factor-routes.js';
import { type SessionRoutesOptions, sessionRoutes } from './session-routes.js';
import { type SignInOptions, signInRoutes } from './sign-in-routes.js';

export interface WebAuthOptions
  extends SignInOptions,
    SessionRoutesOptions,
    AppPasswordRoutesOptions,
    PasskeyRoutesOptions,
    SecondFactorRoutesOptions {
  /** Proxies that are believed, besides those of this machine. */
  readonly proxies: Networks;
  /** Ways in besides the session of a browser, such as the password of a program. */
  readonly moreWays?: readonly WayIn[];
}

export async function registerWebAuth(app: FastifyInstance, options: WebAuthOptions): Promise<void> {
  await app.register(fastifyCookie);
  identifyRequests(app, [cookieWay(options.sessions), ...(options.moreWays ?? [])], options.proxies);
  app.addHook('onSend', async (request, reply) => {
    if (reply.statusCode !== 401) return;
    // RFC 9110 11.6.1: a 401 names the ways in. No browser knows these, and so none asks for a password in a box of its own.
    const wrong = credentialsOf(request, 'bearer') === undefined ? '' : ', error="invalid_token"'; // RFC 6750 3.1
    reply.header('www-authenticate', `Session realm="vaguemestre", Bearer realm="vaguemestre"${wrong}`);
  });
  await app.register(signInRoutes, options);
  await app.register(sessionRoutes, options);
  await app.register(appPasswordRoutes, options);
  await app.register(secondFactorRoutes, options);
  await app.register(passkeyRoutes, options);
}
