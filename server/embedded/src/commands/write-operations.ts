/**
 * One insert, update or delete, as all write commands do it. Everything that ends in `Now` runs inside a write job. The
 * `Many` forms first gather the keys of what matches, in slices outside any job, then change it in jobs of a bounded number
 * of documents, testing each again: so they never hold the loop or the write queue, meet each document once, and are not
 * atomic over documents, as MongoDB's are not.
 */
import { bsonType, type Value } from '../bson/element.js';
import type { BsonWriter } from '../bson/writer.js';
import type { Collection } from '../engine/catalog.js';
import { bareDocument, idOf, maxDocumentBytes, withIdFirst } from '../engine/documents.js';
import type { Engine } from '../engine/engine.js';
import { newObjectId } from '../engine/object-id.js';
import { MongoError } from '../errors.js';
import { type Filter, matchesBytes } from '../query/filter.js';
import { openStream } from '../query/find-source.js';
import { parseFilter } from '../query/parse-filter.js';
import { type Hint, planQuery, type SortField } from '../query/plan.js';
import { openScan } from '../query/scan.js';
import { createSorter } from '../query/sort.js';
import { applyUpdate, type Updated, upsertDocument } from '../update/apply.js';
import type { Update } from '../update/parse.js';
import { maxMultiTargets } from './limits.js';

export interface Target {
  readonly key: Buffer;
  /** As stored, behind it what the store keeps there. */
  readonly stored: Buffer;
}

export interface UpdateOutcome {
  readonly matched: number;
  readonly modified: number;
  readonly upserted: Value | undefined;
}

export function insertNow(engine: Engine, collection: Collection, document: Buffer): Value {
  if (document.length > maxDocumentBytes) {
    throw new MongoError(
      'BSONObjectTooLarge',
      `object to insert too large. size in bytes: ${document.length}, max size: ${maxDocumentBytes}`,
    );
  }
  const whole = withIdFirst(document, newObjectId);
  engine.documents.insert(collection, whole);
  return idOf(whole)!;
}

const never = () => false;

export function firstMatch(
  engine: Engine,
  collection: Collection,
  filter: Filter,
  sort: readonly SortField[],
  hint: Hint | undefined,
): Target | undefined {
  const plan = planQuery(collection, filter, sort, hint);
  const scan = openScan(engine, collection, plan, never);
  try {
    if (plan.sorted) {
      const document = scan.next();
      return document && { stored: Buffer.from(document), key: Buffer.from(scan.key()) };
    }
    const sorter = createSorter(sort, 1);
    let found: Buffer | undefined;
    try {
      for (let document = scan.next(); document !== undefined; document = scan.next()) sorter.add(document);
      [found] = sorter.finish();
    } finally {
      sorter.release();
    }
    if (found === undefined) return undefined;
    const key = engine.documents.keyOf(collection, found);
    return { key, stored: engine.storage.get('docs', key)! };
  } finally {
    scan.pause();
  }
}

export interface UpdateRequest {
  readonly filter: Filter;
  readonly update: Update;
  readonly upsert: boolean;
  readonly sort: readonly SortField[];
  readonly hint: Hint | undefined;
}

export function changeNow(engine: Engine, collection: Collection, target: Target, update: Update): Updated | undefined {
  const updated = applyUpdate(update, bareDocument(target.stored));
  if (updated) {
    engine.documents.update(collection, target.key, target.stored, updated.document, updated.description);
  }
  return updated;
}

export function updateOneNow(engine: Engine, collection: Collection, request: UpdateRequest): UpdateOutcome {
  const target = firstMatch(engine, collection, request.filter, request.sort, request.hint);
  if (target !== undefined) {
    const updated = changeNow(engine, collection, target, request.update);
    return { matched: 1, modified: updated ? 1 : 0, upserted: undefined };
  }
  return request.upsert ? upsertNow(engine, collection, request) : { matched: 0, modified: 0, upserted: undefined };
}

export function upsertNow(engine: Engine, collection: Collection, request: UpdateRequest): UpdateOutcome {
  const document = upsertDocument(request.update, request.filter);
  return { matched: 0, modified: 0, upserted: insertNow(engine, collection, document) };
}

export function deleteOneNow(engine: Engine, collection: Collection, filter: Filter, hint: Hint | undefined): number {
  const target = firstMatch(engine, collection, filter, [], hint);
  if (target === undefined) return 0;
  engine.documents.delete(collection, target.key, target.stored);
  return 1;
}

/** Documents changed in one job, and their bytes. */
const documentsPerJob = 500;
const bytesPerJob = 8 * 1024 * 1024;

