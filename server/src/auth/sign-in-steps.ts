/**
 * Between a right password and the code that is still asked for: ten minutes in which one browser may bring it. Kept with the
 * sessions, so that any process can go on; opens nothing by itself, and nothing any more once the password is another.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { PeopleDatabase } from '../database/people-database.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import type { Peer } from '../net/connection.js';

export interface SignInStep {
  readonly account: AccountId;
  /** As the person ticked with the password. */
  readonly own: boolean;
}

export interface SignInSteps {
  /** The token is for the browser alone. */
  open(step: SignInStep, peer: Peer): Promise<string>;
  find(token: string): Promise<SignInStep | undefined>;
  /** False: somebody else closed it first, or it ran out. */
  close(token: string, step: SignInStep): Promise<boolean>;
}

export const stepMs = 10 * 60_000;
const tokenForm = /^[A-Za-z0-9_-]{43}$/;

export function createSignInSteps(
  { sessions, credentials }: Pick<PeopleDatabase, 'sessions' | 'credentials'>,
  clock: Clock,
): SignInSteps {
  return {
    async open({ account, own }, peer) {
      const credential = (await credentials.password(account))?.version;
      if (credential === undefined) throw new MailError('authenticationFailed', 'Sign in again.');
      const token = randomBytes(32).toString('base64url');
      const made = new Date(clock.nowMs());
      const expires = new Date(made.getTime() + stepMs);
      const step = { _id: idOf(token), a: account, made, used: made, expires, agent: '', address: peer.address };
      await sessions.insert({ ...step, own, credential });
      return token;
    },
    async find(token) {
      if (!tokenForm.test(token)) return undefined;
      const [step] = await sessions.some([idOf(token)]);
      if (step === undefined || step.expires.getTime() <= clock.nowMs()) return undefined;
      const version = (await credentials.password(step.a))?.version;
      return version === step.credential ? { account: step.a, own: step.own } : undefined;
    },
    close: (token, { account }) => sessions.remove(idOf(token), account),
  };
}

const idOf = (token: string): string => `step/${createHash('sha256').update(token).digest('base64url')}`;
