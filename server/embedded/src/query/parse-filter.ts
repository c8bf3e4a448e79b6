/**
 * Filters read from a command, once, into the tree that the planner reads for bounds and that is matched with documents.
 * What MongoDB refuses is refused with its code; what MongoDB knows and this server does not ($where, $text, $regex beyond
 * plain text, geo, $expr, $jsonSchema) is refused as well, never ignored.
 */
import { bsonType, Elements, type Value } from '../bson/element.js';
import { MongoError } from '../errors.js';
import { type CompareOperator, type Filter, matches, matchesValue } from './filter.js';
import { type Path, parsePath } from './path.js';
import { modOf, patternOf, regexOf, sizeOf, truthOf, typeOf, valueSet } from './value-tests.js';

const maxFilterDepth = 100; // deeper nesting of $and/$or/$not would overflow the stack (MongoDB refuses it too)

export function parseFilter(value: Value | undefined, depth = 0): Filter {
  if (value === undefined) return { kind: 'and', parts: [] };
  if (depth > maxFilterDepth) throw new MongoError('BadValue', 'filter is nested too deeply');
  const parts: Filter[] = [];
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) {
    const name = elements.name();
    if (name.startsWith('$')) {
      const part = parseTopLevel(name, elements.value(), depth);
      if (part) parts.push(part);
    } else parts.push(...parseField(parsePath(name), elements.value(), depth));
  }
  return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
}

function parseTopLevel(name: string, value: Value, depth: number): Filter | undefined {
  switch (name) {
    case '$and':
    case '$or':
    case '$nor': {
      if (value.type !== bsonType.array) throw new MongoError('BadValue', `${name} argument must be an array`);
      const parts: Filter[] = [];
      const elements = new Elements(value.buf, value.at);
      while (elements.next()) {
        if (elements.type !== bsonType.object) {
          throw new MongoError('BadValue', `${name} argument's entries must be objects`);
        }
        parts.push(parseFilter(elements.value(), depth + 1));
      }
      if (parts.length === 0) throw new MongoError('BadValue', `${name} argument must be a non-empty array`);
      const kind = name === '$and' ? 'and' : name === '$or' ? 'or' : 'nor';
      return { kind, parts };
    }
    case '$comment':
      return undefined;
    case '$where':
    case '$text':
    case '$expr':
    case '$jsonSchema':
    case '$sampleRate':
      throw new MongoError('BadValue', `${name} is not supported by this server`);
    default:
      throw new MongoError('BadValue', `unknown top level operator: ${name}`);
  }
}

function isOperatorDocument(value: Value): boolean {
  if (value.type !== bsonType.object) return false;
  const elements = new Elements(value.buf, value.at);
  if (!elements.next()) return false;
  const name = elements.name();
  return name.startsWith('$') && name !== '$ref' && name !== '$id' && name !== '$db';
}

function parseField(path: Path, value: Value, depth: number): Filter[] {
  if (value.type === bsonType.regex) return [regexOf(path, patternOf(value))];
  if (!isOperatorDocument(value)) return [compareWith(path, '$eq', value)];
  return parseOperators(path, value, depth);
}

function parseOperators(path: Path, value: Value, depth: number): Filter[] {
  if (depth > maxFilterDepth) throw new MongoError('BadValue', 'filter is nested too deeply');
  const parts: Filter[] = [];
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) {
    const name = elements.name();
    const operand = elements.value();
    switch (name) {
      case '$eq':
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte':
        parts.push(compareWith(path, name, operand));
        break;
      case '$ne':
        parts.push({ kind: 'not', part: compareWith(path, '$eq', operand) });
        break;
      case '$in':
        parts.push(oneOf(path, operand, name));
        break;
      case '$nin':
        parts.push({ kind: 'not', part: oneOf(path, operand, name) });
        break;
      case '$exists': {
        const exists: Filter = { kind: 'exists', path };
        parts.push(truthOf(operand) ? exists : { kind: 'not', part: exists });
        break;
      }
      case '$not':
        parts.push({ kind: 'not', part: negated(path, operand, depth) });
        break;
      case '$size':
        parts.push(sizeOf(path, operand));
        break;
      case '$all':
        parts.push(allOf(path, operand, depth));
        break;
      case '$elemMatch':
        parts.push(elementOf(path, operand, depth));
        break;
      case '$type':
        parts.push(typeOf(path, operand));
        break;
      case '$mod':
        parts.push(modOf(path, operand));
        break;
      case '$regex':
        parts.push(regexOf(path, patternOf(operand, value)));
        break;
      case '$options':
        if (!hasOperator(value, '$regex')) throw new MongoError('BadValue', '$options needs a $regex');
        break;
      case '$comment':
        break;
      default:
        throw new MongoError('BadValue', `unknown operator: ${name}`);
    }
  }
  return parts;
}

