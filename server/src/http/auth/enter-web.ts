/** What every way of signing in ends with: a new session in this browser, whatever it brought along. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SignInStep, SignInSteps } from '../../auth/sign-in-steps.js';
import type { WebSessions } from '../../auth/web-sessions.js';
import { peerOf } from './identify.js';
import { giveKeepingKey, giveToken, stepToken, takeKeepingKeys } from './session-cookie.js';

export async function enterWeb(
  sessions: WebSessions,
  request: FastifyRequest,
  reply: FastifyReply,
  { account, own }: SignInStep,
): Promise<void> {
  const from = peerOf(request);
  if (request.signedIn !== undefined) {
    await sessions.end(request.signedIn.principal.account, request.signedIn.session);
  }
  const agent = request.headers['user-agent'] ?? '';
  const { token } = await sessions.open(account, { own, agent, peer: from.peer });
  giveToken(reply, from, token, own);
  if (own) giveKeepingKey(request, reply, from, token);
  else takeKeepingKeys(request, reply, from);
}

/** The password was right in this browser, and a second factor is asked for. */
export async function waitingStep(steps: SignInSteps, request: FastifyRequest) {
  const token = stepToken(request, peerOf(request));
  const step = token === undefined ? undefined : await steps.find(token);
  return token === undefined || step === undefined ? undefined : { token, step };
}