async function matchingKeys(
  engine: Engine,
  collection: Collection,
  filter: Filter,
  hint: Hint | undefined,
  deadline: number,
): Promise<Buffer[]> {
  const keys: Buffer[] = [];
  const stream = openStream(engine, collection, planQuery(collection, filter, [], hint));
  await stream.each((document) => {
    if (keys.length >= maxMultiTargets)
      throw new MongoError('OperationFailed', `more than ${maxMultiTargets} documents match`);
    keys.push(engine.documents.keyOf(collection, document));
    return 'next';
  }, deadline);
  return keys;
}

/** What a job over some of the keys did. */
interface Part {
  readonly keys: number;
  readonly matched: number;
  readonly modified: number;
  readonly failure: MongoError | undefined;
}

/**
 * Changes the documents under the keys in jobs of their own. A job may run twice, so it counts for itself; and it looks the
 * collection up, which may have got an index, or have been dropped and made again, since the keys were read.
 */
async function inJobs(
  engine: Engine,
  found: Collection,
  keys: readonly Buffer[],
  filter: Filter,
  change: (collection: Collection, target: Target) => boolean,
): Promise<{ matched: number; modified: number }> {
  let matched = 0;
  let modified = 0;
  for (let from = 0; from < keys.length; ) {
    const start = from;
    const part = await engine.storage.write(() => {
      const collection = engine.catalog.get(found.namespace);
      if (collection?.id !== found.id) return { keys: keys.length, matched: 0, modified: 0, failure: undefined };
      return changeSome(engine, collection, keys, start, filter, change);
    }, bytesPerJob);
    from += part.keys;
    matched += part.matched;
    modified += part.modified;
    if (part.failure) throw part.failure;
  }
  return { matched, modified };
}

function changeSome(
  engine: Engine,
  collection: Collection,
  keys: readonly Buffer[],
  from: number,
  filter: Filter,
  change: (collection: Collection, target: Target) => boolean,
): Part {
  let bytes = 0;
  let at = from;
  let matched = 0;
  let modified = 0;
  while (at < keys.length && at - from < documentsPerJob && bytes < bytesPerJob) {
    const key = keys[at++]!;
    const stored = engine.storage.get('docs', key);
    if (stored === undefined || !matchesBytes(filter, stored)) continue;
    bytes += stored.length;
    try {
      if (change(collection, { key, stored })) modified++;
      matched++;
    } catch (error) {
      // A document that is refused was not touched; those before it stay changed, those behind it are not tried.
      if (!(error instanceof MongoError)) throw error;
      return { keys: at - from, matched, modified, failure: error };
    }
  }
  return { keys: at - from, matched, modified, failure: undefined };
}

export async function updateMany(
  engine: Engine,
  collection: Collection,
  request: UpdateRequest,
  deadline: number,
): Promise<UpdateOutcome> {
  const { filter, update, hint, upsert } = request;
  const keys = await matchingKeys(engine, collection, filter, hint, deadline);
  if (keys.length === 0 && upsert) {
    const { database, name } = collection;
    return engine.storage.write(() => upsertNow(engine, engine.ensureCollection(database, name), request));
  }
  const counts = await inJobs(
    engine,
    collection,
    keys,
    filter,
    (current, target) => changeNow(engine, current, target, update) !== undefined,
  );
  return { ...counts, upserted: undefined };
}

export async function deleteMany(
  engine: Engine,
  collection: Collection,
  filter: Filter,
  hint: Hint | undefined,
  deadline: number,
): Promise<number> {
  const keys = await matchingKeys(engine, collection, filter, hint, deadline);
  const { matched } = await inJobs(engine, collection, keys, filter, (current, { key, stored }) => {
    engine.documents.delete(current, key, stored);
    return true;
  });
  return matched;
}

export interface WriteFailure {
  readonly index: number;
  readonly error: MongoError;
}

export function writeErrors(reply: BsonWriter, failures: readonly WriteFailure[]): void {
  if (failures.length === 0) return;
  reply.openArray('writeErrors');
  for (const [i, { index, error }] of failures.entries()) {
    reply.openDocument(String(i)).int32('index', index);
    writeErrorFields(reply, error);
    reply.close();
  }
  reply.close();
}

export function writeErrorFields(reply: BsonWriter, error: MongoError): void {
  reply.int32('code', error.code);
  for (const { name, document } of error.extra) reply.document(name, document);
  reply.string('errmsg', error.message);
}

/** Filters and updates of statements point into the message, which lives as long as its command. */
export function filterOf(value: Value): Filter {
  if (value.type !== bsonType.object) throw new MongoError('TypeMismatch', 'the filter of a write must be a document');
  return parseFilter(value);
}
