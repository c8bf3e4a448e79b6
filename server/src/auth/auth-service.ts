import type { PeopleDatabase } from '../database/people-database.js';
import type { Clock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { PolicySettings } from './access-policy.js';
import { type Admissions, createAdmissions } from './admissions.js';
import { type AppPasswords, createAppPasswords } from './app-passwords.js';
import type { Authenticator, Directory } from './authenticator.js';
import { createChallenges } from './challenges.js';
import { type ClearDoor, createClearDoor } from './clear-door.js';
import { createDirectory } from './directory.js';
import { createMayUse, type MayUse } from './doors-of-person.js';
import { createLoginJudge } from './judge-login.js';
import { createLoginProofs } from './login-proofs.js';
import { createPasskeys, type Passkeys } from './passkeys.js';
import { createPasswordAuthenticator } from './password-authenticator.js';
import { createPasswordHasher } from './password-hash.js';
import { createPeopleFinder, type PeopleFinder } from './people-finder.js';
import { createPersonCache } from './person-cache.js';
import { createScramAuthenticator, type ScramAuthenticator } from './scram-authenticator.js';
import { createSecondFactor, type SecondFactor } from './second-factor.js';
import { createSenders, type Senders } from './senders.js';
import { createThrottle } from './throttle.js';
import { createTokenAuthenticator, type TokenAuthenticator } from './token-authenticator.js';
import { createWorkQueue, passwordWorkLimits } from './work-queue.js';
import { createZones, type ZoneNetworks } from './zones.js';

/** Everything about who may come in, put together: one of these a process. */
export interface AuthService {
  readonly authenticator: Authenticator;
  readonly scram: ScramAuthenticator;
  readonly tokens: TokenAuthenticator;
  readonly directory: Directory;
  readonly senders: Senders;
  readonly admissions: Admissions;
  readonly clearDoor: ClearDoor;
  readonly zoneOf: ReturnType<typeof createZones>;
  readonly finder: PeopleFinder;
  readonly appPasswords: AppPasswords;
  readonly secondFactor: SecondFactor;
  readonly passkeys: Passkeys;
  readonly mayUse: MayUse;
  /** After a change of people made in this process: it counts here at once, elsewhere within two seconds. */
  forgetPeople(): void;
  /** To be called every quarter of an hour by one process: removes what the throttle has forgotten. */
  prune(): Promise<void>;
}

export interface AuthServiceOptions {
  readonly database: PeopleDatabase;
  /** The laboratory's mail domain: completes what is typed without one. */
  readonly domain: string;
  readonly zones: ZoneNetworks;
  readonly policy: PolicySettings;
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

export function createAuthService(options: AuthServiceOptions): AuthService {
  const { clock, log, domain } = options;
  const { accounts, credentials, history, sessions, totp, recovery } = options.database;
  const people = createPersonCache(accounts, credentials, clock);
  const throttle = createThrottle(history, clock);
  const zoneOf = createZones(options.zones);
  const forgetPeople = (): void => people.forget();
  const judge = createLoginJudge({ credentials, zoneOf, settings: options.policy, domain, clock, log });
  return {
    authenticator: createPasswordAuthenticator({
      people,
      credentials,
      hasher: createPasswordHasher(createWorkQueue(passwordWorkLimits)),
      proofs: createLoginProofs(clock),
      throttle,
      judge,
      domain,
    }),
    tokens: createTokenAuthenticator({ accounts, credentials, throttle, judge }),
    scram: createScramAuthenticator({ people, credentials, throttle, judge, domain }),
    directory: createDirectory(people, accounts, domain),
    admissions: createAdmissions({
      accounts,
      zoneOf,
      settings: options.policy,
      clock,
      lifetime: options.lifetime,
      log,
    }),
    zoneOf,
    clearDoor: createClearDoor({ people, zoneOf, settings: options.policy, domain, clock }),
    senders: createSenders({ accounts, zoneOf, settings: options.policy, domain, clock }),
    finder: createPeopleFinder(accounts, clock),
    appPasswords: createAppPasswords({ accounts, credentials, clock, forgetPeople }),
    mayUse: createMayUse(accounts, options.policy, clock),
    secondFactor: createSecondFactor({ accounts, secrets: totp, recovery, throttle, domain, clock, forgetPeople }),
    passkeys: createPasskeys({
      accounts,
      passkeys: options.database.passkeys,
      recovery,
      challenges: createChallenges(credentials, sessions, clock),
      throttle,
      judge,
      domain,
      clock,
      log,
      forgetPeople,
    }),
    forgetPeople,
    prune: () => throttle.prune(),
  };
}
