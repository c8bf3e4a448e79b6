/**
 * The arguments of a method call, read one by one with their types (RFC 8620 1.1 to 1.4, 3.4.1). A wrong type, a missing
 * argument and, at `done`, one that nobody read: MethodError invalidArguments. `null` counts as absent where the type allows it.
 */
import { type JsonObject, MethodError } from '../method.js';
import { isInt, isObject, isStringArray, isUnsignedInt } from '../values.js';

export interface ArgumentReader {
  readonly accountId: string;
  /** Present and not null. */
  has(name: string): boolean;
  raw(name: string): unknown;
  string(name: string): string;
  optionalString(name: string): string | undefined;
  /** Id[]|null: undefined for null. Ids are not checked for their form: what is none is not found. */
  ids(name: string): readonly string[] | undefined;
  strings(name: string): readonly string[] | undefined;
  boolean(name: string, ifAbsent: boolean): boolean;
  int(name: string, ifAbsent: number): number;
  /** UnsignedInt|null: undefined for null. */
  unsignedInt(name: string): number | undefined;
  unsignedIntOr(name: string, ifAbsent: number): number;
  object(name: string): JsonObject | undefined;
  array(name: string): readonly unknown[] | undefined;
  /** No argument is left over. */
  done(): void;
}

export function invalidArguments(description: string, more: JsonObject = {}): MethodError {
  return new MethodError('invalidArguments', description, more);
}

/** `accountless`: there is no `accountId` either. */
export function readArguments(args: JsonObject, accountless = false): ArgumentReader {
  const read = new Set(accountless ? [] : ['accountId']);

  function take(name: string): unknown {
    read.add(name);
    return Object.hasOwn(args, name) ? args[name] : undefined;
  }
  function optional<T>(name: string, is: (value: unknown) => value is T, what: string): T | undefined {
    const value = take(name);
    if (value === undefined || value === null) return undefined;
    if (!is(value)) throw invalidArguments(`${name} must be ${what}`, { arguments: [name] });
    return value;
  }
  function orDefault<T>(name: string, is: (value: unknown) => value is T, what: string, ifAbsent: T): T {
    // RFC 8620 3.4.1: where the type has no null, null is not the default.
    if (take(name) === null) throw invalidArguments(`${name} must be ${what}`, { arguments: [name] });
    return optional(name, is, what) ?? ifAbsent;
  }
  return {
    accountId: typeof args['accountId'] === 'string' ? args['accountId'] : '',
    has(name) {
      const value = take(name);
      return value !== undefined && value !== null;
    },
    raw: take,
    string(name) {
      const value = optional(name, isString, 'a string');
      if (value === undefined) throw invalidArguments(`${name} is missing`, { arguments: [name] });
      return value;
    },
    optionalString: (name) => optional(name, isString, 'a string or null'),
    ids: (name) => optional(name, isStringArray, 'an array of ids or null'),
    strings: (name) => optional(name, isStringArray, 'an array of strings or null'),
    boolean: (name, ifAbsent) => orDefault(name, isBoolean, 'true or false', ifAbsent),
    int: (name, ifAbsent) => orDefault(name, isInt, 'an integer', ifAbsent),
    unsignedInt: (name) => optional(name, isUnsignedInt, 'an integer of at least 0'),
    unsignedIntOr: (name, ifAbsent) => orDefault(name, isUnsignedInt, 'an integer of at least 0', ifAbsent),
    object: (name) => optional(name, isObject, 'an object or null'),
    array: (name) => optional(name, isArray, 'an array or null'),
    done() {
      const left = Object.keys(args).filter((name) => !read.has(name));
      if (left.length > 0)
        throw invalidArguments(`unknown arguments: ${left.join(', ').slice(0, 200)}`, { arguments: left });
    },
  };
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isArray = (value: unknown): value is readonly unknown[] => Array.isArray(value);
