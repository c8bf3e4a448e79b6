/**
 * Scalars out of values. The `as...` functions return undefined for a value of another type; whoever needs the type asks
 * through `commands/argument.ts`, which answers with MongoDB's error.
 */
import { bsonType, type Value } from './element.js';

export function isNumber(type: number): boolean {
  return type === bsonType.int32 || type === bsonType.double || type === bsonType.int64 || type === bsonType.decimal128;
}

/** A number where JavaScript has it exactly or nearly (int64 above 2^53 is rounded); decimals are not read here. */
export function asNumber(value: Value): number | undefined {
  switch (value.type) {
    case bsonType.int32:
      return value.buf.readInt32LE(value.at);
    case bsonType.double:
      return value.buf.readDoubleLE(value.at);
    case bsonType.int64:
      return Number(value.buf.readBigInt64LE(value.at));
    default:
      return undefined;
  }
}

export function asString(value: Value): string | undefined {
  return value.type === bsonType.string ? value.buf.toString('utf8', value.at + 4, value.end - 1) : undefined;
}

/** Truth as MongoDB's commands read it: a bool, or a number that is not 0. */
export function asTruth(value: Value | undefined): boolean {
  if (value === undefined) return false;
  if (value.type === bsonType.bool) return value.buf[value.at] === 1;
  const number = asNumber(value);
  if (number !== undefined) return number !== 0;
  return value.type !== bsonType.null && value.type !== bsonType.undefined;
}

/** Name of a type in MongoDB's error texts. */
export function typeName(type: number): string {
  return typeNames.get(type) ?? 'unknown';
}

const typeNames = new Map<number, string>([
  [bsonType.double, 'double'],
  [bsonType.string, 'string'],
  [bsonType.object, 'object'],
  [bsonType.array, 'array'],
  [bsonType.binary, 'binData'],
  [bsonType.undefined, 'undefined'],
  [bsonType.objectId, 'objectId'],
  [bsonType.bool, 'bool'],
  [bsonType.date, 'date'],
  [bsonType.null, 'null'],
  [bsonType.regex, 'regex'],
  [bsonType.dbPointer, 'dbPointer'],
  [bsonType.code, 'javascript'],
  [bsonType.symbol, 'symbol'],
  [bsonType.codeWithScope, 'javascriptWithScope'],
  [bsonType.int32, 'int'],
  [bsonType.timestamp, 'timestamp'],
  [bsonType.int64, 'long'],
  [bsonType.decimal128, 'decimal'],
  [bsonType.minKey, 'minKey'],
  [bsonType.maxKey, 'maxKey'],
]);

export const typeByName: ReadonlyMap<string, number> = new Map([...typeNames].map(([type, name]) => [name, type]));
