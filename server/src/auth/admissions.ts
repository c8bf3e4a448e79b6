/**
 * Whoever came in by a door stays as long as they may come in by it. Everybody who is in is judged again every few seconds, as
 * at the door, with one look at the people for 200 of them: who is disabled or removed, whose end date comes, who may no
 * longer use the door or not from there, is out within `judgeEveryMs` and a little in every process. While the people cannot
 * be looked at, everybody stays.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Accounts, PersonDocument } from '../database/accounts.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { PolicySettings } from './access-policy.js';
import type { PasswordLogin } from './authenticator.js';
import { judgeKey, judgeVisitor, transportOf } from './judge-visitor.js';
import type { createZones } from './zones.js';

export interface Admissions {
  /** Calls `end` once, when the visit is over for the person. The function it gives ends the watching. */
  watch(visit: Visit, end: (reason: MailError) => void): () => void;
}

export interface Visit extends Pick<PasswordLogin, 'protocol' | 'peer' | 'secure' | 'legacy'> {
  readonly account: AccountId;
  /** Id of the app password it was opened with. */
  readonly app?: string | undefined;
}

export interface AdmissionsParts {
  readonly accounts: Pick<Accounts, 'some'>;
  readonly zoneOf: ReturnType<typeof createZones>;
  readonly settings: PolicySettings;
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly log: Log;
  /** For tests. */
  readonly everyMs?: number;
}

export const judgeEveryMs = 3_000;
const accountsPerLook = 200;

interface Watched extends Visit {
  readonly end: (reason: MailError) => void;
}

export function createAdmissions(parts: AdmissionsParts): Admissions {
  const { accounts, zoneOf, settings, clock, lifetime, log, everyMs = judgeEveryMs } = parts;
  const visits = new Set<Watched>();
  let running = false;

  const judge = (people: ReadonlyMap<AccountId, PersonDocument>, asked: ReadonlySet<AccountId>): void => {
    for (const visit of [...visits]) {
      // Who came after the look was judged at the door.
      if (!asked.has(visit.account)) continue;
      const door = { protocol: visit.protocol, zone: zoneOf(visit.peer), transport: transportOf(visit) };
      const person = people.get(visit.account);
      const reason =
        person === undefined || person.removing !== undefined
          ? new MailError('authorizationFailed', 'This account is no longer here.')
          : (judgeVisitor(person, door, settings, clock.nowMs()) ?? judgeKey(person, visit.app));
      if (reason === undefined) continue;
      visits.delete(visit);
      visit.end(reason);
    }
  };

  const look = async (): Promise<void> => {
    const asked = [...new Set([...visits].map(({ account }) => account))];
    for (let at = 0; at < asked.length; at += accountsPerLook) {
      const some = asked.slice(at, at + accountsPerLook);
      const people = await accounts.some(some);
      judge(new Map(people.map((person) => [person._id, person])), new Set(some));
    }
  };

  /** As long as somebody is in. */
  const go = async (signal: AbortSignal): Promise<void> => {
    try {
      while (visits.size > 0) {
        await sleep(everyMs, undefined, { signal, ref: false });
        try {
          await look();
        } catch (error) {
          log.warn({ err: error }, 'who may stay cannot be looked up, trying again');
        }
      }
    } finally {
      running = false;
    }
  };

  return {
    watch(visit, end) {
      const watched = { ...visit, end };
      visits.add(watched);
      if (!running) {
        running = true;
        lifetime.run('judge who may stay', go);
      }
      return () => void visits.delete(watched);
    },
  };
}
