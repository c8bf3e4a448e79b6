/**
 * Measures how quickly a server answers NOOP while something else goes on, from a thread of its own: the load that a test
 * makes must not count as the server's slowness.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ImapClient } from './imap-client.js';

interface MeterOptions {
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface NoopMeter {
  /** Milliseconds that 99 of 100 NOOPs took less than, while `work` ran, of at least `least` of them. */
  p99(least: number, work?: Promise<unknown>): Promise<number>;
  close(): Promise<void>;
}

export async function startNoopMeter(options: MeterOptions): Promise<NoopMeter> {
  const worker = new Worker(new URL(import.meta.url), { workerData: options });
  const answer = (): Promise<number> =>
    new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  await answer();
  return {
    p99: async (least, work) => {
      const result = answer();
      worker.postMessage({ least });
      await work;
      worker.postMessage({ least: 0 });
      return result;
    },
    close: async () => {
      await worker.terminate();
    },
  };
}

async function measure(
  port: NonNullable<typeof parentPort>,
  { port: imaps, user, password }: MeterOptions,
): Promise<void> {
  const client = await ImapClient.connect({ port: imaps, tls: true });
  await client.login(user, password);
  await client.ok('SELECT INBOX');
  let least = 0;
  let running = false;
  let wake: (() => void) | undefined;
  port.on('message', (message: { least: number }) => {
    running = message.least > 0;
    if (running) least = message.least;
    wake?.();
  });
  port.postMessage(0);
  for (;;) {
    while (!running && least === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const times: number[] = [];
    while (times.length < least || running) {
      const began = performance.now();
      await client.ok('NOOP');
      times.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    least = 0;
    times.sort((a, b) => a - b);
    port.postMessage(times[Math.floor(times.length * 0.99)]!);
  }
}

if (!isMainThread && parentPort !== null) await measure(parentPort, workerData as MeterOptions);
