import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareValues } from '@vaguemestre/embedded/bson/compare';
import { documentValue, Elements, field, type Value, validateDocument } from '@vaguemestre/embedded/bson/element';
import { encodeKey } from '@vaguemestre/embedded/bson/encode-key';
import { MongoError } from '@vaguemestre/embedded/errors';
import fc from 'fast-check';
import { Binary, BSON, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'mongodb';
import { arbitraryValue } from './arbitrary-bson.js';

const name = Buffer.from('v');

function bsonOf(value: unknown): Value {
  return field(Buffer.from(BSON.serialize({ v: value })), name)!;
}

describe('the order of BSON values', () => {
  it('is the one MongoDB documents', () => {
    const ascending: unknown[] = [
      new MinKey(),
      null,
      new Double(Number.NaN),
      new Double(Number.NEGATIVE_INFINITY),
      Long.MIN_VALUE,
      new Int32(-1),
      new Double(-0.5),
      new Int32(0),
      new Double(0.1),
      Decimal128.fromString('0.10000000000000001'),
      new Int32(1),
      Long.fromString('9007199254740992'),
      Long.fromString('9007199254740993'),
      Decimal128.fromString('9007199254740993.5'),
      Long.fromString('9007199254740994'),
      Long.MAX_VALUE,
      new Double(2 ** 63),
      Decimal128.fromString('1E+6000'),
      new Double(Number.POSITIVE_INFINITY),
      '',
      'A',
      'a',
      'a\0',
      'aa',
      '\uffff',
      '\u{1f600}',
      {},
      { a: null },
      { a: 1 },
      { b: 0 },
      { a: 'x' },
      [],
      [1],
      [1, 2],
      [2],
      new Binary(Buffer.from([255])),
      new Binary(Buffer.from([0, 0])),
      new Binary(Buffer.from([0, 0]), 4),
      new ObjectId('000000000000000000000000'),
      new ObjectId('ffffffffffffffffffffffff'),
      false,
      true,
      new Date(-1),
      new Date(0),
      new Timestamp({ t: 1, i: 2 }),
      /a/,
      new MaxKey(),
    ];
    const values = ascending.map(bsonOf);
    for (const [i, left] of values.entries()) {
      for (const [j, right] of values.entries()) {
        assert.equal(Math.sign(compareValues(left, right)), Math.sign(i - j), `${i} against ${j}`);
      }
    }
  });

  it('takes numbers of different types as equal, and a missing value as null', () => {
    for (const other of [new Double(5), Long.fromNumber(5), Decimal128.fromString('5.0')]) {
      assert.equal(compareValues(bsonOf(new Int32(5)), bsonOf(other)), 0);
    }
    assert.equal(compareValues(bsonOf(new Double(-0)), bsonOf(new Int32(0))), 0);
    assert.equal(compareValues(undefined, bsonOf(null)), 0);
  });

  it('is the order of the keys', () => {
    fc.assert(
      fc.property(arbitraryValue, arbitraryValue, (a, b) => {
        const [left, right] = [bsonOf(a), bsonOf(b)];
        const byKey = Buffer.compare(encodeKey([left]), encodeKey([right]));
        assert.equal(Math.sign(byKey), Math.sign(compareValues(left, right)));
      }),
      { numRuns: 3000 },
    );
  });

  it('holds over keys of several fields, some descending', () => {
    const pair = fc.tuple(arbitraryValue, arbitraryValue);
    fc.assert(
      fc.property(pair, pair, fc.tuple(fc.boolean(), fc.boolean()), (a, b, descending) => {
        const [left, right] = [a.map(bsonOf), b.map(bsonOf)];
        let expected = 0;
        for (let i = 0; i < 2 && expected === 0; i++) {
          expected = Math.sign(compareValues(left[i], right[i])) * (descending[i] ? -1 : 1);
        }
        assert.equal(
          Math.sign(Buffer.compare(encodeKey(left, descending), encodeKey(right, descending))),
          expected + 0,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('has no key that begins with another, nor with FF', () => {
    fc.assert(
      fc.property(arbitraryValue, arbitraryValue, (a, b) => {
        const [left, right] = [encodeKey([bsonOf(a)]), encodeKey([bsonOf(b)])];
        assert.notEqual(left[0], 0xff);
        assert.ok(left.equals(right) || !right.subarray(0, left.length).equals(left));
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses keys that are too long, and decimals in them', () => {
    assert.throws(() => encodeKey([bsonOf('x'.repeat(5000))]), /longer than/);
    assert.throws(() => encodeKey([bsonOf(Decimal128.fromString('1'))]), MongoError);
  });
});

describe('validation of documents', () => {
  function walk(value: Value): void {
    const elements = new Elements(value.buf, value.at);
    while (elements.next()) {
      elements.name();
      if (elements.type === 3 || elements.type === 4) walk(elements.value());
    }
  }

  it('takes what the driver writes', () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        const bytes = Buffer.from(BSON.serialize({ v: value }));
        validateDocument(bytes, 0, bytes.length);
      }),
    );
  });

  it('leaves nothing that a walk would fall over', () => {
    const damaged = fc.tuple(
      arbitraryValue,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 }),
    );
    fc.assert(
      fc.property(damaged, ([value, changes]) => {
        const bytes = Buffer.from(BSON.serialize({ v: value, w: [value] }));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        try {
          validateDocument(bytes, 0, bytes.length);
        } catch (error) {
          assert.ok(error instanceof MongoError, String(error));
          return;
        }
        walk(documentValue(bytes));
        compareValues(documentValue(bytes), documentValue(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses nesting without end', () => {
    let bytes = Buffer.from([5, 0, 0, 0, 0]);
    for (let i = 0; i < 300; i++) {
      const outer = Buffer.alloc(bytes.length + 8);
      outer.writeInt32LE(outer.length, 0);
      outer[4] = 3;
      outer[5] = 97;
      bytes.copy(outer, 7);
      bytes = outer;
    }
    assert.throws(() => validateDocument(bytes, 0, bytes.length), /nested deeper/);
  });
});
