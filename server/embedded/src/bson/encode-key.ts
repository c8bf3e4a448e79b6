/**
 * Values as bytes that sort like the values: one byte for the class of type (the table in `compare.ts`), then the value in
 * a form that ends by itself, so that keys of several fields are their encodings end to end. Equal values of different
 * number types have equal keys, as in MongoDB's indexes. Decimal128 is refused: its order would need a longer form of
 * every number, and nobody here stores one.
 */
import { MongoError } from '../errors.js';
import { typeClass } from './compare.js';
import { bsonType, Elements, type Value } from './element.js';

/** LMDB takes keys of up to 1,978 bytes; the collection or index number and a document's own key share that. */
export const maxKeyBytes = 1978;

const scratch = Buffer.alloc(maxKeyBytes * 2);
let pos = 0;

function put(byte: number): void {
  if (pos >= scratch.length) throw tooLong();
  scratch[pos++] = byte;
}

function putBytes(buf: Buffer, at: number, end: number): void {
  if (pos + end - at > scratch.length) throw tooLong();
  buf.copy(scratch, pos, at, end);
  pos += end - at;
}

/** Bytes that may hold 0: 0 becomes 0 FF, the end is a single 0, and what follows a value is never FF. */
function putEscaped(buf: Buffer, at: number, end: number): void {
  let from = at;
  let zero = buf.indexOf(0, from);
  while (zero >= 0 && zero < end) {
    putBytes(buf, from, zero + 1);
    put(0xff);
    from = zero + 1;
    zero = buf.indexOf(0, from);
  }
  putBytes(buf, from, end);
  put(0);
}

function tooLong(): MongoError {
  return new MongoError('KeyTooLong', `index key is longer than ${maxKeyBytes} bytes`);
}

/** The key of `values` (a missing one counts as null); those with `descending` sort the other way round. */
export function encodeKey(values: readonly (Value | undefined)[], descending?: readonly boolean[]): Buffer {
  pos = 0;
  for (let i = 0; i < values.length; i++) {
    const start = pos;
    const value = values[i];
    if (value === undefined) put(typeClass(bsonType.null));
    else putValue(value);
    if (descending?.[i]) for (let at = start; at < pos; at++) scratch[at] = ~scratch[at]! & 0xff;
  }
  return Buffer.from(scratch.subarray(0, pos));
}

/** The key of one value behind a number of four bytes: the key of a document by its collection and `_id`. */
export function encodePrefixedKey(prefix: number, value: Value): Buffer {
  pos = scratch.writeUInt32BE(prefix, 0);
  putValue(value);
  if (pos > maxKeyBytes) throw tooLong();
  return Buffer.from(scratch.subarray(0, pos));
}

function putValue(value: Value): void {
  put(typeClass(value.type));
  putContent(value);
}

function putContent(value: Value): void {
  const { buf, at, end } = value;
  switch (value.type) {
    case bsonType.int32:
      putDouble(buf.readInt32LE(at));
      return;
    case bsonType.double:
      putDouble(buf.readDoubleLE(at));
      return;
    case bsonType.int64:
      putLong(buf.readBigInt64LE(at));
      return;
    case bsonType.string:
    case bsonType.symbol:
    case bsonType.code:
      putEscaped(buf, at + 4, end - 1);
      return;
    case bsonType.object:
    case bsonType.array:
      putDocument(buf, at, value.type === bsonType.object);
      return;
    case bsonType.binary: {
      const length = buf.readInt32LE(at);
      if (pos + 4 > scratch.length) throw tooLong();
      pos = scratch.writeUInt32BE(length, pos);
      putBytes(buf, at + 4, end);
      return;
    }
    case bsonType.objectId:
    case bsonType.bool:
      putBytes(buf, at, end);
      return;
    case bsonType.date:
      putUnsigned(BigInt.asUintN(64, buf.readBigInt64LE(at) ^ (1n << 63n)));
      return;
    case bsonType.timestamp:
      putUnsigned(buf.readBigUInt64LE(at));
      return;
    case bsonType.regex:
      putBytes(buf, at, end);
      return;
    case bsonType.null:
    case bsonType.undefined:
    case bsonType.minKey:
    case bsonType.maxKey:
      return;
    default:
      throw new MongoError('BadValue', 'this type of value in an index key is not supported by this server');
  }
}

/** Class, name, value of each element, as documents compare; 0 is below every class. */
function putDocument(buf: Buffer, at: number, withNames: boolean): void {
  const elements = new Elements(buf, at);
  while (elements.next()) {
    put(typeClass(elements.type));
    if (withNames) {
      putBytes(buf, elements.nameAt, elements.nameEnd);
      put(0);
    }
    putContent(elements.value());
  }
  put(0);
}

function putUnsigned(number: bigint): void {
  if (pos + 8 > scratch.length) throw tooLong();
  pos = scratch.writeBigUInt64BE(number, pos);
}

const exactLimit = 2 ** 53;

/**
 * A double with its bits turned so that they sort: sign flipped for positive numbers, all bits for negative ones. NaN, the
 * least number, is all zeros. From 2^53 on a remainder of two bytes follows, which only an int64 between two doubles uses.
 */
function putDouble(number: number): void {
  putSortable(number);
  if (number >= exactLimit || number <= -exactLimit) {
    put(0);
    put(0);
  }
}

function putSortable(number: number): void {
  if (pos + 8 > scratch.length) throw tooLong();
  if (Number.isNaN(number)) {
    scratch.fill(0, pos, pos + 8);
    pos += 8;
    return;
  }
  // `+ 0` makes -0 the same as 0.
  scratch.writeDoubleBE(number + 0, pos);
  if (scratch[pos]! & 0x80) for (let i = 0; i < 8; i++) scratch[pos + i] = ~scratch[pos + i]! & 0xff;
  else scratch[pos]! |= 0x80;
  pos += 8;
}

function putLong(long: bigint): void {
  const rounded = Number(long);
  if (rounded < exactLimit && rounded > -exactLimit) {
    putSortable(rounded);
    return;
  }
  // The double at or below the number, and how far above it the number is.
  let floor = rounded;
  let rest = long - BigInt(floor);
  if (rest < 0n) {
    floor = nextBelow(floor);
    rest = long - BigInt(floor);
  }
  putSortable(floor);
  put(Number(rest >> 8n));
  put(Number(rest & 0xffn));
}

const bits = new DataView(new ArrayBuffer(8));

function nextBelow(number: number): number {
  bits.setFloat64(0, number);
  bits.setBigInt64(0, bits.getBigInt64(0) + (number > 0 ? -1n : 1n));
  return bits.getFloat64(0);
}
