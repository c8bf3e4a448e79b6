/** The thread the server runs in: starts it, tells the owner, stops it when told. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { runServer } from './server.js';
import { warmUp } from './warm-up.js';

export interface WorkerData {
  readonly dataDir: string;
  readonly socketPath: string;
  readonly testCommands: boolean;
  /** Runs its code warm once it has been ready for a moment. */
  readonly warmUp: boolean;
}

/** Whoever waited for the server comes first. */
const settleMs = 1_000;

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string; readonly detail: string };

const port = parentPort;
if (port === null) throw new Error('worker.js is to be run as a worker thread');

const post = (message: FromWorker) => port.postMessage(message);
const describe = (detail: unknown) =>
  detail instanceof Error ? (detail.stack ?? detail.message) : String(detail ?? '');

// LMDB's binding leaves a promise without a handler when a commit fails; the commit's jobs were told already.
process.on('unhandledRejection', (reason) => {
  post({ kind: 'log', level: 'error', text: 'unhandled rejection in the store', detail: describe(reason) });
});

const data = workerData as WorkerData;
const closing = new AbortController();

async function warm(): Promise<void> {
  try {
    await sleep(settleMs, undefined, { signal: closing.signal, ref: false });
    await warmUp(join(data.dataDir, 'warm-up'), closing.signal);
  } catch (error) {
    if (closing.signal.aborted) return;
    post({ kind: 'log', level: 'warn', text: 'the store could not be warmed up', detail: describe(error) });
  }
}

try {
  const server = await runServer({
    ...data,
    log: (level, text, detail) => post({ kind: 'log', level, text, detail: describe(detail) }),
  });
  const warming = data.warmUp ? warm() : Promise.resolve();
  port.on('message', (message: unknown) => {
    if (message !== 'close') return;
    closing.abort();
    Promise.all([server.close(), warming]).then(
      () => {
        post({ kind: 'closed' });
        port.close();
      },
      (error: unknown) => post({ kind: 'failed', text: describe(error) }),
    );
  });
  post({ kind: 'ready' });
} catch (error) {
  post({ kind: 'failed', text: describe(error) });
  port.close();
}
