/**
 * /get (RFC 8620 5.1) for any type: arguments checked, ids of a call taken once and resolved from creation ids, properties
 * checked and filtered, the rest in `notFound`.
 *
 *   const mailboxGet = getMethod({
 *     name: 'Mailbox', capability: capability.mail, properties: ['id', 'name', ...],
 *     state: ({ account }) => accountState(account),
 *     read: ({ ids, properties }, { account }) => [...objects with an id...],
 *   });
 *
 * `read` may answer in any order, with more properties than were asked for, and leaves out what is not there.
 */
import { maxJmapObjectsInGet } from '../../../kernel/limits.js';
import { type JmapMethod, type JsonObject, type MethodContext, MethodError } from '../method.js';
import { type ArgumentReader, invalidArguments, readArguments } from './arguments.js';

export interface Wanted {
  /** undefined: all there are. Each once. */
  readonly ids: readonly string[] | undefined;
  /** Always with `id`. */
  readonly properties: ReadonlySet<string>;
}

export interface GetType<Extra = undefined> {
  /** Of the type: `Mailbox`. */
  readonly name: string;
  readonly capability: string;
  readonly properties: readonly string[];
  /** When none are asked for; all if absent. */
  readonly defaultProperties?: readonly string[];
  /** Of no account, as PushSubscription: neither `accountId` nor `state` is taken or answered. */
  readonly accountless?: boolean;
  /** Never answered; who asks for them by name is told so (RFC 8620 7.2.1). */
  readonly forbidden?: readonly string[];
  /** Names beside `properties`, as `header:Subject:asText`. */
  isProperty?(name: string): boolean;
  /** What `read` gives is answered as it is: its members are not those that were asked for, as with Blob. */
  readonly exact?: boolean;
  /** False: ids must be given, as for Blob and for what may be too many. */
  readonly mayGetAll?: boolean;
  /** Reads what the type takes beside the standard arguments. */
  extra?(args: ArgumentReader): Extra;
  state?(context: MethodContext): string | Promise<string>;
  read(wanted: Wanted, context: MethodContext, extra: Extra): readonly JsonObject[] | Promise<readonly JsonObject[]>;
}

export function getMethod<Extra = undefined>(type: GetType<Extra>): JmapMethod {
  return {
    name: `${type.name}/get`,
    capability: type.capability,
    ...(type.accountless === true && { accountless: true }),
    async run(rawArguments, context) {
      const args = readArguments(rawArguments, type.accountless);
      const asked = args.ids('ids');
      const properties = wantedProperties(type, args.strings('properties'));
      const extra = type.extra?.(args) as Extra;
      args.done();
      if (asked === undefined && type.mayGetAll === false) throw invalidArguments('ids must be given');
      if (asked !== undefined && asked.length > maxJmapObjectsInGet) throw tooMany();
      const ids = asked && uniqueIds(asked, context.createdIds);
      const state = await type.state?.(context);
      const found = await type.read({ ids: ids && [...ids.keys()], properties }, context, extra);
      if (ids === undefined && found.length > maxJmapObjectsInGet) throw tooMany();
      const list = type.exact === true ? found : found.map((object) => pick(object, properties));
      const response = {
        ...(type.accountless === true ? {} : { accountId: args.accountId }),
        ...(state === undefined ? {} : { state }),
      };
      if (ids === undefined) return { response: { ...response, list, notFound: [] } };
      const byId = new Map(list.map((object) => [object['id'] as string, object]));
      const there = [...ids.keys()].flatMap((id) => byId.get(id) ?? []);
      const notFound = [...ids].filter(([id]) => !byId.has(id)).map(([, asGiven]) => asGiven);
      return { response: { ...response, list: there, notFound } };
    },
  };
}

/** Real ids, each once and in order, to the form the client gave them in: an id, or `#` and a creation id (RFC 8620 5.3). */
export function uniqueIds(
  asked: readonly string[],
  createdIds: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const given of asked) {
    const id = realId(given, createdIds);
    if (!ids.has(id)) ids.set(id, given);
  }
  return ids;
}

/** The id behind `#creationId`; what was not created stays as it is, and is then not found. */
export function realId(given: string, createdIds: ReadonlyMap<string, string>): string {
  return given.startsWith('#') ? (createdIds.get(given.slice(1)) ?? given) : given;
}

function wantedProperties<E>(type: GetType<E>, asked: readonly string[] | undefined): ReadonlySet<string> {
  if (asked === undefined) return new Set(['id', ...(type.defaultProperties ?? type.properties)]);
  const forbidden = asked.filter((name) => type.forbidden?.includes(name) === true);
  if (forbidden.length > 0) throw new MethodError('forbidden', `${forbidden.join(', ')} cannot be read`);
  const unknown = asked.filter((name) => !type.properties.includes(name) && type.isProperty?.(name) !== true);
  if (unknown.length > 0) {
    throw invalidArguments(`${type.name} has no property ${unknown.join(', ').slice(0, 200)}`, {
      arguments: ['properties'],
    });
  }
  return new Set(['id', ...asked]);
}

export function pick(object: JsonObject, properties: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => properties.has(name)));
}

function tooMany(): MethodError {
  return new MethodError('requestTooLarge', `At most ${maxJmapObjectsInGet} objects are answered by one call`);
}
