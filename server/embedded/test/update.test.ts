import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { documentValue } from '@vaguemestre/embedded/bson/element';
import { parseFilter } from '@vaguemestre/embedded/query/parse-filter';
import { applyUpdate, upsertDocument } from '@vaguemestre/embedded/update/apply';
import { parseUpdate } from '@vaguemestre/embedded/update/parse';
import fc from 'fast-check';
import { updateOne } from 'mingo/updater';
import { BSON, type Document, Double, Int32, Long } from 'mongodb';

const bytes = (document: Document) => Buffer.from(BSON.serialize(document));
const plain = (document: Buffer) => BSON.deserialize(document);

function apply(update: Document, document: Document): Document {
  const before = bytes({ _id: 1, ...document });
  const { _id, ...rest } = plain(applyUpdate(parseUpdate(documentValue(bytes(update))), before)?.document ?? before);
  assert.equal(_id, 1);
  return rest;
}

describe('updates', () => {
  const cases: [string, Document, Document, Document][] = [
    ['$set of old and new fields', { $set: { b: 2, c: 3 } }, { a: 1, b: 1 }, { a: 1, b: 2, c: 3 }],
    ['$set below documents that are not there', { $set: { 'a.b.c': 1 } }, {}, { a: { b: { c: 1 } } }],
    ['$set at a position', { $set: { 'a.1': 9 } }, { a: [1, 2, 3] }, { a: [1, 9, 3] }],
    ['$set behind the end of an array', { $set: { 'a.3': 9 } }, { a: [1] }, { a: [1, null, null, 9] }],
    ['$unset', { $unset: { a: 1, 'b.c': 1, 'x.y': 1 } }, { a: 1, b: { c: 1, d: 2 } }, { b: { d: 2 } }],
    ['$unset of an element', { $unset: { 'a.0': 1 } }, { a: [1, 2] }, { a: [null, 2] }],
    ['$inc and $mul', { $inc: { a: 2, n: 1 }, $mul: { b: 3, m: 2 } }, { a: 1, b: 2 }, { a: 3, b: 6, m: 0, n: 1 }],
    ['$min and $max', { $min: { a: 1, b: 5 }, $max: { c: 9 } }, { a: 2, b: 2, c: 3 }, { a: 1, b: 2, c: 9 }],
    ['$push', { $push: { a: 3, b: 1 } }, { a: [1, 2] }, { a: [1, 2, 3], b: [1] }],
    ['$push with modifiers', { $push: { a: { $each: [5, 1], $sort: 1, $slice: -2 } } }, { a: [3] }, { a: [3, 5] }],
    ['$push at a position', { $push: { a: { $each: [9], $position: 1 } } }, { a: [1, 2] }, { a: [1, 9, 2] }],
    ['$addToSet', { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1] }, { a: [1, 2] }],
    ['$pull of a value', { $pull: { a: 1 } }, { a: [1, 2, 1] }, { a: [2] }],
    ['$pull by operators', { $pull: { a: { $gte: 2 } } }, { a: [1, 2, 3] }, { a: [1] }],
    ['$pull of documents', { $pull: { a: { x: 1 } } }, { a: [{ x: 1, y: 1 }, { x: 2 }] }, { a: [{ x: 2 }] }],
    ['$pull by $in', { $pull: { a: { $in: [1, 2] } } }, { a: [1, 2, 3] }, { a: [3] }],
    ['$pullAll and $pop', { $pullAll: { a: [1] }, $pop: { b: -1 } }, { a: [1, 2], b: [1, 2] }, { a: [2], b: [2] }],
    ['$setOnInsert when nothing is inserted', { $setOnInsert: { a: 1 } }, { b: 1 }, { b: 1 }],
  ];
  for (const [what, update, document, expected] of cases) {
    it(what, () => assert.deepEqual(apply(update, document), expected));
  }

  it('leave the types of what they do not touch', () => {
    const document = { long: Long.fromNumber(1), whole: new Double(1), int: new Int32(1) };
    const after = applyUpdate(parseUpdate(documentValue(bytes({ $set: { x: 1 } }))), bytes({ _id: 1, ...document }))!;
    const read = BSON.deserialize(after.document, { promoteValues: false });
    assert.ok(read['long'] instanceof Long && read['whole'] instanceof Double && read['int'] instanceof Int32);
  });

  it('widen numbers when they have to', () => {
    assert.equal(apply({ $inc: { a: 1 } }, { a: new Int32(2147483647) })['a'], 2147483648);
    assert.equal(apply({ $inc: { a: 0.5 } }, { a: new Int32(1) })['a'], 1.5);
    assert.throws(() => apply({ $inc: { a: 1 } }, { a: Long.MAX_VALUE }), /64 bits/);
  });

  it('refuse what MongoDB refuses', () => {
    const wrong: [Document, Document, RegExp][] = [
      [{ $inc: { a: 1 } }, { a: 'x' }, /non-numeric/],
      [{ $inc: { a: 'x' } }, {}, /non-numeric/],
      [{ $push: { a: 1 } }, { a: 1 }, /must be an array/],
      [{ $set: { 'a.b': 1 } }, { a: 1 }, /Cannot create field/],
      [{ $set: { a: 1 }, $inc: { a: 1 } }, {}, /conflict/],
      [{ $set: { a: 1, 'a.b': 1 } }, {}, /conflict/],
      [{ $set: { _id: 2 } }, {}, /immutable/],
      [{ $nothing: { a: 1 } }, {}, /Unknown modifier/],
      [{ $set: { a: 1 }, b: 1 }, {}, /Unknown modifier/],
      [{ $set: { 'a.': 1 } }, {}, /empty field name/],
      [{ $set: { 'a.$': 1 } }, {}, /positional/],
    ];
    for (const [update, document, text] of wrong)
      assert.throws(() => apply(update, document), text, JSON.stringify(update));
  });

  it('make a document of the equalities of the filter', () => {
    const make = (filter: Document, update: Document) =>
      plain(upsertDocument(parseUpdate(documentValue(bytes(update))), parseFilter(documentValue(bytes(filter)))));
    assert.deepEqual(make({ _id: 5, 'a.b': 1, c: { $gt: 1 } }, { $inc: { n: 1 } }), { _id: 5, a: { b: 1 }, n: 1 });
    assert.deepEqual(make({ $and: [{ _id: 5 }, { x: { $eq: 2 } }] }, { $setOnInsert: { y: 1 } }), {
      _id: 5,
      x: 2,
      y: 1,
    });
    assert.deepEqual(make({ _id: 5, x: 1 }, { y: 1 }), { _id: 5, y: 1 });
    assert.throws(() => make({ _id: 5 }, { $set: { _id: 6 } }), /immutable/);
  });

  it('agree with another implementation on plain values', () => {
    const scalar = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom('a', 'b'));
    const list = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
    const document = fc.record({ a: fc.integer({ min: -3, max: 3 }), l: list, d: fc.record({ x: scalar, y: scalar }) });
    const update = fc
      .record(
        {
          $set: fc.constantFrom({ 'd.x': 7 }, { 'd.z.q': 1 }, { s: 'new' }),
          $inc: fc.constantFrom({ a: 2 }, { n: -1 }),
          $push: fc.oneof(
            fc.constant({ l: 9 }),
            list.map((values) => ({ l: { $each: values, $slice: -3 } })),
          ),
          $unset: fc.constantFrom({ 'd.y': '' }, { none: '' }),
        },
        { requiredKeys: [], noNullPrototype: true },
      )
      .filter((operators) => Object.keys(operators).length > 0);
    fc.assert(
      fc.property(update, document, (operators, given) => {
        const expected = [structuredClone({ _id: 1, ...given }) as Document];
        updateOne(expected as never, {}, operators as never);
        const { _id, ...rest } = expected[0]!;
        assert.deepEqual(sorted(apply(operators, given)), sorted(rest), JSON.stringify([operators, given]));
      }),
      { numRuns: 1000 },
    );
  });
});

/** New fields come in another order elsewhere. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
