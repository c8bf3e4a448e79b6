/**
 * createIndexes, listIndexes, dropIndexes. Plain indexes only: unique and sparse ones, on several fields, over arrays.
 * An index over documents that are there already is built in one job, which holds up other writes; reads go on.
 */
import { bsonType, documentValue, fields, items, type Value } from '../bson/element.js';
import { asNumber, asString } from '../bson/scalar.js';
import { buildDocument } from '../bson/writer.js';
import { type Collection, checkNamespace, type Index, type IndexField } from '../engine/catalog.js';
import { clearPrefix } from '../engine/clear-prefix.js';
import type { Engine } from '../engine/engine.js';
import { collectionPrefix, indexPrefix, prefixEnd } from '../engine/index-keys.js';
import { MongoError } from '../errors.js';
import { parsePath } from '../query/path.js';
import { command } from '../server/call.js';
import { checkKnown, documentList, flag, refuse, requiredDocument, requiredString } from './argument.js';
import { replyWithList } from './cursor-reply.js';
import { writeJob } from './write-job.js';

interface IndexSpec {
  readonly name: string;
  readonly fields: IndexField[];
  readonly unique: boolean;
  readonly sparse: boolean;
}

const specFields: ReadonlySet<string> = new Set([
  'key',
  'name',
  'unique',
  'sparse',
  'v',
  'background',
  'ns',
  'expireAfterSeconds',
  'partialFilterExpression',
  'collation',
  'hidden',
  'wildcardProjection',
  'weights',
  'storageEngine',
  'default_language',
  'clustered',
]);

function parseKey(key: Value): IndexField[] {
  const parsed: IndexField[] = [];
  for (const [path, direction] of fields(key)) {
    const kind = asString(direction);
    if (kind !== undefined || path.includes('$**')) {
      throw new MongoError('CannotCreateIndex', `an index of kind '${kind ?? path}' is not supported by this server`);
    }
    const number = asNumber(direction);
    if (number === undefined || number === 0 || Number.isNaN(number)) {
      throw new MongoError(
        'CannotCreateIndex',
        `Values in the index key pattern cannot be 0 or of another type than number: ${path}`,
      );
    }
    if (path === '' || path.startsWith('$') || path.split('.').some((name) => name === '')) {
      throw new MongoError('CannotCreateIndex', `Index key pattern has an invalid field name: '${path}'`);
    }
    parsed.push({ path: parsePath(path), descending: number < 0 });
  }
  if (parsed.length === 0) throw new MongoError('CannotCreateIndex', 'Index keys cannot be an empty object');
  return parsed;
}

function parseSpec(document: Buffer): IndexSpec {
  const args = fields(documentValue(document));
  checkKnown('createIndexes.indexes', args, specFields);
  refuse(
    args,
    'expireAfterSeconds',
    'collation',
    'hidden',
    'wildcardProjection',
    'weights',
    'storageEngine',
    'default_language',
    'clustered',
  );
  if (args.has('partialFilterExpression')) {
    throw new MongoError('CannotCreateIndex', 'partial indexes are not supported by this server');
  }
  return {
    name: requiredString(args, 'name'),
    fields: parseKey(requiredDocument(args, 'key')),
    unique: flag(args, 'unique'),
    sparse: flag(args, 'sparse'),
  };
}

function sameKey(a: readonly IndexField[], b: readonly IndexField[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ path, descending }, i) => path.text === b[i]!.path.text && descending === b[i]!.descending)
  );
}

/** The index of this name or key if it is the same; an error if it is another. */
function existing(collection: Collection, spec: IndexSpec): boolean {
  if (sameKey(spec.fields, [{ path: parsePath('_id'), descending: false }])) return true;
  for (const index of collection.indexes) {
    const equal = sameKey(index.fields, spec.fields);
    const sameOptions = index.unique === spec.unique && index.sparse === spec.sparse;
    if (index.name === spec.name) {
      if (equal && sameOptions) return true;
      throw new MongoError(
        equal ? 'IndexOptionsConflict' : 'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${spec.name}`,
      );
    }
    if (equal) {
      throw new MongoError('IndexOptionsConflict', `Index already exists with a different name: ${index.name}`);
    }
  }
  return false;
}

