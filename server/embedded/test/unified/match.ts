/** Matching of the unified test format: expected values with `$$` operators against what came. */
import assert from 'node:assert/strict';
import { BSON, Double, Int32, Long, ObjectId } from 'mongodb';

type Entities = ReadonlyMap<string, unknown>;

function isDocument(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return (
    !('_bsontype' in value) && !(value instanceof Date) && !(value instanceof RegExp) && !(value instanceof Uint8Array)
  );
}

function plainNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long) return value.toNumber();
  return undefined;
}

const typeTests: Record<string, (value: unknown) => boolean> = {
  int: (value) => typeof value === 'number' || value instanceof Int32,
  long: (value) => typeof value === 'number' || typeof value === 'bigint' || value instanceof Long,
  double: (value) => typeof value === 'number' || value instanceof Double,
  number: (value) => plainNumber(value) !== undefined,
  string: (value) => typeof value === 'string',
  object: isDocument,
  array: Array.isArray,
  objectId: (value) => value instanceof ObjectId,
  bool: (value) => typeof value === 'boolean',
  date: (value) => value instanceof Date,
  null: (value) => value === null,
};

function special(operator: string, argument: unknown, actual: unknown, entities: Entities, path: string): void {
  switch (operator) {
    case '$$exists':
      assert.equal(actual !== undefined, argument, `${path}: existence`);
      return;
    case '$$type': {
      const types = Array.isArray(argument) ? argument : [argument];
      assert.ok(
        types.some((type) => (typeTests[type as string] ?? (() => true))(actual)),
        `${path}: type ${types.join()} of ${String(actual)}`,
      );
      return;
    }
    case '$$unsetOrMatches':
      if (actual === undefined || actual === null) return;
      match(argument, actual, entities, path);
      return;
    case '$$sessionLsid': {
      const session = entities.get(argument as string) as { id: { id: Uint8Array } };
      assert.deepEqual(BSON.serialize(actual as object), BSON.serialize(session.id), path);
      return;
    }
    case '$$matchesEntity':
      match(entities.get(argument as string), actual, entities, path);
      return;
    case '$$lte':
      assert.ok((plainNumber(actual) ?? Number.NaN) <= (plainNumber(argument) ?? Number.NaN), path);
      return;
    case '$$matchAsDocument':
    case '$$matchAsRoot':
      match(argument, actual, entities, path, operator === '$$matchAsRoot');
      return;
    default:
      assert.fail(`matcher ${operator} is not known`);
  }
}

/** In documents at the root further fields are allowed, below not. */
export function match(expected: unknown, actual: unknown, entities: Entities, path = '', root = true): void {
  if (isDocument(expected)) {
    const [operator] = Object.keys(expected);
    if (operator?.startsWith('$$')) {
      special(operator, expected[operator], actual, entities, path);
      return;
    }
    assert.ok(isDocument(actual) || actual instanceof Map, `${path}: expected a document, got ${String(actual)}`);
    const found = actual instanceof Map ? Object.fromEntries(actual) : actual;
    for (const [name, value] of Object.entries(expected)) match(value, found[name], entities, `${path}.${name}`, false);
    if (!root) {
      for (const name of Object.keys(found)) {
        if (found[name] !== undefined)
          assert.ok(name in expected, `${path}.${name} was not expected: ${String(found[name])}`);
      }
    }
    return;
  }
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${path}: expected an array, got ${String(actual)}`);
    assert.equal(actual.length, expected.length, `${path}: length`);
    for (const [i, value] of expected.entries())
      match(value, actual[i], entities, `${path}[${i}]`, root && isDocument(value));
    return;
  }
  const number = plainNumber(expected);
  if (number !== undefined) {
    assert.equal(plainNumber(actual), number, path);
    return;
  }
  if (expected !== null && typeof expected === 'object') {
    assert.equal(BSON.EJSON.stringify({ v: actual }), BSON.EJSON.stringify({ v: expected }), path);
    return;
  }
  assert.equal(actual ?? null, expected ?? null, path);
}
