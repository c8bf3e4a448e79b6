/**
 * /query and /queryChanges (RFC 8620 5.5, 5.6) for any type.
 *
 * A type gives the whole sorted list of ids (`results`), as an array or as anything that can be indexed; the window of it
 * (position, anchor, limit) is taken here. What depends on more than the list (the filter's and the sort's meaning) is the type's:
 * `parse` reads filter, sort and its own arguments once for both methods.
 */
import { type JmapMethod, type JsonObject, type MethodContext, MethodError } from '../method.js';
import { type ArgumentReader, readArguments } from './arguments.js';
import { readMaxChanges } from './changes.js';
import { realId } from './get.js';

/** The ids that match, in order. */
export interface IdList {
  readonly length: number;
  at(index: number): string;
  /** -1: not among them. */
  indexOf(id: string): number;
}

export function idList(ids: readonly string[]): IdList {
  return { length: ids.length, at: (index) => ids[index]!, indexOf: (id) => ids.indexOf(id) };
}

export interface QueryResults {
  readonly queryState: string;
  readonly canCalculateChanges: boolean;
  readonly ids: IdList;
}

export interface QueryDelta {
  readonly newQueryState: string;
  readonly total: number;
  /** Each once. */
  readonly removed: readonly string[];
  /** Ascending by index. */
  readonly added: readonly { readonly id: string; readonly index: number }[];
}

export interface QueryType<Q> {
  readonly name: string;
  readonly capability: string;
  /** Ids of one answer at most; undefined: no limit. */
  readonly maxLimit?: number;
  /** Reads `filter`, `sort` and what the type adds. MethodError invalidArguments, unsupportedFilter, unsupportedSort. */
  parse(args: ArgumentReader, context: MethodContext): Q;
  /** `first`: no more than so many ids are looked at, and their number is not told; undefined: all. */
  results(query: Q, context: MethodContext, first: number | undefined): QueryResults | Promise<QueryResults>;
}

export interface QueryChangesType<Q> extends Omit<QueryType<Q>, 'results'> {
  /** MethodError cannotCalculateChanges. */
  delta(
    query: Q,
    since: { readonly state: string; readonly upToId: string | undefined },
    context: MethodContext,
  ): QueryDelta | Promise<QueryDelta>;
}

export function queryMethod<Q>(type: QueryType<Q>): JmapMethod {
  return {
    name: `${type.name}/query`,
    capability: type.capability,
    async run(rawArguments, context) {
      const args = readArguments(rawArguments);
      const query = type.parse(args, context);
      const position = args.int('position', 0);
      const anchor = args.optionalString('anchor');
      const anchorOffset = args.int('anchorOffset', 0);
      const limit = args.unsignedInt('limit');
      const calculateTotal = args.boolean('calculateTotal', false);
      args.done();
      const max = Math.min(limit ?? Number.POSITIVE_INFINITY, type.maxLimit ?? Number.POSITIVE_INFINITY);
      const isBeginning = anchor === undefined && position >= 0 && Number.isFinite(max) && !calculateTotal;
      const first = isBeginning ? position + max : undefined;
      const { ids, queryState, canCalculateChanges } = await type.results(query, context, first);
      const start = startOf(ids, { position, anchor, anchorOffset }, context);
      const end = Math.min(ids.length, start + max);
      const window: string[] = [];
      for (let i = start; i < end; i++) window.push(ids.at(i));
      return {
        response: {
          accountId: args.accountId,
          queryState,
          canCalculateChanges,
          position: start,
          ids: window,
          ...(calculateTotal ? { total: ids.length } : {}),
          // RFC 8620 5.5: only if it is another one than the client's.
          ...(max !== limit && Number.isFinite(max) ? { limit: max } : {}),
        },
      };
    },
  };
}

function startOf(
  ids: IdList,
  from: { readonly position: number; readonly anchor: string | undefined; readonly anchorOffset: number },
  context: MethodContext,
): number {
  if (from.anchor !== undefined) {
    const index = ids.indexOf(realId(from.anchor, context.createdIds));
    if (index < 0) throw new MethodError('anchorNotFound', 'The anchor is not among the results');
    return Math.max(0, index + from.anchorOffset);
  }
  return from.position < 0 ? Math.max(0, ids.length + from.position) : from.position;
}

export function queryChangesMethod<Q>(type: QueryChangesType<Q>): JmapMethod {
  return {
    name: `${type.name}/queryChanges`,
    capability: type.capability,
    async run(rawArguments, context) {
      const args = readArguments(rawArguments);
      const query = type.parse(args, context);
      const oldQueryState = args.string('sinceQueryState');
      const maxChanges = readMaxChanges(args);
      const upToId = args.optionalString('upToId');
      const calculateTotal = args.boolean('calculateTotal', false);
      args.done();
      const delta = await type.delta(query, { state: oldQueryState, upToId }, context);
      if (maxChanges !== undefined && delta.removed.length + delta.added.length > maxChanges) {
        throw new MethodError('tooManyChanges', `There are more than ${maxChanges} changes`);
      }
      const response: JsonObject = {
        accountId: args.accountId,
        oldQueryState,
        newQueryState: delta.newQueryState,
        ...(calculateTotal ? { total: delta.total } : {}),
        removed: delta.removed,
        added: delta.added,
      };
      return { response };
    },
  };
}

/**
 * The delta when all that may have changed is known: every such id is taken out, and put back where it now is. Right for any
 * filter and sort in which the order of two objects depends on these two alone.
 */
export function deltaOfChanged(
  now: readonly string[],
  changed: ReadonlySet<string>,
): Pick<QueryDelta, 'removed' | 'added' | 'total'> {
  const added: { id: string; index: number }[] = [];
  now.forEach((id, index) => {
    if (changed.has(id)) added.push({ id, index });
  });
  return { removed: [...changed], added, total: now.length };
}