function buildNow(engine: Engine, collection: Collection, index: Index): void {
  const prefix = collectionPrefix(collection);
  const end = prefixEnd(prefix);
  let from = prefix;
  for (;;) {
    // In portions: entries are not to be written while the documents are being walked.
    const some: { key: Buffer; document: Buffer }[] = [];
    let bytes = 0;
    const entries = engine.storage.scan('docs', { from, to: end });
    for (let step = entries.next(); !step.done && some.length < 500 && bytes < 8_000_000; step = entries.next()) {
      const { key, value } = step.value;
      some.push({ key: Buffer.from(key), document: Buffer.from(value) });
      bytes += value.length;
    }
    entries.return?.();
    if (some.length === 0) return;
    for (const { key, document } of some) {
      engine.documents.buildIndexEntry(collection, index, key, document.subarray(0, document.readInt32LE(0)));
    }
    from = Buffer.concat([some.at(-1)!.key, Buffer.alloc(1)]);
  }
}

export const createIndexes = command(['indexes', 'commitQuorum', 'v'], async (call) => {
  const { args, database, engine, request } = call;
  const name = requiredString(args, 'createIndexes');
  checkNamespace(database, name);
  const specs = documentList(args, request.sequences, 'indexes').map(parseSpec);
  if (specs.length === 0) throw new MongoError('BadValue', 'Must specify at least one index to create');
  await writeJob(call, (reply) => {
    const there = engine.catalog.get(`${database}.${name}`);
    const collection = there ?? engine.ensureCollection(database, name);
    const before = collection.indexes.length + 1;
    for (const spec of specs) {
      if (existing(collection, spec)) continue;
      buildNow(engine, collection, engine.catalog.addIndex(collection, spec));
    }
    const after = collection.indexes.length + 1;
    reply
      .int32('numIndexesBefore', before)
      .int32('numIndexesAfter', after)
      .bool('createdCollectionAutomatically', there === undefined);
    if (before === after) reply.string('note', 'all indexes already exist');
  });
});

function found(engine: Engine, namespace: string): Collection {
  const collection = engine.catalog.get(namespace);
  if (collection === undefined) throw new MongoError('NamespaceNotFound', `ns does not exist: ${namespace}`);
  return collection;
}

export const listIndexes = command(['cursor', 'includeBuildUUIDs', 'includeIndexBuildInfo'], async (call) => {
  const { args, database, engine } = call;
  const name = requiredString(args, 'listIndexes');
  const collection = found(engine, `${database}.${name}`);
  const list = [
    { name: '_id_', fields: [{ path: parsePath('_id'), descending: false }], unique: false, sparse: false },
    ...collection.indexes,
  ].map((index) =>
    buildDocument((writer) => {
      writer.int32('v', 2).openDocument('key');
      for (const { path, descending } of index.fields) writer.int32(path.text, descending ? -1 : 1);
      writer.close().string('name', index.name);
      if (index.unique) writer.bool('unique', true);
      if (index.sparse) writer.bool('sparse', true);
    }),
  );
  await replyWithList(call, `${database}.${name}`, list);
});

export const dropIndexes = command(['index'], async (call) => {
  const { args, database, engine } = call;
  const namespace = `${database}.${requiredString(args, 'dropIndexes')}`;
  const which = args.get('index');
  if (which === undefined)
    throw new MongoError('Location40414', "BSON field 'dropIndexes.index' is missing but a required field");
  await writeJob(call, (reply) => {
    const collection = found(engine, namespace);
    const before = collection.indexes.length + 1;
    for (const index of chosen(collection, which)) {
      clearPrefix(engine.storage, 'index', indexPrefix(index));
      engine.catalog.removeIndex(collection, index);
    }
    reply.int32('nIndexesWas', before);
  });
});

function chosen(collection: Collection, which: Value): Index[] {
  if (which.type === bsonType.array) return items(which).flatMap((value) => chosen(collection, value));
  const name = asString(which);
  if (name === '*') return [...collection.indexes];
  const key = name === undefined ? parseKey(which) : undefined;
  if (name === '_id_' || (key && sameKey(key, [{ path: parsePath('_id'), descending: false }]))) {
    throw new MongoError('InvalidOptions', 'cannot drop _id index');
  }
  const index = collection.indexes.find((other) => (key ? sameKey(other.fields, key) : other.name === name));
  if (index === undefined) throw new MongoError('IndexNotFound', `index not found with name [${name ?? 'key'}]`);
  return [index];
}
