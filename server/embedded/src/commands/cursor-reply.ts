/** Replies with a cursor: the first batch, and the id of what is left. */
import { fields } from '../bson/element.js';
import type { BsonWriter } from '../bson/writer.js';
import { listStream, streamSource } from '../query/find-source.js';
import { readAll } from '../query/plan.js';
import type { Call } from '../server/call.js';
import type { Source } from '../server/cursors.js';
import { optionalCount, optionalDocument } from './argument.js';
import { defaultFirstBatch } from './limits.js';

/** Writes the cursor and its first batch into the reply; what is left stays open under the id. */
export async function replyWithCursor(
  call: Call,
  namespace: string,
  source: Source,
  batchSize: number,
  single = false,
): Promise<void> {
  const { reply, cursors, deadline, client } = call;
  reply.openDocument('cursor').openArray('firstBatch');
  let exhausted: boolean;
  try {
    exhausted = await source.fill(reply, { documents: batchSize, deadline, waitMs: 0, signal: client.closed });
  } catch (error) {
    source.close();
    throw error;
  }
  reply.close();
  if (single) exhausted = true;
  if (exhausted) source.close();
  const id = exhausted ? 0n : cursors.open(namespace, source).id;
  writeCursorEnd(reply, source, id, namespace);
}

export function writeCursorEnd(reply: BsonWriter, source: Source, id: bigint, namespace: string): void {
  source.describe?.(reply);
  reply.int64('id', id).string('ns', namespace).close();
}

/** A cursor over documents that are made at once. */
export async function replyWithList(call: Call, namespace: string, list: readonly Buffer[]): Promise<void> {
  const cursor = optionalDocument(call.args, 'cursor');
  const batchSize = cursor ? optionalCount(fields(cursor), 'batchSize') : undefined;
  const source = streamSource(listStream(list), readAll);
  await replyWithCursor(call, namespace, source, batchSize ?? Math.max(defaultFirstBatch, list.length));
}
