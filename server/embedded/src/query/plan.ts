/**
 * How a filter is answered: which tree is read between which keys, in which direction, and what is left to test. Bounds are
 * never trusted alone: every condition that they do not express exactly stays in the residual filter.
 */

import { typeClass } from '../bson/compare.js';
import { bsonType, type Value } from '../bson/element.js';
import { encodeKey } from '../bson/encode-key.js';
import type { Collection, Index } from '../engine/catalog.js';
import { indexPrefix } from '../engine/index-keys.js';
import { MongoError } from '../errors.js';
import type { CompareOperator, Filter } from './filter.js';

/** Keys from `from` (included) to `to` (excluded). `point`: exactly the document with the key `from`, whatever `to` is. */
export interface Interval {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly point: boolean;
}

export interface SortField {
  readonly path: string;
  readonly descending: boolean;
}

export interface Plan {
  /** The index to read; without one the documents in the order of `_id`. */
  readonly index: Index | undefined;
  /** In key order, without overlap. */
  readonly intervals: readonly Interval[];
  readonly reverse: boolean;
  /** The order of reading is the order asked for. */
  readonly sorted: boolean;
  readonly residual: Filter;
}

/** The plan of documents that are at hand already: nothing to read, filter or sort. */
export const readAll = {
  plan: { index: undefined, intervals: [], reverse: false, sorted: true, residual: { kind: 'and', parts: [] } },
  sort: [],
  skip: 0,
  limit: 0,
  projection: undefined,
} as const;

export type Hint =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'key'; readonly fields: SortField[] };

interface Access {
  readonly index: Index | undefined;
  readonly fields: readonly { readonly path: string; readonly descending: boolean }[];
  readonly multikey: boolean;
}

/** Bounds of one field in the space of its keys, ascending. */
interface Bound {
  readonly low: Buffer;
  readonly lowOpen: boolean;
  readonly high: Buffer;
  readonly highOpen: boolean;
}

interface FieldBounds {
  readonly bounds: readonly Bound[];
  readonly points: boolean;
  /** The conditions that the bounds stand for exactly. */
  readonly exact: readonly Filter[];
}

/** More combinations of `$in` values than this are tested instead of looked up. */
const maxIntervals = 20_000;

export function planQuery(collection: Collection, filter: Filter, sort: readonly SortField[], hint?: Hint): Plan {
  const conjuncts = conjunctsOf(filter);
  const byId: Access = { index: undefined, fields: idFields, multikey: false };
  if (!hint) {
    const plan = planAccess(collection, byId, conjuncts, sort);
    // Nothing is better than single documents by _id.
    if (plan.score >= uniqueScore) return plan.plan;
  }
  const all: Access[] = [
    byId,
    ...collection.indexes
      .filter(({ ready }) => ready)
      .map((index) => ({
        index,
        fields: index.fields.map(({ path, descending }) => ({ path: path.text, descending })),
        multikey: index.multikey,
      })),
  ];
  if (hint) {
    if (hint.kind === 'key' && hint.fields.length === 1 && hint.fields[0]!.path === '$natural') {
      return { ...wholeCollection(collection, filter), reverse: hint.fields[0]!.descending };
    }
    const access = all.find((candidate) => matchesHint(candidate, hint));
    if (!access) {
      throw new MongoError(
        'BadValue',
        'error processing query: planner returned error :: caused by :: hint provided does not correspond to an existing index',
      );
    }
    return planAccess(collection, access, conjuncts, sort).plan;
  }
  let best: { plan: Plan; score: number } | undefined;
  for (const access of all) {
    if (access.index?.sparse && !guaranteesPresence(access, conjuncts)) continue;
    const candidate = planAccess(collection, access, conjuncts, sort);
    if (best === undefined || candidate.score > best.score) best = candidate;
  }
  return best!.plan;
}

const idFields = [{ path: '_id', descending: false }] as const;
const uniqueScore = 100;

function wholeCollection(collection: Collection, filter: Filter): Plan {
  return {
    index: undefined,
    intervals: [wholeTree(collectionPrefix(collection))],
    reverse: false,
    sorted: false,
    residual: filter,
  };
}

function matchesHint(access: Access, hint: Hint): boolean {
  if (hint.kind === 'name') return (access.index?.name ?? '_id_') === hint.name;
  return (
    access.fields.length === hint.fields.length &&
    access.fields.every(
      ({ path, descending }, i) => hint.fields[i]!.path === path && hint.fields[i]!.descending === descending,
    )
  );
}

function conjunctsOf(filter: Filter): Filter[] {
  if (filter.kind !== 'and') return [filter];
  return filter.parts.flatMap(conjunctsOf);
}

/** A sparse index lacks the documents without its fields: it serves only filters that want one of them there. */
function guaranteesPresence(access: Access, conjuncts: readonly Filter[]): boolean {
  return conjuncts.some((part) => {
    if (!('path' in part) || !access.fields.some(({ path }) => path === part.path.text)) return false;
    if (part.kind === 'exists') return true;
    if (part.kind === 'compare') return part.operand.type !== bsonType.null;
    return part.kind === 'in' && !part.keys.hasNull;
  });
}

