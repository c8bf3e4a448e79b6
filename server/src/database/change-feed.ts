import { setTimeout as sleep } from 'node:timers/promises';
import { ChangeStream } from 'mongodb';
import type { Collections } from './collections.js';
import type { ChangeDocument } from './documents.js';

/**
 * The stream of new log entries: a port of three methods, so that it can become something else at scale (store design
 * section 3). One a process. Entries of one account come in order; an entry may come that is known already.
 */
export interface ChangeFeed {
  /**
   * Resolves when every entry that is inserted from now on will be told. Throws when no stream can be had. `progress` is
   * called whenever the server said that nothing is older than what was told. An entry that is not `wanted` may be left out;
   * it is asked once for every entry, when it comes.
   */
  open(progress: () => void, wanted: (account: string, n: number) => boolean): Promise<void>;
  /** The next entry. Rejects when the stream broke beyond what the driver resumes: open again, then read the tails. */
  next(): Promise<ChangeDocument>;
  close(): Promise<void>;
}

/** How long the server may hold a request for news: also how fast a lost server is noticed. */
export const awaitMs = 5_000;
/**
 * After an answer the next question waits this long, so that under load one answer brings what several commits wrote: else
 * every commit costs every process a round trip. Who was idle is told at once.
 */
const gatherMs = 3;
/** The same after an answer in which nothing was news to this process: it is busy with what others do not wait for. */
const calmGatherMs = 8;

export interface Gather {
  /** Until it is time to ask again. */
  pause(): Promise<void>;
  answered(withNews: boolean): void;
}

export function createGather(): Gather {
  let notBefore = Number.NEGATIVE_INFINITY;
  return {
    async pause() {
      const waitMs = notBefore - performance.now();
      if (waitMs > 0) await sleep(waitMs);
    },
    answered(withNews) {
      notBefore = performance.now() + (withNews ? gatherMs : calmGatherMs);
    },
  };
}

export function changeFeed({ changes }: Collections): ChangeFeed {
  let stream: ChangeStream<ChangeDocument> | undefined;
  /** The first read, which sends the request that opens the stream; its event, if it brings one, is the first of `next`. */
  let first: Promise<ChangeDocument> | undefined;
  const gather = createGather();

  async function read(from: ChangeStream<ChangeDocument>): Promise<ChangeDocument> {
    for (;;) {
      if (from.bufferedCount() === 0) await gather.pause();
      const asks = from.bufferedCount() === 0;
      const event = await from.next();
      if (asks) gather.answered(true);
      if (event.operationType === 'insert') return event.fullDocument;
    }
  }

  return {
    async open(progress) {
      await stream?.close().catch(() => undefined);
      const opened = changes.watch<ChangeDocument>([{ $match: { operationType: 'insert' } }], {
        maxAwaitTimeMS: awaitMs,
        readConcern: { level: 'majority' },
      });
      stream = opened;
      // The driver sends nothing before the first read. The first reply carries a resume token, which it announces.
      const answered = new Promise<void>((resolve) => opened.once(ChangeStream.RESUME_TOKEN_CHANGED, () => resolve()));
      opened.on(ChangeStream.RESUME_TOKEN_CHANGED, progress);
      first = read(opened);
      await Promise.race([answered, first]);
      // A later failure of the first read is reported by `next`.
      first.catch(() => undefined);
    },
    async next() {
      if (stream === undefined) throw new Error('the change feed is not open');
      const waiting = first ?? read(stream);
      first = undefined;
      return waiting;
    },
    async close() {
      const closing = stream;
      stream = undefined;
      await closing?.close();
    },
  };
}
