import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeUids, encodeUids } from '@vaguemestre/server/mailstore/uid-set';
import fc from 'fast-check';

const ascending = (uids: Iterable<number>): Uint32Array => Uint32Array.from(new Set(uids)).sort();

describe('uid sets of the log', () => {
  it('give back what was put in, dense, sparse or in runs', () => {
    const dense = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 200 });
    const sparse = fc.array(fc.integer({ min: 1, max: 0xffffffff }), { maxLength: 50 });
    const runs = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 0xfffffe00 }), fc.integer({ min: 1, max: 200 })), { maxLength: 8 })
      .map((list) => list.flatMap(([from, length]) => Array.from({ length }, (_, i) => from + i)));
    fc.assert(
      fc.property(fc.oneof(dense, sparse, runs), (list) => {
        const uids = ascending(list);
        assert.deepEqual(decodeUids(encodeUids(uids)), uids);
      }),
    );
  });

  it('take the shortest form', () => {
    const range = Uint32Array.from({ length: 10_000 }, (_, i) => 5 + i);
    assert.equal(encodeUids(range), '5:10004');
    const everyOther = Uint32Array.from({ length: 1_000 }, (_, i) => 1 + 2 * i);
    const bitmap = encodeUids(everyOther);
    assert.ok(typeof bitmap === 'object' && 'lo' in bitmap && bitmap.m.length === 250);
    const far = Uint32Array.from({ length: 100 }, (_, i) => 1_000_000_000 + i * 1_000_003);
    assert.ok(encodeUids(far) instanceof Uint8Array);
    assert.equal(encodeUids(new Uint32Array(0)), '');
  });

  it('refuse what cannot be a set, and a range that would fill memory', () => {
    for (const text of ['0:4', '5:4', 'a', '1:4294967296', '1,,2', '1:4294967295']) {
      assert.throws(() => decodeUids(text), RangeError, text);
    }
  });
});
