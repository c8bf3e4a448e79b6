import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Engine, openEngine } from '@vaguemestre/embedded/engine/engine';
import { BSON } from 'mongodb';

const day = 24 * 3600 * 1000;
const limits = { maxBytes: 2 * 1024 * 1024, maxAgeMs: day };
const perJob = 500;

describe('the oplog of the store', () => {
  let folder: string;
  let engine: Engine;
  let serial = 0;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-oplog-'));
    engine = openEngine(folder, undefined, limits);
  });
  afterEach(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Documents of some 600 octets, which records hold as they are. */
  async function insert(count: number): Promise<void> {
    for (let done = 0; done < count; done += perJob) {
      await engine.storage.write(() => {
        const collection = engine.ensureCollection('mail', 'changes');
        for (let i = 0; i < perJob; i++) {
          const document = { _id: `a/${String(serial++).padStart(12, '0')}`, b: Buffer.alloc(600, 1) };
          engine.documents.insert(collection, Buffer.from(BSON.serialize(document)));
        }
      });
    }
  }

  const held = () => engine.storage.bytesOf('oplog');
  const everything = { kind: 'all' } as const;

  it('keeps about as much as it may, however often it is trimmed', async () => {
    await insert(10_000);
    assert.ok(held() > 2 * limits.maxBytes, 'or the test shows nothing');
    for (let round = 0; round < 3; round++) {
      await engine.oplog.trim();
      assert.ok(held() <= limits.maxBytes, `${held()} octets are left`);
      assert.ok(held() > limits.maxBytes / 3, `only ${held()} octets are left`);
    }
  });

  it('keeps about as much after a start, when nothing is known but the pages', async () => {
    await insert(10_000);
    await engine.close();
    engine = openEngine(folder, undefined, limits);
    await engine.oplog.trim();
    assert.ok(held() <= limits.maxBytes && held() > limits.maxBytes / 3, `${held()} octets are left`);
  });

  it('drops from the oldest on, and says up to where', async () => {
    await insert(10_000);
    const newest = engine.oplog.last;
    const { droppedUpTo } = engine.oplog;
    await engine.oplog.trim();
    assert.ok(engine.oplog.droppedUpTo > droppedUpTo);
    assert.equal(engine.oplog.last, newest);
    const [first] = engine.oplog.read(0n, everything).records;
    assert.ok(first !== undefined && first.time > engine.oplog.droppedUpTo);
  });

  it('drops what is too old, and writes nothing when nothing is', async () => {
    await insert(perJob);
    const before = engine.oplog.droppedUpTo;
    await engine.oplog.trim();
    assert.equal(engine.oplog.droppedUpTo, before);
    await engine.close();
    engine = openEngine(folder, undefined, { ...limits, maxAgeMs: -day });
    await engine.oplog.trim();
    assert.equal(engine.oplog.read(0n, everything).records.length, 0);
  });
});
