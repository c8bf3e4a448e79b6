import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { documentValue } from '@vaguemestre/embedded/bson/element';
import type { Collection, Index } from '@vaguemestre/embedded/engine/catalog';
import { type Engine, openEngine } from '@vaguemestre/embedded/engine/engine';
import { entryKey, indexKeys, indexPrefix, prefixEnd } from '@vaguemestre/embedded/engine/index-keys';
import { matchesBytes } from '@vaguemestre/embedded/query/filter';
import { parseFilter } from '@vaguemestre/embedded/query/parse-filter';
import { parsePath } from '@vaguemestre/embedded/query/path';
import { planQuery } from '@vaguemestre/embedded/query/plan';
import { openScan } from '@vaguemestre/embedded/query/scan';
import { createSorter } from '@vaguemestre/embedded/query/sort';
import { applyUpdate } from '@vaguemestre/embedded/update/apply';
import { parseUpdate } from '@vaguemestre/embedded/update/parse';
import fc from 'fast-check';
import { Binary, BSON, type Document, ObjectId } from 'mongodb';
import { plainScalar } from './arbitrary-bson.js';

const bytes = (document: Document) => Buffer.from(BSON.serialize(document));

/** The planner and the indexes against a look at every document: whatever index is taken, the answer is the same. */
describe('plans', () => {
  let folder: string;
  let engine: Engine;
  let serial = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-plan-'));
    engine = openEngine(folder);
  });
  after(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Those whose keys begin or end with 00 or FF, as they stand or turned. */
  const edges = [
    ...['\0', 'a\0', 'a\0b', '\uffff'],
    ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1e300, 1e300],
    ...[new Binary(Buffer.alloc(0)), new Binary(Buffer.of(0)), new Binary(Buffer.of(255, 255))],
    ...[new ObjectId('0'.repeat(24)), new ObjectId('f'.repeat(24))],
    ...[new Date(-8.64e15), new Date(0), new Date(8.64e15)],
  ];
  const scalar = fc.oneof({ arbitrary: plainScalar, weight: 3 }, { arbitrary: fc.constantFrom(...edges), weight: 1 });
  const leaf = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
  const documents = fc.array(
    fc.record(
      { a: leaf, b: scalar, c: fc.record({ d: leaf }, { requiredKeys: [], noNullPrototype: true }) },
      { requiredKeys: [] },
    ),
    { minLength: 1, maxLength: 25 },
  );
  const direction = fc.constantFrom(1 as const, -1 as const);
  const indexSpec = fc.record({
    key: fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c.d', '_id'), direction), {
      minLength: 1,
      maxLength: 3,
      selector: ([path]) => path,
    }),
    sparse: fc.boolean(),
  });
  const condition = fc.oneof(
    scalar,
    fc
      .tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte', '$eq', '$ne'), scalar)
      .map(([op, value]) => ({ [op]: value })),
    fc.tuple(scalar, scalar).map(([low, high]) => ({ $gte: low, $lt: high })),
    fc.array(scalar, { maxLength: 3 }).map((values) => ({ $in: values })),
    fc.boolean().map((yes) => ({ $exists: yes })),
  );
  const idCondition = fc.oneof(
    fc.nat(30),
    fc.tuple(fc.nat(30), fc.nat(30)).map(([low, high]) => ({ $gt: low, $lte: high })),
    fc.array(fc.nat(30), { maxLength: 5 }).map((values) => ({ $in: values })),
  );
  const filters = fc.record(
    { a: condition, b: condition, 'c.d': condition, _id: idCondition },
    { requiredKeys: [], noNullPrototype: true },
  );
  const sorts = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c.d', '_id'), fc.boolean()), {
    maxLength: 2,
    selector: ([path]) => path,
  });

  function ids(found: Buffer[]): number[] {
    return found.map((document) => BSON.deserialize(document.subarray(0, document.readInt32LE(0)))['_id'] as number);
  }

  /** Reads in slices of one document, so that every step is a pause and a new seek. */
  function read(collection: Collection, filter: Document, sort: [string, boolean][]): number[] {
    const parsed = parseFilter(documentValue(bytes(filter)));
    const fields = sort.map(([path, descending]) => ({ path, descending }));
    const plan = planQuery(collection, parsed, fields);
    const scan = openScan(engine, collection, plan, () => false);
    const found: Buffer[] = [];
    for (let document = scan.next(); document !== undefined; document = scan.next()) {
      found.push(Buffer.from(document));
      scan.pause();
    }
    if (plan.sorted) return ids(found);
    const sorter = createSorter(fields, Number.POSITIVE_INFINITY);
    for (const document of found) sorter.add(document);
    return ids(sorter.finish());
  }

  it('know the ends of each type, in indexes of either direction', async () => {
    const values = [...edges, '', 'a', 'b', 0, false, true, null];
    for (const descending of [false, true]) {
      const collection = await engine.storage.write(() => {
        const made = engine.ensureCollection('test', `e${serial++}`);
        const fields = [{ path: parsePath('b'), descending }];
        engine.catalog.addIndex(made, { name: 'b', fields, unique: false, sparse: false });
        for (const [_id, b] of values.entries()) engine.documents.insert(made, bytes({ _id, b }));
        return made;
      });
      for (const op of ['$lt', '$lte', '$eq', '$gte', '$gt']) {
        for (const value of values) {
          const filter = { b: { [op]: value } };
          const parsed = parseFilter(documentValue(bytes(filter)));
          const expected = [...values.keys()].filter((_id) => matchesBytes(parsed, bytes({ _id, b: values[_id] })));
          const shown = `${op} ${JSON.stringify(value)}${descending ? ' descending' : ''}`;
          assert.ok(planQuery(collection, parsed, []).index !== undefined, shown);
          assert.deepEqual(
            read(collection, filter, []).sort((x, y) => x - y),
            expected,
            shown,
          );
        }
      }
    }
  });

  it('answer like a look at every document, sorted and not', async () => {
    await fc.assert(
      fc.asyncProperty(
        documents,
        fc.array(indexSpec, { maxLength: 2 }),
        fc.array(fc.tuple(filters, sorts), { minLength: 1, maxLength: 4 }),
        async (given, specs, queries) => {
          const { indexed, bare } = await engine.storage.write(() => {
            const make = (withIndexes: boolean) => {
              const collection = engine.ensureCollection('test', `c${serial++}`);
              for (const [i, { key, sparse }] of (withIndexes ? specs : []).entries()) {
                const fields = key.map(([path, order]) => ({ path: parsePath(path), descending: order < 0 }));
                engine.catalog.addIndex(collection, { name: `i${i}`, fields, unique: false, sparse });
              }
              return collection;
            };
            return { indexed: make(true), bare: make(false) };
          });
          const kept: Document[] = [];
          await engine.storage.write(() => {
            for (const [_id, document] of given.entries()) {
              const whole = { _id, ...document };
              try {
                engine.documents.insert(indexed, bytes(whole));
              } catch (error) {
                // Two arrays in one index: refused, as by MongoDB.
                assert.match(String(error), /parallel arrays|one array/);
                continue;
              }
              engine.documents.insert(bare, bytes(whole));
              kept.push(whole);
            }
          });
          for (const [filter, sort] of queries) {
            const expected = kept
              .filter((document) => matchesBytes(parseFilter(documentValue(bytes(filter))), bytes(document)))
              .map(({ _id }) => _id as number);
            const shown = JSON.stringify({ filter, sort, specs });
            assert.deepEqual(
              read(indexed, filter, []).sort((x, y) => x - y),
              expected,
              shown,
            );
            // Equal sort keys may come in any order: what counts is the keys.
            const keyed = (order: number[]) =>
              order.map((_id) =>
                sort.map(([path]) => JSON.stringify(sortKey(kept.find((document) => document['_id'] === _id)!, path))),
              );
            const [withIndexes, without] = [read(indexed, filter, sort), read(bare, filter, sort)];
            assert.equal(withIndexes.length, expected.length, shown);
            if (sort.every(([path]) => path === '_id' || path === 'b'))
              assert.deepEqual(keyed(withIndexes), keyed(without), shown);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  function sortKey(document: Document, path: string): unknown {
    return document[path] ?? null;
  }

  it('indexes follow updates and deletions', async () => {
    const change = fc.oneof(
      fc.tuple(fc.nat(8), leaf).map(([_id, a]) => ({ _id, update: { $set: { a } } as Document })),
      fc
        .tuple(fc.nat(8), plainScalar)
        .map(([_id, d]) => ({ _id, update: { $set: { 'c.d': d }, $unset: { b: 1 } } as Document })),
      fc.nat(8).map((_id) => ({ _id, update: undefined })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (changes) => {
        const collection = await engine.storage.write(() => {
          const made = engine.ensureCollection('test', `u${serial++}`);
          for (const path of ['a', 'c.d']) {
            engine.catalog.addIndex(made, {
              name: path,
              fields: [{ path: parsePath(path), descending: false }],
              unique: false,
              sparse: path === 'a',
            });
          }
          for (let _id = 0; _id < 9; _id++)
            engine.documents.insert(made, bytes({ _id, a: _id % 3, b: 1, c: { d: 'x' } }));
          return made;
        });
        await engine.storage.write(() => {
          for (const { _id, update } of changes) {
            const key = engine.documents.keyOf(collection, bytes({ _id }));
            const stored = engine.storage.get('docs', key);
            if (stored === undefined) continue;
            if (update === undefined) engine.documents.delete(collection, key, stored);
            else {
              const updated = applyUpdate(
                parseUpdate(documentValue(bytes(update))),
                stored.subarray(0, stored.readInt32LE(0)),
              );
              if (updated) engine.documents.update(collection, key, stored, updated.document, updated.description);
            }
          }
        });
        for (const index of collection.indexes)
          assert.deepEqual(entries(collection, index), expectedEntries(collection, index));
      }),
      { numRuns: 60 },
    );
  });

  function entries(_collection: Collection, index: Index): string[] {
    const prefix = indexPrefix(index);
    const found: string[] = [];
    const scan = engine.storage.scan('index', { from: prefix, to: prefixEnd(prefix), keysOnly: true });
    for (let step = scan.next(); !step.done; step = scan.next()) found.push(step.value.key.toString('hex'));
    return found;
  }

  function expectedEntries(collection: Collection, index: Index): string[] {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(collection.id);
    const found: string[] = [];
    const scan = engine.storage.scan('docs', { from: prefix, to: prefixEnd(prefix) });
    for (let step = scan.next(); !step.done; step = scan.next()) {
      const key = Buffer.from(step.value.key);
      const document = Buffer.from(step.value.value);
      const { keys } = indexKeys(index, document.subarray(0, document.readInt32LE(0)));
      for (const values of keys) found.push(entryKey(index, values, key.subarray(4)).toString('hex'));
    }
    return found.sort();
  }
});
