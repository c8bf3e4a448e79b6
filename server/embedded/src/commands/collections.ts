/** create, drop, dropDatabase, listCollections, listDatabases. */
import { buildDocument } from '../bson/writer.js';
import { type Collection, checkDatabaseName, checkNamespace } from '../engine/catalog.js';
import { clearPrefix } from '../engine/clear-prefix.js';
import type { Engine } from '../engine/engine.js';
import { collectionPrefix, indexPrefix } from '../engine/index-keys.js';
import { change } from '../engine/oplog.js';
import { MongoError } from '../errors.js';
import { matchesBytes } from '../query/filter.js';
import { parseFilter } from '../query/parse-filter.js';
import { command } from '../server/call.js';
import { flag, optionalDocument, refuse, requiredString } from './argument.js';
import { replyWithList } from './cursor-reply.js';
import { writeJob } from './write-job.js';

export const create = command(
  [
    'capped',
    'size',
    'max',
    'autoIndexId',
    'idIndex',
    'storageEngine',
    'validator',
    'validationLevel',
    'validationAction',
    'indexOptionDefaults',
    'viewOn',
    'pipeline',
    'collation',
    'timeseries',
    'expireAfterSeconds',
    'clusteredIndex',
    'changeStreamPreAndPostImages',
    'encryptedFields',
  ],
  async (call) => {
    const { args, database, engine } = call;
    const name = requiredString(args, 'create');
    checkNamespace(database, name);
    refuse(
      args,
      'capped',
      'size',
      'max',
      'storageEngine',
      'validator',
      'viewOn',
      'pipeline',
      'collation',
      'timeseries',
    );
    refuse(args, 'validationLevel', 'validationAction', 'indexOptionDefaults', 'expireAfterSeconds', 'clusteredIndex');
    refuse(args, 'changeStreamPreAndPostImages', 'encryptedFields');
    await writeJob(call, () => {
      if (engine.catalog.get(`${database}.${name}`)) {
        throw new MongoError('NamespaceExists', `Collection ${database}.${name} already exists.`);
      }
      engine.ensureCollection(database, name);
    });
  },
);

function dropNow(engine: Engine, collection: Collection): void {
  const prefix = collectionPrefix(collection);
  clearPrefix(engine.storage, 'docs', prefix);
  for (const index of collection.indexes) clearPrefix(engine.storage, 'index', indexPrefix(index));
  engine.catalog.remove(collection);
  engine.oplog.append(change.drop, collection, {});
}

export const drop = command([], async (call) => {
  const { args, database, engine } = call;
  const namespace = `${database}.${requiredString(args, 'drop')}`;
  await writeJob(call, (reply) => {
    const collection = engine.catalog.get(namespace);
    // Since 7.0 dropping what is not there succeeds.
    if (collection === undefined) return;
    reply.int32('nIndexesWas', collection.indexes.length + 1).string('ns', namespace);
    dropNow(engine, collection);
  });
});

export const dropDatabase = command([], async (call) => {
  const { database, engine } = call;
  checkDatabaseName(database);
  await writeJob(call, (reply) => {
    const collections = [...engine.catalog.all()].filter((collection) => collection.database === database);
    for (const collection of collections) dropNow(engine, collection);
    if (collections[0]) engine.oplog.append(change.dropDatabase, { ...collections[0], namespace: `${database}.` }, {});
    reply.string('dropped', database);
  });
});

export const listCollections = command(['filter', 'nameOnly', 'authorizedCollections', 'cursor'], async (call) => {
  const { args, database, engine } = call;
  const filter = parseFilter(optionalDocument(args, 'filter'));
  const nameOnly = flag(args, 'nameOnly');
  const list = [...engine.catalog.all()]
    .filter((collection) => collection.database === database)
    .map((collection) =>
      buildDocument((writer) => {
        writer.string('name', collection.name).string('type', 'collection');
        if (nameOnly) return;
        writer.openDocument('options').close();
        writer.openDocument('info').bool('readOnly', false).binary('uuid', collection.uuid, 4).close();
        writer
          .openDocument('idIndex')
          .int32('v', 2)
          .openDocument('key')
          .int32('_id', 1)
          .close()
          .string('name', '_id_')
          .close();
      }),
    )
    .filter((document) => matchesBytes(filter, document));
  await replyWithList(call, `${database}.$cmd.listCollections`, list);
});

export const listDatabases = command(['filter', 'nameOnly', 'authorizedDatabases'], ({ args, engine, reply }) => {
  const filter = parseFilter(optionalDocument(args, 'filter'));
  const nameOnly = flag(args, 'nameOnly');
  const names = new Set([...engine.catalog.all()].map((collection) => collection.database));
  const list = [...names].sort().map((name) =>
    buildDocument((writer) => {
      writer.string('name', name);
      if (!nameOnly) writer.int64('sizeOnDisk', 0n).bool('empty', false);
    }),
  );
  reply.openArray('databases');
  let i = 0;
  for (const document of list) if (matchesBytes(filter, document)) reply.document(String(i++), document);
  reply.close();
  if (!nameOnly) reply.int64('totalSize', 0n).int64('totalSizeMb', 0n);
});
