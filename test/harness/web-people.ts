/** Who may sign in, for tests of the web application: the real rules and sessions over people in memory. */
import { createAuthService } from '@vaguemestre/server/auth/auth-service';
import type { MayUse } from '@vaguemestre/server/auth/doors-of-person';
import { createPasswordHasher } from '@vaguemestre/server/auth/password-hash';
import { createPeople, type NewPerson, type People, type Person } from '@vaguemestre/server/auth/people';
import { createSignInSteps } from '@vaguemestre/server/auth/sign-in-steps';
import type { TokenAuthenticator } from '@vaguemestre/server/auth/token-authenticator';
import { createWebSessions, type WebSessions } from '@vaguemestre/server/auth/web-sessions';
import { createWorkQueue, passwordWorkLimits } from '@vaguemestre/server/auth/work-queue';
import { createZones } from '@vaguemestre/server/auth/zones';
import type { WayIn } from '@vaguemestre/server/http/auth/identify';
import type { OwnAct } from '@vaguemestre/server/http/auth/own-acts';
import type { SignedIn } from '@vaguemestre/server/http/auth/signed-in';
import type { HttpAppOptions } from '@vaguemestre/server/http/http-app';
import { type Clock, systemClock } from '@vaguemestre/server/kernel/clock';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { parseNetworks } from '@vaguemestre/server/net/address';
import { type MemoryPeople, memoryPeople } from './people-memory.js';

export const webPassword = 'Correct horse 4 battery';

export interface WebPeople {
  readonly people: People;
  readonly database: MemoryPeople;
  readonly sessions: WebSessions;
  readonly auth: HttpAppOptions['auth'];
  readonly mayUse: MayUse;
  readonly tokens: TokenAuthenticator;
  /** The audit trail. */
  readonly acts: readonly OwnAct[];
  /** A permanent person with `webPassword`, unless said otherwise. */
  add(name: string, differences?: Partial<NewPerson>): Promise<Person>;
  /** Another process on the same store. */
  elsewhere(): WebPeople;
  close(): Promise<void>;
}

export interface WebPeopleOptions {
  readonly clock?: Clock;
  readonly proxies?: readonly string[];
  readonly laboratory?: readonly string[];
  readonly database?: MemoryPeople;
}

export function webPeople(options: WebPeopleOptions = {}): WebPeople {
  const clock = options.clock ?? systemClock;
  const database = options.database ?? memoryPeople();
  const lifetime = new Lifetime(silentLog);
  const zones = { laboratory: options.laboratory ?? [], vpn: [] };
  const settings = { pop3Clear: 'off', internWebmail: true } as const;
  const domain = 'labo.example';
  const acts: OwnAct[] = [];
  const common = { database, clock, log: silentLog };
  const { authenticator, appPasswords, secondFactor, passkeys, mayUse, tokens } = createAuthService({
    ...common,
    domain,
    zones,
    policy: settings,
    lifetime,
  });
  const people = createPeople({
    database,
    mailboxes: { createAccount: async () => undefined, removeAccount: async () => undefined },
    hasher: createPasswordHasher(createWorkQueue(passwordWorkLimits)),
    domain,
    clock,
  });
  const sessions = createWebSessions({ ...common, zoneOf: createZones(zones), settings, lifetime });
  return {
    people,
    database,
    sessions,
    mayUse,
    tokens,
    acts,
    auth: {
      authenticator,
      sessions,
      appPasswords,
      secondFactor,
      passkeys,
      publicHost: 'mail.labo.example',
      record: async (act) => void acts.push(act),
      steps: createSignInSteps(database, clock),
      setPassword: (address, password) => people.setPassword(address, password),
      proxies: parseNetworks(options.proxies ?? []),
    },
    add: (name, differences = {}) =>
      people.add({
        address: `${name}@${domain}`,
        role: 'permanent',
        password: Buffer.from(webPassword),
        ...differences,
      }),
    elsewhere: () => webPeople({ ...options, database }),
    close: () => lifetime.close(),
  };
}

/** A way in without a sign-in, for tests of what comes behind it: whoever `who` makes of the header `X-Person`. */
export function byHeader(who: (person: string) => SignedIn | undefined): WayIn {
  return {
    ambient: false,
    mark: (request) => request.headers['x-person']?.toString() ?? '',
    async enter(mark) {
      const signedIn = who(mark);
      return signedIn && { ...signedIn, leave: () => undefined };
    },
  };
}
