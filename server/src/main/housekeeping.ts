/** What one process does for all from time to time: the main process of a service. A failure is logged and tried again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';

export interface Chore {
  readonly name: string;
  readonly everyMs: number;
  /** Before the first time; `everyMs` when not given. */
  readonly firstMs?: number;
  run(signal: AbortSignal): Promise<void>;
}

export function keepHouse(chores: readonly Chore[], lifetime: Lifetime, log: Log): void {
  for (const chore of chores) {
    lifetime.run(chore.name, async (signal) => {
      for (let pauseMs = chore.firstMs ?? chore.everyMs; ; pauseMs = chore.everyMs) {
        await sleep(pauseMs, undefined, { signal });
        try {
          await chore.run(signal);
        } catch (error) {
          if (signal.aborted) throw error;
          log.error({ err: error, chore: chore.name }, 'a chore failed and will be tried again');
        }
      }
    });
  }
}
