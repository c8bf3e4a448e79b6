/**
 * Brings what was accepted from the spool into the queue, at once while the store answers, and when it answers again after it
 * was away. A file goes when the store has its message, so that a process that dies in between queues it a second time, which is
 * once.
 */
import type { Clock } from '@vaguemestre/server/kernel/clock';
import type { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import type { Log } from '@vaguemestre/server/kernel/log';
import type { SpooledMessage } from '../spool/spooled-message.js';
import { type EnqueueParts, enqueue } from './enqueue.js';

export interface Importer {
  /** Never throws. */
  add(message: SpooledMessage): void;
  /** Messages that the store does not have yet. */
  readonly waiting: number;
}

export interface ImporterParts extends Omit<EnqueueParts, 'nowMs'> {
  readonly clock: Clock;
  /** Told when something was queued. */
  readonly queued: () => void;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

const batchMessages = 50;
/** A batch is held in memory up to this. */
const batchBytes = 4 * 1024 * 1024;
const pauseMs = 1_000;

export function startImporter(parts: ImporterParts): Importer {
  const { clock, queued, lifetime, log } = parts;
  const enqueueParts = { ...parts, nowMs: () => clock.nowMs() };
  const waiting: SpooledMessage[] = [];
  let stir: (() => void) | undefined;

  const nextBatch = (): readonly SpooledMessage[] => {
    let bytes = 0;
    let count = 0;
    while (count < Math.min(batchMessages, waiting.length)) {
      bytes += waiting[count]!.record.sizeBytes;
      if (count > 0 && bytes > batchBytes) break;
      count++;
    }
    return waiting.slice(0, count);
  };
  const pause = (ms: number | undefined): Promise<void> =>
    new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      stir = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  lifetime.run('importer', async (signal) => {
    while (!signal.aborted) {
      if (waiting.length === 0) {
        await pause(undefined);
        continue;
      }
      const batch = nextBatch();
      try {
        await enqueue(enqueueParts, batch);
        waiting.splice(0, batch.length);
        queued();
        await Promise.all(batch.map((message) => message.remove()));
      } catch (error) {
        log.warn({ err: error, waiting: waiting.length }, 'the store does not take what was accepted, trying again');
        await pause(pauseMs);
      }
    }
  });
  lifetime.onClose(() => stir?.());
  return {
    add(message) {
      waiting.push(message);
      if (waiting.length === 1) stir?.();
    },
    get waiting() {
      return waiting.length;
    },
  };
}
