import { Worker } from 'node:worker_threads';
import type { Answer, Question } from './hash-thread.js';

/**
 * Checks a password against a hash from elsewhere, in a thread of its own that lives as long as it is used: such a hash is
 * checked once, at the first login after moving in, and then replaced. Rejects when the thread dies: the login then says
 * "try again", never "wrong".
 */
export interface ImportedHashes {
  verify(stored: string, password: Uint8Array): Promise<boolean>;
}

/** A thread that has had nothing to do for so long ends. */
const idleMs = 30_000;

export function createImportedHashes(): ImportedHashes {
  let thread: HashThread | undefined;
  return {
    verify(stored, password) {
      thread ??= startThread((ended) => {
        if (thread === ended) thread = undefined;
      });
      return thread.ask(stored, password);
    },
  };
}

interface HashThread {
  ask(stored: string, password: Uint8Array): Promise<boolean>;
}

/** `onEnd`: nothing more may be asked of it. */
function startThread(onEnd: (thread: HashThread) => void): HashThread {
  const worker = new Worker(new URL('./hash-thread.js', import.meta.url), { name: 'imported-hashes' });
  const waiting = new Map<number, { resolve: (right: boolean) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  let idle: NodeJS.Timeout | undefined;

  const thread: HashThread = {
    ask(stored, password) {
      clearTimeout(idle);
      worker.ref();
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, stored, password: Uint8Array.from(password) } satisfies Question);
      });
    },
  };
  const failed = (error: Error): void => {
    onEnd(thread);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('message', ({ id, right }: Answer) => {
    waiting.get(id)?.resolve(right);
    waiting.delete(id);
    if (waiting.size > 0) return;
    // The process may end while nothing is asked.
    worker.unref();
    idle = setTimeout(() => {
      onEnd(thread);
      void worker.terminate();
    }, idleMs).unref();
  });
  worker.on('error', failed);
  worker.on('exit', () => failed(new Error('the thread that checks imported hashes ended')));
  return thread;
}
