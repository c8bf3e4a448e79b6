/**
 * The worker processes of a service: starts them, replaces one that dies, stops them. They share the listening ports by
 * node:cluster. A worker that dies young is replaced more and more slowly, so that a fault at the start does not eat the
 * machine; one that lived for a while is replaced at once. Workers end by themselves when the main process is gone.
 */
import cluster, { type Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import { type BoundListener, type FromWorker, isFromWorker, type ToWorker, type WorkerOrder } from './messages.js';
import { createPlaceBook } from './worker-places.js';

/** A listener that cannot be opened: trying again would not help. */
export class ListenerRefused extends Error {
  override readonly name = 'ListenerRefused';
  readonly refusal: Extract<FromWorker, { kind: 'refused' }>;

  constructor(refusal: Extract<FromWorker, { kind: 'refused' }>) {
    super(`${refusal.listener}: ${refusal.reason}`);
    this.refusal = refusal;
  }
}

export interface WorkerPool {
  /** Resolves with the addresses when every worker has opened every listener; rejects if one cannot. */
  readonly ready: Promise<readonly BoundListener[]>;
  reload(): void;
  /** Tells every worker to finish within `graceMs`, then ends those that did not. */
  stop(graceMs: number): Promise<void>;
}

export interface WorkerPoolOptions {
  readonly count: number;
  /** The launcher of the program. */
  readonly launcher: string;
  /** Connections that one account may have by one protocol, over all workers. */
  readonly maxConnectionsPerAccount: number;
  /** What workers are told when they ask; they load their modules while the store is being opened. */
  readonly order: Promise<WorkerOrder>;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

/** A worker that lived so long died of something else than its start. */
const settledMs = 30_000;
const firstPauseMs = 200;
const longestPauseMs = 10_000;
/** What a worker may take over its grace to close the store before it is killed. */
const lingerMs = 2_000;
/**
 * Where objects live that die young, which at a mail server is all but few. By itself it grows to 16 MB, thrice, with the first
 * rush and stays: 40 MB a process. Measured, a quarter of that collects at the same cost.
 */
const semiSpaceMb = 4;

export function startWorkers(options: WorkerPoolOptions): WorkerPool {
  const { lifetime, log } = options;
  const live = new Set<Worker>();
  const places = createPlaceBook(options.maxConnectionsPerAccount);
  let stopping = false;
  let opened: ((addresses: readonly BoundListener[]) => void) | undefined;
  let failed: ((error: Error) => void) | undefined;
  const ready = new Promise<readonly BoundListener[]>((resolve, reject) => {
    opened = resolve;
    failed = reject;
  });
  let readyCount = 0;
  // Who awaits them hears of it; nobody may yet.
  ready.catch(ignore);
  options.order.catch(ignore);

  cluster.setupPrimary({
    exec: options.launcher,
    args: ['serve'],
    execArgv: [...process.execArgv, `--max-semi-space-size=${semiSpaceMb}`],
  });

  const place = async (signal: AbortSignal): Promise<void> => {
    let pauseMs = 0;
    let first = true;
    while (!signal.aborted && !stopping) {
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal });
      const started = performance.now();
      await live1(first);
      first = false;
      pauseMs =
        performance.now() - started > settledMs ? 0 : Math.min(longestPauseMs, Math.max(firstPauseMs, pauseMs * 2));
    }
  };

  /** One worker from its start to its end. */
  const live1 = (first: boolean): Promise<void> =>
    new Promise((resolve) => {
      const worker = cluster.fork();
      const page = places.page((answer) => tell(worker, answer));
      live.add(worker);
      worker.on('message', (message: unknown) => {
        if (!isFromWorker(message)) return;
        if (message.kind === 'hello')
          void options.order.then((order) => tell(worker, { kind: 'start', order }), ignore);
        else if (message.kind === 'takePlace' || message.kind === 'givePlace') page.take(message);
        else if (message.kind === 'refused') failed?.(new ListenerRefused(message));
        else {
          if (first && ++readyCount === options.count) opened?.(message.addresses);
          log.debug({ worker: worker.process.pid }, 'worker is ready');
        }
      });
      worker.on('error', (error) => log.error({ err: error, worker: worker.process.pid }, 'worker failed'));
      worker.once('exit', (code, signal) => {
        live.delete(worker);
        page.close();
        if (!stopping) {
          log.error({ worker: worker.process.pid, code, signal }, 'a worker died and is replaced');
          // Before anybody was told that the service is up, a dying worker means that it will not be.
          if (first) failed?.(new Error(`a worker ended at its start (${signal ?? `exit code ${code}`})`));
        }
        resolve();
      });
    });

  for (let i = 0; i < options.count; i++) lifetime.run('worker', place);

  return {
    ready,
    reload: () => {
      for (const worker of live) tell(worker, { kind: 'reload' });
    },
    stop: async (graceMs) => {
      stopping = true;
      failed?.(new Error('stopped before it was ready'));
      const ends = [...live].map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())));
      for (const worker of live) tell(worker, { kind: 'stop', graceMs });
      const timer = setTimeout(() => {
        for (const worker of live) {
          log.warn({ worker: worker.process.pid }, 'a worker did not end in time and is killed');
          worker.process.kill('SIGKILL');
        }
      }, graceMs + lingerMs);
      await Promise.all(ends);
      clearTimeout(timer);
    },
  };
}

/** Whoever makes the order hears of its failure too, and stops the pool. */
const ignore = (): void => undefined;

/** A worker that is dying does not take messages any more; its exit is handled elsewhere. */
function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => undefined);
}
