/**
 * A worker process: opens the listeners it is told to and owns every session on them. It knows the store by its address
 * only, and can be killed at any moment: the main process starts another.
 */
import cluster from 'node:cluster';
import { showListenAddress } from '../config/listen-address.js';
import { Lifetime } from '../kernel/lifetime.js';
import { createLog } from '../kernel/log.js';
import { type FromWorker, isToWorker, type ToWorker, type WorkerOrder } from './messages.js';
import { listenReason } from './preflight.js';
import { openWorkerListeners } from './worker-listeners.js';
import { createWorkerPlaces, type WorkerPlaces } from './worker-places.js';

/** Returns when the process has nothing left to do but to end. */
export async function runWorker(): Promise<void> {
  // The whole group gets these from a terminal or systemd: the main process decides what they mean.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const messages = receive();
  say({ kind: 'hello' });
  try {
    const first = await messages.next();
    if (first.kind === 'start') await work(first.order, messages);
  } finally {
    process.disconnect?.();
  }
}

async function work(order: WorkerOrder, messages: Messages): Promise<void> {
  const log = createLog(order.settings['log-level'], `worker-${cluster.worker?.id ?? 0}`);
  const lifetime = new Lifetime(log);
  const opened = await openWorkerListeners(order, messages.places, lifetime, log);
  if ('refused' in opened) {
    say({ kind: 'refused', listener: opened.refused, reason: listenReason(opened.error) });
  } else {
    const addresses = opened.addresses.map(({ name, address }) => ({ name, address: showListenAddress(address) }));
    say({ kind: 'ready', addresses });
    for (;;) {
      const message = await messages.next();
      if (message.kind === 'reload') await opened.reload();
      if (message.kind !== 'stop') continue;
      await opened.close(message.graceMs);
      break;
    }
  }
  await lifetime.close();
}

interface Messages {
  readonly places: WorkerPlaces;
  /** In the order they came, one at a time. */
  next(): Promise<ToWorker>;
}

function receive(): Messages {
  const waiting: ToWorker[] = [];
  let wake: (() => void) | undefined;
  const places = createWorkerPlaces(say);
  process.on('message', (message: unknown) => {
    if (!isToWorker(message)) return;
    // Not in the line: a login waits for it, and what is ahead may take its time.
    if (message.kind === 'place') {
      places.answered(message);
      return;
    }
    waiting.push(message);
    wake?.();
  });
  return {
    places,
    async next() {
      for (;;) {
        const message = waiting.shift();
        if (message !== undefined) return message;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

function say(message: FromWorker): void {
  process.send?.(message);
}
