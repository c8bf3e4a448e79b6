/**
 * Conditions on one field as ranges of keys. A range may let through more than its condition (the residual filter tests
 * again), never less; which conditions it stands for exactly is said beside it.
 */
import { typeClass } from '../bson/compare.js';
import { bsonType, type Value } from '../bson/element.js';
import { encodeKey } from '../bson/encode-key.js';
import type { CompareOperator, Filter } from './filter.js';

/** Keys from `from` (included) to `to` (excluded). `point`: exactly the document with the key `from`, whatever `to` is. */
export interface Interval {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly point: boolean;
}

/** Bounds of one field in the space of its keys, ascending. A bound of one byte is the class of a type, with all its values. */
export interface Bound {
  readonly low: Buffer;
  readonly lowOpen: boolean;
  readonly high: Buffer;
  readonly highOpen: boolean;
}

export interface FieldBounds {
  readonly bounds: readonly Bound[];
  readonly points: boolean;
  /** The conditions that the bounds stand for exactly. */
  readonly exact: readonly Filter[];
}

const ff = Buffer.from([0xff]);

export function wholeTree(prefix: Buffer): Interval {
  return { from: prefix, to: Buffer.concat([prefix, ff]), point: false };
}

export function turned(bytes: Buffer, descending: boolean): Buffer {
  return descending ? Buffer.from(bytes.map((byte) => ~byte & 0xff)) : bytes;
}

/**
 * Places around keys. What follows a whole value is a class byte, turned or not, which is neither below 08 nor above F7. So `x FF` is behind
 * the value `x` and whatever follows it, and before all values above. A text that goes on with a NUL where `x` ends, which sorts
 * above it, has FF there, and 00 when turned: turned, `x` begins at `x 01`. What follows a class alone may be any byte.
 */
const first = Buffer.from([0x01]);

function before(key: Buffer, descending: boolean): Buffer {
  return descending && key.length > 1 ? Buffer.concat([turned(key, true), first]) : turned(key, descending);
}

function behind(key: Buffer, descending: boolean): Buffer {
  const place = turned(key, descending);
  return key.length > 1 ? Buffer.concat([place, ff]) : Buffer.from([place[0]! + 1]);
}

export function intervalOf(stem: Buffer, bound: Bound, descending: boolean, whole: boolean): Interval {
  const { low, lowOpen, high, highOpen } = bound;
  if (whole && !lowOpen && !highOpen && low === high) {
    const from = Buffer.concat([stem, low]);
    return { from, to: from, point: true };
  }
  const place = (key: Buffer, isBehind: boolean): Buffer =>
    Buffer.concat([stem, (isBehind ? behind : before)(key, descending)]);
  return descending
    ? { from: place(high, highOpen), to: place(low, !lowOpen), point: false }
    : { from: place(low, lowOpen), to: place(high, !highOpen), point: false };
}

/** Types whose keys order exactly as their comparison operators do; numbers but for NaN, so they stay in the residual. */
function isExact(type: number): boolean {
  return type === bsonType.string || type === bsonType.objectId || type === bsonType.bool || type === bsonType.date;
}

export function boundsOf(path: string, conjuncts: readonly Filter[], multikey: boolean): FieldBounds | undefined {
  let current: FieldBounds | undefined;
  for (const part of conjuncts) {
    if (!('path' in part) || part.path.text !== path) continue;
    const next = part.kind === 'compare' ? compareBounds(part) : part.kind === 'in' ? inBounds(part) : undefined;
    if (next === undefined) continue;
    if (current === undefined) current = next;
    else if (multikey) {
      // Two conditions may hold for two different elements: only one of them may narrow the search.
      if (next.points && !current.points) current = next;
    } else current = intersect(current, next);
  }
  return current;
}

function compareBounds(part: Extract<Filter, { kind: 'compare' }>): FieldBounds | undefined {
  const { op, operand } = part;
  if (!isIndexable(operand.type)) return undefined;
  const key = encodeKey([operand]);
  if (op === '$eq') return { bounds: [pointAt(key)], points: true, exact: isExact(operand.type) ? [part] : [] };
  const exact = isExact(operand.type) ? [part] : [];
  return { bounds: [rangeOf(op, key, operand)], points: false, exact };
}

function rangeOf(op: Exclude<CompareOperator, '$eq'>, key: Buffer, operand: Value): Bound {
  const ownClass = Buffer.from([typeClass(operand.type)]);
  switch (op) {
    case '$gt':
      return { low: key, lowOpen: true, high: ownClass, highOpen: false };
    case '$gte':
      return { low: key, lowOpen: false, high: ownClass, highOpen: false };
    case '$lt':
      return { low: ownClass, lowOpen: false, high: key, highOpen: true };
    case '$lte':
      return { low: ownClass, lowOpen: false, high: key, highOpen: false };
  }
}

function pointAt(key: Buffer): Bound {
  return { low: key, lowOpen: false, high: key, highOpen: false };
}

/** Arrays are indexed by their elements, decimals not at all, and MinKey and MaxKey compare with every class. */
function isIndexable(type: number): boolean {
  return (
    type !== bsonType.array &&
    type !== bsonType.decimal128 &&
    type !== bsonType.minKey &&
    type !== bsonType.maxKey &&
    type !== bsonType.regex &&
    type !== bsonType.object &&
    type !== bsonType.codeWithScope &&
    type !== bsonType.dbPointer &&
    type !== bsonType.undefined
  );
}

function inBounds(part: Extract<Filter, { kind: 'in' }>): FieldBounds | undefined {
  if (!part.operands.every((operand) => isIndexable(operand.type))) return undefined;
  const keys = part.operands.map((operand) => encodeKey([operand])).sort(Buffer.compare);
  const bounds = keys.filter((key, i) => i === 0 || !key.equals(keys[i - 1]!)).map(pointAt);
  const exact = part.operands.every((operand) => isExact(operand.type)) ? [part] : [];
  return { bounds, points: true, exact };
}

function intersect(a: FieldBounds, b: FieldBounds): FieldBounds {
  const exact = [...a.exact, ...b.exact];
  if (!a.points && b.points) return intersect(b, a);
  if (a.points) {
    const bounds = a.bounds.filter(({ low }) => b.bounds.some((bound) => contains(bound, low)));
    return { bounds, points: true, exact };
  }
  const left = a.bounds[0];
  const right = b.bounds[0];
  if (left === undefined || right === undefined) return { bounds: [], points: false, exact };
  const low = atLeast(left, right) ? left : right;
  const high = atMost(left, right) ? left : right;
  const bound = { low: low.low, lowOpen: low.lowOpen, high: high.high, highOpen: high.highOpen };
  return { bounds: isEmpty(bound) ? [] : [bound], points: false, exact };
}

/** The place of a bound as a key: an open low and a closed high are behind everything that begins with it. */
function lowPlace({ low, lowOpen }: Bound): Buffer {
  return lowOpen ? behind(low, false) : low;
}

function highPlace({ high, highOpen }: Bound): Buffer {
  return highOpen ? high : behind(high, false);
}

function atLeast(a: Bound, b: Bound): boolean {
  return Buffer.compare(lowPlace(a), lowPlace(b)) >= 0;
}

function atMost(a: Bound, b: Bound): boolean {
  return Buffer.compare(highPlace(a), highPlace(b)) <= 0;
}

function isEmpty(bound: Bound): boolean {
  return Buffer.compare(lowPlace(bound), highPlace(bound)) >= 0;
}

function contains(bound: Bound, key: Buffer): boolean {
  return Buffer.compare(lowPlace(bound), key) <= 0 && Buffer.compare(key, highPlace(bound)) < 0;
}
