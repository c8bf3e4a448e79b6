/**
 * PushSubscription/get and set (RFC 8620 7.2): push by POST to addresses of the client's choice is not offered, so there are none,
 * and making one is forbidden with the reason. Clients use the event source (7.3).
 */
import { capability } from '@vaguemestre/shared/jmap/core';
import type { SetError } from '@vaguemestre/shared/jmap/errors';
import type { JmapMethod, JsonObject } from '../method.js';
import { readArguments } from '../standard/arguments.js';
import { isObject } from '../values.js';

const get: JmapMethod = {
  name: 'PushSubscription/get',
  capability: capability.core,
  accountless: true,
  async run(rawArguments) {
    const args = readArguments(rawArguments);
    const ids = args.ids('ids') ?? [];
    args.strings('properties');
    args.done();
    return { response: { list: [], notFound: [...new Set(ids)] } };
  },
};

const set: JmapMethod = {
  name: 'PushSubscription/set',
  capability: capability.core,
  accountless: true,
  async run(rawArguments) {
    const args = readArguments(rawArguments);
    const create = args.object('create') ?? {};
    const update = args.object('update') ?? {};
    const destroy = args.ids('destroy') ?? [];
    args.done();
    const missing: SetError = { type: 'notFound' };
    const map = (entries: readonly (readonly [string, SetError])[]): JsonObject | null =>
      entries.length === 0 ? null : Object.fromEntries(entries);
    return {
      response: {
        created: null,
        updated: null,
        destroyed: null,
        notCreated: map(Object.entries(create).map(([id, object]) => [id, refusal(object)])),
        notUpdated: map(Object.keys(update).map((id) => [id, missing])),
        notDestroyed: map(destroy.map((id) => [id, missing])),
      },
    };
  },
};

function refusal(object: unknown): SetError {
  const url = isObject(object) ? object['url'] : undefined;
  // RFC 8620 7.2: it must begin so.
  if (typeof url !== 'string' || !url.startsWith('https://')) return { type: 'invalidProperties', properties: ['url'] };
  return { type: 'forbidden', description: 'Push by POST is not offered here; use the event source' };
}

export const pushSubscriptionMethods = [get, set];
