/**
 * Identity/get, /changes and /set (RFC 8621 6): as whom a person writes. Each of their addresses has one; others may be made for the
 * same addresses, and only for those.
 */
import { createHash } from 'node:crypto';
import { capability } from '@vaguemestre/shared/jmap/core';
import type { Senders } from '../../../auth/senders.js';
import { maxSignatureBytes } from '../../../kernel/limits.js';
import type { Identity, IdentityFields, PersonIdentities } from '../../../outbox/identities.js';
import type { JmapMethod, JsonObject, MethodContext } from '../method.js';
import { changesMethod } from '../standard/changes.js';
import { getMethod } from '../standard/get.js';
import { checkedCreate, checkedUpdate, type Properties } from '../standard/properties.js';
import { eachObject, setMethod } from '../standard/set.js';
import { notFound, SetFailure } from '../standard/set-failure.js';
import { cannotCalculateChanges } from '../standard/state.js';
import { isObject } from '../values.js';

export interface IdentityParts {
  readonly identities: PersonIdentities;
  readonly senders: Pick<Senders, 'of'>;
}

const name = 'Identity';
/** Of a display name or an address: header lines are 998 octets. */
const maxNameCharacters = 500;
const maxAddresses = 100;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= maxNameCharacters && !hasControls(value);
const isSignature = (value: unknown): value is string =>
  typeof value === 'string' && Buffer.byteLength(value) <= maxSignatureBytes;
const isAddressList = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value) &&
    value.length <= maxAddresses &&
    value.every(
      (one) =>
        isObject(one) &&
        isName(one['email']) &&
        (one['name'] === null || one['name'] === undefined || isName(one['name'])) &&
        Object.keys(one).every((key) => key === 'email' || key === 'name'),
    ));

const properties: Properties = {
  id: { setBy: 'server' },
  name: { setBy: 'client', is: isName, ifAbsent: '' },
  email: { setBy: 'create', is: isName },
  replyTo: { setBy: 'client', is: isAddressList, ifAbsent: null },
  bcc: { setBy: 'client', is: isAddressList, ifAbsent: null },
  textSignature: { setBy: 'client', is: isSignature, ifAbsent: '' },
  htmlSignature: { setBy: 'client', is: isSignature, ifAbsent: '' },
  mayDelete: { setBy: 'server' },
};

export function identityMethods({ identities, senders }: IdentityParts): readonly JmapMethod[] {
  const list = ({ account }: MethodContext) => identities.list(account.id);
  const state = async (context: MethodContext): Promise<string> => stateOf(await list(context));

  return [
    getMethod({
      name,
      capability: capability.submission,
      properties: Object.keys(properties),
      state,
      read: async ({ ids }, context) => {
        const all = await list(context);
        return (ids === undefined ? all : all.filter(({ id }) => ids.includes(id))).map(asObject);
      },
    }),
    changesMethod({
      name,
      capability: capability.submission,
      async changes(since, maxChanges, context) {
        const all = await list(context);
        const changes = changesSince(since, all);
        if (changes === undefined) throw cannotCalculateChanges();
        const count = changes.created.length + changes.updated.length + changes.destroyed.length;
        // RFC 8620 5.2: there is no state in between to stop at.
        if (count > (maxChanges ?? Number.POSITIVE_INFINITY)) throw cannotCalculateChanges();
        return { newState: stateOf(all), hasMoreChanges: false, ...changes };
      },
    }),
    setMethod({
      name,
      capability: capability.submission,
      state,
      run: (request, outcome, context) =>
        eachObject(request, outcome, context, {
          async create(object) {
            const checked = checkedCreate(object, properties);
            const email = String(checked['email']).trim();
            const sender = await senders.of(context.account.id);
            // RFC 8621 6.3.
            if (sender?.owns(email) !== true) {
              throw new SetFailure({ type: 'forbiddenFrom', description: 'You may write as your own addresses only' });
            }
            const made = asObject(await identities.create(context.account.id, email, fieldsOf(checked)));
            const { id, mayDelete } = made;
            const defaulted = Object.entries(made).filter(([key]) => !Object.hasOwn(object, key));
            return { ...Object.fromEntries(defaulted), id, mayDelete };
          },
          async update(id, patch) {
            const current = (await list(context)).find((one) => one.id === id);
            if (current === undefined) throw notFound();
            const { next, changed } = checkedUpdate(asObject(current), patch, properties);
            if (changed.length > 0) await identities.update(context.account.id, id, fieldsOf(next));
            return null;
          },
          destroy: (id) => identities.remove(context.account.id, id),
        }),
    }),
  ];
}

function asObject({ id, name: display, email, replyTo, bcc, textSignature, htmlSignature, mayDelete }: Identity) {
  return { id, name: display, email, replyTo, bcc, textSignature, htmlSignature, mayDelete };
}

/** What the type's check has let through. */
function fieldsOf(object: JsonObject): IdentityFields {
  const { name: display, textSignature, htmlSignature } = object as unknown as IdentityFields;
  const addresses = (key: 'replyTo' | 'bcc') =>
    (object as unknown as IdentityFields)[key]?.map((one) => ({ name: one.name ?? null, email: one.email })) ?? null;
  return { name: display, replyTo: addresses('replyTo'), bcc: addresses('bcc'), textSignature, htmlSignature };
}

/** Identities that a state names one by one; of more it knows only that something changed. */
const maxNamed = 40;

/** `id:digest,...`: a person has a few, so a state can say what it is a state of. */
function stateOf(all: readonly Identity[]): string {
  const named = all.map((identity) => `${identity.id}:${digestOf(JSON.stringify(asObject(identity)))}`);
  return named.length <= maxNamed ? named.join(',') : `*${digestOf(named.join())}`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 8);
}

function changesSince(since: string, all: readonly Identity[]) {
  const now = stateOf(all);
  if (since === now) return { created: [], updated: [], destroyed: [] };
  if (now.startsWith('*')) return undefined;
  const before = parseState(since);
  if (before === undefined) return undefined;
  const after = parseState(now) ?? new Map<string, string>();
  return {
    created: [...after.keys()].filter((id) => !before.has(id)),
    updated: [...after].flatMap(([id, digest]) => (before.has(id) && before.get(id) !== digest ? [id] : [])),
    destroyed: [...before.keys()].filter((id) => !after.has(id)),
  };
}

function parseState(state: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  for (const one of state.split(',', maxNamed + 1)) {
    const match = /^([0-9a-f]{24}|d[0-9a-f]{16}):([A-Za-z0-9_-]{8})$/.exec(one);
    if (match === null) return undefined;
    found.set(match[1]!, match[2]!);
  }
  return found;
}

/** They would end the header field that they are put into. */
function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 32 || text.charCodeAt(i) === 127) return true;
  return false;
}
