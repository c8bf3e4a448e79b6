import { BSON } from 'mongodb';
import type { ChangeFeed } from './change-feed.js';
import { awaitMs, createGather } from './change-feed.js';
import type { ChangeDocument } from './documents.js';
import { isPassingCode, StoreFailure } from './failure.js';
import { documentsOf, RawDocument } from './raw-document.js';

/**
 * The change stream of the embedded store without the driver (decision 0009): every worker hears of every commit, and most of
 * what it hears is its own or of accounts that it does not hold. So entries stay bytes until somebody wants them. A stream that
 * breaks is not resumed: whoever listens opens another and reads the tails (store design section 3).
 */
export interface DirectReads {
  command(body: Uint8Array): Promise<Uint8Array>;
}

interface Batch {
  readonly cursor: bigint;
  readonly entries: readonly ChangeDocument[];
  /** With entries that nobody wanted. */
  readonly events: number;
}

export function directFeed(direct: DirectReads, database: string): ChangeFeed {
  let cursor = 0n;
  let waiting: ChangeDocument[] = [];
  let wanted: (account: string, n: number) => boolean = () => true;
  let progress: () => void = () => undefined;
  let gather = createGather();

  async function ask(command: Record<string, unknown>): Promise<Batch> {
    const body = BSON.serialize({ ...command, $db: database });
    return batchOf(new RawDocument(await direct.command(body)), wanted);
  }

  /** Ends the question under way, too: the store answers it when its cursor goes. */
  async function forget(): Promise<void> {
    const cursors = cursor === 0n ? [] : [BSON.Long.fromBigInt(cursor)];
    cursor = 0n;
    waiting = [];
    if (cursors.length === 0) return;
    // One that cannot be told goes by itself when nobody reads from it.
    await direct.command(BSON.serialize({ killCursors: 'changes', cursors, $db: database })).catch(() => undefined);
  }

  async function more(): Promise<ChangeDocument> {
    for (;;) {
      const entry = waiting.shift();
      if (entry !== undefined) return entry;
      progress();
      await gather.pause();
      if (cursor === 0n) throw new StoreFailure('the change stream is not open', true);
      const getMore = BSON.Long.fromBigInt(cursor);
      const batch = await ask({ getMore, collection: 'changes', maxTimeMS: awaitMs });
      if (batch.events > 0) gather.answered(batch.entries.length > 0);
      if (batch.cursor === 0n) throw new StoreFailure('the change stream ended', true);
      waiting = [...batch.entries];
    }
  }

  return {
    async open(whenProgressed, isWanted) {
      await forget();
      progress = whenProgressed;
      wanted = isWanted;
      gather = createGather();
      const pipeline = [{ $changeStream: {} }, { $match: { operationType: 'insert' } }];
      const batch = await ask({ aggregate: 'changes', pipeline, cursor: {}, readConcern: { level: 'majority' } });
      cursor = batch.cursor;
      waiting = [...batch.entries];
    },
    next: more,
    close: forget,
  };
}

function batchOf(reply: RawDocument, wanted: (account: string, n: number) => boolean): Batch {
  if (reply.number('ok') !== 1) {
    throw new StoreFailure(reply.string('errmsg') ?? 'the change stream broke', isPassingCode(reply.number('code')));
  }
  const cursor = new RawDocument(reply.document('cursor')!);
  const entries: ChangeDocument[] = [];
  let events = 0;
  for (const event of documentsOf(cursor.document('nextBatch') ?? cursor.document('firstBatch')!)) {
    events++;
    const bytes = new RawDocument(event).document('fullDocument');
    if (bytes === undefined) continue;
    const entry = new RawDocument(bytes);
    if (!wanted(entry.string('a')!, entry.number('n')!)) continue;
    entries.push(BSON.deserialize(bytes, { promoteBuffers: true }) as ChangeDocument);
  }
  return { cursor: cursor.bigint('id')!, entries, events };
}
