/**
 * /set (RFC 8620 5.3) for any type: arguments and `ifInState` checked, ids of destroy and update resolved, creation ids kept,
 * outcomes gathered into the response.
 *
 *   const mailboxSet = setMethod({
 *     name: 'Mailbox', capability: capability.mail, state: ({ account }) => accountState(account),
 *     run: (request, outcome, context) => eachObject(request, outcome, context, {
 *       references: (object) => [...ids or #creationIds it names...],
 *       create: async (object) => ({ id, ...what the server set }),
 *       update: async (id, patch) => null,
 *       destroy: async (id) => {},
 *     }),
 *   });
 *
 * `eachObject` does one object after the other; a type that commits many at once works on `request` and `outcome` itself. A
 * `SetFailure`, and a MailError about one object, is that object's error; everything else ends the method.
 */
import type { SetError } from '@vaguemestre/shared/jmap/errors';
import { maxJmapObjectsInSet } from '../../../kernel/limits.js';
import { setErrorFrom } from '../error-types.js';
import { type ExtraResponse, type JmapMethod, type JsonObject, type MethodContext, MethodError } from '../method.js';
import { isObject } from '../values.js';
import { type ArgumentReader, invalidArguments, readArguments } from './arguments.js';
import { realId, uniqueIds } from './get.js';
import { SetFailure } from './set-failure.js';

export interface SetRequest {
  readonly create: ReadonlyMap<string, JsonObject>;
  /** By real id. What is also destroyed is not in it: it is answered `willDestroy`. */
  readonly update: ReadonlyMap<string, JsonObject>;
  readonly destroy: readonly string[];
}

export interface SetOutcome {
  /** With `id`, and what the server set or defaulted. From now on the creation id stands for it. */
  created(creationId: string, object: JsonObject & { readonly id: string }): void;
  /** What changed otherwise than asked, or null. */
  updated(id: string, object: JsonObject | null): void;
  destroyed(id: string): void;
  notCreated(creationId: string, error: SetError): void;
  notUpdated(id: string, error: SetError): void;
  notDestroyed(id: string, error: SetError): void;
  /** The states right before and after these changes, of a type that knows them: others may have changed something in between. */
  between(oldState: string, newState: string): void;
}

export interface SetType<Extra = undefined> {
  readonly name: string;
  readonly capability: string;
  /** Of no account, as PushSubscription: neither `accountId` nor states are taken or answered. */
  readonly accountless?: boolean;
  /** Reads what the type takes beside the standard arguments. */
  extra?(args: ArgumentReader): Extra;
  /** Of all types that have an account. */
  state?(context: MethodContext): string | Promise<string>;
  /** Every object of the request must get an outcome. What it returns are responses of implicit calls. */
  run(
    request: SetRequest,
    outcome: SetOutcome,
    context: MethodContext,
    extra: Extra,
  ): Promise<readonly ExtraResponse[] | undefined>;
}

export function setMethod<Extra = undefined>(type: SetType<Extra>): JmapMethod {
  return {
    name: `${type.name}/set`,
    capability: type.capability,
    ...(type.accountless === true && { accountless: true }),
    async run(rawArguments, context) {
      const args = readArguments(rawArguments, type.accountless);
      const ifInState = type.state === undefined ? undefined : args.optionalString('ifInState');
      const create = objectMap(args, 'create');
      const updates = objectMap(args, 'update');
      const asked = args.ids('destroy') ?? [];
      const extra = type.extra?.(args) as Extra;
      args.done();
      if (create.size + updates.size + asked.length > maxJmapObjectsInSet) {
        throw new MethodError('requestTooLarge', `At most ${maxJmapObjectsInSet} objects are changed by one call`);
      }
      const oldState = await type.state?.(context);
      if (ifInState !== undefined && ifInState !== oldState) {
        throw new MethodError('stateMismatch', 'The state is another one');
      }
      const given = new Map<string, string>();
      const outcome = gatherOutcomes(given, context);
      const destroyed = uniqueIds(asked, context.createdIds);
      for (const [id, asGiven] of destroyed) given.set(id, asGiven);
      const update = new Map<string, JsonObject>();
      // An id may also be that of an object created by this very call: it is resolved when its turn comes (`eachObject`).
      for (const [asGiven, patch] of updates) {
        const id = realId(asGiven, context.createdIds);
        given.set(id, asGiven);
        // RFC 8620 5.3: to update what is then destroyed would be for nothing.
        if (destroyed.has(id)) outcome.notUpdated(id, { type: 'willDestroy' });
        else update.set(id, patch);
      }
      const extraResponses = await type.run(
        { create, update, destroy: [...destroyed.keys()] },
        outcome,
        context,
        extra,
      );
      const newState = await type.state?.(context);
      return {
        response: {
          ...(type.accountless === true ? {} : { accountId: args.accountId }),
          ...(newState === undefined ? {} : { oldState, newState }),
          ...outcome.response(),
        },
        ...(extraResponses === undefined ? {} : { extra: extraResponses }),
      };
    },
  };
}

