import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CopyCommand } from '@vaguemestre/server/codec/imap/command';
import {
  formatRanges,
  formatSet,
  joinRanges,
  type Range,
  rangesOf,
  requireSequences,
  resolveSequences,
  resolveUids,
} from '@vaguemestre/server/codec/imap/sequence-set';
import { ImapSyntaxError } from '@vaguemestre/server/codec/imap/syntax-error';
import fc from 'fast-check';
import { parse, rejection } from './parsing.js';

function written(text: string): readonly Range[] {
  const { set } = parse(`COPY ${text} a`) as CopyCommand;
  assert.ok(set.kind === 'written');
  return set.ranges;
}

test('UIDs: * is the last one, in either order', () => {
  assert.deepEqual(resolveUids(written('999:*'), 30), [[30, 999]]);
  assert.deepEqual(resolveUids(written('*:999'), 30), [[30, 999]]);
  assert.deepEqual(resolveUids(written('*'), 30), [[30, 30]]);
  assert.deepEqual(resolveUids(written('1:*'), 0), []);
  assert.deepEqual(resolveUids(written('7,5:3,4:6,1'), 30), [
    [1, 1],
    [3, 7],
  ]);
  assert.deepEqual(resolveUids(written('1:4294967295,4294967295'), 30), [[1, 4294967295]]);
});

test('sequence numbers: SEARCH leaves out what is not there, FETCH refuses it', () => {
  assert.deepEqual(resolveSequences(written('*:3,99'), 5), [[3, 5]]);
  assert.deepEqual(resolveSequences(written('*'), 0), []);
  assert.deepEqual(requireSequences(written('5:*,1'), 5), [
    [1, 1],
    [5, 5],
  ]);
  for (const [text, count] of [
    ['6', 5],
    ['1:6', 5],
    ['*', 0],
    ['1:*', 0],
    ['1', 0],
  ] as const) {
    assert.throws(() => requireSequences(written(text), count), ImapSyntaxError, text);
  }
});

test('formatting', () => {
  assert.equal(formatRanges([]), '');
  assert.equal(formatSet([1, 2, 3, 5, 7, 8]), '1:3,5,7:8');
  assert.equal(formatSet(Uint32Array.of(4294967294, 4294967295)), '4294967294:4294967295');
});

test('any set means its numbers, whatever its order and overlaps', () => {
  const number = fc.integer({ min: 1, max: 40 });
  const element = fc.oneof(
    number.map((n): Range => [n, n]),
    fc.tuple(number, number).map(([a, b]): Range => (a <= b ? [a, b] : [b, a])),
  );
  fc.assert(
    fc.property(fc.array(element, { maxLength: 12 }), (ranges) => {
      const joined = joinRanges(ranges);
      const expected = new Set<number>();
      for (const [low, high] of ranges) for (let n = low; n <= high; n++) expected.add(n);
      const sorted = [...expected].sort((a, b) => a - b);
      assert.deepEqual(joined, rangesOf(sorted));
      if (sorted.length > 0) assert.deepEqual(resolveUids(written(formatSet(sorted)), 40), joined);
    }),
  );
});

test('a set has at most 50,000 elements', () => {
  const set = (count: number): string => Array.from({ length: count }, (_, i) => 2 * i + 1).join(',');
  // More than a line may hold is sent by nobody; the limit stands for whatever reads longer ones.
  assert.equal(written(set(50_000)).length, 50_000);
  assert.equal(rejection(`COPY ${set(50_001)} a`).code, 'LIMIT');
});
