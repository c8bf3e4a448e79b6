/** delete */
import { documentValue, fields } from '../bson/element.js';
import { asNumber } from '../bson/scalar.js';
import { checkNamespace } from '../engine/catalog.js';
import { isMalformed, MongoError } from '../errors.js';
import type { Filter } from '../query/filter.js';
import type { Hint } from '../query/plan.js';
import { command } from '../server/call.js';
import { checkKnown, documentList, refuse, requiredDocument, requiredString } from './argument.js';
import { checkBatch, isOrdered } from './batch.js';
import { hintOf } from './find.js';
import { storageError, writeJob } from './write-job.js';
import { deleteMany, deleteOneNow, filterOf, type WriteFailure, writeErrors } from './write-operations.js';

interface Statement {
  readonly filter: Filter;
  readonly hint: Hint | undefined;
  readonly many: boolean;
}

const statementFields: ReadonlySet<string> = new Set(['q', 'limit', 'collation', 'hint', 'sampleId']);

function parseStatement(document: Buffer): Statement {
  const args = fields(documentValue(document));
  checkKnown('delete.deletes', args, statementFields);
  refuse(args, 'collation');
  const limitValue = args.get('limit');
  const limit = limitValue && asNumber(limitValue);
  if (limit !== 0 && limit !== 1)
    throw new MongoError('FailedToParse', `The limit field in delete objects must be 0 or 1. Got ${limit}`);
  return { filter: filterOf(requiredDocument(args, 'q')), hint: hintOf(args), many: limit === 0 };
}

export const deleteCommand = command(
  ['deletes', 'ordered', 'let', 'encryptionInformation'],
  async (call) => {
    const { args, database, engine, request, reply, deadline } = call;
    const name = requiredString(args, 'delete');
    checkNamespace(database, name);
    refuse(args, 'let', 'encryptionInformation');
    const documents = documentList(args, request.sequences, 'deletes');
    checkBatch(documents.length);
    const statements = documents.map((document): Statement | MongoError => {
      try {
        return parseStatement(document);
      } catch (error) {
        if (error instanceof MongoError && !isMalformed(error)) return error;
        throw error;
      }
    });
    const ordered = isOrdered(args);
    const namespace = `${database}.${name}`;
    if (!statements.some((statement) => !(statement instanceof MongoError) && statement.many)) {
      await writeJob(call, (job) => {
        let deleted = 0;
        const failures: WriteFailure[] = [];
        const collection = engine.catalog.get(namespace);
        for (const [index, statement] of statements.entries()) {
          try {
            if (statement instanceof MongoError) throw statement;
            if (collection) deleted += deleteOneNow(engine, collection, statement.filter, statement.hint);
          } catch (error) {
            if (!(error instanceof MongoError)) throw error;
            failures.push({ index, error });
            if (ordered) break;
          }
        }
        job.count('n', deleted);
        writeErrors(job, failures);
      });
      return;
    }
    if (call.txnNumber !== undefined)
      throw new MongoError('InvalidOptions', 'Cannot use retryable writes with limit=0');
    let deleted = 0;
    const failures: WriteFailure[] = [];
    for (const [index, statement] of statements.entries()) {
      const collection = engine.catalog.get(namespace);
      try {
        if (statement instanceof MongoError) throw statement;
        if (collection === undefined) continue;
        const { filter, hint, many } = statement;
        deleted += many
          ? await deleteMany(engine, collection, filter, hint, deadline)
          : await engine.storage.write(() => {
              const current = engine.catalog.get(namespace);
              return current ? deleteOneNow(engine, current, filter, hint) : 0;
            });
      } catch (error) {
        const known = storageError(call, error);
        if (!(known instanceof MongoError)) throw known;
        failures.push({ index, error: known });
        if (ordered) break;
      }
    }
    reply.count('n', deleted);
    writeErrors(reply, failures);
  },
  true,
);
