/** What all JMAP types share (RFC 8620 section 5), without a store: patches, properties, filters, windows of results, values. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseIJson } from '@vaguemestre/server/http/jmap/i-json';
import { MethodError } from '@vaguemestre/server/http/jmap/method';
import { matchesFilter, parseFilter } from '@vaguemestre/server/http/jmap/standard/filter';
import { applyPatch } from '@vaguemestre/server/http/jmap/standard/patch';
import { checkedCreate, checkedUpdate, type Properties } from '@vaguemestre/server/http/jmap/standard/properties';
import { deltaOfChanged } from '@vaguemestre/server/http/jmap/standard/query';
import { creationOrder } from '@vaguemestre/server/http/jmap/standard/set';
import { SetFailure } from '@vaguemestre/server/http/jmap/standard/set-failure';
import { isSame, utcDate, utcDateMs } from '@vaguemestre/server/http/jmap/values';
import fc from 'fast-check';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a patch', () => {
  const current = { a: { b: { c: 1 }, d: [1, 2] }, e: 'text', 'x/y~z': { w: 1 } };

  it('sets, removes and resets, and leaves the object it is given alone', () => {
    const before = plain(current);
    const patched = applyPatch(
      current,
      { 'a/b/c': 2, 'a/b/new': null, 'a/d': [3], e: null, 'x~1y~0z/w': null, f: { g: 1 } },
      { e: 'default' },
    );
    assert.deepEqual(plain(patched), { a: { b: { c: 2 }, d: [3] }, e: 'default', 'x/y~z': {}, f: { g: 1 } });
    assert.deepEqual(plain(current), before);
  });

  it('that is none is refused', () => {
    for (const patch of [
      { 'a/d/0': 1 },
      { 'none/x': 1 },
      { 'e/x': 1 },
      { a: {}, 'a/b': 1 },
      { 'a/b': 1, 'a/b/c': 2 },
      { 'a/__proto__/x': 1 },
      { 'constructor/prototype': 1 },
    ]) {
      assert.throws(
        () => applyPatch(current, patch, {}),
        (error) => error instanceof SetFailure && error.error.type === 'invalidPatch',
        JSON.stringify(patch),
      );
    }
  });

  it('never reaches a prototype', () => {
    const patched = applyPatch({ a: {} }, JSON.parse('{"__proto__":{"polluted":1},"a/__proto__":{"polluted":1}}'), {});
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.ok(Object.hasOwn(patched, '__proto__'));
  });

  it('of a whole object is that object', () => {
    const object = fc.dictionary(
      fc.string().filter((name) => !name.includes('/') && !name.includes('~')),
      fc.jsonValue().filter((value) => value !== null),
    );
    fc.assert(
      fc.property(object, object, (old, next) => {
        const removed = Object.fromEntries(Object.keys(old).map((name) => [name, null]));
        assert.ok(isSame(plain(applyPatch(old, { ...removed, ...next }, {})), plain(next)));
      }),
    );
  });
});

describe('properties', () => {
  const isString = (value: unknown): boolean => typeof value === 'string';
  const properties: Properties = {
    id: { setBy: 'server' },
    name: { setBy: 'client', is: isString },
    color: { setBy: 'client', is: isString, ifAbsent: 'red' },
    kind: { setBy: 'create', is: isString, ifAbsent: 'x' },
  };
  const wrongOf = (action: () => unknown): readonly string[] | undefined => {
    try {
      action();
      return undefined;
    } catch (error) {
      assert.ok(error instanceof SetFailure);
      return error.error.properties;
    }
  };

  it('are checked all at once when something is created', () => {
    assert.deepEqual(checkedCreate({ name: 'n' }, properties), { name: 'n', color: 'red', kind: 'x' });
    assert.deepEqual(
      wrongOf(() => checkedCreate({ id: '1', color: 2, toString: 'x' }, properties)),
      ['id', 'color', 'toString', 'name'],
    );
  });

  it('that cannot be changed may come back as they are', () => {
    const current = { id: '1', name: 'n', color: 'blue', kind: 'x' };
    assert.deepEqual(checkedUpdate(current, { ...current, color: null }, properties).changed, ['color']);
    assert.deepEqual(
      wrongOf(() => checkedUpdate(current, { id: '2', kind: 'y', name: null }, properties)),
      ['id', 'name', 'kind'],
    );
  });
});

describe('filters', () => {
  it('nest, and NOT is that none matches', () => {
    const filter = parseFilter<{ n: number }>(
      { operator: 'OR', conditions: [{ n: 1 }, { operator: 'NOT', conditions: [{ n: 2 }, { n: 3 }] }] },
      { n: (value) => typeof value === 'number' },
    );
    const found = [1, 2, 3, 4].filter((value) => matchesFilter(filter, ({ n }) => n === value));
    assert.deepEqual(found, [1, 4]);
  });

  it('do not know what objects of JavaScript have', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      const filter: unknown = JSON.parse(`{${JSON.stringify(name)}:1}`);
      assert.throws(
        () => parseFilter(filter, { n: () => true }),
        (error) => error instanceof MethodError && error.type === 'unsupportedFilter',
      );
    }
  });
});

describe('a delta of what may have changed', () => {
  it('turns any old list into the new one, if what did not change keeps its order', () => {
    const lists = fc.record({
      old: fc.uniqueArray(fc.nat(30)),
      now: fc.uniqueArray(fc.nat(30)),
      more: fc.uniqueArray(fc.nat(30)),
    });
    fc.assert(
      fc.property(lists, ({ old, now, more }) => {
        // What is in both and not said to have changed stands in one order in both.
        const changed = new Set<number>(more);
        for (const each of old) if (!now.includes(each)) changed.add(each);
        for (const each of now) if (!old.includes(each)) changed.add(each);
        const order = old.filter((each) => !changed.has(each));
        let at = 0;
        const next = now.map((each) => (changed.has(each) ? each : order[at++]!));
        const delta = deltaOfChanged(next.map(String), new Set([...changed].map(String)));
        const list = old.map(String).filter((each) => !delta.removed.includes(each));
        for (const { id, index } of delta.added) list.splice(index, 0, id);
        assert.deepEqual(list, next.map(String));
        assert.equal(delta.total, next.length);
      }),
    );
  });
});

describe('creations', () => {
  it('come after what they name, whatever the order, and circles end', () => {
    const graph = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(graph, (links) => {
        // Only links to later ones: no circle.
        const create = new Map(links.map((to, i) => [String(i), { to: to.filter((j) => j > i).map((j) => `#${j}`) }]));
        const order = creationOrder(create, ({ to }) => to as string[]);
        assert.deepEqual([...order].sort(), [...create.keys()].sort());
        for (const [id, { to }] of create) {
          for (const each of to) {
            const needed = each.slice(1);
            if (create.has(needed)) assert.ok(order.indexOf(needed) < order.indexOf(id));
          }
        }
        const circles = new Map(links.map((to, i) => [String(i), { to: to.map((j) => `#${j}`) }]));
        assert.equal(creationOrder(circles, ({ to }) => to as string[]).length, circles.size);
      }),
    );
  });
});

describe('values', () => {
  it('of I-JSON read as JSON does, or not at all', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        const parsed = parseIJson(Buffer.from(text));
        if (parsed !== undefined) assert.deepEqual(parsed.value, JSON.parse(text));
        else assert.match(text, /\\u[dD][89a-fA-F]/);
      }),
    );
    const members = (count: number) =>
      Buffer.from(`{${Array.from({ length: count }, (_, i) => `"${i}":0`).join(',')}}`);
    assert.ok(parseIJson(members(20_000)));
    assert.equal(parseIJson(members(20_001)), undefined);
    assert.equal(parseIJson(Buffer.from('{"a":1,"\\u0061":2}')), undefined);
    assert.ok(parseIJson(Buffer.from('{"a":{"b":1},"b":[{"b":1},{"b":2}]}')));
  });

  it('of dates are real ones', () => {
    assert.equal(utcDateMs('2026-11-24T12:00:00Z'), Date.UTC(2026, 10, 24, 12));
    assert.equal(utcDateMs('2026-11-24T12:00:00.25Z'), Date.UTC(2026, 10, 24, 12, 0, 0, 250));
    for (const bad of ['2026-02-30T00:00:00Z', '2026-11-24T12:00:00+01:00', '2026-11-24', 7, '2026-11-24t12:00:00z']) {
      assert.equal(utcDateMs(bad), undefined, String(bad));
    }
    assert.equal(utcDate(0), '1970-01-01T00:00:00Z');
    assert.equal(utcDate(1), '1970-01-01T00:00:00.001Z');
  });
});
