/** Values of JMAP's data model (RFC 8620 1.1 to 1.4) in parsed JSON. */
import type { JsonObject } from './method.js';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isStringArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** RFC 8620 1.2: 1 to 255 of [A-Za-z0-9_-]. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 255 && /^[A-Za-z0-9_-]+$/.test(value);
}

/** RFC 8620 1.3: an integer that a double holds exactly. */
export function isInt(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

export function isUnsignedInt(value: unknown): value is number {
  return isInt(value) && value >= 0;
}

/** Milliseconds since 1970 of a UTCDate (RFC 8620 1.4); undefined if it is none. */
export function utcDateMs(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value)) return undefined;
  // A leap second is taken for the last second of its minute.
  const ms = Date.parse(value.replace(':60', ':59').replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== value.slice(0, 10) ? undefined : ms;
}

/** RFC 8620 1.4: no fraction when it is zero. */
export function utcDate(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

/** Deep equality of JSON values; the order of members does not count. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((each, i) => isSame(each, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]))
  );
}
