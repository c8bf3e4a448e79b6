/**
 * The keys a document has in an index: one, or one for each element where a path meets an array; never the same one twice.
 * An entry of an index is the number of the index, the key of the values, and the key of the document's `_id`, so entries
 * with equal values stand together, in the order of `_id`.
 */

import { bsonType, documentValue, Elements, field, type Value } from '../bson/element.js';
import { encodeKey, maxKeyBytes } from '../bson/encode-key.js';
import { MongoError } from '../errors.js';
import type { Path } from '../query/path.js';
import type { Collection, Index } from './catalog.js';

/** A document with more keys than this in one index is refused: it would make one write a thousand. */
const maxKeysOfDocument = 10_000;

export interface DocumentKeys {
  readonly keys: Buffer[];
  readonly multikey: boolean;
}

export function indexKeys(index: Index, document: Buffer): DocumentKeys {
  const root = documentValue(document);
  const single: (Value | undefined)[] = [];
  let arrays: { position: number; values: (Value | undefined)[]; array: Value }[] = [];
  let missing = 0;
  for (let position = 0; position < index.fields.length; position++) {
    const found: Found = { values: [], array: undefined, missing: true };
    collect(root, index.fields[position]!.path, 0, found);
    if (found.missing) missing++;
    if (found.array === undefined) single.push(found.values[0]);
    else {
      single.push(undefined);
      arrays.push({ position, values: found.values, array: found.array });
    }
  }
  if (index.sparse && missing === index.fields.length) return { keys: [], multikey: false };
  if (arrays.length === 0) return { keys: [encodeKey(single, index.descending)], multikey: false };
  const [first, ...others] = arrays;
  if (others.some(({ array }) => array.at !== first!.array.at)) {
    throw new MongoError('CannotCreateIndex', 'cannot index parallel arrays');
  }
  arrays = [first!, ...others];
  if (others.length > 0) {
    throw new MongoError('CannotCreateIndex', 'two fields of one index in one array are not supported by this server');
  }
  const keys: Buffer[] = [];
  for (const value of first!.values) {
    single[first!.position] = value;
    keys.push(encodeKey(single, index.descending));
  }
  return { keys: unique(keys), multikey: true };
}

interface Found {
  readonly values: (Value | undefined)[];
  array: Value | undefined;
  missing: boolean;
}

/** The values to index at the path: elements of arrays for the arrays, `undefined` (as null) for what is not there. */
function collect(document: Value, path: Path, depth: number, found: Found): void {
  const value = field(document.buf, path.names[depth]!, document.at);
  const last = depth === path.names.length - 1;
  if (value === undefined) {
    found.values.push(undefined);
    return;
  }
  if (value.type === bsonType.array) {
    if (found.array !== undefined) {
      if (last) {
        add(found, value);
        return;
      }
      throw new MongoError(
        'CannotCreateIndex',
        'an array in an array on the path of an index is not supported by this server',
      );
    }
    found.array = value;
    found.missing = false;
    const elements = new Elements(value.buf, value.at);
    let any = false;
    while (elements.next()) {
      any = true;
      if (last) add(found, elements.value());
      else if (elements.type === bsonType.object) collect(elements.value(), path, depth + 1, found);
      else found.values.push(undefined);
    }
    // MongoDB indexes an empty array as undefined, below null, so that {field: null} does not find it.
    if (!any) found.values.push(last ? undefinedValue : undefined);
    return;
  }
  if (last) {
    add(found, value);
    return;
  }
  if (value.type === bsonType.object) collect(value, path, depth + 1, found);
  else found.values.push(undefined);
}

const undefinedValue: Value = { buf: Buffer.alloc(0), type: bsonType.undefined, at: 0, end: 0 };

function add(found: Found, value: Value): void {
  if (found.values.length >= maxKeysOfDocument) {
    throw new MongoError('CannotCreateIndex', `a document may have at most ${maxKeysOfDocument} keys in an index`);
  }
  found.missing = false;
  found.values.push(value);
}

function unique(keys: Buffer[]): Buffer[] {
  keys.sort(Buffer.compare);
  return keys.filter((key, i) => i === 0 || !key.equals(keys[i - 1]!));
}

/** First bytes of the keys of all documents of the collection. */
export function collectionPrefix(collection: Collection): Buffer {
  const prefix = Buffer.allocUnsafe(4);
  prefix.writeUInt32BE(collection.id);
  return prefix;
}

/** First bytes of all entries of the index. */
export function indexPrefix(index: Index): Buffer {
  const prefix = Buffer.allocUnsafe(4);
  prefix.writeUInt32BE(index.id);
  return prefix;
}

export function entryKey(index: Index, values: Buffer, id: Buffer): Buffer {
  const length = 4 + values.length + id.length;
  if (length > maxKeyBytes) {
    throw new MongoError('KeyTooLong', `key of index ${index.name} is longer than ${maxKeyBytes} bytes`);
  }
  const key = Buffer.allocUnsafe(length);
  key.writeUInt32BE(index.id);
  values.copy(key, 4);
  id.copy(key, 4 + values.length);
  return key;
}

const behind = Buffer.from([0xff]);

/** Everything that begins with `prefix`: no key has FF where a value begins. */
export function prefixEnd(prefix: Buffer): Buffer {
  return Buffer.concat([prefix, behind]);
}
