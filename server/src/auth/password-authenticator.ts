import type { AppPassword } from '../database/accounts.js';
import { type AppSecretDocument, appIdOf, type Credentials } from '../database/credentials.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Peer } from '../net/connection.js';
import type { PolicySettings } from './access-policy.js';
import { parseAddress } from './address.js';
import { matchingApp } from './app-passwords.js';
import type { Authenticator, PasswordLogin } from './authenticator.js';
import { judgeKey, judgeVisitor, refused, transportOf } from './judge-visitor.js';
import type { LoginProofs } from './login-proofs.js';
import type { PasswordHasher } from './password-hash.js';
import { preparePassword } from './password-text.js';
import type { Known, PersonCache } from './person-cache.js';
import { principalOf } from './principal.js';
import type { Attempt, Throttle } from './throttle.js';
import { type createZones, networkOf } from './zones.js';

/**
 * Turns an address and a password into a person. In order: who is it (from memory if under 2 s old), must the attempt wait,
 * has this process proved this very password lately, else argon2 behind its queue with one verification for any number of
 * equal attempts. Only then, with the right password, is the door judged and a reason given. Whatever is wrong with the
 * credentials has one text, and costs one argon2 whether the address exists or not. A program may bring one of the person's app
 * passwords instead, which costs a hash; that of a person with a second factor must.
 *
 * Each login leaves one line in the log (`audit: login`), never with a password in it.
 */
export interface AuthenticatorParts {
  readonly people: PersonCache;
  readonly credentials: Credentials;
  readonly hasher: PasswordHasher;
  readonly proofs: LoginProofs;
  readonly throttle: Throttle;
  readonly zoneOf: ReturnType<typeof createZones>;
  readonly settings: PolicySettings;
  readonly domain: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who it is, and by which app password they came; undefined: by their own. */
interface Identified {
  readonly known: Known;
  readonly app?: { readonly app: AppPassword; readonly secret: AppSecretDocument };
}

/** The last use of an app password is written down so often. */
const noteUseEveryMs = 15 * 60_000;

export function createPasswordAuthenticator(parts: AuthenticatorParts): Authenticator {
  const { people, credentials, hasher, proofs, throttle, clock, log } = parts;
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

  const noteUse = async ({ a, ...secret }: AppSecretDocument, { protocol, peer }: PasswordLogin): Promise<void> => {
    const now = clock.nowMs();
    if (now - (secret.used?.at.getTime() ?? 0) < noteUseEveryMs) return;
    try {
      await credentials.noteApp(a, appIdOf({ a, ...secret }), { at: new Date(now), protocol, address: peer.address });
    } catch (error) {
      log.warn({ err: error }, 'the use of an app password cannot be written down');
    }
  };

  return {
    async login(login) {
      const started = clock.monotonicMs();
      const zone = parts.zoneOf(login.peer);
      let person: Known['person'] | undefined;
      let app: AppPassword | undefined;
      const audit = (result: string): void => {
        const line = {
          audit: 'login',
          result,
          protocol: login.protocol,
          address: person?.address ?? login.identity.slice(0, 320),
          account: person?._id,
          app: app?.id,
          peer: login.peer.address,
          zone,
          secure: login.secure,
          ...(login.legacy === true && { legacy: true }),
          ms: Math.round((clock.monotonicMs() - started) * 10) / 10,
        };
        if (result === 'ok') log.info(line, 'login');
        else log.warn(line, 'login refused');
      };
      try {
        const identified = await identify(login);
        if (identified === undefined || identified.known.person.removing !== undefined) throw wrongCredentials();
        person = identified.known.person;
        app = identified.app?.app;
        const door = { protocol: login.protocol, zone, transport: transportOf(login) };
        const judged = judgeVisitor(person, door, parts.settings, clock.nowMs());
        if (judged !== undefined) throw judged;
        if (app !== undefined && !(app.protocols.includes(login.protocol) && app.zones.includes(zone))) {
          throw refused('appElsewhere', person);
        }
        const keyless = login.by === 'page' ? undefined : judgeKey(person, app?.id);
        if (keyless !== undefined) throw keyless;
        // RFC 4616 2: acting for somebody else needs a right that nobody has yet.
        if (login.authorize !== undefined && login.authorize !== '') {
          const other = parseAddress(login.authorize, parts.domain)?.address;
          if (other === undefined || !person.addresses.includes(other)) {
            throw new MailError('authorizationFailed', 'You may log in as yourself only.');
          }
        }
        if (identified.app !== undefined) await noteUse(identified.app.secret, login);
        audit('ok');
        return principalOf(person, app?.id);
      } catch (error) {
        const refusal = error instanceof MailError ? (error.details?.['refusal'] ?? error.code) : 'internal';
        audit(String(refusal));
        throw error;
      }
    },
  };
}

const wrongCredentials = (): MailError =>
  new MailError('authenticationFailed', 'The address or the password is wrong.');

function attemptOf(known: Known | undefined, address: string, peer: Peer): Attempt {
  return { subject: known?.person._id ?? address, network: networkOf(peer), local: peer.unix || peer.local };
}
