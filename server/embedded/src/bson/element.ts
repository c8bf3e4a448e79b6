/**
 * BSON read in place. A document is its bytes; a value is a type and a place in them; nothing is decoded before somebody
 * asks. `validateDocument` is called once on everything that comes from outside, so that the other functions here may
 * trust lengths: on bytes that were not validated they throw RangeError rather than read past the buffer.
 */
import { MongoError } from '../errors.js';

export const bsonType = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  bool: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  dbPointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  codeWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal128: 0x13,
  minKey: 0xff,
  maxKey: 0x7f,
} as const;

/** MongoDB's own limit on nesting (BSONDepth): deeper input would overflow the stack of every recursive walk. */
const maxDepth = 180;

/** A value where it lies: bytes `at` to `end` of `buf`. */
export interface Value {
  readonly buf: Buffer;
  readonly type: number;
  readonly at: number;
  readonly end: number;
}

/** The whole of a document as a value. */
export function documentValue(buf: Buffer, at = 0): Value {
  return { buf, type: bsonType.object, at, end: at + buf.readInt32LE(at) };
}

function cstringEnd(buf: Buffer, at: number): number {
  let end = at;
  while (buf[end] !== 0) {
    if (end >= buf.length) throw new RangeError('unterminated name');
    end++;
  }
  return end;
}

/** Where a value of `type` that starts at `at` ends. */
export function valueEnd(buf: Buffer, type: number, at: number): number {
  switch (type) {
    case bsonType.string:
    case bsonType.code:
    case bsonType.symbol:
      return at + 4 + buf.readInt32LE(at);
    case bsonType.object:
    case bsonType.array:
    case bsonType.codeWithScope:
      return at + buf.readInt32LE(at);
    case bsonType.int32:
      return at + 4;
    case bsonType.double:
    case bsonType.date:
    case bsonType.timestamp:
    case bsonType.int64:
      return at + 8;
    case bsonType.objectId:
      return at + 12;
    case bsonType.bool:
      return at + 1;
    case bsonType.binary:
      return at + 5 + buf.readInt32LE(at);
    case bsonType.undefined:
    case bsonType.null:
    case bsonType.minKey:
    case bsonType.maxKey:
      return at;
    case bsonType.regex:
      return cstringEnd(buf, cstringEnd(buf, at) + 1) + 1;
    case bsonType.dbPointer:
      return at + 4 + buf.readInt32LE(at) + 12;
    case bsonType.decimal128:
      return at + 16;
    default:
      throw new MongoError('InvalidBSON', `unknown BSON type 0x${type.toString(16)}`);
  }
}

/**
 * Walks the elements of one document or array. One object is reused for all elements, which is why it is a class: on the
 * path of a scan an object per element would be most of the work.
 */
export class Elements {
  readonly buf: Buffer;
  type = 0;
  nameAt = 0;
  nameEnd = 0;
  at = 0;
  end: number;
  readonly #limit: number;

  constructor(buf: Buffer, documentAt = 0) {
    this.buf = buf;
    this.end = documentAt + 4;
    this.#limit = documentAt + buf.readInt32LE(documentAt) - 1;
  }

  next(): boolean {
    const start = this.end;
    if (start >= this.#limit) return false;
    this.type = this.buf[start]!;
    this.nameAt = start + 1;
    this.nameEnd = cstringEnd(this.buf, start + 1);
    this.at = this.nameEnd + 1;
    this.end = valueEnd(this.buf, this.type, this.at);
    return true;
  }

  /** Start of the element, its type byte. */
  get start(): number {
    return this.nameAt - 1;
  }

  name(): string {
    return this.buf.toString('utf8', this.nameAt, this.nameEnd);
  }

  nameIs(name: Buffer): boolean {
    const length = name.length;
    if (this.nameEnd - this.nameAt !== length) return false;
    const { buf, nameAt } = this;
    for (let i = 0; i < length; i++) if (buf[nameAt + i] !== name[i]) return false;
    return true;
  }

  value(): Value {
    return { buf: this.buf, type: this.type, at: this.at, end: this.end };
  }
}

/** The field `name` of the document at `at`, or undefined. */
export function field(buf: Buffer, name: Buffer, at = 0): Value | undefined {
  const elements = new Elements(buf, at);
  while (elements.next()) if (elements.nameIs(name)) return elements.value();
  return undefined;
}

/** All fields by name: for commands and options, where every name is looked at. A name that comes twice: the first holds. */
export function fields(value: Value): Map<string, Value> {
  const found = new Map<string, Value>();
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) {
    const name = elements.name();
    if (!found.has(name)) found.set(name, elements.value());
  }
  return found;
}

