/**
 * The locks of maildrops among several machines: a lease in the database beside the lock of this machine (decision 0025). It is
 * renewed as long as the session lives; one whose process died ends by itself within `leaseMs`.
 */
import type { MaildropLeases } from '../database/maildrop-leases.js';
import type { Clock } from '../kernel/clock.js';
import { newProcessNonce } from '../kernel/ids.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import { type MaildropLocks, maildropInUse, maildropResting } from './maildrop-locks.js';

export const leaseMs = 60_000;
const renewMs = 20_000;

export interface LeasedMaildropsParts {
  /** Of this machine: asked first, and they settle most cases without the database. */
  readonly locks: MaildropLocks;
  readonly leases: MaildropLeases;
  readonly restMs: number;
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

export function leasedMaildrops({ locks, leases, restMs, clock, lifetime, log }: LeasedMaildropsParts): MaildropLocks {
  const process = newProcessNonce();
  let count = 0;
  const now = (afterMs = 0): Date => new Date(clock.nowMs() + afterMs);
  return {
    async take(account) {
      const release = await locks.take(account);
      const owner = `${process}-${(++count).toString(36)}`;
      try {
        const outcome = await leases.take(account, { owner, now: now(), until: now(leaseMs) }, now(-restMs));
        if (outcome !== 'taken') {
          const restLeftMs = outcome.taken.getTime() + restMs - clock.nowMs();
          throw outcome.until > now() || restLeftMs <= 0 ? maildropInUse() : maildropResting(restLeftMs);
        }
      } catch (error) {
        release();
        throw error;
      }
      // A lease that cannot be renewed is lost to whoever asks, who then takes the same mail: nothing worse.
      const unrenewed = (error: unknown): void =>
        log.warn({ err: error, account }, 'the lease of a maildrop is not renewed');
      const timer = setInterval(() => {
        lifetime.run('renew a maildrop', () => leases.renew(account, owner, now(leaseMs)).catch(unrenewed));
      }, renewMs);
      timer.unref();
      return () => {
        clearInterval(timer);
        release();
        lifetime.run('give a maildrop back', () => leases.give(account, owner, restMs > 0, now()));
      };
    },
  };
}
