/**
 * What the queue forgets: messages whose every delivery is through keep their trace for thirty days; one whose process died
 * between the last delivery and the end is settled here. Any process may do it, several at once too.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@vaguemestre/server/kernel/clock';
import type { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import type { Log } from '@vaguemestre/server/kernel/log';
import type { RelayDeliveries } from '../database/relay-deliveries.js';
import type { RelayMessages } from '../database/relay-messages.js';

export interface UpkeepParts {
  readonly messages: Pick<RelayMessages, 'unsettled' | 'settle' | 'prune'>;
  readonly deliveries: Pick<RelayDeliveries, 'open' | 'removeOf'>;
  readonly clock: Clock;
}

const hourMs = 3_600_000;
const keptMs = 30 * 24 * hourMs;
const batch = 500;

export async function keepQueue({ messages, deliveries, clock }: UpkeepParts, signal: AbortSignal): Promise<void> {
  const now = new Date(clock.nowMs());
  // A message that is being queued has no deliveries yet.
  for await (const id of messages.unsettled(new Date(clock.nowMs() - hourMs))) {
    signal.throwIfAborted();
    if ((await deliveries.open(id)) === 0) await messages.settle(id, now);
  }
  for (;;) {
    signal.throwIfAborted();
    const gone = await messages.prune(new Date(clock.nowMs() - keptMs), batch);
    if (gone.length === 0) return;
    await deliveries.removeOf(gone);
  }
}

export function startUpkeep(parts: UpkeepParts, lifetime: Lifetime, log: Log): void {
  lifetime.run('upkeep of the queue', async (signal) => {
    for (;;) {
      await sleep(hourMs, undefined, { signal });
      try {
        await keepQueue(parts, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'the queue could not be tidied up, trying again');
      }
    }
  });
}
