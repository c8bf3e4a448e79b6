/**
 * Sessions of browsers: opened after the password was right, known by a random token that only the browser has, listed and
 * ended by their owner. Being in is judged again at every request, as at the door: a person who is disabled, whose end date
 * comes, who may no longer use the webmail, or whose password changes is out within two seconds in every process.
 *
 * Throws MailError unavailable when the store does not answer; `limit` never: the oldest session of a person makes room.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { PeopleDatabase } from '../database/people-database.js';
import type { SessionDocument } from '../database/sessions.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { Peer } from '../net/connection.js';
import { type PolicySettings, refusalFor } from './access-policy.js';
import type { Principal } from './authenticator.js';
import { principalOf } from './principal.js';
import { createSessionTable, type HeldSession } from './session-table.js';
import type { createZones } from './zones.js';

export interface WebSession {
  readonly id: string;
  readonly made: Date;
  readonly used: Date;
  readonly expires: Date;
  readonly agent: string;
  readonly address: string;
  readonly own: boolean;
}

export interface NewWebSession {
  /** The computer is the person's own: the session outlives the browser. */
  readonly own: boolean;
  readonly agent: string;
  readonly peer: Peer;
}

export interface Entered {
  readonly session: WebSession;
  readonly principal: Principal;
  /** `deriveSessionKey` of its token. */
  deriveKey(purpose: string): Buffer;
  /** Aborted when the session ends; call `leave` when the request is over. */
  readonly signal: AbortSignal;
  leave(): void;
}

/** The key of a session for one purpose: nobody can have it without the token, nothing of it is stored. */
export const deriveSessionKey = (token: string, purpose: string): Buffer =>
  createHmac('sha256', token).update(purpose).digest();

export interface WebSessions {
  /** For somebody whose password was right just now. The token is told once and kept nowhere. */
  open(account: AccountId, session: NewWebSession): Promise<{ readonly token: string }>;
  /** Undefined: the token opens nothing (any more). */
  enter(token: string, peer: Peer): Promise<Entered | undefined>;
  list(account: AccountId): Promise<WebSession[]>;
  /** False if the account has no such session. */
  end(account: AccountId, id: string): Promise<boolean>;
  endOthers(account: AccountId, but: string): Promise<void>;
  /** After the person changed the password in this session: it goes on, all others have ended. */
  passwordChanged(account: AccountId, id: string): Promise<void>;
  /** Removes what has expired; to be called now and then by one process. */
  prune(): Promise<void>;
}

const hour = 3600_000;
/** Unused for so long it ends; after the second it ends in any case. A shared computer's browser also forgets the cookie. */
export const sessionSpans = {
  own: { idleMs: 30 * 24 * hour, longestMs: 180 * 24 * hour },
  shared: { idleMs: 4 * hour, longestMs: 16 * hour },
} as const;
const writeUseEveryMs = 60_000;
/** A script that signs in at every turn must not fill the store. */
const maxSessionsPerPerson = 50;
const tokenBytes = 32;
const tokenForm = /^[A-Za-z0-9_-]{43}$/;
const maxAgentCharacters = 300;

export interface WebSessionsParts {
  readonly database: PeopleDatabase;
  readonly zoneOf: ReturnType<typeof createZones>;
  readonly settings: PolicySettings;
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

export function createWebSessions(parts: WebSessionsParts): WebSessions {
  const { database, clock, lifetime, log } = parts;
  const { sessions, credentials } = database;

  const expiry = (session: Pick<SessionDocument, 'own' | 'made'>, usedMs: number): Date => {
    const { idleMs, longestMs } = session.own ? sessionSpans.own : sessionSpans.shared;
    return new Date(Math.min(usedMs + idleMs, session.made.getTime() + longestMs));
  };

  const letsIn = ({ session, person }: HeldSession, peer: Peer): boolean => {
    const now = clock.nowMs();
    if (session.expires.getTime() <= now) return false;
    const door = { protocol: 'webmail', zone: parts.zoneOf(peer), transport: 'tls' } as const;
    return refusalFor({ ...person, expires: person.expires }, door, parts.settings, now) === undefined;
  };

  const table = createSessionTable({ database, letsIn, clock, lifetime, log });

  const noteUse = (session: SessionDocument, peer: Peer): void => {
    const now = clock.nowMs();
    if (now - session.used.getTime() < writeUseEveryMs) return;
    const use = { used: new Date(now), expires: expiry(session, now), address: peer.address };
    table.put({ ...session, ...use });
    lifetime.run('note the use of a web session', () => sessions.use(session._id, use));
  };

  const makeRoom = async (account: AccountId): Promise<void> => {
    const all = await sessions.ofAccount(account);
    const longestUnused = all.sort((x, y) => +y.used - +x.used).slice(maxSessionsPerPerson - 1);
    for (const { _id } of longestUnused) {
      await sessions.remove(_id, account);
      table.drop(_id);
    }
  };

  return {
    async open(account, { own, agent, peer }) {
      const credential = (await credentials.password(account))?.version;
      if (credential === undefined) throw new MailError('authenticationFailed', 'Sign in again.');
      await makeRoom(account);
      const token = randomBytes(tokenBytes).toString('base64url');
      const made = new Date(clock.nowMs());
      await sessions.insert({
        _id: idOf(token),
        a: account,
        made,
        used: made,
        expires: expiry({ own, made }, made.getTime()),
        agent: agent.slice(0, maxAgentCharacters),
        address: peer.address,
        own,
        credential,
      });
      return { token };
    },
    async enter(token, peer) {
      if (!tokenForm.test(token)) return undefined;
      const id = idOf(token);
      const held = await table.find(id, peer);
      if (held === undefined) return undefined;
      noteUse(held.session, peer);
      const controller = new AbortController();
      const leave = table.hold(id, () => controller.abort(new MailError('closed', 'The session has ended.')));
      return {
        session: shown(held.session),
        principal: principalOf(held.person),
        deriveKey: (purpose) => deriveSessionKey(token, purpose),
        signal: controller.signal,
        leave,
      };
    },
    async list(account) {
      const [all, password] = await Promise.all([sessions.ofAccount(account), credentials.password(account)]);
      const now = clock.nowMs();
      return all
        .filter((one) => one.credential === password?.version && one.expires.getTime() > now)
        .map((one) => shown(one));
    },
    async end(account, id) {
      const ended = await sessions.remove(id, account);
      if (ended) table.drop(id);
      return ended;
    },
    async endOthers(account, but) {
      await sessions.removeOthers(account, but);
      for (const id of table.ofAccount(account)) if (id !== but) table.drop(id);
    },
    async passwordChanged(account, id) {
      const version = (await credentials.password(account))?.version;
      if (version !== undefined) await sessions.setCredential(id, account, version);
      await this.endOthers(account, id);
    },
    prune: () => sessions.prune(new Date(clock.nowMs())),
  };
}

const idOf = (token: string): string => `web/${createHash('sha256').update(token).digest('base64url')}`;

function shown({ _id, made, used, expires, agent, address, own }: SessionDocument): WebSession {
  return { id: _id, made, used, expires, agent, address, own };
}
