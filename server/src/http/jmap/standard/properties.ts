/**
 * What the properties of an object type may be, and the check of a create or an update against it (RFC 8620 5.3): unknown, wrong,
 * missing, server-set and immutable ones are named all at once in one `invalidProperties`.
 */
import type { JsonObject } from '../method.js';
import { isSame } from '../values.js';
import { applyPatch } from './patch.js';
import { invalidProperties } from './set-failure.js';

export interface Property {
  /** What a client may set it to; not asked of server-set ones. */
  readonly is?: (value: unknown) => boolean;
  /** Of a create that leaves it out, and of a patch to null. Without one it must be given. */
  readonly ifAbsent?: unknown;
  /** `server`: only by the server. `create`: immutable afterwards. */
  readonly setBy: 'client' | 'create' | 'server';
}

export type Properties = Readonly<Record<string, Property>>;

/** The object with its defaults. SetFailure invalidProperties. */
export function checkedCreate(object: JsonObject, properties: Properties): JsonObject {
  const wrong = Object.keys(object).filter((name) => {
    const property = Object.hasOwn(properties, name) ? properties[name]! : undefined;
    // RFC 8620 5.3: a client leaves server-set properties out.
    return property === undefined || property.setBy === 'server' || property.is?.(object[name]) !== true;
  });
  for (const [name, property] of Object.entries(properties)) {
    const missing = property.setBy !== 'server' && !('ifAbsent' in property) && !Object.hasOwn(object, name);
    if (missing) wrong.push(name);
  }
  if (wrong.length > 0) throw invalidProperties(wrong, `wrong, unknown or missing: ${wrong.join(', ').slice(0, 200)}`);
  return { ...defaultsOf(properties), ...object };
}

/** The object after the patch and what differs. SetFailure invalidPatch, invalidProperties. */
export function checkedUpdate(
  current: JsonObject,
  patch: JsonObject,
  properties: Properties,
): { readonly next: JsonObject; readonly changed: readonly string[] } {
  const next = applyPatch(current, patch, defaultsOf(properties));
  const names = new Set([...Object.keys(current), ...Object.keys(next)]);
  const changed = [...names].filter((name) => !isSame(current[name], next[name]));
  const wrong = changed.filter((name) => {
    const property = Object.hasOwn(properties, name) ? properties[name]! : undefined;
    // RFC 8620 5.3: whole objects may come back; what only the server sets must then be as it was.
    return property === undefined || property.setBy !== 'client' || property.is?.(next[name]) !== true;
  });
  if (wrong.length > 0)
    throw invalidProperties(wrong, `wrong, unknown or not to be changed: ${wrong.join(', ').slice(0, 200)}`);
  return { next, changed };
}

function defaultsOf(properties: Properties): JsonObject {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, property]) => 'ifAbsent' in property)
      .map(([name, property]) => [name, property.ifAbsent]),
  );
}
