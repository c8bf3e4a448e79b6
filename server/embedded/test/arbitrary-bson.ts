/** Random BSON for property tests, close together so that equal values, prefixes and neighbours are common. */
import fc from 'fast-check';
import { Binary, BSONRegExp, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb';

const text = fc.oneof(
  fc.constantFrom('', 'a', 'a\0', 'a\0b', 'ab', 'b', 'é', '\u{1f600}', '\uffff', 'a\u00ff'),
  fc.string({ maxLength: 6 }),
);

const numbers = fc.oneof(
  fc.constantFrom(0, 1, -1, 2, 0.5, -0.5, 1e300, -1e300).map((n) => new Double(n)),
  fc
    .constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      2 ** 53,
      -(2 ** 53),
      2 ** 63,
      2 ** 60,
    )
    .map((n) => new Double(n)),
  fc.double().map((n) => new Double(n)),
  fc.integer({ min: -3, max: 3 }).map((n) => new Int32(n)),
  fc.integer().map((n) => new Int32(n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
  fc.bigInt({ min: 2n ** 53n - 4n, max: 2n ** 53n + 4n }).map((n) => Long.fromBigInt(n)),
  fc.bigInt({ min: 2n ** 60n - 300n, max: 2n ** 60n + 300n }).map((n) => Long.fromBigInt(n)),
  fc.bigInt({ min: -(2n ** 60n) - 300n, max: -(2n ** 60n) + 300n }).map((n) => Long.fromBigInt(n)),
);

const scalars = fc.oneof(
  numbers,
  text,
  fc.constantFrom(null, true, false, new MinKey(), new MaxKey()),
  fc.integer({ min: -2_000_000, max: 2_000_000 }).map((ms) => new Date(ms)),
  fc.integer({ min: 0, max: 300 }).map((n) => new ObjectId(n.toString(16).padStart(24, '0'))),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => new Binary(bytes)),
  fc.uint8Array({ maxLength: 2 }).map((bytes) => new Binary(bytes, 4)),
  fc.tuple(fc.nat(3), fc.nat(3)).map(([t, i]) => new Timestamp({ t, i })),
  fc.constantFrom('a', 'ab', 'b').map((pattern) => new BSONRegExp(pattern, 'i')),
);

const names = fc.constantFrom('a', 'b', 'ab', 'é');

export const arbitraryValue: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalars, tie('array'), tie('document')),
  array: fc.array(tie('value'), { maxLength: 3 }),
  document: fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
}))['value'] as fc.Arbitrary<unknown>;

/** What JavaScript compares as BSON does: for comparing with an implementation that knows no more. */
export const plainScalar = fc.oneof(
  fc.integer({ min: -2, max: 4 }),
  fc.constantFrom('', 'a', 'ab', 'b'),
  fc.constantFrom(null, true, false),
);
