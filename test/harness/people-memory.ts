import type { Accounts, PersonDocument } from '@vaguemestre/server/database/accounts';
import type { AppSecretDocument, Credentials, PasswordDocument } from '@vaguemestre/server/database/credentials';
import type { LoginHistory, LoginRecord } from '@vaguemestre/server/database/login-history';
import type { PeopleDatabase } from '@vaguemestre/server/database/people-database';
import type { SessionDocument, Sessions } from '@vaguemestre/server/database/sessions';
import type { TotpDocument, TotpSecrets } from '@vaguemestre/server/database/totp-secrets';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { AccountId } from '@vaguemestre/server/kernel/ids';
import { memoryPasskeys, memoryRecovery } from './factors-memory.js';

/** The people's database in memory: for tests of what is built on it, with a count of the round trips it would cost. */
export interface MemoryPeople extends PeopleDatabase {
  trips: number;
  /** Everything throws MailError unavailable while set. */
  away: boolean;
}

export function memoryPeople(): MemoryPeople {
  const people = new Map<AccountId, PersonDocument>();
  const passwords = new Map<AccountId, PasswordDocument>();
  const appSecrets = new Map<string, AppSecretDocument>();
  const logins = new Map<string, LoginRecord>();
  const webSessions = new Map<string, SessionDocument>();
  const spent = new Map<string, Date>();

  const trip = async (): Promise<void> => {
    memory.trips++;
    await Promise.resolve();
    if (memory.away) throw new MailError('unavailable', 'away');
  };

  const accounts: Accounts = {
    ensureIndexes: trip,
    async get(id) {
      await trip();
      return people.get(id);
    },
    async some(ids) {
      await trip();
      return ids.flatMap((id) => people.get(id) ?? []);
    },
    async findByAddress(address) {
      await trip();
      return [...people.values()].find((one) => one.addresses.includes(address));
    },
    async firstAdministrator() {
      await trip();
      return [...people.values()].find((one) => one.admin && !one.disabled);
    },
    async list() {
      await trip();
      return [...people.values()];
    },
    async insert(person) {
      await trip();
      for (const one of people.values()) {
        if (one.addresses.some((address) => person.addresses.includes(address))) {
          throw new MailError('alreadyExists', 'taken');
        }
      }
      people.set(person._id, person);
    },
    async change(id, change) {
      await trip();
      const person = people.get(id);
      if (person === undefined) return false;
      const next: Record<string, unknown> = { ...person };
      for (const [field, value] of Object.entries(change)) {
        if (value === undefined) delete next[field];
        else next[field] = value;
      }
      people.set(id, next as unknown as PersonDocument);
      return true;
    },
    async addApp(id, app, most) {
      await trip();
      const person = people.get(id);
      if (person === undefined || (person.apps?.length ?? 0) >= most) return false;
      people.set(id, { ...person, apps: [...(person.apps ?? []), app] });
      return true;
    },
    async removeApp(id, app) {
      await trip();
      const person = people.get(id);
      if (person?.apps?.some((one) => one.id === app) !== true) return false;
      people.set(id, { ...person, apps: person.apps.filter((one) => one.id !== app) });
      return true;
    },
    async beginRemoval(id, expires, at) {
      await trip();
      const person = people.get(id);
      if (person?.expires?.getTime() !== expires.getTime()) return false;
      people.set(id, { ...person, disabled: true, removing: at });
      return true;
    },
    async delete(id) {
      await trip();
      people.delete(id);
    },
  };

  const credentials: Credentials = {
    async password(account) {
      await trip();
      return passwords.get(account);
    },
    async ofAccount(account) {
      await trip();
      return { password: passwords.get(account), apps: [...appSecrets.values()].filter(({ a }) => a === account) };
    },
    async addApp(account, id, secret) {
      await trip();
      const _id = `${account}/app/${id}`;
      appSecrets.set(_id, { _id, a: account, ...secret });
    },
    async removeApp(account, id) {
      await trip();
      appSecrets.delete(`${account}/app/${id}`);
    },
    async saltKey() {
      await trip();
      return Buffer.alloc(32, 7);
    },
    ensureIndexes: trip,
    async findApp(digest) {
      await trip();
      return [...appSecrets.values()].find((secret) => secret.digest === digest);
    },
    async noteApp(account, id, used) {
      await trip();
      const secret = appSecrets.get(`${account}/app/${id}`);
      if (secret !== undefined) appSecrets.set(secret._id, { ...secret, used });
    },
    async passwords(ids) {
      await trip();
      return ids.flatMap((id) => passwords.get(id) ?? []);
    },
    async setPassword(account, password) {
      await trip();
      passwords.set(account, { _id: `${account}/password`, a: account, ...password });
    },
    async rehash(account, oldHash, newHash) {
      await trip();
      const password = passwords.get(account);
      if (password?.hash === oldHash) passwords.set(account, { ...password, hash: newHash });
    },
    async remove(account) {
      await trip();
      passwords.delete(account);
    },
  };

  const history: LoginHistory = {
    async read(ids) {
      await trip();
      return ids.flatMap((id) => logins.get(id) ?? []);
    },
    async count(id, at, restart) {
      await trip();
      logins.set(id, { _id: id, n: restart ? 1 : (logins.get(id)?.n ?? 0) + 1, t: at });
    },
    async put(id, at) {
      await trip();
      logins.set(id, { _id: id, n: 0, t: at });
    },
    async forget(ids) {
      await trip();
      for (const id of ids) logins.delete(id);
    },
    async prune(kind, before) {
      await trip();
      for (const { _id, t } of [...logins.values()]) if (_id.startsWith(`${kind}|`) && t < before) logins.delete(_id);
    },
  };

  const change = (id: string, fields: Partial<SessionDocument>): void => {
    const session = webSessions.get(id);
    if (session !== undefined) webSessions.set(id, { ...session, ...fields });
  };
  const sessions: Sessions = {
    ensureIndexes: trip,
    async insert(session) {
      await trip();
      webSessions.set(session._id, session);
    },
    async some(ids) {
      await trip();
      return ids.flatMap((id) => webSessions.get(id) ?? []);
    },
    async ofAccount(account) {
      await trip();
      return [...webSessions.values()].filter(({ a }) => a === account).sort((x, y) => +y.made - +x.made);
    },
    async use(id, use) {
      await trip();
      change(id, use);
    },
    async setCredential(id, account, credential) {
      await trip();
      if (webSessions.get(id)?.a === account) change(id, { credential });
    },
    async remove(id, account) {
      await trip();
      return webSessions.get(id)?.a === account && webSessions.delete(id);
    },
    async removeOthers(account, but) {
      await trip();
      for (const { _id, a } of [...webSessions.values()]) if (a === account && _id !== but) webSessions.delete(_id);
    },
    async prune(before) {
      await trip();
      for (const { _id, expires } of [...webSessions.values()]) if (expires < before) webSessions.delete(_id);
      for (const [id, expires] of spent) if (expires < before) spent.delete(id);
    },
    async spend(id, _account, expires) {
      await trip();
      if (spent.has(id)) return false;
      spent.set(id, expires);
      return true;
    },
  };

  const totps = new Map<AccountId, TotpDocument>();
  const totp: TotpSecrets = {
    async of(account) {
      await trip();
      return totps.get(account);
    },
    async start(account, secret) {
      await trip();
      totps.set(account, { _id: `${account}/totp`, a: account, secret, last: 0, recovery: [] });
    },
    async confirm(account, { secret, ...proved }) {
      await trip();
      const held = totps.get(account);
      if (held?.secret !== secret || held.confirmed !== undefined) return false;
      totps.set(account, { ...held, ...proved });
      return true;
    },
    async use(account, step) {
      await trip();
      const held = totps.get(account);
      if (held === undefined || held.last >= step) return false;
      totps.set(account, { ...held, last: step });
      return true;
    },
    async useRecovery(account, digest) {
      await trip();
      const held = totps.get(account);
      if (held?.recovery.includes(digest) !== true) return false;
      totps.set(account, { ...held, recovery: held.recovery.filter((one) => one !== digest) });
      return true;
    },
    async remove(account) {
      await trip();
      totps.delete(account);
    },
  };

  const factors = { totp, passkeys: memoryPasskeys(trip), recovery: memoryRecovery(trip) };
  const memory: MemoryPeople = { accounts, credentials, history, sessions, ...factors, trips: 0, away: false };
  return memory;
}
