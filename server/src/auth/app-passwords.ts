/**
 * Passwords for one program each: made by the service, shown once, for named protocols and networks only, taken back one by one.
 * Random and long (98 bits), so that a SHA-256 is enough to keep and a login by one costs no argon2. What one may stands in the
 * person's document, its secret in `credentials`; it counts only while both are there: made secret first, taken back in the
 * opposite order.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Protocol, protocols, type Zone, zones } from '@vaguemestre/shared/people';
import type { Accounts, AppPassword, PersonDocument } from '../database/accounts.js';
import { type AppSecretDocument, type AppUse, appIdOf, type Credentials } from '../database/credentials.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import { newPassword } from './people.js';
import { scramSalt, scramSecretOf } from './scram-keys.js';

export interface NewAppPassword {
  readonly name: string;
  readonly protocols: readonly Protocol[];
  readonly zones: readonly Zone[];
}

export interface ListedAppPassword extends AppPassword {
  readonly used?: AppUse;
}

export interface AppPasswords {
  list(account: AccountId): Promise<ListedAppPassword[]>;
  /** `secret` is told this once. MailError invalid, limit, nonexistent. */
  add(account: AccountId, app: NewAppPassword): Promise<{ readonly app: AppPassword; readonly secret: string }>;
  /** False if there is none such. */
  remove(account: AccountId, id: string): Promise<boolean>;
}

export const maxApps = 20;
const maxNameCharacters = 60;

export interface AppPasswordsParts {
  readonly accounts: Pick<Accounts, 'get' | 'addApp' | 'removeApp'>;
  readonly credentials: Pick<Credentials, 'ofAccount' | 'addApp' | 'removeApp' | 'saltKey'>;
  readonly clock: Clock;
  /** What this process remembers of people is to be read again. */
  readonly forgetPeople: () => void;
}

export function createAppPasswords(parts: AppPasswordsParts): AppPasswords {
  const { accounts, credentials, clock, forgetPeople } = parts;
  return {
    async list(account) {
      const [person, secrets] = await Promise.all([accounts.get(account), credentials.ofAccount(account)]);
      return (person?.apps ?? []).map((app) => {
        const used = secrets.apps.find((secret) => appIdOf(secret) === app.id)?.used;
        return used === undefined ? app : { ...app, used };
      });
    },
    async add(account, given) {
      const app: AppPassword = {
        ...acceptable(given),
        id: randomBytes(9).toString('base64url'),
        made: new Date(clock.nowMs()),
      };
      const secret = newPassword();
      const digest = storedDigest(Buffer.from(secret));
      if (digest === undefined) throw new MailError('internal', 'The password that was made cannot be one.');
      const scram = await scramSecretOf([secret, bareOf(secret)], scramSalt(await credentials.saltKey(), account));
      await credentials.addApp(account, app.id, { digest, scram });
      if (!(await accounts.addApp(account, app, maxApps))) {
        await credentials.removeApp(account, app.id);
        throw new MailError('limit', `A person has at most ${maxApps} app passwords; take one back first.`);
      }
      forgetPeople();
      return { app, secret };
    },
    async remove(account, id) {
      const removed = await accounts.removeApp(account, id);
      await credentials.removeApp(account, id);
      forgetPeople();
      return removed;
    },
  };
}

function acceptable(given: NewAppPassword): NewAppPassword {
  const name = given.name.trim().replaceAll(/\p{C}/gu, '');
  if (name === '' || [...name].length > maxNameCharacters) {
    throw new MailError('invalid', `Name the program or device, in at most ${maxNameCharacters} characters.`);
  }
  const chosen = {
    name,
    protocols: protocols.filter((one) => given.protocols.includes(one)),
    zones: zones.filter((one) => given.zones.includes(one)),
  };
  if (chosen.protocols.length === 0 || chosen.zones.length === 0) {
    throw new MailError('invalid', 'Choose at least one protocol and one network.');
  }
  return chosen;
}

const secretCharacters = 20;

/** What stands in the store for it; undefined: no app password looks like that. */
export const storedDigest = (password: Uint8Array): string | undefined => digestOf(password)?.toString('base64url');

/** Dashes, spaces and capitals are how it is shown or copied, not what it is. Undefined: no app password looks like that. */
function digestOf(password: Uint8Array): Buffer | undefined {
  if (password.length > 2 * secretCharacters) return undefined;
  const bare = bareOf(Buffer.from(password).toString('latin1'));
  return /^[a-z2-9]{20}$/.test(bare) ? createHash('sha256').update(bare).digest() : undefined;
}

const bareOf = (password: string): string => password.replaceAll(/[- ]/g, '').toLowerCase();

/** Which app password this is. Takes as long whichever it is, or none. */
export function matchingApp(
  person: Pick<PersonDocument, 'apps'>,
  secrets: readonly AppSecretDocument[],
  password: Uint8Array,
): { readonly app: AppPassword; readonly secret: AppSecretDocument } | undefined {
  if (person.apps === undefined || person.apps.length === 0) return undefined;
  const digest = digestOf(password);
  if (digest === undefined) return undefined;
  const matching = secrets.filter((secret) => {
    const known = Buffer.from(secret.digest, 'base64url');
    return known.length === digest.length && timingSafeEqual(known, digest);
  });
  for (const secret of matching) {
    const app = person.apps.find(({ id }) => id === appIdOf(secret));
    if (app !== undefined) return { app, secret };
  }
  return undefined;
}
