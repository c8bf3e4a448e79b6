/**
 * Filters of /query (RFC 8620 5.5): operators nested within limits, conditions whose properties have the type that the object
 * type says. What it parses is safe to evaluate without another look at types.
 */
import { maxJmapFilterConditions } from '../../../kernel/limits.js';
import { type JsonObject, MethodError } from '../method.js';
import { isObject } from '../values.js';
import { invalidArguments } from './arguments.js';

/** Property of a condition to what its values must be. */
export type ConditionTypes = Readonly<Record<string, (value: unknown) => boolean>>;

export type ParsedFilter<C> =
  | { readonly operator: 'AND' | 'OR' | 'NOT'; readonly conditions: readonly ParsedFilter<C>[] }
  | { readonly operator: 'is'; readonly condition: C };

/** Deeper than people search; recursion over it is then safe. */
const maxNesting = 32;

/** undefined: everything. MethodError invalidArguments, unsupportedFilter. */
export function parseFilter<C>(filter: unknown, types: ConditionTypes): ParsedFilter<C> | undefined {
  if (filter === undefined || filter === null) return undefined;
  let left = maxJmapFilterConditions;
  const parse = (value: unknown, depth: number): ParsedFilter<C> => {
    if (!isObject(value)) throw invalidArguments('A filter must be an object', { arguments: ['filter'] });
    left -= 1;
    if (left < 0 || depth > maxNesting) throw new MethodError('unsupportedFilter', 'The filter is too large');
    if (!Object.hasOwn(value, 'operator')) return { operator: 'is', condition: checked(value, types) as C };
    const { operator, conditions, ...rest } = value;
    if (operator !== 'AND' && operator !== 'OR' && operator !== 'NOT') {
      throw invalidArguments('The operator of a filter must be AND, OR or NOT', { arguments: ['filter'] });
    }
    if (!Array.isArray(conditions) || Object.keys(rest).length > 0) {
      throw invalidArguments('A filter operator has an operator and conditions', { arguments: ['filter'] });
    }
    return { operator, conditions: conditions.map((each) => parse(each, depth + 1)) };
  };
  return parse(filter, 0);
}

function checked(condition: JsonObject, types: ConditionTypes): JsonObject {
  for (const [name, value] of Object.entries(condition)) {
    const is = Object.hasOwn(types, name) ? types[name] : undefined;
    if (is === undefined) {
      throw new MethodError('unsupportedFilter', `There is no filter by ${name.slice(0, 100)}`, {
        arguments: ['filter'],
      });
    }
    if (!is(value)) throw invalidArguments(`The filter by ${name} has a wrong value`, { arguments: ['filter'] });
  }
  return condition;
}

/** RFC 8620 5.5: NOT is that none of its conditions match. */
export function matchesFilter<C>(filter: ParsedFilter<C> | undefined, matches: (condition: C) => boolean): boolean {
  if (filter === undefined) return true;
  switch (filter.operator) {
    case 'is':
      return matches(filter.condition);
    case 'AND':
      return filter.conditions.every((each) => matchesFilter(each, matches));
    case 'OR':
      return filter.conditions.some((each) => matchesFilter(each, matches));
    case 'NOT':
      return !filter.conditions.some((each) => matchesFilter(each, matches));
  }
}
