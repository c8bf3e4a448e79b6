/**
 * bulkWrite (MongoDB 8.0): inserts, updates and deletes over several collections in one command. Without a statement that
 * changes many documents it is one job, one transaction: in an ordered bulk what follows a failure is not tried, and what
 * came before it stays.
 */
import { documentValue, fields, type Value } from '../bson/element.js';
import { asNumber } from '../bson/scalar.js';
import { type BsonWriter, buildDocument, indexName } from '../bson/writer.js';
import { checkNamespace } from '../engine/catalog.js';
import { maxDocumentBytes } from '../engine/documents.js';
import { isMalformed, MongoError } from '../errors.js';
import type { Filter } from '../query/filter.js';
import { listStream, streamSource } from '../query/find-source.js';
import { type Hint, readAll } from '../query/plan.js';
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
  deleteMany,
  deleteOneNow,
  filterOf,
  insertNow,
  type UpdateOutcome,
  type UpdateRequest,
  updateMany,
  updateOneNow,
  writeErrorFields,
} from './write-operations.js';

interface Namespace {
  readonly database: string;
  readonly name: string;
  readonly full: string;
}

type Statement =
  | { readonly kind: 'insert'; readonly at: Namespace; readonly document: Buffer }
  | { readonly kind: 'update'; readonly at: Namespace; readonly request: UpdateRequest; readonly multi: boolean }
  | {
      readonly kind: 'delete';
      readonly at: Namespace;
      readonly filter: Filter;
      readonly hint: Hint | undefined;
      readonly multi: boolean;
    };

const insertFields: ReadonlySet<string> = new Set(['document']);
const updateFields: ReadonlySet<string> = new Set([
  'filter',
  'updateMods',
  'multi',
  'upsert',
  'arrayFilters',
  'hint',
  'collation',
  'constants',
  'sort',
]);
const deleteFields: ReadonlySet<string> = new Set(['filter', 'multi', 'hint', 'collation']);

function parseNamespace(document: Buffer): Namespace {
  const args = fields(documentValue(document));
  checkKnown('bulkWrite.nsInfo', args, new Set(['ns']));
  const full = requiredString(args, 'ns');
  const dot = full.indexOf('.');
  if (dot < 0) throw new MongoError('InvalidNamespace', `Invalid namespace specified '${full}'`);
  const at = { database: full.slice(0, dot), name: full.slice(dot + 1), full };
  checkNamespace(at.database, at.name);
  return at;
}

function namespaceAt(value: Value, namespaces: readonly Namespace[]): Namespace {
  const at = namespaces[asNumber(value) ?? -1];
  if (at === undefined) throw new MongoError('BadValue', 'BulkWrite ops entry has an invalid nsInfo index.');
  return at;
}

function parseStatement(document: Buffer, namespaces: readonly Namespace[]): Statement {
  const args: Arguments = fields(documentValue(document));
  const [kind] = args.keys();
  switch (kind) {
    case 'insert': {
      checkKnown(kind, args, insertFields);
      const given = requiredDocument(args, 'document');
      return { kind, at: namespaceAt(args.get(kind)!, namespaces), document: given.buf.subarray(given.at, given.end) };
    }
    case 'update': {
      checkKnown(kind, args, updateFields);
      refuse(args, 'collation', 'arrayFilters', 'constants');
      const mods = args.get('updateMods');
      if (mods === undefined) throw new MongoError('Location40414', "BSON field 'update.updateMods' is missing");
      const update = parseUpdate(mods);
      const multi = flag(args, 'multi');
      if (multi && update.kind === 'replace') {
        throw new MongoError('FailedToParse', 'multi update is not supported for replacement-style update');
      }
      const sort = parseSort(optionalDocument(args, 'sort'));
      if (multi && sort.length > 0) throw new MongoError('FailedToParse', 'Cannot specify sort with multi=true');
      const filter = filterOf(requiredDocument(args, 'filter'));
      const request = { filter, update, upsert: flag(args, 'upsert'), sort, hint: hintOf(args) };
      return { kind, at: namespaceAt(args.get(kind)!, namespaces), request, multi };
    }
    case 'delete': {
      checkKnown(kind, args, deleteFields);
      refuse(args, 'collation');
      const filter = filterOf(requiredDocument(args, 'filter'));
      return {
        kind,
        at: namespaceAt(args.get(kind)!, namespaces),
        filter,
        hint: hintOf(args),
        multi: flag(args, 'multi'),
      };
    }
    default:
      throw new MongoError('FailedToParse', `unknown operation in bulkWrite: ${kind}`);
  }
}

