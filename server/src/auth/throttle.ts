import { createHash } from 'node:crypto';
import type { LoginHistory } from '../database/login-history.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';

/**
 * Slows guessing and locks nobody out. Four things are counted, all shared between processes through `LoginHistory`:
 *
 * - the *pair* of a person and a network: five wrong passwords, then each must wait, 1 s, 2 s, 4 s .. 60 s;
 * - the *network*, whoever it tries (one guess at each of a thousand people);
 * - the *person*, whichever network tries (a botnet);
 * - that a pair is *known*: it logged in within the last 30 days. A known pair is held back by its own failures only, so
 *   neither a botnet nor a neighbour behind the same router can keep somebody out of their mail.
 *
 * Only different wrong passwords count (login-proofs.ts remembers them). Waiting is refused, not slept: a sleeping login
 * holds a connection. Everything is forgotten 15 minutes after the last failure. An attempt reads four records and a
 * failure writes three; a login that is answered from memory touches nothing but memory.
 */
export interface Attempt {
  /** Account id, or the address typed when there is no such account: both are treated alike. */
  readonly subject: string;
  readonly network: string;
  /** From this machine: other services' users share that address, so it is not judged as a network. */
  readonly local: boolean;
}

export interface Throttle {
  /** From memory: throws MailError throttled if this process knows that the attempt must wait. Lenient to a pair it has not
   *  looked up yet: `begin` decides. */
  check(attempt: Attempt): void;
  /** Before the password is verified: learns what other processes know, then as `check`. `end` must be called. */
  begin(attempt: Attempt): Promise<Admission>;
  /** The pair is known to this process. */
  isKnown(attempt: Attempt): boolean;
  /** Removes forgotten records; to be called every quarter of an hour by one process. */
  prune(): Promise<void>;
}

export interface Admission {
  readonly known: boolean;
  end(outcome: 'right' | 'wrong' | 'abandoned'): Promise<void>;
}

interface Rule {
  /** Failures without any wait: typing errors. */
  readonly free: number;
  readonly maxWaitMs: number;
}

const rules = {
  pair: { free: 5, maxWaitMs: 60_000 },
  person: { free: 20, maxWaitMs: 60_000 },
  network: { free: 20, maxWaitMs: 300_000 },
} as const satisfies Record<string, Rule>;
type Counted = keyof typeof rules;

export const forgetMs = 15 * 60_000;
export const knownForMs = 30 * 24 * 3600_000;
/** A known pair is written again only when its record is older than this. */
const renewKnownMs = 24 * 3600_000;
/** How long "not known" is believed: until then a flood of guesses costs no look-up. */
const strangerForMs = 5_000;
/** Keys in memory: a flood of made-up names pushes out the oldest, whose truth is in the database. */
const maxKeys = 20_000;

interface Count {
  n: number;
  t: number;
}