function objectMap(args: ArgumentReader, name: string): ReadonlyMap<string, JsonObject> {
  const map = new Map<string, JsonObject>();
  for (const [key, value] of Object.entries(args.object(name) ?? {})) {
    if (!isObject(value)) throw invalidArguments(`${name} must map to objects`, { arguments: [name] });
    map.set(key, value);
  }
  return map;
}

function gatherOutcomes(
  given: ReadonlyMap<string, string>,
  context: MethodContext,
): SetOutcome & { response(): JsonObject } {
  const created = new Map<string, JsonObject>();
  const updated = new Map<string, JsonObject | null>();
  const destroyed: string[] = [];
  const notCreated = new Map<string, SetError>();
  const notUpdated = new Map<string, SetError>();
  const notDestroyed = new Map<string, SetError>();
  let states: JsonObject = {};
  const asGiven = (id: string): string => given.get(id) ?? id;
  const orNull = (map: ReadonlyMap<string, unknown>): JsonObject | null =>
    map.size === 0 ? null : Object.fromEntries(map);
  return {
    created(creationId, object) {
      created.set(creationId, object);
      context.createdIds.set(creationId, object.id);
    },
    updated: (id, object) => void updated.set(id, object),
    destroyed: (id) => void destroyed.push(id),
    notCreated: (creationId, error) => void notCreated.set(creationId, error),
    notUpdated: (id, error) => void notUpdated.set(asGiven(id), error),
    notDestroyed: (id, error) => void notDestroyed.set(asGiven(id), error),
    between(oldState, newState) {
      states = { oldState, newState };
    },
    response: () => ({
      ...states,
      created: orNull(created),
      updated: orNull(updated),
      destroyed: destroyed.length === 0 ? null : destroyed,
      notCreated: orNull(notCreated),
      notUpdated: orNull(notUpdated),
      notDestroyed: orNull(notDestroyed),
    }),
  };
}

export interface ObjectHandlers {
  /** Ids that an object names, `#creationId`s among them: what they name is created before it. */
  references?(object: JsonObject): readonly unknown[];
  /** Answers with `id` and what the server set. */
  create(object: JsonObject, creationId: string): Promise<JsonObject & { readonly id: string }>;
  update(id: string, patch: JsonObject): Promise<JsonObject | null>;
  destroy(id: string): Promise<void>;
  /** Another order than the client's for destroying, as children before parents. */
  destroyOrder?(ids: readonly string[]): readonly string[];
}

/** One object after the other: creates, updates, destroys. */
export async function eachObject(
  request: SetRequest,
  outcome: SetOutcome,
  context: MethodContext,
  handlers: ObjectHandlers,
): Promise<undefined> {
  for (const creationId of creationOrder(request.create, handlers.references)) {
    const object = request.create.get(creationId)!;
    const failed = await attempt(context, async () =>
      outcome.created(creationId, await handlers.create(object, creationId)),
    );
    if (failed !== undefined) outcome.notCreated(creationId, failed);
  }
  for (const [id, patch] of request.update) {
    const real = realId(id, context.createdIds);
    const failed = await attempt(context, async () => outcome.updated(real, await handlers.update(real, patch)));
    if (failed !== undefined) outcome.notUpdated(id, failed);
  }
  for (const id of handlers.destroyOrder?.(request.destroy) ?? request.destroy) {
    const real = realId(id, context.createdIds);
    const failed = await attempt(context, async () => {
      await handlers.destroy(real);
      outcome.destroyed(real);
    });
    if (failed !== undefined) outcome.notDestroyed(id, failed);
  }
  return undefined;
}

async function attempt(context: MethodContext, change: () => Promise<void>): Promise<SetError | undefined> {
  context.signal.throwIfAborted();
  try {
    await change();
    return undefined;
  } catch (error) {
    return error instanceof SetFailure ? error.error : setErrorFrom(error);
  }
}

/** RFC 8620 5.3: creates come before what references them. A circle stays as it is: its references are not found. */
export function creationOrder(
  create: ReadonlyMap<string, JsonObject>,
  references: ((object: JsonObject) => readonly unknown[]) | undefined,
): readonly string[] {
  if (references === undefined) return [...create.keys()];
  const order = new Set<string>();
  const open: string[] = [];
  const begun = new Set<string>();
  for (const first of create.keys()) {
    open.push(first);
    while (open.length > 0) {
      const creationId = open.at(-1)!;
      const needed = begun.has(creationId)
        ? []
        : references(create.get(creationId)!)
            .flatMap((id) => (typeof id === 'string' && id.startsWith('#') ? [id.slice(1)] : []))
            .filter((id) => create.has(id) && !begun.has(id));
      begun.add(creationId);
      if (needed.length > 0) open.push(...needed);
      else {
        order.add(creationId);
        open.pop();
      }
    }
  }
  return [...order];
}