/** What has been done: the counts, and the entries of the reply's cursor. */
interface Tally {
  errors: number;
  inserted: number;
  matched: number;
  modified: number;
  upserted: number;
  deleted: number;
  readonly results: Buffer[];
}

type Outcome =
  | { readonly kind: 'insert' }
  | { readonly kind: 'update'; readonly outcome: UpdateOutcome }
  | { readonly kind: 'delete'; readonly count: number };

function countOutcome(tally: Tally, index: number, done: Outcome, errorsOnly: boolean): void {
  let n = 1;
  let more: ((writer: BsonWriter) => void) | undefined;
  if (done.kind === 'insert') tally.inserted++;
  else if (done.kind === 'delete') {
    n = done.count;
    tally.deleted += n;
  } else {
    const { matched, modified, upserted } = done.outcome;
    n = matched + (upserted ? 1 : 0);
    tally.matched += matched;
    tally.modified += modified;
    if (upserted) tally.upserted++;
    more = (writer) => {
      writer.count('nModified', modified);
      if (upserted) writer.openDocument('upserted').value('_id', upserted).close();
    };
  }
  if (errorsOnly) return;
  tally.results.push(
    buildDocument((writer) => {
      writer.double('ok', 1).int32('idx', index).count('n', n);
      more?.(writer);
    }),
  );
}

function countError(tally: Tally, index: number, error: unknown): void {
  if (!(error instanceof MongoError)) throw error;
  tally.errors++;
  tally.results.push(
    buildDocument((writer) => {
      writer.double('ok', 0).int32('idx', index).int32('n', 0);
      writeErrorFields(writer, error);
    }),
  );
}

function runNow(call: Call, statement: Statement): Outcome {
  const { engine } = call;
  const { database, name, full } = statement.at;
  const existing = engine.catalog.get(full);
  switch (statement.kind) {
    case 'insert':
      insertNow(engine, existing ?? engine.ensureCollection(database, name), statement.document);
      return { kind: 'insert' };
    case 'update': {
      if (existing === undefined && !statement.request.upsert) {
        return { kind: 'update', outcome: { matched: 0, modified: 0, upserted: undefined } };
      }
      const collection = existing ?? engine.ensureCollection(database, name);
      return { kind: 'update', outcome: updateOneNow(engine, collection, statement.request) };
    }
    case 'delete':
      return {
        kind: 'delete',
        count: existing ? deleteOneNow(engine, existing, statement.filter, statement.hint) : 0,
      };
  }
}

async function runMany(call: Call, statement: MultiStatement): Promise<Outcome> {
  const { engine, deadline } = call;
  const existing = engine.catalog.get(statement.at.full);
  if (statement.kind === 'delete') {
    const { filter, hint } = statement;
    return { kind: 'delete', count: existing ? await deleteMany(engine, existing, filter, hint, deadline) : 0 };
  }
  const { request } = statement;
  if (existing === undefined && !request.upsert) {
    return { kind: 'update', outcome: { matched: 0, modified: 0, upserted: undefined } };
  }
  const { database, name } = statement.at;
  const collection = existing ?? (await engine.storage.write(() => engine.ensureCollection(database, name)));
  return { kind: 'update', outcome: await updateMany(engine, collection, request, deadline) };
}

