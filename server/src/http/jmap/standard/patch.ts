/**
 * Patch objects (RFC 8620 5.3): JSON pointers without their leading slash to values. `applyPatch` makes the next version of an
 * object and never changes the one it is given. Linear in the patch.
 */
import type { JsonObject } from '../method.js';
import { pointerTokens } from '../references.js';
import { isObject } from '../values.js';
import { SetFailure } from './set-failure.js';

/** The patched object; null takes a top property to `defaults` or away. SetFailure invalidPatch. */
export function applyPatch(current: JsonObject, patch: JsonObject, defaults: JsonObject): JsonObject {
  const paths = Object.keys(patch).map((path) => pointerTokens(`/${path}`)!);
  const given = new Set(paths.map(key));
  for (const path of paths) {
    for (let length = 1; length < path.length; length++) {
      if (given.has(key(path.slice(0, length)))) throw invalidPatch(`${path.join('/')} is inside of another patch`);
    }
  }
  // RFC 6901: two spellings of one pointer would be two patches of one place.
  if (given.size < paths.length) throw invalidPatch('Two patches name the same place');
  const next = copyOf(current);
  const owned = new Set<object>([next]);
  for (const [i, value] of Object.values(patch).entries()) setAt(next, paths[i]!, value, defaults, owned);
  return next;
}

const key = (path: readonly string[]): string => JSON.stringify(path);

type Writable = Record<string, unknown>;

/** Without a prototype: a member called `__proto__` is a member like any other. */
function copyOf(object: JsonObject): Writable {
  return Object.assign(Object.create(null) as Writable, object);
}

function setAt(
  root: Writable,
  path: readonly string[],
  value: unknown,
  defaults: JsonObject,
  owned: Set<object>,
): void {
  let parent = root;
  for (const token of path.slice(0, -1)) {
    const child = Object.hasOwn(parent, token) ? parent[token] : undefined;
    // RFC 8620 5.3: what leads there must exist, and must not be an array.
    if (!isObject(child)) throw invalidPatch(`${path.join('/')} leads nowhere`);
    const own = owned.has(child) ? (child as Writable) : copyOf(child);
    owned.add(own);
    parent[token] = own;
    parent = own;
  }
  const last = path.at(-1)!;
  if (value !== null) parent[last] = value;
  else if (parent === root && Object.hasOwn(defaults, last)) parent[last] = defaults[last];
  else delete parent[last];
}

function invalidPatch(description: string): SetFailure {
  return new SetFailure({ type: 'invalidPatch', description: description.slice(0, 300) });
}
