/**
 * A worker process: opens the listeners it is told to and owns every session on them. It knows the store by its address
 * only, and can be killed at any moment: the main process starts another.
 */
import cluster from 'node:cluster';
import type { ListenerName } from '../config/config.js';
import { showListenAddress } from '../config/listen-address.js';
import { Lifetime } from '../kernel/lifetime.js';
import { createLog } from '../kernel/log.js';
import { type BoundListener, type FromWorker, isToWorker, type ToWorker, type WorkerOrder } from './messages.js';
import { listenReason } from './preflight.js';
import { openWorkerListeners } from './worker-listeners.js';

/** Returns when the process has nothing left to do but to end. */
export async function runWorker(): Promise<void> {
  // The whole group gets these from a terminal or systemd: the main process decides what they mean.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('SIGHUP', () => undefined);
  say({ kind: 'hello' });
  const order = await new Promise<WorkerOrder>((resolve) => {
    const onMessage = (message: unknown): void => {
      if (!isToWorker(message) || message.kind !== 'start') return;
      process.off('message', onMessage);
      resolve(message.order);
    };
    process.on('message', onMessage);
  });
  await work(order);
}

async function work(order: WorkerOrder): Promise<void> {
  const log = createLog(order.settings['log-level'], `worker-${cluster.worker?.id ?? 0}`);
  const lifetime = new Lifetime(log);
  const opened = await openWorkerListeners(order, lifetime, log);
  if ('refused' in opened) {
    say({ kind: 'refused', listener: opened.refused, reason: listenReason(opened.error) });
    await lifetime.close();
    process.disconnect?.();
    return;
  }
  await new Promise<void>((resolve) => {
    process.on('message', (message: unknown) => {
      if (!isToWorker(message)) return;
      void obey(message).catch((error: unknown) => log.error({ err: error }, 'an order failed'));
    });
    const obey = async (message: ToWorker): Promise<void> => {
      if (message.kind === 'reload') await opened.reload();
      if (message.kind !== 'stop') return;
      await opened.close(message.graceMs);
      await lifetime.close();
      resolve();
    };
    const addresses: BoundListener[] = opened.addresses.map(({ name, address }) => ({
      name,
      address: showListenAddress(address),
    }));
    say({ kind: 'ready', addresses });
  });
  process.disconnect?.();
}

function say(message: FromWorker): void {
  process.send?.(message);
}

export type { ListenerName };
