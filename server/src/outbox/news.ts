/**
 * Tells whoever watches an account's submissions that they may have changed: at once when it happened in this process, within
 * seconds when another settled one. Telling too often is harmless.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Submissions } from '../database/submissions.js';
import type { Clock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';

export interface OutboxNews {
  /** Something of the account changed here. */
  tell(account: string): void;
  /** `changed` is called until what this returns is called. */
  watch(account: string, changed: () => void): () => void;
}

export interface NewsParts {
  readonly submissions: Pick<Submissions, 'settledSince'>;
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

const lookMs = 5_000;
/** Clocks of machines differ. */
const overlapMs = 10_000;

export function createNews({ submissions, clock, lifetime, log }: NewsParts): OutboxNews {
  const watchers = new Map<string, Set<() => void>>();
  let looking = false;

  const tell = (account: string): void => {
    for (const changed of watchers.get(account) ?? []) changed();
  };

  /** One question for all watchers of the process, as long as there are any. */
  async function look(signal: AbortSignal): Promise<void> {
    try {
      for (let sinceMs = clock.nowMs(); watchers.size > 0; ) {
        await sleep(lookMs, undefined, { signal });
        const nextMs = clock.nowMs();
        try {
          for (const account of await submissions.settledSince(new Date(sinceMs - overlapMs))) tell(account);
          sinceMs = nextMs;
        } catch (error) {
          log.warn({ err: error }, 'what became of mail that is sent could not be asked, trying again');
        }
      }
    } finally {
      looking = false;
    }
  }

  return {
    tell,
    watch(account, changed) {
      const own = watchers.get(account) ?? new Set();
      watchers.set(account, own.add(changed));
      if (!looking) {
        looking = true;
        lifetime.run('outbox news', look);
      }
      return () => {
        own.delete(changed);
        if (own.size === 0 && watchers.get(account) === own) watchers.delete(account);
      };
    },
  };
}
