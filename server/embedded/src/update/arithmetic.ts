/**
 * `$inc` and `$mul`: the result has the wider of the two types; int32 that overflows becomes int64, int64 that overflows is
 * an error. Decimals are refused.
 */
import { bsonType, type Value } from '../bson/element.js';
import { MongoError } from '../errors.js';

export function addNumbers(a: Value, b: Value): Value {
  return combine(
    a,
    b,
    (x, y) => x + y,
    (x, y) => x + y,
  );
}

export function multiplyNumbers(a: Value, b: Value): Value {
  return combine(
    a,
    b,
    (x, y) => x * y,
    (x, y) => x * y,
  );
}

function combine(
  a: Value,
  b: Value,
  doubles: (x: number, y: number) => number,
  longs: (x: bigint, y: bigint) => bigint,
): Value {
  if (a.type === bsonType.decimal128 || b.type === bsonType.decimal128) {
    throw new MongoError('BadValue', 'arithmetic on Decimal128 is not supported by this server');
  }
  if (a.type === bsonType.double || b.type === bsonType.double) {
    const buf = Buffer.alloc(8);
    buf.writeDoubleLE(doubles(numberOf(a), numberOf(b)));
    return { buf, type: bsonType.double, at: 0, end: 8 };
  }
  const result = longs(longOf(a), longOf(b));
  if (a.type === bsonType.int32 && b.type === bsonType.int32 && BigInt.asIntN(32, result) === result) {
    const buf = Buffer.alloc(4);
    buf.writeInt32LE(Number(result));
    return { buf, type: bsonType.int32, at: 0, end: 4 };
  }
  if (BigInt.asIntN(64, result) !== result) {
    throw new MongoError('BadValue', 'Failed to apply an update operator: the result does not fit into 64 bits');
  }
  const buf = Buffer.alloc(8);
  buf.writeBigInt64LE(result);
  return { buf, type: bsonType.int64, at: 0, end: 8 };
}

function numberOf(value: Value): number {
  if (value.type === bsonType.double) return value.buf.readDoubleLE(value.at);
  return Number(longOf(value));
}

function longOf(value: Value): bigint {
  return value.type === bsonType.int32 ? BigInt(value.buf.readInt32LE(value.at)) : value.buf.readBigInt64LE(value.at);
}

/** 0 of the same type: what `$mul` makes of a field that is not there. */
export function zeroLike(value: Value): Value {
  if (value.type === bsonType.decimal128) {
    throw new MongoError('BadValue', 'arithmetic on Decimal128 is not supported by this server');
  }
  return { buf: Buffer.alloc(8), type: value.type, at: 0, end: value.type === bsonType.int32 ? 4 : 8 };
}
