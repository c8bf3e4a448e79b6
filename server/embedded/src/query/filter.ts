/**
 * Filters as a tree, and matching: `matches` runs over documents in place. What the parser cannot express here it refuses.
 */
import { compareValues, typeClass } from '../bson/compare.js';
import { bsonType, documentValue, Elements, type Value } from '../bson/element.js';
import { isNumber } from '../bson/scalar.js';
import { type Path, someAt } from './path.js';

export type CompareOperator = '$eq' | '$gt' | '$gte' | '$lt' | '$lte';

export type Filter =
  | { readonly kind: 'and' | 'or' | 'nor'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'compare'; readonly path: Path; readonly op: CompareOperator; readonly operand: Value }
  | { readonly kind: 'in'; readonly path: Path; readonly operands: readonly Value[]; readonly keys: ValueSet }
  | { readonly kind: 'exists'; readonly path: Path }
  /** Any other test of the value at a path; `elements`: the elements of an array at the end are tested too. */
  | {
      readonly kind: 'test';
      readonly path: Path;
      readonly elements: boolean;
      readonly test: (value: Value | undefined) => boolean;
    };

/** Values to look among, sorted: `$in` with thousands of values costs a binary search a document. */
export interface ValueSet {
  has(value: Value | undefined): boolean;
  readonly hasNull: boolean;
}

/** Whether the document (or array, with its positions as names) passes the filter. */
export function matches(filter: Filter, document: Value): boolean {
  switch (filter.kind) {
    case 'and':
      for (const part of filter.parts) if (!matches(part, document)) return false;
      return true;
    case 'or':
      for (const part of filter.parts) if (matches(part, document)) return true;
      return false;
    case 'nor':
      for (const part of filter.parts) if (matches(part, document)) return false;
      return true;
    case 'not':
      return !matches(filter.part, document);
    default:
      return someAt(document, filter.path, (value) => leafMatches(filter, value, true));
  }
}

export function matchesBytes(filter: Filter, document: Buffer): boolean {
  return matches(filter, documentValue(document));
}

/** The same over one value in place of a document: elements of arrays under $elemMatch and $pull. */
export function matchesValue(filter: Filter, value: Value): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => matchesValue(part, value));
    case 'or':
      return filter.parts.some((part) => matchesValue(part, value));
    case 'nor':
      return !filter.parts.some((part) => matchesValue(part, value));
    case 'not':
      return !matchesValue(filter.part, value);
    default:
      return leafMatches(filter, value, true);
  }
}

type Leaf = Extract<Filter, { path: Path }>;

function leafMatches(leaf: Leaf, value: Value | undefined, expand: boolean): boolean {
  switch (leaf.kind) {
    case 'exists':
      return value !== undefined;
    case 'compare':
      if (comparesTo(value, leaf.op, leaf.operand)) return true;
      break;
    case 'in':
      if (leaf.keys.has(value)) return true;
      break;
    case 'test':
      if (leaf.test(value)) return true;
      if (!leaf.elements) return false;
      break;
  }
  if (!expand || value?.type !== bsonType.array) return false;
  const elements = new Elements(value.buf, value.at);
  while (elements.next()) if (leafMatches(leaf, elements.value(), false)) return true;
  return false;
}

/** Comparison operators hold between values of one class of types only, but for MinKey and MaxKey. */
function comparesTo(value: Value | undefined, op: CompareOperator, operand: Value): boolean {
  const operandClass = typeClass(operand.type);
  const valueClass = value === undefined ? typeClass(bsonType.null) : typeClass(value.type);
  if (valueClass !== operandClass) {
    if (op === '$eq' || (operand.type !== bsonType.minKey && operand.type !== bsonType.maxKey)) return false;
    return op === '$gt' || op === '$gte' ? valueClass > operandClass : valueClass < operandClass;
  }
  if (value !== undefined && isNumber(value.type) && (isNan(value) || isNan(operand))) {
    return op !== '$gt' && op !== '$lt' && isNan(value) && isNan(operand);
  }
  const order = compareValues(value, operand);
  switch (op) {
    case '$eq':
      return order === 0;
    case '$gt':
      return order > 0;
    case '$gte':
      return order >= 0;
    case '$lt':
      return order < 0;
    case '$lte':
      return order <= 0;
  }
}

function isNan(value: Value): boolean {
  return value.type === bsonType.double && Number.isNaN(value.buf.readDoubleLE(value.at));
}