/** The values of an array, in order. */
export function items(value: Value): Value[] {
  const list: Value[] = [];
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) list.push(elements.value());
  return list;
}

/** The bytes of a document or array value, without a copy. */
export function bytesOf(value: Value): Buffer {
  return value.buf.subarray(value.at, value.end);
}

/** A copy that does not keep the buffer it came from alive. */
export function detach(value: Value): Value {
  const buf = Buffer.from(value.buf.subarray(value.at, value.end));
  return { buf, type: value.type, at: 0, end: buf.length };
}

/** Throws InvalidBSON unless the document at `at` is well formed and ends exactly at `end`. Linear in its size. */
export function validateDocument(buf: Buffer, at: number, end: number, depth = 0): void {
  if (depth > maxDepth) throw new MongoError('Overflow', `BSON nested deeper than ${maxDepth} levels`);
  if (end - at < 5 || end > buf.length) throw invalid('document is cut off');
  if (buf.readInt32LE(at) !== end - at) throw invalid('length of the document does not match its frame');
  if (buf[end - 1] !== 0) throw invalid('document is not terminated');
  let pos = at + 4;
  const limit = end - 1;
  while (pos < limit) {
    const type = buf[pos]!;
    const nameEnd = buf.indexOf(0, pos + 1);
    if (nameEnd < 0 || nameEnd >= limit) throw invalid('name is not terminated');
    const valueAt = nameEnd + 1;
    pos = validateValue(buf, type, valueAt, limit, depth);
  }
  if (pos !== limit) throw invalid('element runs over the end of its document');
}

function invalid(text: string): MongoError {
  return new MongoError('InvalidBSON', text);
}

function stringEnd(buf: Buffer, at: number, limit: number): number {
  if (at + 5 > limit) throw invalid('string is cut off');
  const length = buf.readInt32LE(at);
  const end = at + 4 + length;
  if (length < 1 || end > limit || buf[end - 1] !== 0) throw invalid('string is not terminated');
  return end;
}

function validateValue(buf: Buffer, type: number, at: number, limit: number, depth: number): number {
  switch (type) {
    case bsonType.string:
    case bsonType.code:
    case bsonType.symbol:
      return stringEnd(buf, at, limit);
    case bsonType.object:
    case bsonType.array: {
      if (at + 5 > limit) throw invalid('document is cut off');
      const end = at + buf.readInt32LE(at);
      if (end > limit) throw invalid('document is cut off');
      validateDocument(buf, at, end, depth + 1);
      return end;
    }
    case bsonType.codeWithScope: {
      if (at + 14 > limit) throw invalid('code is cut off');
      const end = at + buf.readInt32LE(at);
      if (end > limit || end <= at) throw invalid('code is cut off');
      validateDocument(buf, stringEnd(buf, at + 4, end), end, depth + 1);
      return end;
    }
    case bsonType.binary: {
      if (at + 5 > limit) throw invalid('binary is cut off');
      const length = buf.readInt32LE(at);
      if (length < 0 || at + 5 + length > limit) throw invalid('binary is cut off');
      return at + 5 + length;
    }
    case bsonType.regex: {
      const pattern = buf.indexOf(0, at);
      if (pattern < 0 || pattern >= limit) throw invalid('regular expression is cut off');
      const flags = buf.indexOf(0, pattern + 1);
      if (flags < 0 || flags >= limit) throw invalid('regular expression is cut off');
      return flags + 1;
    }
    case bsonType.dbPointer: {
      const end = stringEnd(buf, at, limit) + 12;
      if (end > limit) throw invalid('pointer is cut off');
      return end;
    }
    case bsonType.bool: {
      if (at + 1 > limit) throw invalid('bool is cut off');
      if (buf[at]! > 1) throw invalid('bool is neither 0 nor 1');
      return at + 1;
    }
    default: {
      const end = valueEnd(buf, type, at);
      if (end > limit) throw invalid('value is cut off');
      return end;
    }
  }
}
