/** update: its statements one by one; those that change one document in one job, those that change many in jobs of their own. */
import { documentValue, fields, type Value } from '../bson/element.js';
import type { BsonWriter } from '../bson/writer.js';
import { checkNamespace } from '../engine/catalog.js';
import { isMalformed, MongoError } from '../errors.js';
import { parseSort } from '../query/sort.js';
import { type Call, command } from '../server/call.js';
import { parseUpdate } from '../update/parse.js';
import {
  type Arguments,
  checkKnown,
  documentList,
  flag,
  optionalDocument,
  refuse,
  requiredDocument,
  requiredString,
} from './argument.js';
import { checkBatch, isOrdered } from './batch.js';
import { hintOf } from './find.js';
import { storageError, writeJob } from './write-job.js';
import {
  filterOf,
  type UpdateOutcome,
  type UpdateRequest,
  updateMany,
  updateOneNow,
  type WriteFailure,
  writeErrors,
} from './write-operations.js';

interface Statement {
  readonly request: UpdateRequest;
  readonly multi: boolean;
}

const statementFields: ReadonlySet<string> = new Set([
  'q',
  'u',
  'c',
  'upsert',
  'multi',
  'collation',
  'arrayFilters',
  'hint',
  'sort',
  'sampleId',
  'upsertSupplied',
  'allowShardKeyUpdatesWithoutFullShardKeyInQuery',
]);

function parseStatement(document: Buffer): Statement {
  const args: Arguments = fields(documentValue(document));
  checkKnown('update.updates', args, statementFields);
  refuse(args, 'collation', 'arrayFilters', 'c');
  const u = args.get('u');
  if (u === undefined)
    throw new MongoError('Location40414', "BSON field 'update.updates.u' is missing but a required field");
  const update = parseUpdate(u);
  const multi = flag(args, 'multi');
  if (multi && update.kind === 'replace')
    throw new MongoError('FailedToParse', 'multi update is not supported for replacement-style update');
  const sort = parseSort(optionalDocument(args, 'sort'));
  if (multi && sort.length > 0) throw new MongoError('FailedToParse', 'Cannot specify sort with multi=true');
  return {
    multi,
    request: {
      filter: filterOf(requiredDocument(args, 'q')),
      update,
      upsert: flag(args, 'upsert'),
      sort,
      hint: hintOf(args),
    },
  };
}

/** What the statements came to, in the order of the reply. */
interface Tally {
  matched: number;
  modified: number;
  readonly upserted: { index: number; id: Value }[];
  readonly failures: WriteFailure[];
}

function count(tally: Tally, index: number, outcome: UpdateOutcome): void {
  tally.matched += outcome.matched;
  tally.modified += outcome.modified;
  if (outcome.upserted) tally.upserted.push({ index, id: outcome.upserted });
}

function writeTally(reply: BsonWriter, tally: Tally): void {
  reply.count('n', tally.matched + tally.upserted.length).count('nModified', tally.modified);
  if (tally.upserted.length > 0) {
    reply.openArray('upserted');
    for (const [i, { index, id }] of tally.upserted.entries()) {
      reply.openDocument(String(i)).int32('index', index).value('_id', id).close();
    }
    reply.close();
  }
  writeErrors(reply, tally.failures);
}

function fail(tally: Tally, index: number, error: unknown): void {
  if (!(error instanceof MongoError)) throw error;
  tally.failures.push({ index, error });
}

export const update = command(
  ['updates', 'ordered', 'bypassDocumentValidation', 'bypassEmptyTsReplacement', 'let', 'encryptionInformation'],
  async (call) => {
    const { args, database, request } = call;
    const name = requiredString(args, 'update');
    checkNamespace(database, name);
    refuse(args, 'let', 'encryptionInformation');
    const documents = documentList(args, request.sequences, 'updates');
    checkBatch(documents.length);
    const ordered = isOrdered(args);
    // A statement that makes no sense fails as a write error of its own, as at MongoDB, which parses one at a time.
    const statements = documents.map((document): Statement | MongoError => {
      try {
        return parseStatement(document);
      } catch (error) {
        if (error instanceof MongoError && !isMalformed(error)) return error;
        throw error;
      }
    });
    if (statements.some((statement) => !(statement instanceof MongoError) && statement.multi)) {
      if (call.txnNumber !== undefined)
        throw new MongoError('InvalidOptions', 'Cannot use retryable writes with multi=true');
      await updateEach(call, name, statements, ordered);
    } else await updateTogether(call, name, statements, ordered);
  },
  true,
);

async function updateTogether(
  call: Call,
  name: string,
  statements: readonly (Statement | MongoError)[],
  ordered: boolean,
): Promise<void> {
  const { engine, database } = call;
  await writeJob(call, (reply) => {
    const tally: Tally = { matched: 0, modified: 0, upserted: [], failures: [] };
    for (const [index, statement] of statements.entries()) {
      try {
        if (statement instanceof MongoError) throw statement;
        count(tally, index, updateOne(call, name, statement.request));
      } catch (error) {
        fail(tally, index, error);
        if (ordered) break;
      }
    }
    writeTally(reply, tally);
  });

  function updateOne(_call: Call, collectionName: string, request: UpdateRequest): UpdateOutcome {
    const existing = engine.catalog.get(`${database}.${collectionName}`);
    if (existing === undefined && !request.upsert) return { matched: 0, modified: 0, upserted: undefined };
    return updateOneNow(engine, existing ?? engine.ensureCollection(database, collectionName), request);
  }
}

async function updateEach(
  call: Call,
  name: string,
  statements: readonly (Statement | MongoError)[],
  ordered: boolean,
): Promise<void> {
  const { engine, database, deadline, reply } = call;
  const tally: Tally = { matched: 0, modified: 0, upserted: [], failures: [] };
  for (const [index, statement] of statements.entries()) {
    try {
      if (statement instanceof MongoError) throw statement;
      const { request, multi } = statement;
      const collection = engine.catalog.get(`${database}.${name}`);
      if (collection === undefined && !request.upsert) continue;
      const outcome =
        multi && collection !== undefined
          ? await updateMany(engine, collection, request, deadline)
          : await engine.storage.write(() => updateOneNow(engine, engine.ensureCollection(database, name), request));
      count(tally, index, outcome);
    } catch (error) {
      fail(tally, index, storageError(call, error));
      if (ordered) break;
    }
  }
  writeTally(reply, tally);
}
