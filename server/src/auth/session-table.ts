/**
 * The web sessions that this process is serving, so that a request costs no round trip and yet nobody stays in who was put
 * out. One look every two seconds reads every session in use, with its person and password, in three commands however many
 * there are; who is no longer let in is dropped and what hangs on the session (event streams, downloads) is aborted. A session
 * nobody has used for a minute is not looked at, and read again when it comes back.
 *
 * When the store does not answer, what was looked at within `staleMs` still counts; after that `find` throws MailError
 * unavailable. Nobody is ever let in on an older answer.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PersonDocument } from '../database/accounts.js';
import type { PeopleDatabase } from '../database/people-database.js';
import type { SessionDocument } from '../database/sessions.js';
import type { Clock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { Peer } from '../net/connection.js';

export interface HeldSession {
  readonly session: SessionDocument;
  readonly person: PersonDocument;
}

export interface SessionTable {
  /** What is stored of it, at most `staleMs` old; undefined: no such session, no longer anybody's, or not let in from there. */
  find(id: string, peer: Peer): Promise<HeldSession | undefined>;
  /** Calls `abort` once if the session ends; the result takes that back. The session is looked at as long as it stands. */
  hold(id: string, abort: () => void): () => void;
  /** A change that was just stored. */
  put(session: SessionDocument): void;
  drop(id: string): void;
  /** Ids held here that belong to the account. */
  ofAccount(account: string): string[];
}

interface Entry extends HeldSession {
  readonly lookedMs: number;
}

interface Use {
  readonly atMs: number;
  readonly peer: Peer;
}

export interface SessionTableParts {
  readonly database: PeopleDatabase;
  /** The session may be used, from there, now. */
  readonly letsIn: (held: HeldSession, peer: Peer) => boolean;
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

const lookEveryMs = 2_000;
const staleMs = 6_000;
/** Since it was last asked for. */
const idleMs = 60_000;
/** Of one command. */
const batch = 1_000;
/** A person's own script could open sessions without end; the least used are read again when they come back. */
const maxEntries = 20_000;

export function createSessionTable(parts: SessionTableParts): SessionTable {
  const { database, letsIn, clock, lifetime, log } = parts;
  const entries = new Map<string, Entry>();
  /** In the order of use, the longest ago first. */
  const uses = new Map<string, Use>();
  const holders = new Map<string, Set<() => void>>();
  const reading = new Map<string, Promise<void>>();
  /** What was dropped while a look was under way, and when in the order of things: the look may have read what was before. */
  const dropped = new Map<string, number>();
  let looks = 0;
  let order = 0;
  let watching = false;

  const drop = (id: string): void => {
    if (looks > 0) dropped.set(id, ++order);
    entries.delete(id);
    uses.delete(id);
    const aborts = holders.get(id);
    holders.delete(id);
    for (const abort of aborts ?? []) abort();
  };

  const touch = (id: string, peer: Peer): void => {
    uses.delete(id);
    uses.set(id, { atMs: clock.monotonicMs(), peer });
    if (uses.size <= maxEntries) return;
    for (const oldest of uses.keys()) {
      if (holders.has(oldest)) continue;
      drop(oldest);
      break;
    }
  };

  /** Reads them as they are stored and keeps what stands. */
  const look = async (ids: readonly string[]): Promise<void> => {
    const lookedMs = clock.monotonicMs();
    const begun = ++order;
    looks++;
    try {
      const held = await readHeld(database, ids);
      for (const id of ids) {
        const stored = held.get(id);
        const one = stored && { ...stored, session: later(entries.get(id)?.session, stored.session) };
        const peer = uses.get(id)?.peer;
        if (one === undefined || (peer !== undefined && !letsIn(one, peer))) drop(id);
        else if ((dropped.get(id) ?? 0) < begun) entries.set(id, { ...one, lookedMs });
      }
    } finally {
      looks--;
      if (looks === 0) dropped.clear();
    }
  };

  const watch = async (signal: AbortSignal): Promise<void> => {
    while (uses.size > 0) {
      await sleep(lookEveryMs, undefined, { signal });
      const before = clock.monotonicMs() - idleMs;
      for (const [id, { atMs }] of [...uses]) if (atMs < before && !holders.has(id)) drop(id);
      const ids = [...uses.keys()];
      try {
        for (let i = 0; i < ids.length; i += batch) await look(ids.slice(i, i + batch));
      } catch (error) {
        log.debug({ err: error }, 'the web sessions could not be looked at');
      }
    }
  };

  const startWatching = (): void => {
    if (watching) return;
    watching = true;
    lifetime.run('watch web sessions', (signal) =>
      watch(signal).finally(() => {
        watching = false;
      }),
    );
  };

  const fresh = (id: string): Entry | undefined => {
    const entry = entries.get(id);
    return entry !== undefined && clock.monotonicMs() - entry.lookedMs < staleMs ? entry : undefined;
  };

  return {
    async find(id, peer) {
      let found = fresh(id);
      if (found === undefined) {
        let lookUp = reading.get(id);
        if (lookUp === undefined) {
          lookUp = look([id]).finally(() => reading.delete(id));
          reading.set(id, lookUp);
        }
        await lookUp;
        found = fresh(id);
      }
      if (found === undefined) return undefined;
      if (!letsIn(found, peer)) {
        drop(id);
        return undefined;
      }
      touch(id, peer);
      startWatching();
      return found;
    },
    hold(id, abort) {
      const aborts = holders.get(id) ?? new Set();
      holders.set(id, aborts);
      aborts.add(abort);
      return () => {
        aborts.delete(abort);
        if (aborts.size === 0 && holders.get(id) === aborts) holders.delete(id);
      };
    },
    put(session) {
      const entry = entries.get(session._id);
      if (entry !== undefined) entries.set(session._id, { ...entry, session });
    },
    drop,
    ofAccount: (account) => [...entries.values()].flatMap(({ session }) => (session.a === account ? session._id : [])),
  };
}

/** What was read may be from before a use that is noted here and still being written. */
function later(here: SessionDocument | undefined, stored: SessionDocument): SessionDocument {
  return here !== undefined && here.used > stored.used
    ? { ...stored, used: here.used, expires: here.expires, address: here.address }
    : stored;
}

/** Those that are somebody's and were opened with the password of today. */
async function readHeld(database: PeopleDatabase, ids: readonly string[]): Promise<Map<string, HeldSession>> {
  const sessions = await database.sessions.some(ids);
  const accounts = [...new Set(sessions.map(({ a }) => a))];
  const [people, passwords] = await Promise.all([
    database.accounts.some(accounts),
    database.credentials.passwords(accounts),
  ]);
  const personOf = new Map(people.map((person) => [person._id, person]));
  const versionOf = new Map(passwords.map(({ a, version }) => [a, version]));
  const held = new Map<string, HeldSession>();
  for (const session of sessions) {
    const person = personOf.get(session.a);
    if (person === undefined || person.removing !== undefined) continue;
    if (versionOf.get(session.a) === session.credential) held.set(session._id, { session, person });
  }
  return held;
}
