/**
 * Quota/get, changes, query, queryChanges (RFC 9425): one quota, what the account may hold in octets; none if there is no limit. Its
 * state is what it says, so it changes exactly when the quota does.
 */
import { capability } from '@vaguemestre/shared/jmap/core';
import type { Quota, QuotaFilterCondition } from '@vaguemestre/shared/jmap/quota';
import type { Account } from '../../../mailstore/account.js';
import type { JsonObject, MethodContext } from '../method.js';
import type { ArgumentReader } from '../standard/arguments.js';
import { changesMethod } from '../standard/changes.js';
import { matchesFilter, type ParsedFilter, parseFilter } from '../standard/filter.js';
import { getMethod } from '../standard/get.js';
import { deltaOfChanged, idList, queryChangesMethod, queryMethod } from '../standard/query.js';
import { readSort } from '../standard/sort.js';
import { cannotCalculateChanges } from '../standard/state.js';

const quotaId = 'storage';
/** From here on a client may warn. */
const warnShare = 0.9;

const words = {
  en: { name: 'Mail storage', description: 'Space for all mail of the account' },
  fr: { name: 'Espace de courrier', description: 'Place pour tout le courrier du compte' },
} as const;

function quotas({ account, signedIn }: Pick<MethodContext, 'account' | 'signedIn'>): readonly Quota[] {
  const { usedBytes, limitBytes } = account.quota();
  if (limitBytes === undefined) return [];
  return [
    {
      id: quotaId,
      resourceType: 'octets',
      used: usedBytes,
      hardLimit: limitBytes,
      scope: 'account',
      types: ['Email'],
      warnLimit: Math.floor(limitBytes * warnShare),
      softLimit: null,
      ...words[signedIn.principal.lang],
    },
  ];
}

export function quotaState(account: Account): string {
  const { usedBytes, limitBytes } = account.quota();
  return limitBytes === undefined ? 'none' : `${usedBytes}-${limitBytes}`;
}

/** The limit in a state, undefined for `none`. MethodError cannotCalculateChanges for what is no state. */
function limitIn(state: string): number | undefined {
  if (state === 'none') return undefined;
  const match = /^\d{1,16}-(\d{1,16})$/.exec(state);
  if (match === null) throw cannotCalculateChanges();
  return Number(match[1]);
}

const properties: readonly (keyof Quota)[] = [
  'id',
  'resourceType',
  'used',
  'hardLimit',
  'scope',
  'name',
  'types',
  'warnLimit',
  'softLimit',
  'description',
];

const get = getMethod({
  name: 'Quota',
  capability: capability.quota,
  properties,
  state: ({ account }) => quotaState(account),
  read: ({ ids }, context) =>
    quotas(context).filter(({ id }) => ids?.includes(id) ?? true) as readonly unknown[] as readonly JsonObject[],
});

const changes = changesMethod({
  name: 'Quota',
  capability: capability.quota,
  changes(sinceState, _maxChanges, { account }) {
    const newState = quotaState(account);
    const before = limitIn(sinceState);
    const now = limitIn(newState);
    const is = (yes: boolean): readonly string[] => (yes ? [quotaId] : []);
    const stays = before !== undefined && now !== undefined;
    return {
      newState,
      hasMoreChanges: false,
      created: is(before === undefined && now !== undefined),
      updated: is(stays && newState !== sinceState),
      destroyed: is(before !== undefined && now === undefined),
      more: { updatedProperties: stays && before === now && newState !== sinceState ? ['used'] : null },
    };
  },
});

interface QuotaQuery {
  readonly filter: ParsedFilter<QuotaFilterCondition> | undefined;
}

const isString = (value: unknown): boolean => typeof value === 'string';

const common = {
  name: 'Quota',
  capability: capability.quota,
  parse(args: ArgumentReader): QuotaQuery {
    readSort(args, ['name', 'used']);
    return {
      filter: parseFilter<QuotaFilterCondition>(args.raw('filter'), {
        name: isString,
        scope: isString,
        resourceType: isString,
        type: isString,
      }),
    };
  },
};

function matching({ filter }: QuotaQuery, context: MethodContext): readonly string[] {
  return quotas(context)
    .filter((quota) =>
      matchesFilter(
        filter,
        ({ name, scope, resourceType, type }) =>
          (name === undefined || quota.name.toLowerCase().includes(name.toLowerCase())) &&
          (scope === undefined || quota.scope === scope) &&
          (resourceType === undefined || quota.resourceType === resourceType) &&
          (type === undefined || quota.types.includes(type)),
      ),
    )
    .map(({ id }) => id);
}

const query = queryMethod<QuotaQuery>({
  ...common,
  results: (asked, context) => ({
    queryState: quotaState(context.account),
    canCalculateChanges: true,
    ids: idList(matching(asked, context)),
  }),
});

const queryChanges = queryChangesMethod<QuotaQuery>({
  ...common,
  delta(asked, { state }, context) {
    const newQueryState = quotaState(context.account);
    limitIn(state);
    const changed = new Set(state === newQueryState ? [] : [quotaId]);
    return { newQueryState, ...deltaOfChanged(matching(asked, context), changed) };
  },
});

export const quotaMethods = [get, changes, query, queryChanges];
