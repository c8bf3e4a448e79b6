/**
 * PushSubscription/get and set (RFC 8620 7.2): of the credential, not of an account, so without account and states. The address and the
 * keys of a subscription are told to nobody again.
 */
import { capability } from '@vaguemestre/shared/jmap/core';
import type { HeldCredentials } from '../../../auth/held-credentials.js';
import type { Clock } from '../../../kernel/clock.js';
import { readKeys } from '../../../push/push-encryption.js';
import type { PushKeys, PushSubscription, PushSubscriptions } from '../../../push/push-subscriptions.js';
import type { JmapMethod, JsonObject, MethodContext } from '../method.js';
import { pushUrl } from '../push/post-push.js';
import { getMethod } from '../standard/get.js';
import { checkedCreate, checkedUpdate, type Properties } from '../standard/properties.js';
import { eachObject, setMethod } from '../standard/set.js';
import { invalidProperties, notFound } from '../standard/set-failure.js';
import { isObject, isStringArray, utcDate, utcDateMs } from '../values.js';

export interface PushParts {
  readonly pushSubscriptions: PushSubscriptions;
  readonly heldCredentials: Pick<HeldCredentials, 'nameOf'>;
  readonly clock: Clock;
}

const maxDeviceCharacters = 255;
const maxTypes = 100;

const isKeys = (value: unknown): value is PushKeys =>
  isObject(value) &&
  Object.keys(value).length === 2 &&
  typeof value['p256dh'] === 'string' &&
  typeof value['auth'] === 'string' &&
  readKeys({ p256dh: value['p256dh'], auth: value['auth'] }) !== undefined;

const properties: Properties = {
  id: { setBy: 'server' },
  deviceClientId: {
    setBy: 'create',
    is: (value) => typeof value === 'string' && value !== '' && value.length <= maxDeviceCharacters,
  },
  url: { setBy: 'create', is: (value) => typeof value === 'string' && pushUrl(value) !== undefined },
  keys: { setBy: 'create', is: (value) => value === null || isKeys(value), ifAbsent: null },
  verificationCode: { setBy: 'client', is: (value) => value === null || typeof value === 'string', ifAbsent: null },
  expires: { setBy: 'client', is: (value) => value === null || utcDateMs(value) !== undefined, ifAbsent: null },
  types: {
    setBy: 'client',
    is: (value) => value === null || (isStringArray(value) && value.length <= maxTypes),
    ifAbsent: null,
  },
};

/** RFC 8620 7.2.1. */
const told = Object.keys(properties).filter((name) => name !== 'url' && name !== 'keys');

export function pushSubscriptionMethods({
  pushSubscriptions,
  heldCredentials,
  clock,
}: PushParts): readonly JmapMethod[] {
  const credentialOf = ({ signedIn }: MethodContext) => heldCredentials.nameOf(signedIn.principal, signedIn.session);
  const list = async (context: MethodContext) =>
    pushSubscriptions.list(context.account.id, await credentialOf(context));

  return [
    getMethod({
      name: 'PushSubscription',
      capability: capability.core,
      accountless: true,
      properties: told,
      forbidden: ['url', 'keys'],
      read: async ({ ids }, context) =>
        (await list(context)).filter(({ id }) => ids?.includes(id) ?? true).map(asObject),
    }),
    setMethod({
      name: 'PushSubscription',
      capability: capability.core,
      accountless: true,
      async run(request, outcome, context) {
        const credential = await credentialOf(context);
        const { id: account } = context.account;
        return eachObject(request, outcome, context, {
          async create(object) {
            const { deviceClientId, url, keys, types, verificationCode, expires } = checkedCreate(object, properties);
            // RFC 8620 7.2: only what was pushed there may come back.
            if (verificationCode !== null)
              throw invalidProperties(['verificationCode'], 'The code is sent to the address');
            const expiresMs = utcDateMs(expires);
            if (expiresMs !== undefined && expiresMs <= clock.nowMs()) {
              throw invalidProperties(['expires'], 'That time has passed');
            }
            const made = await pushSubscriptions.create(account, credential, {
              device: deviceClientId as string,
              url: url as string,
              keys: keys as PushKeys | null,
              types: types as readonly string[] | null,
              expires: expiresMs === undefined ? undefined : new Date(expiresMs),
            });
            const { id, ...set } = asObject(made);
            return { ...Object.fromEntries(Object.entries(set).filter(([name]) => set[name] !== object[name])), id };
          },
          async update(id, patch) {
            const current = (await list(context)).find((one) => one.id === id);
            if (current === undefined) throw notFound();
            const { next, changed } = checkedUpdate(
              { ...asObject(current), url: current.url, keys: current.keys },
              patch,
              properties,
            );
            if (changed.length === 0) return null;
            if (changed.includes('verificationCode') && next['verificationCode'] !== current.code) {
              throw invalidProperties(['verificationCode'], 'That is not the code that was sent');
            }
            const expires = next['expires'] === null ? Number.POSITIVE_INFINITY : utcDateMs(next['expires'])!;
            const after = await pushSubscriptions.change(account, credential, id, {
              ...(changed.includes('verificationCode') && { verified: true }),
              ...(changed.includes('types') && { types: next['types'] as readonly string[] | null }),
              ...(changed.includes('expires') && { expires: new Date(Math.min(expires, latestDateMs)) }),
            });
            const now = asObject(after)['expires'];
            return now === next['expires'] ? null : { expires: now };
          },
          destroy: (id) => pushSubscriptions.remove(account, credential, id),
        });
      },
    }),
  ];
}

/** Of what JavaScript can write: it is shortened anyway. */
const latestDateMs = 8.64e15;

function asObject({
  id,
  device,
  verified,
  code,
  expires,
  types,
}: PushSubscription): JsonObject & { readonly id: string } {
  return {
    id,
    deviceClientId: device,
    verificationCode: verified ? code : null,
    expires: utcDate(expires.getTime()),
    types,
  };
}
