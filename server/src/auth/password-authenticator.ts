import type { Credentials } from '../database/credentials.js';
import { parseAddress } from './address.js';
import { matchingApp } from './app-passwords.js';
import type { Authenticator, PasswordLogin } from './authenticator.js';
import { attemptOf, type Identified, type JudgeLogin } from './judge-login.js';
import type { LoginProofs } from './login-proofs.js';
import type { PasswordHasher } from './password-hash.js';
import { preparePassword } from './password-text.js';
import type { Known, PersonCache } from './person-cache.js';
import type { Attempt, Throttle } from './throttle.js';

/**
 * Turns an address and a password into a person. In order: who is it (from memory if under 2 s old), must the attempt wait,
 * has this process proved this very password lately, else argon2 behind its queue with one verification for any number of
 * equal attempts. Only then, with the right password, is the door judged and a reason given (judge-login.ts). Whatever is wrong
 * with the credentials has one text, and costs one argon2 whether the address exists or not. A program may bring one of the
 * person's app passwords instead, which costs a hash; that of a person with a second factor must.
 */
export interface AuthenticatorParts {
  readonly people: PersonCache;
  readonly credentials: Credentials;
  readonly hasher: PasswordHasher;
  readonly proofs: LoginProofs;
  readonly throttle: Throttle;
  readonly judge: JudgeLogin;
  readonly domain: string;
}

export function createPasswordAuthenticator(parts: AuthenticatorParts): Authenticator {
  const { people, credentials, hasher, proofs, throttle, judge } = parts;
  const verifications = new Map<string, Promise<Known | undefined>>();

  /** The slow way: resolves with the person if the password is right. */
  const verify = async (address: string, password: Uint8Array, attempt: Attempt): Promise<Known | undefined> => {
    const admission = await throttle.begin(attempt);
    try {
      const known = await people.findFresh(address);
      const stored = known?.password?.hash;
      const lane = admission.known
        ? ({ kind: 'known' } as const)
        : ({ kind: 'stranger', network: attempt.network } as const);
      const right = await hasher.verify(stored, password, lane);
      proofs.remember(proofs.tag(attempt.subject, known?.password?.version, password), right ? 'right' : 'wrong');
      await admission.end(right ? 'right' : 'wrong');
      if (!right || known === undefined || stored === undefined) return undefined;
      if (hasher.outdated(stored)) await credentials.rehash(known.person._id, stored, await hasher.hash(password));
      return known;
    } finally {
      await admission.end('abandoned');
    }
  };

  const identify = async (login: PasswordLogin): Promise<Identified | undefined> => {
    const address = parseAddress(login.identity, parts.domain)?.address;
    const password = preparePassword(login.password);
    if (address === undefined || password === undefined) return undefined;
    const known = await people.find(address);
    const attempt = attemptOf(known, address, login.peer);
    throttle.check(attempt);
    const app =
      known === undefined || login.by === 'page' ? undefined : matchingApp(known.person, known.apps, password);
    if (known !== undefined && app !== undefined) {
      await welcome(attempt);
      return { known, app };
    }
    const tag = proofs.tag(attempt.subject, known?.password?.version, password);
    const verdict = proofs.verdict(tag);
    if (verdict === 'wrong') return undefined;
    if (verdict === 'right') {
      await welcome(attempt);
      return known && { known };
    }
    const key = `${attempt.network} ${tag}`;
    let verification = verifications.get(key);
    if (verification === undefined) {
      verification = verify(address, password, attempt).finally(() => verifications.delete(key));
      verifications.set(key, verification);
    }
    const verified = await verification;
    return verified && { known: verified };
  };

  /** A right password that needed no argon2: its network is known from now on. */
  const welcome = async (attempt: Attempt): Promise<void> => {
    if (throttle.isKnown(attempt)) return;
    const admission = await throttle.begin(attempt);
    await admission.end('right');
  };

  return { login: (login) => judge(login, () => identify(login)) };
}