const namespace = 'admin.$cmd.bulkWrite';

/** The reply: results up to the size of a batch, the rest under a cursor. */
function writeReply(call: Call, reply: BsonWriter, tally: Tally, batchSize: number): void {
  reply.openDocument('cursor').openArray('firstBatch');
  const start = reply.pos;
  let at = 0;
  while (at < tally.results.length && at < batchSize) {
    const result = tally.results[at]!;
    if (at > 0 && reply.pos - start + result.length > maxDocumentBytes / 2) break;
    reply.document(indexName(at), result);
    at++;
  }
  reply.close();
  let id = 0n;
  if (at < tally.results.length) {
    const rest = streamSource(listStream(tally.results.slice(at)), readAll);
    id = call.cursors.open(namespace, rest).id;
  }
  reply.int64('id', id).string('ns', namespace).close();
  reply.count('nErrors', tally.errors).count('nInserted', tally.inserted).count('nMatched', tally.matched);
  reply.count('nModified', tally.modified).count('nUpserted', tally.upserted).count('nDeleted', tally.deleted);
}

function newTally(): Tally {
  return { errors: 0, inserted: 0, matched: 0, modified: 0, upserted: 0, deleted: 0, results: [] };
}

type MultiStatement = Exclude<Statement, { kind: 'insert' }>;

function isMulti(statement: Statement | MongoError): statement is MultiStatement {
  return !(statement instanceof MongoError) && statement.kind !== 'insert' && statement.multi;
}

export const bulkWrite = command(
  ['ops', 'nsInfo', 'ordered', 'errorsOnly', 'bypassDocumentValidation', 'let', 'cursor'],
  async (call) => {
    const { args, request, database } = call;
    if (database !== 'admin')
      throw new MongoError('Unauthorized', 'bulkWrite may only be run against the admin database.');
    refuse(args, 'let');
    const namespaces = documentList(args, request.sequences, 'nsInfo').map(parseNamespace);
    const operations = documentList(args, request.sequences, 'ops');
    checkBatch(operations.length);
    // A filter or an update that makes no sense fails as a write error of its own, as at MongoDB, which parses them one at
    // a time; a statement of the wrong shape fails the command.
    const statements = operations.map((document): Statement | MongoError => {
      try {
        return parseStatement(document, namespaces);
      } catch (error) {
        if (error instanceof MongoError && !isMalformed(error)) return error;
        throw error;
      }
    });
    const ordered = isOrdered(args);
    const errorsOnly = flag(args, 'errorsOnly');
    const cursor = optionalDocument(args, 'cursor');
    const batchValue = cursor && fields(cursor).get('batchSize');
    const batchSize = (batchValue && asNumber(batchValue)) ?? Number.POSITIVE_INFINITY;
    if (!statements.some(isMulti)) {
      await writeJob(call, (reply) => {
        const tally = newTally();
        for (const [index, statement] of statements.entries()) {
          try {
            if (statement instanceof MongoError) throw statement;
            countOutcome(tally, index, runNow(call, statement), errorsOnly);
          } catch (error) {
            countError(tally, index, error);
            if (ordered) break;
          }
        }
        writeReply(call, reply, tally, batchSize);
      });
      return;
    }
    if (call.txnNumber !== undefined) {
      throw new MongoError('InvalidOptions', 'Cannot use retryable writes with multi=true');
    }
    const tally = newTally();
    for (const [index, statement] of statements.entries()) {
      try {
        if (statement instanceof MongoError) throw statement;
        const done = isMulti(statement)
          ? await runMany(call, statement)
          : await call.engine.storage.write(() => runNow(call, statement));
        countOutcome(tally, index, done, errorsOnly);
      } catch (error) {
        countError(tally, index, storageError(call, error));
        if (ordered) break;
      }
    }
    writeReply(call, call.reply, tally, batchSize);
  },
  true,
);
