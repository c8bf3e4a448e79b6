/**
 * The operators that look at one value and hold no other filter: $size, $type, $mod, $regex, and the sets of $in. Read once,
 * refused with MongoDB's code when they are malformed.
 */
import { compareValues } from '../bson/compare.js';
import { bsonType, Elements, type Value } from '../bson/element.js';
import { asNumber, asString, typeByName } from '../bson/scalar.js';
import { MongoError } from '../errors.js';
import type { Filter, ValueSet } from './filter.js';
import type { Path } from './path.js';
import { plainPattern } from './plain-pattern.js';

export function truthOf(value: Value): boolean {
  if (value.type === bsonType.bool) return value.buf[value.at] === 1;
  const number = asNumber(value);
  if (number !== undefined) return number !== 0;
  return value.type !== bsonType.null && value.type !== bsonType.undefined;
}

export function valueSet(values: readonly Value[]): ValueSet {
  // Sorted when first asked: most sets become bounds and are never asked.
  let sorted: Value[] | undefined;
  return {
    hasNull: values.some((value) => value.type === bsonType.null),
    has(value) {
      sorted ??= [...values].sort(compareValues);
      let low = 0;
      let high = sorted.length - 1;
      while (low <= high) {
        const middle = (low + high) >> 1;
        const order = compareValues(sorted[middle], value);
        if (order === 0) return true;
        if (order < 0) low = middle + 1;
        else high = middle - 1;
      }
      return false;
    },
  };
}

function wholeNumber(operand: Value, what: string): number {
  const number = asNumber(operand);
  if (number === undefined || !Number.isInteger(number)) {
    throw new MongoError('BadValue', `Failed to parse ${what}. Expected an integer`);
  }
  return number;
}

export function sizeOf(path: Path, operand: Value): Filter {
  const size = wholeNumber(operand, '$size');
  if (size < 0) throw new MongoError('BadValue', 'Failed to parse $size. Expected a non-negative number');
  return {
    kind: 'test',
    path,
    elements: false,
    test(value) {
      if (value?.type !== bsonType.array) return false;
      const elements = new Elements(value.buf, value.at);
      let count = 0;
      while (elements.next()) count++;
      return count === size;
    },
  };
}

export function typeOf(path: Path, operand: Value): Filter {
  const types = new Set<number>();
  const add = (value: Value) => {
    const name = asString(value);
    if (name === 'number') {
      for (const type of [bsonType.int32, bsonType.int64, bsonType.double, bsonType.decimal128]) types.add(type);
      return;
    }
    if (name !== undefined) {
      const type = typeByName.get(name);
      if (type === undefined) throw new MongoError('BadValue', `Unknown type name alias: ${name}`);
      types.add(type);
      return;
    }
    const number = asNumber(value);
    if (number === undefined) throw new MongoError('TypeMismatch', 'type must be represented as a number or a string');
    const type = number === -1 ? bsonType.minKey : number;
    if (![...typeByName.values()].includes(type))
      throw new MongoError('BadValue', `Invalid numerical type code: ${number}`);
    types.add(type);
  };
  if (operand.type === bsonType.array) {
    const elements = new Elements(operand.buf, operand.at);
    while (elements.next()) add(elements.value());
  } else add(operand);
  return { kind: 'test', path, elements: true, test: (value) => value !== undefined && types.has(value.type) };
}

export function modOf(path: Path, operand: Value): Filter {
  if (operand.type !== bsonType.array) throw new MongoError('BadValue', 'malformed mod, needs to be an array');
  const numbers: number[] = [];
  const elements = new Elements(operand.buf, operand.at);
  while (elements.next()) numbers.push(Math.trunc(asNumber(elements.value()) ?? Number.NaN));
  const [divisor, remainder] = numbers;
  if (numbers.length !== 2 || divisor === undefined || remainder === undefined || numbers.some(Number.isNaN)) {
    throw new MongoError('BadValue', 'malformed mod, needs two numbers');
  }
  if (divisor === 0) throw new MongoError('BadValue', 'divisor cannot be 0');
  return {
    kind: 'test',
    path,
    elements: true,
    test(value) {
      const number = value === undefined ? undefined : asNumber(value);
      return number !== undefined && Number.isFinite(number) && Math.trunc(number) % divisor === remainder;
    },
  };
}

export function patternOf(operand: Value, siblings?: Value): { source: string; flags: string } {
  let source: string | undefined;
  let flags = '';
  if (operand.type === bsonType.regex) {
    const end = operand.buf.indexOf(0, operand.at);
    source = operand.buf.toString('utf8', operand.at, end);
    flags = operand.buf.toString('utf8', end + 1, operand.end - 1);
  } else source = asString(operand);
  if (source === undefined) throw new MongoError('BadValue', '$regex has to be a string');
  if (siblings) {
    const elements = new Elements(siblings.buf, siblings.at);
    while (elements.next()) if (elements.name() === '$options') flags = asString(elements.value()) ?? '';
  }
  return { source, flags };
}

export function regexOf(path: Path, pattern: { source: string; flags: string }): Filter {
  const found = plainPattern(pattern.source, pattern.flags);
  return {
    kind: 'test',
    path,
    elements: true,
    test(value) {
      const text = value === undefined ? undefined : asString(value);
      return text !== undefined && found(text);
    },
  };
}
