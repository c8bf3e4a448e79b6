/** The operations of the unified test format that the suites here use, as calls of the driver. */
import type { ChangeStream, ClientSession, Collection, Db, Document, FindCursor, MongoClient } from 'mongodb';

export class Skip extends Error {}

type Arguments = Document;
type Target = unknown;

function rest(args: Arguments, ...taken: string[]): Document {
  return Object.fromEntries(Object.entries(args).filter(([name]) => !taken.includes(name)));
}

const asCollection = (target: Target) => target as Collection;
const asDb = (target: Target) => target as Db;
const asClient = (target: Target) => target as MongoClient;

function returnDocument(args: Arguments): Document {
  const options = rest(args, 'filter', 'update', 'replacement');
  if (options['returnDocument']) options['returnDocument'] = (options['returnDocument'] as string).toLowerCase();
  return options;
}

async function insertMany(target: Target, args: Arguments): Promise<unknown> {
  return asCollection(target).insertMany(args['documents'], rest(args, 'documents'));
}

function clientModels(models: Document[]): Document[] {
  return models.map((model) => {
    const [[name, body]] = Object.entries(model) as [[string, Document]];
    return { name, ...body };
  });
}

async function watch(target: Target, args: Arguments): Promise<ChangeStream> {
  const stream = (target as { watch(pipeline: Document[], options: Document): ChangeStream }).watch(
    args['pipeline'],
    rest(args, 'pipeline'),
  );
  // The format says that creating the stream sends its aggregate; the driver waits for the first read.
  await (
    stream as unknown as { cursor: { _initialize?: () => Promise<void>; cursorInit?: () => Promise<void> } }
  ).cursor.cursorInit?.();
  return stream;
}

export const operations: Record<string, (target: Target, args: Arguments) => Promise<unknown>> = {
  insertOne: async (target, args) => asCollection(target).insertOne(args['document'], rest(args, 'document')),
  insertMany,
  find: async (target, args) => asCollection(target).find(args['filter'], rest(args, 'filter')).toArray(),
  findOne: async (target, args) => asCollection(target).findOne(args['filter'], rest(args, 'filter')),
  createFindCursor: async (target, args) => asCollection(target).find(args['filter'], rest(args, 'filter')),
  iterateOnce: async (target) => (target as FindCursor).tryNext(),
  iterateUntilDocumentOrError: async (target) => (target as FindCursor).next(),
  close: async (target) => (target as { close(): Promise<void> }).close(),
  updateOne: async (target, args) =>
    asCollection(target).updateOne(args['filter'], args['update'], rest(args, 'filter', 'update')),
  updateMany: async (target, args) =>
    asCollection(target).updateMany(args['filter'], args['update'], rest(args, 'filter', 'update')),
  replaceOne: async (target, args) =>
    asCollection(target).replaceOne(args['filter'], args['replacement'], rest(args, 'filter', 'replacement')),
  deleteOne: async (target, args) => asCollection(target).deleteOne(args['filter'], rest(args, 'filter')),
  deleteMany: async (target, args) => asCollection(target).deleteMany(args['filter'], rest(args, 'filter')),
  findOneAndUpdate: async (target, args) =>
    asCollection(target).findOneAndUpdate(args['filter'], args['update'], returnDocument(args)),
  findOneAndReplace: async (target, args) =>
    asCollection(target).findOneAndReplace(args['filter'], args['replacement'], returnDocument(args)),
  findOneAndDelete: async (target, args) => asCollection(target).findOneAndDelete(args['filter'], rest(args, 'filter')),
  bulkWrite: async (target, args) => asCollection(target).bulkWrite(args['requests'], rest(args, 'requests')),
  clientBulkWrite: async (target, args) =>
    asClient(target).bulkWrite(clientModels(args['models']) as never, rest(args, 'models')),
  aggregate: async (target, args) =>
    (target as Collection).aggregate(args['pipeline'], rest(args, 'pipeline')).toArray(),
  countDocuments: async (target, args) => asCollection(target).countDocuments(args['filter'], rest(args, 'filter')),
  estimatedDocumentCount: async (target, args) => asCollection(target).estimatedDocumentCount(args),
  count: async (target, args) => asCollection(target).count(args['filter'], rest(args, 'filter')),
  distinct: async (target, args) =>
    asCollection(target).distinct(args['fieldName'], args['filter'], rest(args, 'fieldName', 'filter')),
  createIndex: async (target, args) => asCollection(target).createIndex(args['keys'], rest(args, 'keys')),
  dropIndex: async (target, args) => asCollection(target).dropIndex(args['name'], rest(args, 'name')),
  listIndexes: async (target, args) => asCollection(target).listIndexes(args).toArray(),
  listIndexNames: async (target, args) =>
    (await asCollection(target).listIndexes(args).toArray()).map(({ name }) => name),
  listCollections: async (target, args) => asDb(target).listCollections(args['filter'], rest(args, 'filter')).toArray(),
  listCollectionNames: async (target, args) =>
    (await asDb(target).listCollections(args['filter'], { nameOnly: true }).toArray()).map(({ name }) => name),
  listDatabases: async (target, args) => asClient(target).db('admin').admin().listDatabases(args),
  listDatabaseNames: async (target) => asClient(target).db('admin').admin().listDatabases({ nameOnly: true }),
  createChangeStream: watch,
  runCommand: async (target, args) => asDb(target).command(args['command'], rest(args, 'command', 'commandName')),
  createCollection: async (target, args) => asDb(target).createCollection(args['collection'], rest(args, 'collection')),
  dropCollection: async (target, args) =>
    asDb(target)
      .dropCollection(args['collection'], rest(args, 'collection'))
      .catch(() => false),
  endSession: async (target) => (target as ClientSession).endSession(),
};
