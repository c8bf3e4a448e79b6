/** find, getMore, killCursors. */

import { bsonType, bytesOf, documentValue, items, type Value } from '../bson/element.js';
import { asNumber, asString } from '../bson/scalar.js';
import { checkNamespace } from '../engine/catalog.js';
import { MongoError } from '../errors.js';
import { type FindSpec, findSource } from '../query/find-source.js';
import { parseFilter } from '../query/parse-filter.js';
import { type Hint, planQuery } from '../query/plan.js';
import { parseProjection } from '../query/projection.js';
import { parseSort } from '../query/sort.js';
import { command } from '../server/call.js';
import type { Source } from '../server/cursors.js';
import {
  type Arguments,
  flag,
  optionalCount,
  optionalDocument,
  optionalString,
  refuse,
  requiredArray,
  requiredString,
} from './argument.js';
import { replyWithCursor, writeCursorEnd } from './cursor-reply.js';
import { defaultFirstBatch } from './limits.js';

export function hintOf(args: Arguments): Hint | undefined {
  const value = args.get('hint');
  if (value === undefined) return undefined;
  return parseHint(value);
}

export function parseHint(value: Value): Hint | undefined {
  const name = asString(value);
  if (name !== undefined) return { kind: 'name', name };
  if (value.type !== bsonType.object) throw new MongoError('FailedToParse', 'Hint must be a string or an object');
  const fields = parseSort(value);
  return fields.length === 0 ? undefined : { kind: 'key', fields };
}

/** A detached copy: filters of cursors outlive the message they came in. */
export function lasting(value: Value | undefined): Value | undefined {
  return value && documentValue(Buffer.from(bytesOf(value)));
}

const emptySource: Source = { fill: async () => true, close: () => undefined };

export const find = command(
  [
    'filter',
    'sort',
    'projection',
    'hint',
    'skip',
    'limit',
    'batchSize',
    'singleBatch',
    'max',
    'min',
    'returnKey',
    'showRecordId',
    'tailable',
    'awaitData',
    'oplogReplay',
    'noCursorTimeout',
    'allowPartialResults',
    'collation',
    'allowDiskUse',
    'let',
  ],
  async (call) => {
    const { args, database, engine } = call;
    const name = requiredString(args, 'find');
    refuse(args, 'max', 'min', 'returnKey', 'showRecordId', 'tailable', 'awaitData', 'collation', 'let');
    let limit = optionalLimit(args);
    const single = flag(args, 'singleBatch') || limit < 0;
    limit = Math.abs(limit);
    const filter = parseFilter(lasting(optionalDocument(args, 'filter')));
    const sort = parseSort(optionalDocument(args, 'sort'));
    const projection = parseProjection(lasting(optionalDocument(args, 'projection')));
    const skip = optionalCount(args, 'skip') ?? 0;
    const collection = engine.catalog.get(`${database}.${name}`);
    if (collection === undefined) checkNamespace(database, name);
    const hint = hintOf(args);
    let source = emptySource;
    if (collection !== undefined) {
      const natural = sort[0]?.path === '$natural' ? sort[0] : undefined;
      const plan = natural
        ? planQuery(collection, filter, [], { kind: 'key', fields: [natural] })
        : planQuery(collection, filter, sort, hint);
      const spec: FindSpec = { plan, sort, skip, limit, projection };
      source = findSource(engine, collection, spec);
    }
    await replyWithCursor(
      call,
      `${database}.${name}`,
      source,
      optionalCount(args, 'batchSize') ?? defaultFirstBatch,
      single,
    );
  },
);

function optionalLimit(args: Arguments): number {
  const value = args.get('limit');
  const number = value === undefined ? 0 : asNumber(value);
  if (number === undefined || !Number.isSafeInteger(number))
    throw new MongoError('BadValue', 'limit must be a whole number');
  return number;
}

const defaultAwaitMs = 1000;

export const getMore = command(['collection', 'batchSize', 'term', 'lastKnownCommittedOpTime'], async (call) => {
  const { args, database, cursors, reply, client } = call;
  const idValue = args.get('getMore')!;
  if (idValue.type !== bsonType.int64)
    throw new MongoError('TypeMismatch', "BSON field 'getMore.getMore' is the wrong type, expected type 'long'");
  const id = idValue.buf.readBigInt64LE(idValue.at);
  const name = requiredString(args, 'collection');
  const cursor = cursors.take(id, `${database}.${name}`);
  const { source } = cursor;
  cursor.busy = true;
  try {
    const given = args.get('maxTimeMS');
    // For a stream that waits, the time is how long it waits, not a limit.
    const waitMs = source.tailing ? ((given && asNumber(given)) ?? defaultAwaitMs) : 0;
    reply.openDocument('cursor').openArray('nextBatch');
    const documents = optionalCount(args, 'batchSize') || Number.POSITIVE_INFINITY;
    const deadline = source.tailing ? Number.POSITIVE_INFINITY : call.deadline;
    const exhausted = await source.fill(reply, { documents, deadline, waitMs, signal: client.closed });
    reply.close();
    if (exhausted) cursors.kill(id);
    writeCursorEnd(reply, source, exhausted ? 0n : id, cursor.namespace);
  } catch (error) {
    cursors.kill(id);
    throw error;
  } finally {
    cursor.busy = false;
    cursor.lastUsed = Date.now();
  }
});

export const killCursors = command(['cursors'], ({ args, cursors, reply }) => {
  optionalString(args, 'killCursors');
  const killed: bigint[] = [];
  const missing: bigint[] = [];
  for (const value of items(requiredArray(args, 'cursors'))) {
    if (value.type !== bsonType.int64) throw new MongoError('TypeMismatch', 'cursor ids must be of type long');
    const id = value.buf.readBigInt64LE(value.at);
    (cursors.kill(id) ? killed : missing).push(id);
  }
  const list = (field: string, ids: readonly bigint[]) => {
    reply.openArray(field);
    for (const [i, id] of ids.entries()) reply.int64(String(i), id);
    reply.close();
  };
  list('cursorsKilled', killed);
  list('cursorsNotFound', missing);
  list('cursorsAlive', []);
  list('cursorsUnknown', []);
});
