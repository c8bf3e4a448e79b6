/** findAndModify */
import { bsonType, type Value } from '../bson/element.js';
import type { BsonWriter } from '../bson/writer.js';
import { checkNamespace } from '../engine/catalog.js';
import { bareDocument } from '../engine/documents.js';
import { MongoError } from '../errors.js';
import { type Projection, parseProjection, writeProjected } from '../query/projection.js';
import { parseSort } from '../query/sort.js';
import { command } from '../server/call.js';
import { parseUpdate } from '../update/parse.js';
import { flag, optionalDocument, refuse, requiredString } from './argument.js';
import { hintOf } from './find.js';
import { writeJob } from './write-job.js';
import { changeNow, filterOf, firstMatch, upsertNow } from './write-operations.js';

const emptyFilter: Value = { buf: Buffer.from([5, 0, 0, 0, 0]), type: bsonType.object, at: 0, end: 5 };

interface Result {
  readonly n: number;
  /** Absent for a removal. */
  readonly updatedExisting?: boolean;
  readonly upserted?: Value | undefined;
  readonly value: Buffer | undefined;
}

function writeResult(reply: BsonWriter, result: Result, projection: Projection | undefined): void {
  reply.openDocument('lastErrorObject').int32('n', result.n);
  if (result.updatedExisting !== undefined) reply.bool('updatedExisting', result.updatedExisting);
  if (result.upserted) reply.value('upserted', result.upserted);
  reply.close();
  if (result.value === undefined) reply.null('value');
  else if (projection === undefined) reply.document('value', result.value);
  else {
    reply.openDocument('value');
    writeProjected(reply, projection, result.value);
    reply.close();
  }
}

export const findAndModify = command(
  [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'bypassDocumentValidation',
    'collation',
    'arrayFilters',
    'hint',
    'let',
  ],
  async (call) => {
    const { args, database, engine } = call;
    const name = requiredString(args, call.command);
    checkNamespace(database, name);
    refuse(args, 'collation', 'arrayFilters', 'let');
    const filter = filterOf(optionalDocument(args, 'query') ?? emptyFilter);
    const sort = parseSort(optionalDocument(args, 'sort'));
    const projection = parseProjection(optionalDocument(args, 'fields'));
    const hint = hintOf(args);
    const remove = flag(args, 'remove');
    const wantsNew = flag(args, 'new');
    const upsert = flag(args, 'upsert');
    const mods = args.get('update');
    if (remove === (mods !== undefined)) {
      throw new MongoError('FailedToParse', 'Either an update or remove=true must be specified, and not both');
    }
    if (remove && (wantsNew || upsert)) {
      throw new MongoError('FailedToParse', 'Cannot specify both remove=true and new or upsert');
    }
    const update = mods && parseUpdate(mods);
    await writeJob(call, (reply) => {
      const existing = engine.catalog.get(`${database}.${name}`);
      const target = existing && firstMatch(engine, existing, filter, sort, hint);
      let result: Result;
      if (target !== undefined) {
        const before = bareDocument(target.stored);
        if (update === undefined) {
          engine.documents.delete(existing!, target.key, target.stored);
          result = { n: 1, value: before };
        } else {
          const updated = changeNow(engine, existing!, target, update);
          result = { n: 1, updatedExisting: true, value: wantsNew ? (updated?.document ?? before) : before };
        }
      } else if (update !== undefined && upsert) {
        const collection = existing ?? engine.ensureCollection(database, name);
        const { upserted } = upsertNow(engine, collection, { filter, update, upsert, sort, hint });
        // The `_id` is a view on the document that was inserted.
        const value = wantsNew ? upserted?.buf : undefined;
        result = { n: 1, updatedExisting: false, upserted, value };
      } else
        result = update === undefined ? { n: 0, value: undefined } : { n: 0, updatedExisting: false, value: undefined };
      writeResult(reply, result, projection);
    });
  },
  true,
);
