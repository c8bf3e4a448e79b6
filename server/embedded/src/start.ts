/**
 * Starting the server in a thread of its own. The promise `closed` resolves after `close`, and rejects when the thread ends
 * by itself: whoever owns the data folder then has to end too, since nobody is left to acknowledge anything.
 */
import { Worker } from 'node:worker_threads';
import type { FromWorker, WorkerData } from './server/worker.js';

export interface EmbeddedServerOptions {
  /** Where the data lies; made if it is not there. One process at a time may own it: the caller holds the lock. */
  readonly dataDir: string;
  /** The Unix socket to listen on; at most some 100 bytes, which is what the system allows. */
  readonly socketPath: string;
  /** Allows `configureFailPoint`. */
  readonly testCommands?: boolean;
  readonly log?: (level: 'info' | 'warn' | 'error', text: string, detail: string) => void;
}

export interface EmbeddedServer {
  /** What to give the MongoDB driver. */
  readonly uri: string;
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/**
 * How long going down may take; the thread itself cuts connections after 5 s. Ending it then is what a crash is: nothing that
 * was acknowledged is lost.
 */
const patienceMs = 20_000;

/** The URI of a server that listens on the socket. */
export function embeddedUri(socketPath: string): string {
  // Without directConnection the driver would replace the address by the host list, in lower case.
  return `mongodb://${encodeURIComponent(socketPath)}/?directConnection=true`;
}

/** The socket in a URI made by `embeddedUri`. */
export function socketOf(uri: string): string {
  const start = uri.indexOf('://') + 3;
  return decodeURIComponent(uri.slice(start, uri.indexOf('/', start)));
}

/** Nearly all that a command allocates dies with it; by itself this would grow to four times as much with the first rush, and stay. */
const maxYoungGenerationSizeMb = 12;

export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const { dataDir, socketPath, testCommands = false, log = () => undefined } = options;
  const workerData: WorkerData = { dataDir, socketPath, testCommands };
  const worker = new Worker(new URL('./server/worker.js', import.meta.url), {
    workerData,
    name: 'embedded-store',
    resourceLimits: { maxYoungGenerationSizeMb },
  });
  let closing = false;
  let settleClosed: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const closed = new Promise<void>((resolve, reject) => {
    settleClosed = { resolve, reject };
  });
  // Whoever does not look at it is not to be ended by it; whoever awaits it still gets the error.
  closed.catch(() => undefined);

  await new Promise<void>((resolve, reject) => {
    let failure: Error | undefined;
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') resolve();
      else if (message.kind === 'log') log(message.level, message.text, message.detail);
      else if (message.kind === 'failed') {
        failure = new Error(`the embedded store failed: ${message.text}`);
        reject(failure);
      }
    });
    worker.on('error', (error: Error) => {
      failure = error;
      reject(error);
    });
    worker.on('exit', () => {
      if (closing && failure === undefined) settleClosed?.resolve();
      else {
        const error = failure ?? new Error('the thread of the embedded store ended unexpectedly');
        settleClosed?.reject(error);
        reject(error);
      }
    });
  });

  return {
    uri: embeddedUri(socketPath),
    closed,
    close() {
      if (!closing) {
        closing = true;
        worker.postMessage('close');
        const late = setTimeout(() => {
          log('error', 'the thread of the embedded store does not end, it is ended', '');
          void worker.terminate();
        }, patienceMs);
        worker.once('exit', () => clearTimeout(late));
      }
      return closed;
    },
  };
}
