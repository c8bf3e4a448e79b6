/** What each update operator makes of the value at its path: a function from the old value to the new one. */
import { compareValues, valuesEqual } from '../bson/compare.js';
import { bsonType, Elements, items, type Value } from '../bson/element.js';
import { asString, isNumber, typeName } from '../bson/scalar.js';
import { MongoError } from '../errors.js';
import { type Filter, matches, matchesValue } from '../query/filter.js';
import { parseFilter } from '../query/parse-filter.js';
import { addNumbers, multiplyNumbers, zeroLike } from './arithmetic.js';
import { arrayOf, parsePush } from './push.js';

export interface Operator {
  readonly name: string;
  /** Applies when the update inserts; the others apply always. */
  readonly onInsertOnly: boolean;
  /** Makes the field, and what leads to it, when it is not there. */
  readonly creates: boolean;
  /** The new value; undefined: no field. The same object as was given: no change. */
  readonly apply: (old: Value | undefined, path: string) => Value | undefined;
}

export function parseOperator(name: string, path: string, operand: Value): Operator {
  const plain = (apply: Operator['apply'], creates = true): Operator => ({ name, onInsertOnly: false, creates, apply });
  switch (name) {
    case '$set':
      return plain(() => operand);
    case '$setOnInsert':
      return { name, onInsertOnly: true, creates: true, apply: () => operand };
    case '$unset':
      return plain(() => undefined, false);
    case '$inc':
      requireNumber(name, path, operand);
      return plain((old, at) => (old === undefined ? operand : addNumbers(numeric(name, old, at), operand)));
    case '$mul':
      requireNumber(name, path, operand);
      return plain((old, at) =>
        old === undefined ? zeroLike(operand) : multiplyNumbers(numeric(name, old, at), operand),
      );
    case '$min':
      return plain((old) => (old === undefined || compareValues(operand, old) < 0 ? operand : old));
    case '$max':
      return plain((old) => (old === undefined || compareValues(operand, old) > 0 ? operand : old));
    case '$currentDate':
      return plain(currentDate(operand));
    case '$push':
      return plain(parsePush(operand));
    case '$addToSet':
      return plain(addToSet(operand));
    case '$pull':
      return plain(pull(operand), false);
    case '$pullAll':
      return plain(pullAll(operand), false);
    case '$pop':
      return plain(pop(operand), false);
    case '$rename':
    case '$bit':
      throw new MongoError('BadValue', `the update operator ${name} is not supported by this server`);
    default:
      throw new MongoError(
        'FailedToParse',
        `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
  }
}

function requireNumber(name: string, path: string, operand: Value): void {
  if (!isNumber(operand.type)) {
    throw new MongoError(
      'TypeMismatch',
      `Cannot ${name === '$inc' ? 'increment' : 'multiply'} with non-numeric argument: {${path}: ${typeName(operand.type)}}`,
    );
  }
}

function numeric(name: string, old: Value, path: string): Value {
  if (isNumber(old.type)) return old;
  throw new MongoError(
    'TypeMismatch',
    `Cannot apply ${name} to a value of non-numeric type. The field '${path}' is of non-numeric type ${typeName(old.type)}`,
  );
}

function currentDate(operand: Value): Operator['apply'] {
  let type = 'date';
  if (operand.type === bsonType.object) {
    const elements = new Elements(operand.buf, operand.at);
    type = elements.next() && elements.name() === '$type' ? (asString(elements.value()) ?? '') : '';
  } else if (operand.type !== bsonType.bool) type = '';
  if (type !== 'date' && type !== 'timestamp') {
    throw new MongoError('BadValue', "$currentDate takes true, {$type: 'date'} or {$type: 'timestamp'}");
  }
  return () => {
    const buf = Buffer.alloc(8);
    if (type === 'date') buf.writeBigInt64LE(BigInt(Date.now()));
    else {
      buf.writeUInt32LE(1, 0);
      buf.writeUInt32LE(Math.floor(Date.now() / 1000), 4);
    }
    return { buf, type: type === 'date' ? bsonType.date : bsonType.timestamp, at: 0, end: 8 };
  };
}

function requireArray(operator: string, old: Value | undefined, path: string): Value | undefined {
  if (old !== undefined && old.type !== bsonType.array) {
    throw new MongoError(
      'BadValue',
      `Cannot apply ${operator} to a non-array value: the field '${path}' is of type ${typeName(old.type)}`,
    );
  }
  return old;
}

function addToSet(operand: Value): Operator['apply'] {
  let added = [operand];
  if (operand.type === bsonType.object) {
    const elements = new Elements(operand.buf, operand.at);
    if (elements.next() && elements.name() === '$each') {
      if (elements.type !== bsonType.array)
        throw new MongoError('TypeMismatch', 'The argument to $each in $addToSet must be an array');
      added = items(elements.value());
      if (elements.next())
        throw new MongoError('BadValue', `Found unexpected fields after $each in $addToSet: ${elements.name()}`);
    }
  }
  return (old, path) => {
    const array = requireArray('$addToSet', old, path);
    const list = array ? items(array) : [];
    const before = list.length;
    for (const value of added) if (!list.some((other) => valuesEqual(other, value))) list.push(value);
    return array !== undefined && list.length === before ? array : arrayOf(list);
  };
}

/** A condition: operators on an element, fields of an element that is a document, or a value it must equal. */
function pullCondition(operand: Value): (element: Value) => boolean {
  if (operand.type !== bsonType.object) return (element) => valuesEqual(element, operand);
  const elements = new Elements(operand.buf, operand.at);
  const operators = elements.next() && elements.buf[elements.nameAt] === 0x24;
  if (operators) {
    const wrapped: Filter = parseElementFilter(operand);
    return (element) => matchesValue(wrapped, element);
  }
  const filter = parseFilter(operand);
  return (element) => element.type === bsonType.object && matches(filter, element);
}

function parseElementFilter(operand: Value): Filter {
  const length = operand.end - operand.at;
  const buf = Buffer.alloc(4 + 1 + 2 + length + 1);
  buf.writeInt32LE(buf.length, 0);
  buf[4] = bsonType.object;
  buf.write('e\0', 5);
  operand.buf.copy(buf, 7, operand.at, operand.end);
  return parseFilter({ buf, type: bsonType.object, at: 0, end: buf.length });
}

function pull(operand: Value): Operator['apply'] {
  const condition = pullCondition(operand);
  return (old, path) => {
    const array = requireArray('$pull', old, path);
    if (array === undefined) return undefined;
    const list = items(array);
    const kept = list.filter((element) => !condition(element));
    return kept.length === list.length ? array : arrayOf(kept);
  };
}

function pullAll(operand: Value): Operator['apply'] {
  if (operand.type !== bsonType.array) throw new MongoError('BadValue', '$pullAll requires an array argument');
  const unwanted = items(operand);
  return (old, path) => {
    const array = requireArray('$pullAll', old, path);
    if (array === undefined) return undefined;
    const list = items(array);
    const kept = list.filter((element) => !unwanted.some((other) => valuesEqual(element, other)));
    return kept.length === list.length ? array : arrayOf(kept);
  };
}

function pop(operand: Value): Operator['apply'] {
  const number =
    operand.type === bsonType.int32
      ? operand.buf.readInt32LE(operand.at)
      : operand.type === bsonType.double
        ? operand.buf.readDoubleLE(operand.at)
        : 0;
  if (number !== 1 && number !== -1) throw new MongoError('FailedToParse', '$pop expects 1 or -1');
  return (old, path) => {
    const array = requireArray('$pop', old, path);
    if (array === undefined) return undefined;
    const list = items(array);
    if (list.length === 0) return array;
    return arrayOf(number === 1 ? list.slice(0, -1) : list.slice(1));
  };
}
