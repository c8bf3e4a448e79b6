/** `$push` with `$each`, `$position`, `$slice` and `$sort`. */
import { compareValues } from '../bson/compare.js';
import { bsonType, Elements, field, items, type Value } from '../bson/element.js';
import { asNumber, typeName } from '../bson/scalar.js';
import { BsonWriter, indexName } from '../bson/writer.js';
import { MongoError } from '../errors.js';
import { parsePath } from '../query/path.js';
import { parseSort } from '../query/sort.js';

export function arrayOf(values: readonly Value[]): Value {
  const writer = new BsonWriter(0, 64 + values.reduce((sum, { at, end }) => sum + end - at + 8, 0));
  writer.begin();
  for (const [i, value] of values.entries()) writer.value(indexName(i), value);
  writer.close();
  const buf = writer.bytes();
  return { buf, type: bsonType.array, at: 0, end: buf.length };
}

interface Push {
  readonly values: readonly Value[];
  readonly position: number | undefined;
  readonly slice: number | undefined;
  readonly order: ((a: Value, b: Value) => number) | undefined;
}

export function parsePush(operand: Value): (old: Value | undefined, path: string) => Value {
  const push = parseModifiers(operand) ?? {
    values: [operand],
    position: undefined,
    slice: undefined,
    order: undefined,
  };
  return (old, path) => {
    if (old !== undefined && old.type !== bsonType.array) {
      throw new MongoError('BadValue', `The field '${path}' must be an array but is of type ${typeName(old.type)}`);
    }
    const list = old ? items(old) : [];
    const { position, slice, order, values } = push;
    if (position === undefined) list.push(...values);
    else list.splice(position < 0 ? Math.max(0, list.length + position) : position, 0, ...values);
    if (order) list.sort(order);
    if (slice === undefined) return arrayOf(list);
    return arrayOf(slice < 0 ? list.slice(slice) : list.slice(0, slice));
  };
}

function parseModifiers(operand: Value): Push | undefined {
  if (operand.type !== bsonType.object) return undefined;
  let values: Value[] | undefined;
  let position: number | undefined;
  let slice: number | undefined;
  let order: Push['order'];
  const elements = new Elements(operand.buf, operand.at);
  let first = true;
  while (elements.next()) {
    const name = elements.name();
    if (first && !name.startsWith('$')) return undefined;
    first = false;
    const value = elements.value();
    switch (name) {
      case '$each':
        if (value.type !== bsonType.array)
          throw new MongoError('BadValue', 'The argument to $each in $push must be an array');
        values = items(value);
        break;
      case '$position':
        position = whole(value, name);
        break;
      case '$slice':
        slice = whole(value, name);
        break;
      case '$sort':
        order = orderOf(value);
        break;
      default:
        throw new MongoError('BadValue', `Unrecognized clause in $push: ${name}`);
    }
  }
  if (values === undefined) return first ? undefined : fail();
  return { values, position, slice, order };
}

function fail(): never {
  throw new MongoError('BadValue', '$push with modifiers needs $each');
}

function whole(value: Value, name: string): number {
  const number = asNumber(value);
  if (number === undefined || !Number.isInteger(number)) {
    throw new MongoError(
      'BadValue',
      `The value for ${name} must be an integer value but was given type: ${typeName(value.type)}`,
    );
  }
  return number;
}

function orderOf(value: Value): (a: Value, b: Value) => number {
  const direction = asNumber(value);
  if (direction === 1) return compareValues;
  if (direction === -1) return (a, b) => compareValues(b, a);
  if (value.type !== bsonType.object)
    throw new MongoError(
      'BadValue',
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
    );
  const fields = parseSort(value).map(({ path, descending }) => ({ names: parsePath(path).names, descending }));
  const pick = (element: Value, names: readonly Buffer[]) => {
    let found: Value | undefined = element;
    for (const name of names) {
      if (found?.type !== bsonType.object) return undefined;
      found = field(found.buf, name, found.at);
    }
    return found;
  };
  return (a, b) => {
    for (const { names, descending } of fields) {
      const order = compareValues(pick(a, names), pick(b, names));
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}
