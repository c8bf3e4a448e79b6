/**
 * Tries what is due, in every process of the relay: none is in charge, so none has to be watched. Mailboxes and the world
 * outside have workers of their own, and a host that does not answer takes none: its route is closed for a while, and what waits
 * for it is put off in one go.
 */
import type { Clock } from '@vaguemestre/server/kernel/clock';
import type { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import type { Log } from '@vaguemestre/server/kernel/log';
import type { DueDelivery, Lane } from '../database/queue-documents.js';
import type { RelayDeliveries } from '../database/relay-deliveries.js';
import { type AttemptParts, attempt } from './attempt.js';
import type { RouteGate } from './route-gate.js';

export interface Runner {
  /** Something may be due: look now. */
  wake(): void;
  /** How many deliveries are under way. */
  readonly busy: number;
}

export interface RunnerParts extends AttemptParts {
  readonly deliveries: Pick<RelayDeliveries, 'due' | 'nextDue' | 'take' | 'renew' | 'save' | 'open' | 'postpone'>;
  readonly gate: RouteGate;
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

/** At once in one process. A delivery holds a socket and a quarter of a megabyte. */
const atOnce: Readonly<Record<Lane, number>> = { in: 8, out: 50 };
/** What another process queued, or gave back, is seen within this time. */
const lookMs = 2_000;
/** After something could not be read or written. */
const pauseMs = 1_000;

export function startRunner(parts: RunnerParts): Runner {
  const lanes = (['in', 'out'] as const).map((lane) => startLane(parts, lane));
  return {
    wake: () => {
      for (const lane of lanes) lane.wake();
    },
    get busy() {
      return lanes.reduce((sum, lane) => sum + lane.busy, 0);
    },
  };
}

function startLane(parts: RunnerParts, lane: Lane): Runner {
  const { deliveries, gate, clock, lifetime, log } = parts;
  const running = new Set<string>();
  let woken = false;
  let stir: () => void = () => undefined;
  const wake = (): void => {
    woken = true;
    stir();
  };
  const wait = async (ms: number): Promise<void> => {
    if (woken || lifetime.closed) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      stir = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  };

  const start = (due: DueDelivery): void => {
    const leave = gate.enter(due.route);
    if (leave === undefined) return;
    running.add(due._id);
    lifetime.run('delivery', async (signal) => {
      let unreachable = false;
      try {
        const report = await attempt(parts, due, signal);
        unreachable = report?.unreachable ?? false;
      } catch (error) {
        if (signal.aborted) throw error;
        log.warn({ err: error, delivery: due._id }, 'a delivery could not be worked on, trying again');
        // The lease ends by itself; a store that is away is not asked at once again.
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      } finally {
        leave({ unreachable });
        running.delete(due._id);
        wake();
      }
      const until = unreachable ? (gate.closed().get(due.route) ?? 0) : 0;
      if (until > 0) await deliveries.postpone(due.route, new Date(clock.nowMs()), new Date(until));
    });
  };

  lifetime.run(`queue ${lane}`, async (signal) => {
    while (!signal.aborted) {
      woken = false;
      try {
        const free = atOnce[lane] - running.size;
        if (free > 0) {
          const closed = [...gate.closed().keys()];
          const found = await deliveries.due(lane, new Date(clock.nowMs()), closed, free);
          for (const due of found) if (!running.has(due._id)) start(due);
        }
        if (running.size > 0) await wait(lookMs);
        else {
          const next = await deliveries.nextDue(lane);
          const inMs = next === undefined ? lookMs : next.getTime() - clock.nowMs();
          // Something may be due for a route that is closed: not in a tight circle.
          await wait(Math.min(lookMs, Math.max(inMs, 20)));
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error, lane }, 'the queue cannot be worked through, trying again');
        await wait(pauseMs);
      }
    }
  });
  lifetime.onClose(wake);
  return {
    wake,
    get busy() {
      return running.size;
    },
  };
}
