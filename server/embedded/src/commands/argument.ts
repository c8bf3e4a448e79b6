/** Arguments of commands, read with MongoDB's own complaints about a wrong type or a field that is not known. */
import { bsonType, bytesOf, items, type Value } from '../bson/element.js';
import { asNumber, asString, asTruth, isNumber, typeName } from '../bson/scalar.js';
import { MongoError } from '../errors.js';

export type Arguments = ReadonlyMap<string, Value>;

/** Fields that any command may carry. What they ask for is checked in `dispatch.ts`. */
const common: ReadonlySet<string> = new Set([
  '$db',
  'lsid',
  'txnNumber',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
]);

export function checkKnown(command: string, args: Arguments, known: ReadonlySet<string>): void {
  for (const name of args.keys()) {
    if (name !== command && !known.has(name) && !common.has(name)) {
      throw new MongoError('Location40415', `BSON field '${command}.${name}' is an unknown field.`);
    }
  }
}

function wrongType(name: string, value: Value, expected: string): MongoError {
  return new MongoError(
    'TypeMismatch',
    `BSON field '${name}' is the wrong type '${typeName(value.type)}', expected type '${expected}'`,
  );
}

function required(args: Arguments, name: string): Value {
  const value = args.get(name);
  if (value === undefined)
    throw new MongoError('Location40414', `BSON field '${name}' is missing but a required field`);
  return value;
}

export function optionalString(args: Arguments, name: string): string | undefined {
  const value = args.get(name);
  if (value === undefined) return undefined;
  const text = asString(value);
  if (text === undefined) throw wrongType(name, value, 'string');
  return text;
}

export function requiredString(args: Arguments, name: string): string {
  required(args, name);
  return optionalString(args, name)!;
}

export function optionalDocument(args: Arguments, name: string): Value | undefined {
  const value = args.get(name);
  if (value === undefined || value.type === bsonType.null) return undefined;
  if (value.type !== bsonType.object) throw wrongType(name, value, 'object');
  return value;
}

export function requiredDocument(args: Arguments, name: string): Value {
  required(args, name);
  const value = optionalDocument(args, name);
  if (value === undefined) throw wrongType(name, args.get(name)!, 'object');
  return value;
}

export function requiredArray(args: Arguments, name: string): Value {
  const value = required(args, name);
  if (value.type !== bsonType.array) throw wrongType(name, value, 'array');
  return value;
}

export function flag(args: Arguments, name: string): boolean {
  const value = args.get(name);
  if (value !== undefined && value.type !== bsonType.bool && value.type !== bsonType.null && !isNumber(value.type)) {
    throw wrongType(name, value, 'bool');
  }
  return asTruth(value);
}

/** A whole number that is not negative. */
export function optionalCount(args: Arguments, name: string): number | undefined {
  const value = args.get(name);
  if (value === undefined || value.type === bsonType.null) return undefined;
  const number = asNumber(value);
  if (number === undefined) throw wrongType(name, value, 'long');
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new MongoError('BadValue', `BSON field '${name}' value must be >= 0, actual value '${number}'`);
  }
  return number;
}

/** Documents that come as a section of their own or as an array in the body. */
export function documentList(args: Arguments, sequences: ReadonlyMap<string, Buffer[]>, name: string): Buffer[] {
  const sequence = sequences.get(name);
  if (sequence) return sequence;
  return items(requiredArray(args, name)).map((value, i) => {
    if (value.type !== bsonType.object) throw wrongType(`${name}.${i}`, value, 'object');
    return bytesOf(value);
  });
}

/** Options that would change what a command does, and that this server does not have: refused, never passed over. */
export function refuse(args: Arguments, ...names: string[]): void {
  for (const name of names) {
    const value = args.get(name);
    if (value === undefined || value.type === bsonType.null) continue;
    if (value.type === bsonType.bool && !asTruth(value)) continue;
    if (value.type === bsonType.object && value.end - value.at === 5) continue;
    if (value.type === bsonType.array && value.end - value.at === 5) continue;
    throw new MongoError('CommandNotSupported', `option '${name}' is not supported by this server`);
  }
}
