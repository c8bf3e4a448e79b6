/**
 * Writing documents: the document, its index entries and its oplog record, in that order of checks: everything that can be
 * refused (duplicate keys, key length, parallel arrays) is found before the first byte is written, so one document is
 * written whole or not at all, and what came before it in the same command stays. All functions run inside a write job.
 */

import { bsonType, Elements, field, type Value } from '../bson/element.js';
import { encodePrefixedKey, maxKeyBytes } from '../bson/encode-key.js';
import { typeName } from '../bson/scalar.js';
import { BsonWriter, buildDocument } from '../bson/writer.js';
import { MongoError } from '../errors.js';
import type { Catalog, Collection, Index } from './catalog.js';
import { entryKey, indexKeys, indexPrefix, prefixEnd } from './index-keys.js';
import { change, type Oplog, timeKey } from './oplog.js';
import type { Storage } from './storage.js';

export const maxDocumentBytes = 16 * 1024 * 1024;

const idName = Buffer.from('_id');

export interface Documents {
  keyOf(collection: Collection, document: Buffer): Buffer;
  /** Returns the time of the change. The document must be validated and have its `_id` first. */
  insert(collection: Collection, document: Buffer): bigint;
  /** `before` as stored, trailer and all; `detail` is the description of an update for change streams, else a replacement. */
  update(collection: Collection, key: Buffer, before: Buffer, after: Buffer, detail: Buffer | undefined): bigint;
  delete(collection: Collection, key: Buffer, before: Buffer): bigint;
  /** Builds the entries of an index for documents that are there already. */
  buildIndexEntry(collection: Collection, index: Index, key: Buffer, document: Buffer): void;
}

export function idOf(document: Buffer): Value | undefined {
  return field(document, idName);
}

/** The document without what the store keeps behind it. */
export function bareDocument(stored: Buffer): Buffer {
  return stored.subarray(0, stored.readInt32LE(0));
}

/** The time of the oplog record that names this document instead of holding it, if there is one. */
export function recordedAt(stored: Buffer): bigint | undefined {
  const length = stored.readInt32LE(0);
  return stored.length > length ? stored.readBigUInt64BE(length) : undefined;
}

export function documentKey(collection: Collection, id: Value): Buffer {
  return encodePrefixedKey(collection.id, id);
}

export function checkId(id: Value): void {
  if (id.type === bsonType.array || id.type === bsonType.regex || id.type === bsonType.undefined) {
    throw new MongoError('InvalidIdField', `The '_id' value cannot be of type ${typeName(id.type)}`);
  }
  if (id.type === bsonType.object) {
    const elements = new Elements(id.buf, id.at);
    while (elements.next()) {
      if (elements.buf[elements.nameAt] === 0x24) {
        throw new MongoError(
          'DollarPrefixedFieldName',
          `_id fields may not contain '$'-prefixed fields: ${elements.name()}`,
        );
      }
    }
  }
}

