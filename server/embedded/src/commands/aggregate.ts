/**
 * aggregate, as far as the driver itself and its users here need it: change streams, and pipelines in the order
 * `$match $sort $skip $limit $project`, at the end a `$count` or a `$group` into one group with `$sum`. Everything else is
 * refused.
 */
import { bsonType, documentValue, fields, items, type Value } from '../bson/element.js';
import { asNumber, asString, isNumber } from '../bson/scalar.js';
import { buildDocument } from '../bson/writer.js';
import { checkDatabaseName, checkNamespace } from '../engine/catalog.js';
import { MongoError } from '../errors.js';
import { changeStreamSource, historyLost, parseToken, type Watched } from '../query/change-stream.js';
import type { Filter } from '../query/filter.js';
import { findSource, listStream, openStream, streamSource } from '../query/find-source.js';
import { parseFilter } from '../query/parse-filter.js';
import { planQuery, readAll } from '../query/plan.js';
import { type Projection, parseProjection } from '../query/projection.js';
import { parseSort } from '../query/sort.js';
import { type Call, command } from '../server/call.js';
import { addNumbers } from '../update/arithmetic.js';
import { flag, optionalCount, optionalDocument, refuse, requiredArray } from './argument.js';
import { replyWithCursor } from './cursor-reply.js';
import { hintOf, lasting } from './find.js';
import { defaultFirstBatch } from './limits.js';

interface Stage {
  readonly name: string;
  readonly value: Value;
}

function parseStages(pipeline: Value): Stage[] {
  return items(pipeline).map((item) => {
    const stage = item.type === bsonType.object ? [...fields(item)] : [];
    const [first] = stage;
    if (first === undefined || stage.length !== 1) {
      throw new MongoError('Location40323', 'A pipeline stage specification object must contain exactly one field.');
    }
    return { name: first[0], value: first[1] };
  });
}

function unsupported(name: string): MongoError {
  return new MongoError(
    'Location40324',
    `pipeline stage '${name}' is not supported by this server, or not at this place`,
  );
}

export const aggregate = command(
  ['pipeline', 'cursor', 'explain', 'allowDiskUse', 'collation', 'hint', 'let', 'bypassDocumentValidation'],
  async (call) => {
    const { args, database } = call;
    refuse(args, 'explain', 'collation', 'let');
    const target = args.get('aggregate')!;
    const name = asString(target);
    if (name === undefined && asNumber(target) !== 1)
      throw new MongoError(
        'FailedToParse',
        "Invalid command format: the 'aggregate' field must specify a collection name or 1",
      );
    checkDatabaseName(database);
    if (name !== undefined) checkNamespace(database, name);
    const pipeline = lasting(requiredArray(args, 'pipeline'))!;
    const stages = parseStages(pipeline);
    const cursor = optionalDocument(args, 'cursor');
    if (cursor === undefined)
      throw new MongoError(
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      );
    const batchSize = optionalCount(fields(cursor), 'batchSize') ?? defaultFirstBatch;
    if (stages[0]?.name === '$changeStream') await openChangeStream(call, name, stages, batchSize);
    else if (name === undefined)
      throw new MongoError('InvalidNamespace', '{aggregate: 1} is not valid for this pipeline');
    else await runPipeline(call, name, stages, batchSize);
  },
);