export function createThrottle(history: LoginHistory, clock: Clock): Throttle {
  const counts = new Map<string, Count>();
  const known = new Map<string, number>();
  const strangers = new Map<string, number>();
  const underWay = new Map<string, number>();

  const bounded = <V>(map: Map<string, V>, key: string, value: V): void => {
    map.delete(key);
    map.set(key, value);
    if (map.size <= maxKeys) return;
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  };

  const live = (key: string): Count | undefined => {
    const count = counts.get(key);
    return count !== undefined && clock.nowMs() - count.t < forgetMs ? count : undefined;
  };

  const waitMs = (kind: Counted, key: string): number => {
    const count = live(key);
    const rule = rules[kind];
    if (count === undefined || count.n < rule.free) return 0;
    const penalty = Math.min(rule.maxWaitMs, 1000 * 2 ** Math.min(count.n - rule.free, 20));
    return count.t + penalty - clock.nowMs();
  };

  const isKnown = (keys: Keys): boolean => {
    const at = known.get(keys.known);
    return at !== undefined && clock.nowMs() - at < knownForMs;
  };

  const isStranger = (keys: Keys): boolean => {
    const until = strangers.get(keys.known);
    return until !== undefined && clock.nowMs() < until;
  };

  const judge = (attempt: Attempt, keys: Keys): void => {
    for (const kind of judged(attempt, isStranger(keys))) {
      const wait = waitMs(kind, keys[kind]);
      if (wait > 0) throw tooMany(wait);
      // As many guesses at a time as could still fail freely, at least one: else a thousand parallel ones would all be
      // judged before the first has failed. A network is bounded by the work queue instead.
      if (kind === 'network') continue;
      const free = Math.max(1, rules[kind].free - (live(keys[kind])?.n ?? 0));
      if ((underWay.get(keys[kind]) ?? 0) >= free) throw tooMany(1000);
    }
  };

  const occupy = (key: string, by: 1 | -1): void => {
    const next = (underWay.get(key) ?? 0) + by;
    if (next <= 0) underWay.delete(key);
    else underWay.set(key, next);
  };

  const learn = async (keys: Keys): Promise<void> => {
    const records = await history.read([keys.pair, keys.person, keys.network, keys.known]);
    for (const { _id, n, t } of records) {
      if (_id === keys.known) bounded(known, _id, Math.max(t.getTime(), known.get(_id) ?? 0));
      else if (t.getTime() >= (counts.get(_id)?.t ?? 0)) bounded(counts, _id, { n, t: t.getTime() });
    }
    if (isKnown(keys)) strangers.delete(keys.known);
    else bounded(strangers, keys.known, clock.nowMs() + strangerForMs);
  };

  const fail = async (attempt: Attempt, keys: Keys): Promise<void> => {
    const at = clock.nowMs();
    const kinds: Counted[] = attempt.local ? ['pair', 'person'] : ['pair', 'person', 'network'];
    const writes = kinds.map(async (kind) => {
      const key = keys[kind];
      const before = live(key);
      bounded(counts, key, { n: (before?.n ?? 0) + 1, t: at });
      await history.count(key, new Date(at), before === undefined);
    });
    await Promise.all(writes);
  };

  const succeed = async (keys: Keys): Promise<void> => {
    const at = clock.nowMs();
    // The person's and the network's counts stay: an attacker who owns one account must not clear them with it.
    if (counts.delete(keys.pair)) await history.forget([keys.pair]);
    const before = known.get(keys.known);
    if (before !== undefined && at - before < renewKnownMs) return;
    bounded(known, keys.known, at);
    strangers.delete(keys.known);
    await history.put(keys.known, new Date(at));
  };

  return {
    check(attempt) {
      judge(attempt, keysOf(attempt));
    },
    isKnown(attempt) {
      return isKnown(keysOf(attempt));
    },
    async begin(attempt) {
      const keys = keysOf(attempt);
      await learn(keys);
      judge(attempt, keys);
      occupy(keys.pair, 1);
      occupy(keys.person, 1);
      let over = false;
      return {
        known: isKnown(keys),
        async end(outcome) {
          if (over) return;
          over = true;
          occupy(keys.pair, -1);
          occupy(keys.person, -1);
          if (outcome === 'right') await succeed(keys);
          else if (outcome === 'wrong') await fail(attempt, keys);
        },
      };
    },
    async prune() {
      const now = clock.nowMs();
      for (const kind of ['pair', 'person', 'net']) await history.prune(kind, new Date(now - forgetMs));
      await history.prune('ok', new Date(now - knownForMs));
    },
  };
}

type Keys = Readonly<Record<Counted | 'known', string>>;

function keysOf({ subject, network }: Attempt): Keys {
  // What was typed may be anything; as a key it has a fixed length and alphabet.
  const who = createHash('sha256').update(subject).digest('base64url').slice(0, 22);
  return {
    pair: `pair|${who}|${network}`,
    person: `person|${who}`,
    network: `net|${network}`,
    known: `ok|${who}|${network}`,
  };
}

function judged(attempt: Attempt, stranger: boolean): readonly Counted[] {
  if (!stranger) return ['pair'];
  return attempt.local ? ['pair', 'person'] : ['pair', 'person', 'network'];
}

function tooMany(waitMs: number): MailError {
  const seconds = Math.ceil(waitMs / 1000);
  return new MailError(
    'throttled',
    `Too many failed logins; try again in ${seconds} second${seconds === 1 ? '' : 's'}.`,
    {
      details: { waitMs },
    },
  );
}