export function openDocuments(storage: Storage, catalog: Catalog, oplog: Oplog): Documents {
  function put(key: Buffer, document: Buffer, recorded: { time: bigint; reference: boolean }): void {
    const stored = recorded.reference ? Buffer.concat([document, timeKey(recorded.time)]) : document;
    storage.put('docs', key, stored);
  }

  function checkUnique(
    collection: Collection,
    index: Index,
    values: Buffer,
    own: Buffer | undefined,
    document: Buffer,
  ): void {
    const prefix = Buffer.concat([indexPrefix(index), values]);
    const entries = storage.scan('index', { from: prefix, to: prefixEnd(prefix), keysOnly: true });
    try {
      for (let step = entries.next(); !step.done; step = entries.next()) {
        if (own === undefined || !step.value.key.equals(own)) throw duplicateKey(collection, index, document);
      }
    } finally {
      entries.return?.();
    }
  }

  function keepRecorded(stored: Buffer): void {
    const time = recordedAt(stored);
    if (time !== undefined) oplog.keepDocument(time, bareDocument(stored));
  }

  return {
    keyOf: (collection, document) => documentKey(collection, idOf(document)!),

    insert(collection, document) {
      const id = idOf(document)!;
      checkId(id);
      const key = documentKey(collection, id);
      if (storage.has('docs', key)) throw duplicateKey(collection, undefined, document);
      const entries: { index: Index; keys: Buffer[]; multikey: boolean }[] = [];
      const bareId = key.subarray(4);
      for (const index of collection.indexes) {
        const { keys, multikey } = indexKeys(index, document);
        for (const values of keys) {
          if (values.length + key.length > maxKeyBytes) entryKey(index, values, bareId);
          if (index.unique) checkUnique(collection, index, values, undefined, document);
        }
        entries.push({ index, keys, multikey });
      }
      const recorded = oplog.append(change.insert, collection, { id, document });
      put(key, document, recorded);
      for (const { index, keys, multikey } of entries) {
        for (const values of keys) storage.put('index', entryKey(index, values, bareId), bareId);
        if (multikey && !index.multikey) catalog.setMultikey(collection, index);
      }
      return recorded.time;
    },

    update(collection, key, before, after, detail) {
      const bareId = key.subarray(4);
      const old = bareDocument(before);
      const added: Buffer[] = [];
      const removed: Buffer[] = [];
      const nowMultikey: Index[] = [];
      for (const index of collection.indexes) {
        const oldKeys = indexKeys(index, old).keys;
        const { keys, multikey } = indexKeys(index, after);
        for (const values of keys) {
          if (oldKeys.some((other) => other.equals(values))) continue;
          const entry = entryKey(index, values, bareId);
          if (index.unique) checkUnique(collection, index, values, entry, after);
          added.push(entry);
        }
        for (const values of oldKeys) {
          if (!keys.some((other) => other.equals(values))) removed.push(entryKey(index, values, bareId));
        }
        if (multikey && !index.multikey) nowMultikey.push(index);
      }
      keepRecorded(before);
      const id = idOf(after)!;
      const recorded =
        detail === undefined
          ? oplog.append(change.replace, collection, { id, document: after })
          : oplog.append(change.update, collection, { id, update: detail });
      put(key, after, recorded);
      for (const entry of removed) storage.delete('index', entry);
      for (const entry of added) storage.put('index', entry, bareId);
      for (const index of nowMultikey) catalog.setMultikey(collection, index);
      return recorded.time;
    },

    delete(collection, key, before) {
      const document = bareDocument(before);
      keepRecorded(before);
      storage.delete('docs', key);
      const bareId = key.subarray(4);
      for (const index of collection.indexes) {
        for (const values of indexKeys(index, document).keys) storage.delete('index', entryKey(index, values, bareId));
      }
      return oplog.append(change.delete, collection, { id: idOf(document)! }).time;
    },

    buildIndexEntry(collection, index, key, document) {
      const bareId = key.subarray(4);
      const { keys, multikey } = indexKeys(index, document);
      for (const values of keys) {
        const entry = entryKey(index, values, bareId);
        if (index.unique) checkUnique(collection, index, values, entry, document);
        storage.put('index', entry, bareId);
      }
      if (multikey && !index.multikey) catalog.setMultikey(collection, index);
    },
  };
}

/** E11000 as MongoDB words it: the driver and its users read collection and index from the text and the fields beside it. */
function duplicateKey(collection: Collection, index: Index | undefined, document: Buffer): MongoError {
  const fields = index?.fields ?? [{ path: { text: '_id', names: [idName] }, descending: false }];
  const keyPattern = buildDocument((writer) => {
    for (const { path, descending } of fields) writer.int32(path.text, descending ? -1 : 1);
  });
  const keyValue = buildDocument((writer) => {
    for (const { path } of fields) {
      const value = valueAt(document, path.names);
      if (value === undefined) writer.null(path.text);
      else writer.value(path.text, value);
    }
  });
  const shown = fields.map(({ path }) => `${path.text}: ${show(valueAt(document, path.names))}`).join(', ');
  return new MongoError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${collection.namespace} index: ${index?.name ?? '_id_'} dup key: { ${shown} }`,
    {
      extra: [
        { name: 'keyPattern', document: keyPattern },
        { name: 'keyValue', document: keyValue },
      ],
    },
  );
}

function valueAt(document: Buffer, names: readonly Buffer[]): Value | undefined {
  let value: Value | undefined = field(document, names[0]!);
  for (const name of names.slice(1)) {
    if (value?.type !== bsonType.object) return undefined;
    value = field(value.buf, name, value.at);
  }
  return value;
}

function show(value: Value | undefined): string {
  if (value === undefined) return 'null';
  switch (value.type) {
    case bsonType.string:
      return JSON.stringify(value.buf.toString('utf8', value.at + 4, value.end - 1));
    case bsonType.int32:
      return String(value.buf.readInt32LE(value.at));
    case bsonType.int64:
      return String(value.buf.readBigInt64LE(value.at));
    case bsonType.double:
      return String(value.buf.readDoubleLE(value.at));
    case bsonType.objectId:
      return `ObjectId('${value.buf.toString('hex', value.at, value.end)}')`;
    case bsonType.bool:
      return value.buf[value.at] === 1 ? 'true' : 'false';
    default:
      return typeName(value.type);
  }
}

/** The document with an `_id`, and that first: as it was sent when it has one in front. */
export function withIdFirst(document: Buffer, newId: () => Buffer): Buffer {
  const elements = new Elements(document);
  if (elements.next() && elements.nameIs(idName)) return document;
  const id = idOf(document);
  const writer = new BsonWriter(0, document.length + 32);
  writer.begin();
  if (id) writer.value('_id', id);
  else writer.objectId('_id', newId());
  const rest = new Elements(document);
  while (rest.next()) if (!rest.nameIs(idName)) writer.raw(document, rest.start, rest.end);
  writer.close();
  return writer.bytes();
}