function collectionPrefix(collection: Collection): Buffer {
  const prefix = Buffer.allocUnsafe(4);
  prefix.writeUInt32BE(collection.id);
  return prefix;
}

function planAccess(
  collection: Collection,
  access: Access,
  conjuncts: readonly Filter[],
  sort: readonly SortField[],
): { plan: Plan; score: number } {
  const prefix = access.index ? indexPrefix(access.index) : collectionPrefix(collection);
  let intervals: Interval[] = [wholeTree(prefix)];
  const exact = new Set<Filter>();
  let pointFields = 0;
  let ranged = false;
  let singlePoints = 0;
  let stems: Buffer[] = [prefix];
  for (const [position, { path, descending }] of access.fields.entries()) {
    const found = boundsOf(path, conjuncts, access.multikey);
    if (found === undefined || stems.length * found.bounds.length > maxIntervals) break;
    const whole = access.index === undefined && position === access.fields.length - 1;
    intervals = stems.flatMap((stem) => found.bounds.map((bound) => intervalOf(stem, bound, descending, whole)));
    if (!access.multikey) for (const part of found.exact) exact.add(part);
    if (!found.points) {
      ranged = true;
      break;
    }
    pointFields++;
    if (singlePoints === position && found.bounds.length === 1) singlePoints++;
    stems = stems.flatMap((stem) => found.bounds.map(({ low }) => Buffer.concat([stem, turned(low, descending)])));
  }
  intervals.sort((a, b) => Buffer.compare(a.from, b.from));
  const order = access.multikey ? undefined : orderOf(access, sort, singlePoints);
  const residual: Filter = { kind: 'and', parts: conjuncts.filter((part) => !exact.has(part)) };
  const unique = access.index === undefined || access.index.unique;
  const bounded = pointFields > 0 || ranged;
  const score =
    pointFields * 10 +
    (ranged ? 5 : 0) +
    (unique && pointFields === access.fields.length ? uniqueScore : 0) +
    (sort.length > 0 && order !== undefined ? 4 : 0) +
    // Reading documents in place is cheaper than by way of an index.
    (access.index === undefined ? (bounded ? 2 : 1) : bounded || order !== undefined ? 0 : -1);
  return {
    plan: {
      index: access.index,
      intervals,
      reverse: order === 'reverse',
      sorted: sort.length === 0 || order !== undefined,
      residual,
    },
    score,
  };
}

/** Whether reading gives the order of `sort`; fields held to one value take no part in it. */
function orderOf(access: Access, sort: readonly SortField[], singlePoints: number): 'forward' | 'reverse' | undefined {
  if (sort.length === 0) return 'forward';
  const fixed = new Set(access.fields.slice(0, singlePoints).map(({ path }) => path));
  const wanted = sort.filter(({ path }) => !fixed.has(path));
  if (wanted.length === 0) return 'forward';
  let at = singlePoints;
  let reverse: boolean | undefined;
  for (const { path, descending } of wanted) {
    let own = access.fields[at];
    // Entries of an index with equal values are in the order of _id.
    if (own === undefined && at === access.fields.length && access.index !== undefined)
      own = { path: '_id', descending: false };
    if (own?.path !== path) return undefined;
    const turn = own.descending !== descending;
    if (reverse !== undefined && reverse !== turn) return undefined;
    reverse = turn;
    at++;
  }
  return reverse ? 'reverse' : 'forward';
}

const ff = Buffer.from([0xff]);

function wholeTree(prefix: Buffer): Interval {
  return { from: prefix, to: Buffer.concat([prefix, ff]), point: false };
}

function turned(bytes: Buffer, descending: boolean): Buffer {
  return descending ? Buffer.from(bytes.map((byte) => ~byte & 0xff)) : bytes;
}

/** No value begins with FF, so `x FF` is behind all keys that begin with `x` and before all others above it. */
function intervalOf(stem: Buffer, bound: Bound, descending: boolean, whole: boolean): Interval {
  const { low, lowOpen, high, highOpen } = bound;
  if (whole && !lowOpen && !highOpen && low === high) {
    const from = Buffer.concat([stem, low]);
    return { from, to: from, point: true };
  }
  if (descending) {
    const from = turned(high, true);
    const to = turned(low, true);
    return {
      from: Buffer.concat(highOpen ? [stem, from, ff] : [stem, from]),
      to: Buffer.concat(lowOpen ? [stem, to] : [stem, to, ff]),
      point: false,
    };
  }
  return {
    from: Buffer.concat(lowOpen ? [stem, low, ff] : [stem, low]),
    to: Buffer.concat(highOpen ? [stem, high] : [stem, high, ff]),
    point: false,
  };
}

/** Types whose keys order exactly as their comparison operators do; numbers but for NaN, so they stay in the residual. */
function isExact(type: number): boolean {
  return type === bsonType.string || type === bsonType.objectId || type === bsonType.bool || type === bsonType.date;
}

function boundsOf(path: string, conjuncts: readonly Filter[], multikey: boolean): FieldBounds | undefined {
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
  return lowOpen ? Buffer.concat([low, ff]) : low;
}

function highPlace({ high, highOpen }: Bound): Buffer {
  return highOpen ? high : Buffer.concat([high, ff]);
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