async function openChangeStream(
  call: Call,
  name: string | undefined,
  stages: readonly Stage[],
  batchSize: number,
): Promise<void> {
  const { database, engine } = call;
  const options = fields(stages[0]!.value);
  for (const option of options.keys()) {
    if (!changeStreamOptions.has(option))
      throw new MongoError('Location40415', `BSON field '$changeStream.${option}' is an unknown field.`);
  }
  const all = flag(options, 'allChangesForCluster');
  if (all && (database !== 'admin' || name !== undefined))
    throw new MongoError(
      'InvalidOptions',
      'A $changeStream with allChangesForCluster:true may only be opened on the admin database',
    );
  const watched: Watched = all
    ? { kind: 'all' }
    : name === undefined
      ? { kind: 'database', database }
      : { kind: 'collection', namespace: `${database}.${name}` };
  const fullDocument = asString(options.get('fullDocument') ?? stages[0]!.value) ?? 'default';
  if (fullDocument !== 'default' && fullDocument !== 'updateLookup') {
    throw new MongoError('BadValue', `fullDocument: '${fullDocument}' is not supported by this server`);
  }
  const before = options.get('fullDocumentBeforeChange');
  if (before && asString(before) !== 'off')
    throw new MongoError('BadValue', 'fullDocumentBeforeChange is not supported by this server');
  const filters: Filter[] = [];
  let projection: Projection | undefined;
  for (const { name: stage, value } of stages.slice(1)) {
    if (stage === '$match' && projection === undefined) filters.push(parseFilter(value));
    else if (stage === '$project' && projection === undefined) {
      projection = parseProjection(value);
      if (projection?.id === false)
        throw new MongoError(
          'ChangeStreamFatalError',
          'Encountered an event whose _id field, which contains the resume token, was modified by the pipeline.',
        );
    } else throw unsupported(stage);
  }
  const source = changeStreamSource(engine, {
    watched,
    filters,
    projection,
    updateLookup: fullDocument === 'updateLookup',
    after: startOf(call, options),
  });
  await replyWithCursor(call, `${database}.${name ?? '$cmd.aggregate'}`, source, batchSize);
}

const changeStreamOptions: ReadonlySet<string> = new Set([
  'fullDocument',
  'fullDocumentBeforeChange',
  'resumeAfter',
  'startAfter',
  'startAtOperationTime',
  'allChangesForCluster',
  'showExpandedEvents',
]);

function startOf(call: Call, options: ReadonlyMap<string, Value>): bigint {
  const { oplog } = call.engine;
  const given = ['resumeAfter', 'startAfter', 'startAtOperationTime'].filter((option) => options.has(option));
  if (given.length > 1) throw new MongoError('Location40674', 'Only one type of resume option is allowed');
  let after = oplog.last;
  const token = options.get('resumeAfter') ?? options.get('startAfter');
  if (token) {
    const { time, invalidate } = parseToken(token);
    if (invalidate && options.has('resumeAfter')) {
      throw new MongoError(
        'InvalidResumeToken',
        'Attempting to resume a change stream using resumeAfter is not allowed from an invalidate notification.',
      );
    }
    after = time;
  }
  const start = options.get('startAtOperationTime');
  if (start) {
    if (start.type !== bsonType.timestamp)
      throw new MongoError('TypeMismatch', 'startAtOperationTime must be a timestamp');
    after = start.buf.readBigUInt64LE(start.at) - 1n;
  }
  if (after < oplog.droppedUpTo) throw historyLost();
  return after;
}

/** Stages in the one order that is understood, each at most once but for $match. */
interface Pipeline {
  readonly filters: Filter[];
  sort: Value | undefined;
  skip: number;
  limit: number;
  projection: Projection | undefined;
  last: Stage | undefined;
}

const order = ['$match', '$sort', '$skip', '$limit', '$project', '$count'];

function parsePipeline(stages: readonly Stage[]): Pipeline {
  const pipeline: Pipeline = {
    filters: [],
    sort: undefined,
    skip: 0,
    limit: 0,
    projection: undefined,
    last: undefined,
  };
  let reached = 0;
  for (const { name, value } of stages) {
    const place = order.indexOf(name === '$group' ? '$count' : name);
    // Filtering before or after sorting is the same.
    const commutes = name === '$match' && order[reached] === '$sort';
    if (!commutes) {
      if (place < reached || place < 0 || (place === reached && place > 0)) throw unsupported(name);
      reached = place;
    }
    switch (name) {
      case '$match':
        if (value.type !== bsonType.object)
          throw new MongoError('Location15959', 'the match filter must be an expression in an object');
        pipeline.filters.push(parseFilter(value));
        break;
      case '$sort':
        pipeline.sort = value;
        break;
      case '$skip':
        pipeline.skip = count(value, name);
        break;
      case '$limit':
        pipeline.limit = count(value, name);
        if (pipeline.limit === 0) throw new MongoError('Location15958', 'the limit must be positive');
        break;
      case '$project':
        pipeline.projection = parseProjection(value);
        break;
      default:
        pipeline.last = { name, value };
    }
  }
  return pipeline;
}

