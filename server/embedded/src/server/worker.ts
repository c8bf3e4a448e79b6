/** The thread the server runs in: starts it, tells the owner, stops it when told. */
import { parentPort, workerData } from 'node:worker_threads';
import { runServer } from './server.js';

export interface WorkerData {
  readonly dataDir: string;
  readonly socketPath: string;
  readonly testCommands: boolean;
}

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

try {
  const server = await runServer({
    ...data,
    log: (level, text, detail) => post({ kind: 'log', level, text, detail: describe(detail) }),
  });
  port.on('message', (message: unknown) => {
    if (message !== 'close') return;
    server.close().then(
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
