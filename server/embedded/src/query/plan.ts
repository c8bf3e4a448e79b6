/**
 * How a filter is answered: which tree is read between which keys, in which direction, and what is left to test. Bounds are
 * never trusted alone: every condition that they do not express exactly stays in the residual filter.
 */

import { bsonType } from '../bson/element.js';
import type { Collection, Index } from '../engine/catalog.js';
import { collectionPrefix, indexPrefix } from '../engine/index-keys.js';
import { MongoError } from '../errors.js';
import { boundsOf, type Interval, intervalOf, turned, wholeTree } from './bounds.js';
import type { Filter } from './filter.js';

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
