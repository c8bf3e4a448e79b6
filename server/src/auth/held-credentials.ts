/**
 * What a person came in with, for things that outlive a request and end when it does: a session of a browser, an app password, the
 * password itself. MailError unavailable when the store does not answer.
 */
import type { PeopleDatabase } from '../database/people-database.js';
import type { Clock } from '../kernel/clock.js';
import type { AccountId } from '../kernel/ids.js';
import { type PolicySettings, refusalFor } from './access-policy.js';
import type { Principal } from './authenticator.js';
import { principalOf } from './principal.js';

export interface HeldCredentials {
  /** Its name, the same for every session that it opens. */
  nameOf(principal: Pick<Principal, 'account' | 'app'>, session: string): Promise<string>;
  /** Whose it is; undefined: it opens nothing any more. */
  holder(account: string, name: string): Promise<Principal | undefined>;
}

const browser = 'web/';
const app = 'app/';
const password = 'password/';

export function createHeldCredentials(
  { accounts, credentials, sessions }: Pick<PeopleDatabase, 'accounts' | 'credentials' | 'sessions'>,
  settings: PolicySettings,
  clock: Clock,
): HeldCredentials {
  async function stands(account: AccountId, name: string, version: string | undefined): Promise<boolean> {
    if (name.startsWith(password)) return version !== undefined && name === password + version;
    if (!name.startsWith(browser)) return false;
    const [session] = await sessions.some([name]);
    return (
      session !== undefined &&
      session.a === account &&
      session.credential === version &&
      session.expires.getTime() > clock.nowMs()
    );
  }

  return {
    async nameOf({ account, app: id }, session) {
      if (session.startsWith(browser)) return session;
      if (id !== undefined) return app + id;
      return `${password}${(await credentials.password(account))?.version ?? ''}`;
    },
    async holder(id, name) {
      const account = id as AccountId;
      const person = await accounts.get(account);
      if (person === undefined || person.removing !== undefined) return undefined;
      // Wherever the person is now: what was let in from one network is not shut out of another.
      const door = { protocol: 'webmail', zone: 'laboratory', transport: 'tls' } as const;
      if (refusalFor({ ...person, expires: person.expires }, door, settings, clock.nowMs()) !== undefined) {
        return undefined;
      }
      if (name.startsWith(app)) {
        const known = person.apps?.some((each) => each.id === name.slice(app.length)) === true;
        return known ? principalOf(person) : undefined;
      }
      const current = await credentials.password(account);
      return (await stands(account, name, current?.version)) ? principalOf(person) : undefined;
    },
  };
}