function count(value: Value, name: string): number {
  const number = asNumber(value);
  if (number === undefined || !Number.isSafeInteger(number) || number < 0)
    throw new MongoError('BadValue', `${name} needs a whole number that is not negative`);
  return number;
}

async function runPipeline(call: Call, name: string, stages: readonly Stage[], batchSize: number): Promise<void> {
  const { database, engine, deadline, args } = call;
  const namespace = `${database}.${name}`;
  const { filters, sort: sortValue, skip, limit, projection, last } = parsePipeline(stages);
  const collection = engine.catalog.get(namespace);
  const filter: Filter = filters.length === 1 ? filters[0]! : { kind: 'and', parts: filters };
  const sort = parseSort(sortValue);
  if (last === undefined) {
    const source = collection
      ? findSource(engine, collection, {
          plan: planQuery(collection, filter, sort, hintOf(args)),
          sort,
          skip,
          limit,
          projection,
        })
      : streamSource(listStream([]), readAll);
    return replyWithCursor(call, namespace, source, batchSize);
  }
  if (projection) throw unsupported(last.name);
  const accumulate = last.name === '$count' ? countStage(last.value) : groupStage(last.value);
  let toSkip = skip;
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  if (collection) {
    const stream = openStream(engine, collection, planQuery(collection, filter, sort, hintOf(args)));
    await stream.each((document) => {
      if (toSkip > 0) {
        toSkip--;
        return 'next';
      }
      accumulate.add(documentValue(document));
      left--;
      return left === 0 ? 'last' : 'next';
    }, deadline);
  }
  return replyWithCursor(call, namespace, streamSource(listStream(accumulate.finish()), readAll), batchSize);
}

interface Accumulator {
  add(document: Value): void;
  finish(): Buffer[];
}

function countStage(value: Value): Accumulator {
  const name = asString(value);
  if (name === undefined || name === '' || name.startsWith('$') || name.includes('.'))
    throw new MongoError('BadValue', 'the count field must be a plain name');
  let total = 0;
  return {
    add: () => {
      total++;
    },
    finish: () => (total === 0 ? [] : [buildDocument((writer) => writer.count(name, total))]),
  };
}

/** One group under a constant, with sums of constants or of top-level fields. */
function groupStage(value: Value): Accumulator {
  const spec = fields(value);
  const id = spec.get('_id');
  const text = id && asString(id);
  if (id === undefined || text?.startsWith('$') || id.type === bsonType.object || id.type === bsonType.array) {
    throw unsupported('$group by a field');
  }
  const sums = [...spec]
    .filter(([name]) => name !== '_id')
    .map(([name, accumulator]) => {
      const [operator, ...others] = accumulator.type === bsonType.object ? [...fields(accumulator)] : [];
      if (operator?.[0] !== '$sum' || others.length > 0) throw unsupported(`$group with ${operator?.[0] ?? name}`);
      const source = asString(operator[1]);
      if (source === undefined ? !isNumber(operator[1].type) : !/^\$[^$.]+$/.test(source))
        throw unsupported('$group with an expression');
      const path = source === undefined ? undefined : source.slice(1);
      return { name, path, constant: operator[1], total: zero };
    });
  let any = false;
  return {
    add(document) {
      any = true;
      for (const sum of sums) {
        const term = sum.path === undefined ? sum.constant : fields(document).get(sum.path);
        if (term && isNumber(term.type)) sum.total = addNumbers(sum.total, term);
      }
    },
    finish() {
      if (!any) return [];
      return [
        buildDocument((writer) => {
          writer.value('_id', id);
          for (const { name, total } of sums) writer.value(name, total);
        }),
      ];
    },
  };
}

const zero: Value = { buf: Buffer.alloc(4), type: bsonType.int32, at: 0, end: 4 };
