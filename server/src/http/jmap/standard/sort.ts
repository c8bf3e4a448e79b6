/** Comparators of /query (RFC 8620 5.5). */
import type { Comparator } from '@vaguemestre/shared/jmap/methods';
import { MethodError } from '../method.js';
import { isObject } from '../values.js';
import { type ArgumentReader, invalidArguments } from './arguments.js';

/** RFC 8620 2: what the session announces. Both are what Unicode-aware, case-insensitive comparison of people's words means. */
export const collationAlgorithms = ['i;unicode-casemap', 'i;ascii-casemap'] as const;

const maxComparators = 16;

export interface ParsedComparator extends Comparator {
  readonly isAscending: boolean;
  /** Members that the type adds, as `keyword` (RFC 8621 4.4.2). */
  readonly [member: string]: unknown;
}

/** MethodError invalidArguments, unsupportedSort. `extraMembers` are names a comparator may have beside the standard ones. */
export function readSort(
  args: ArgumentReader,
  properties: readonly string[],
  extraMembers: readonly string[] = [],
): readonly ParsedComparator[] {
  const sort = args.array('sort') ?? [];
  if (sort.length > maxComparators) throw new MethodError('unsupportedSort', 'There are too many comparators');
  return sort.map((each) => {
    const wrong = (why: string) => invalidArguments(`A comparator ${why}`, { arguments: ['sort'] });
    if (!isObject(each)) throw wrong('must be an object');
    const { property, isAscending = true, collation } = each;
    if (typeof property !== 'string') throw wrong('must name a property');
    if (typeof isAscending !== 'boolean') throw wrong('has a wrong isAscending');
    if (collation !== undefined && collation !== null && typeof collation !== 'string')
      throw wrong('has a wrong collation');
    const known = ['property', 'isAscending', 'collation', ...extraMembers];
    const unknown = Object.keys(each).find((name) => !known.includes(name));
    if (unknown !== undefined) throw wrong(`has no member ${unknown.slice(0, 100)}`);
    if (!properties.includes(property)) {
      throw new MethodError('unsupportedSort', `Sorting by ${property.slice(0, 100)} is not offered`);
    }
    if (typeof collation === 'string' && !(collationAlgorithms as readonly string[]).includes(collation)) {
      throw new MethodError('unsupportedSort', `There is no collation ${collation.slice(0, 100)}`);
    }
    const { collation: _collation, ...rest } = each;
    return { ...rest, property, isAscending, ...(typeof collation === 'string' ? { collation } : {}) };
  });
}

/** The first comparator that tells them apart decides. */
export function compareBy<T>(
  sort: readonly ParsedComparator[],
  compare: (property: string, a: T, b: T, comparator: ParsedComparator) => number,
): (a: T, b: T) => number {
  return (a, b) => {
    for (const comparator of sort) {
      const order = compare(comparator.property, a, b, comparator);
      if (order !== 0) return comparator.isAscending ? order : -order;
    }
    return 0;
  };
}
