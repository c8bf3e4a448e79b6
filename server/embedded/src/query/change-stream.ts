/**
 * Change streams: events out of the oplog, from a position on, with a wait at the end. The resume token is the time of the
 * event in hex; a stream whose position has fallen out of the oplog ends with ChangeStreamHistoryLost, which the driver
 * does not resume from. What a stream gives is committed and on disk.
 */
import { bsonType, field, fields, type Value } from '../bson/element.js';
import { encodePrefixedKey } from '../bson/encode-key.js';
import { asString } from '../bson/scalar.js';
import { type BsonWriter, buildDocument, indexName } from '../bson/writer.js';
import { bareDocument, maxDocumentBytes, recordedAt } from '../engine/documents.js';
import type { Engine } from '../engine/engine.js';
import { type ChangeKind, type ChangeRecord, change, type WantedNamespace } from '../engine/oplog.js';
import { MongoError } from '../errors.js';
import type { BatchLimits, Source } from '../server/cursors.js';
import type { Filter } from './filter.js';
import { matchesBytes } from './filter.js';
import { type Projection, writeProjected } from './projection.js';

export type Watched =
  | { readonly kind: 'collection'; readonly namespace: string }
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'all' };

export interface ChangeStreamOptions {
  readonly watched: Watched;
  readonly filters: readonly Filter[];
  readonly projection: Projection | undefined;
  readonly updateLookup: boolean;
  /** Events behind this time. */
  readonly after: bigint;
}

const invalidateMark = 1;
const highWaterMark = 2;
const eventMark = 0;

function tokenText(time: bigint, mark: number): string {
  const token = Buffer.alloc(9);
  token.writeBigUInt64BE(time);
  token[8] = mark;
  return token.toString('hex').toUpperCase();
}

export function parseToken(token: Value): { time: bigint; invalidate: boolean } {
  const text = token.type === bsonType.object ? fields(token).get('_data') : undefined;
  const hex = text && asString(text);
  if (hex === undefined || !/^[0-9a-fA-F]{18}$/.test(hex)) {
    throw new MongoError('InvalidResumeToken', 'Bad resume token: it is not one of this server');
  }
  const bytes = Buffer.from(hex, 'hex');
  return { time: bytes.readBigUInt64BE(), invalidate: bytes[8] === invalidateMark };
}

export function historyLost(): MongoError {
  return new MongoError(
    'ChangeStreamHistoryLost',
    'Resume of change stream was not possible, as the resume point may no longer be in the oplog.',
    { labels: ['NonResumableChangeStreamError'] },
  );
}

const operationTypes: Record<ChangeKind, string> = {
  [change.insert]: 'insert',
  [change.update]: 'update',
  [change.replace]: 'replace',
  [change.delete]: 'delete',
  [change.drop]: 'drop',
  [change.dropDatabase]: 'dropDatabase',
};

const nsName = Buffer.from('ns');
const keyName = Buffer.from('k');
const documentName = Buffer.from('o');
const updateName = Buffer.from('u');
const idName = Buffer.from('_id');

/** Kinds that a filter on `operationType` can let through, so that others are not even built. */
function wantedKinds(filters: readonly Filter[]): ReadonlySet<string> | undefined {
  for (const filter of filters) {
    const parts = filter.kind === 'and' ? filter.parts : [filter];
    for (const part of parts) {
      if (part.kind === 'compare' && part.op === '$eq' && part.path.text === 'operationType') {
        return new Set([asString(part.operand) ?? '']);
      }
      if (part.kind === 'in' && part.path.text === 'operationType') {
        return new Set(part.operands.map((operand) => asString(operand) ?? ''));
      }
    }
  }
  return undefined;
}

function wantedNamespace(watched: Watched): WantedNamespace {
  if (watched.kind === 'all') return { kind: 'all' };
  if (watched.kind === 'collection') return { kind: 'exact', bytes: Buffer.from(watched.namespace) };
  // The end of a database is recorded under its name and a dot as well, so that one prefix finds all that is its own.
  return { kind: 'prefix', bytes: Buffer.from(`${watched.database}.`) };
}