function hasOperator(value: Value, name: string): boolean {
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) if (elements.name() === name) return true;
  return false;
}

function compareWith(path: Path, op: CompareOperator, operand: Value): Filter {
  if (operand.type === bsonType.undefined) throw new MongoError('BadValue', 'cannot compare to undefined');
  if (operand.type === bsonType.regex && op !== '$eq') {
    throw new MongoError('BadValue', `Can't have RegEx as arg to predicate over field '${path.text}'.`);
  }
  return { kind: 'compare', path, op, operand };
}

function oneOf(path: Path, operand: Value, name: string): Filter {
  if (operand.type !== bsonType.array) throw new MongoError('BadValue', `${name} needs an array`);
  const operands: Value[] = [];
  const elements = new Elements(operand.buf, operand.at);
  while (elements.next()) {
    if (elements.type === bsonType.regex) {
      throw new MongoError('BadValue', `a regular expression in ${name} is not supported by this server`);
    }
    const item = elements.value();
    if (isOperatorDocument(item)) throw new MongoError('BadValue', `cannot nest $ under ${name}`);
    operands.push(item);
  }
  return { kind: 'in', path, operands, keys: valueSet(operands) };
}

function negated(path: Path, operand: Value, depth: number): Filter {
  if (operand.type === bsonType.regex) return regexOf(path, patternOf(operand));
  if (operand.type !== bsonType.object) throw new MongoError('BadValue', '$not needs a regex or a document');
  const parts = parseOperators(path, operand, depth + 1);
  if (parts.length === 0) throw new MongoError('BadValue', '$not cannot be empty');
  return { kind: 'and', parts };
}

function allOf(path: Path, operand: Value, depth: number): Filter {
  if (operand.type !== bsonType.array) throw new MongoError('BadValue', '$all needs an array');
  const parts: Filter[] = [];
  const elements = new Elements(operand.buf, operand.at);
  while (elements.next()) {
    const item = elements.value();
    if (item.type === bsonType.regex) parts.push(regexOf(path, patternOf(item)));
    else if (isOperatorDocument(item)) {
      const inner = new Elements(item.buf, item.at);
      inner.next();
      if (inner.name() !== '$elemMatch') throw new MongoError('BadValue', 'no $ expressions in $all');
      parts.push(elementOf(path, inner.value(), depth));
    } else parts.push(compareWith(path, '$eq', item));
  }
  if (parts.length === 0) return { kind: 'test', path, elements: false, test: () => false };
  return { kind: 'and', parts };
}

const elementPath = parsePath('element');

function elementOf(path: Path, operand: Value, depth: number): Filter {
  if (operand.type !== bsonType.object) throw new MongoError('BadValue', '$elemMatch needs an Object');
  const plain = isOperatorDocument(operand) && !isLogical(operand);
  let test: (value: Value) => boolean;
  if (plain) {
    const filter: Filter = { kind: 'and', parts: parseOperators(elementPath, operand, depth + 1) };
    test = (value) => matchesValue(filter, value);
  } else {
    const filter = parseFilter(operand, depth + 1);
    test = (value) => (value.type === bsonType.object || value.type === bsonType.array) && matches(filter, value);
  }
  return {
    kind: 'test',
    path,
    elements: false,
    test(value) {
      if (value?.type !== bsonType.array) return false;
      const elements = new Elements(value.buf, value.at);
      while (elements.next()) if (test(elements.value())) return true;
      return false;
    },
  };
}

function isLogical(value: Value): boolean {
  const elements = new Elements(value.buf, value.at);
  elements.next();
  const name = elements.name();
  return name === '$and' || name === '$or' || name === '$nor';
}
