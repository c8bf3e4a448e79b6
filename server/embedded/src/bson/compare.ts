/**
 * The order of BSON values as MongoDB defines it: first by class of type, then by value; numbers of all types in one
 * order, exactly (an int64 is not rounded to compare it with a double); strings by their UTF-8 bytes. The key encoding of
 * indexes follows the same table of classes; a property test holds the two together.
 */

import { compareDecimals, decimalOfValue } from './decimal.js';
import { bsonType, Elements, type Value } from './element.js';

/** Classes of types, in MongoDB's canonical order; the numbers double as the first byte of index keys. */
export function typeClass(type: number): number {
  return classes[type] ?? 0xee;
}

export const missingClass = 0x18; // a field that is not there sorts and compares as null
const classes: number[] = [];
classes[bsonType.minKey] = 0x08;
classes[bsonType.undefined] = 0x10;
classes[bsonType.null] = missingClass;
classes[bsonType.int32] = 0x20;
classes[bsonType.int64] = 0x20;
classes[bsonType.double] = 0x20;
classes[bsonType.decimal128] = 0x20;
classes[bsonType.string] = 0x28;
classes[bsonType.symbol] = 0x28;
classes[bsonType.object] = 0x30;
classes[bsonType.array] = 0x38;
classes[bsonType.binary] = 0x40;
classes[bsonType.objectId] = 0x48;
classes[bsonType.bool] = 0x50;
classes[bsonType.date] = 0x58;
classes[bsonType.timestamp] = 0x60;
classes[bsonType.regex] = 0x68;
classes[bsonType.dbPointer] = 0x70;
classes[bsonType.code] = 0x78;
classes[bsonType.codeWithScope] = 0x80;
classes[bsonType.maxKey] = 0xf0;

/** Below 0, 0 or above 0; `undefined` stands for a missing field and equals null. */
export function compareValues(left: Value | undefined, right: Value | undefined): number {
  const leftClass = left === undefined ? missingClass : typeClass(left.type);
  const rightClass = right === undefined ? missingClass : typeClass(right.type);
  if (leftClass !== rightClass) return leftClass - rightClass;
  if (left === undefined || right === undefined) return 0;
  return compareSameClass(left, right);
}

export function valuesEqual(left: Value | undefined, right: Value | undefined): boolean {
  return compareValues(left, right) === 0;
}

function compareSameClass(a: Value, b: Value): number {
  switch (a.type) {
    case bsonType.int32:
    case bsonType.int64:
    case bsonType.double:
    case bsonType.decimal128:
      return compareNumbers(a, b);
    case bsonType.string:
    case bsonType.symbol:
    case bsonType.code:
      return a.buf.compare(b.buf, b.at + 4, b.end - 1, a.at + 4, a.end - 1);
    case bsonType.object:
    case bsonType.array:
      return compareDocuments(a, b, a.type === bsonType.object);
    case bsonType.binary: {
      const byLength = a.buf.readInt32LE(a.at) - b.buf.readInt32LE(b.at);
      if (byLength !== 0) return byLength;
      return a.buf.compare(b.buf, b.at + 4, b.end, a.at + 4, a.end);
    }
    case bsonType.objectId:
    case bsonType.bool:
      return a.buf.compare(b.buf, b.at, b.end, a.at, a.end);
    case bsonType.date:
      return order(a.buf.readBigInt64LE(a.at), b.buf.readBigInt64LE(b.at));
    case bsonType.timestamp:
      return order(a.buf.readBigUInt64LE(a.at), b.buf.readBigUInt64LE(b.at));
    case bsonType.regex: {
      const aPattern = a.buf.indexOf(0, a.at);
      const bPattern = b.buf.indexOf(0, b.at);
      const byPattern = a.buf.compare(b.buf, b.at, bPattern, a.at, aPattern);
      if (byPattern !== 0) return byPattern;
      return a.buf.compare(b.buf, bPattern, b.end, aPattern, a.end);
    }
    case bsonType.dbPointer: {
      const byLength = a.end - a.at - (b.end - b.at);
      return byLength !== 0 ? byLength : a.buf.compare(b.buf, b.at, b.end, a.at, a.end);
    }
    case bsonType.codeWithScope: {
      const aScope = a.at + 8 + a.buf.readInt32LE(a.at + 4);
      const bScope = b.at + 8 + b.buf.readInt32LE(b.at + 4);
      const byCode = a.buf.compare(b.buf, b.at + 8, bScope - 1, a.at + 8, aScope - 1);
      if (byCode !== 0) return byCode;
      return compareDocuments({ ...a, at: aScope }, { ...b, at: bScope }, true);
    }
    default:
      return 0;
  }
}

/** Element by element: class, then name (of objects), then value; the one that ends first is less. */
function compareDocuments(a: Value, b: Value, withNames: boolean): number {
  const left = new Elements(a.buf, a.at);
  const right = new Elements(b.buf, b.at);
  for (;;) {
    const more = left.next();
    if (!right.next()) return more ? 1 : 0;
    if (!more) return -1;
    const byClass = typeClass(left.type) - typeClass(right.type);
    if (byClass !== 0) return byClass;
    if (withNames) {
      const byName = left.buf.compare(right.buf, right.nameAt, right.nameEnd, left.nameAt, left.nameEnd);
      if (byName !== 0) return byName;
    }
    const byValue = compareSameClass(left.value(), right.value());
    if (byValue !== 0) return byValue;
  }
}

function order<T extends number | bigint>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareNumbers(a: Value, b: Value): number {
  if (a.type === bsonType.int32 && b.type === bsonType.int32) return a.buf.readInt32LE(a.at) - b.buf.readInt32LE(b.at);
  if (a.type === bsonType.decimal128 || b.type === bsonType.decimal128) {
    return compareDecimals(decimalOfValue(a), decimalOfValue(b));
  }
  if (a.type !== bsonType.int64 && b.type !== bsonType.int64) return compareDoubles(double(a), double(b));
  if (a.type === bsonType.double) return -compareLongAndDouble(long(b), double(a));
  if (b.type === bsonType.double) return compareLongAndDouble(long(a), double(b));
  return order(long(a), long(b));
}

function double(value: Value): number {
  return value.type === bsonType.int32 ? value.buf.readInt32LE(value.at) : value.buf.readDoubleLE(value.at);
}

function long(value: Value): bigint {
  return value.type === bsonType.int32 ? BigInt(value.buf.readInt32LE(value.at)) : value.buf.readBigInt64LE(value.at);
}

/** NaN is below every number and equal to itself. */
function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : 1;
}

function compareLongAndDouble(a: bigint, b: number): number {
  if (Number.isNaN(b)) return 1;
  // JavaScript compares a bigint with a number by their exact values.
  return a < b ? -1 : a > b ? 1 : 0;
}