export function changeStreamSource(engine: Engine, options: ChangeStreamOptions): Source {
  const { watched, filters, projection, updateLookup } = options;
  const kinds = wantedKinds(filters);
  const wanted = wantedNamespace(watched);
  let position = options.after;
  let mark = highWaterMark;
  /** The event that ends the stream, and the end itself. */
  let invalidated: bigint | undefined;
  let ended = false;
  let wake: (() => void) | undefined;

  function lookUp(record: ChangeRecord, id: Value | undefined): Buffer | undefined {
    const stored = id && engine.storage.get('docs', encodePrefixedKey(record.collectionId, id));
    return stored && bareDocument(stored);
  }

  /**
   * The document a record names, as it was then: still under the record's time. One that has changed since is in the record
   * itself, unless it was too large for that or went with its whole collection.
   */
  function recorded(record: ChangeRecord, id: Value): Buffer | undefined {
    const stored = engine.storage.get('docs', encodePrefixedKey(record.collectionId, id));
    return stored && recordedAt(stored) === record.time ? bareDocument(stored) : undefined;
  }

  function event(record: ChangeRecord, namespace: string): Buffer {
    const id = field(record.body, keyName);
    const key = id && field(id.buf, idName, id.at);
    return buildDocument((writer) => {
      writer.openDocument('_id').string('_data', tokenText(record.time, eventMark)).close();
      writer.string('operationType', operationTypes[record.kind]).timestamp('clusterTime', record.time);
      writer.date('wallTime', record.wallTimeMs);
      if (record.kind === change.insert || record.kind === change.replace) {
        const whole = field(record.body, documentName);
        if (whole) writer.value('fullDocument', whole);
        else {
          const document = key && recorded(record, key);
          if (document === undefined) throw historyLost();
          writer.document('fullDocument', document);
        }
      } else if (record.kind === change.update && updateLookup) {
        const document = lookUp(record, key);
        if (document) writer.document('fullDocument', document);
        else writer.null('fullDocument');
      }
      const dot = namespace.indexOf('.');
      writer.openDocument('ns').string('db', namespace.slice(0, dot));
      if (record.kind !== change.dropDatabase) writer.string('coll', namespace.slice(dot + 1));
      writer.close();
      if (id) writer.value('documentKey', id);
      const update = field(record.body, updateName);
      if (update) writer.value('updateDescription', update);
    });
  }

  function invalidates(record: ChangeRecord): boolean {
    if (watched.kind === 'collection') return record.kind === change.drop;
    return watched.kind === 'database' && record.kind === change.dropDatabase;
  }

  function invalidateEvent(time: bigint): Buffer {
    return buildDocument((writer) => {
      writer.openDocument('_id').string('_data', tokenText(time, invalidateMark)).close();
      writer.string('operationType', 'invalidate').timestamp('clusterTime', time).date('wallTime', Date.now());
    });
  }

  /** Writes the event if it passes; false when the batch has no room for it. */
  function give(writer: BsonWriter, document: Buffer, count: number, start: number): 'written' | 'filtered' | 'full' {
    if (!filters.every((filter) => matchesBytes(filter, document))) return 'filtered';
    if (count > 0 && writer.pos - start + document.length > maxDocumentBytes) return 'full';
    writer.openDocument(indexName(count));
    if (projection) writeProjected(writer, projection, document);
    else writer.raw(document, 4, document.length - 1);
    writer.close();
    return 'written';
  }

  function wait(limits: BatchLimits, until: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        limits.signal.removeEventListener('abort', done);
        stopListening();
        wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, until - Date.now()));
      limits.signal.addEventListener('abort', done);
      const stopListening = engine.onChange(done);
      wake = done;
    });
  }

  return {
    tailing: true,
    async fill(writer, limits) {
      const until = Date.now() + limits.waitMs;
      const start = writer.pos;
      let count = 0;
      for (;;) {
        if (ended) return true;
        if (invalidated !== undefined) {
          if (give(writer, invalidateEvent(invalidated), count, start) === 'full') return false;
          mark = invalidateMark;
          ended = true;
          return true;
        }
        if (position < engine.oplog.droppedUpTo) throw historyLost();
        if (limits.documents === 0) return false;
        const upTo = engine.oplog.last;
        const { records, reached, more } = engine.oplog.read(position, wanted);
        for (const record of records) {
          if (count >= limits.documents) return false;
          if (kinds === undefined || kinds.has(operationTypes[record.kind])) {
            const ns = field(record.body, nsName);
            const given = give(writer, event(record, (ns && asString(ns)) ?? ''), count, start);
            if (given === 'full') return false;
            if (given === 'written') count++;
          }
          position = record.time;
          mark = eventMark;
          if (invalidates(record)) {
            invalidated = record.time;
            break;
          }
        }
        if (invalidated !== undefined) continue;
        if (reached > position) {
          position = reached;
          mark = highWaterMark;
        }
        if (more) {
          if (count > 0) return false;
          // Others get the loop between two portions of a long way through other people's changes.
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        if (upTo > position) {
          position = upTo;
          mark = highWaterMark;
        }
        if (count > 0 || Date.now() >= until || limits.signal.aborted) return false;
        await wait(limits, until);
      }
    },
    describe(writer) {
      writer.openDocument('postBatchResumeToken').string('_data', tokenText(position, mark)).close();
    },
    close() {
      ended = true;
      wake?.();
    },
  };
}
