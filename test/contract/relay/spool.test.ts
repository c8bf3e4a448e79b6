/** The spool: what it acknowledged is there for the next process, whole; what it did not is gone. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createGroupSync } from '@vaguemestre/relay/spool/group-sync';
import { isQueueId, newQueueId } from '@vaguemestre/relay/spool/queue-id';
import { openSpool, type Spool, type SpoolLimits } from '@vaguemestre/relay/spool/spool';
import { spoolOwners } from '@vaguemestre/relay/spool/spool-owner';
import type { SpoolRecord } from '@vaguemestre/relay/spool/spool-record';
import type { SpooledMessage } from '@vaguemestre/relay/spool/spooled-message';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { chance } from '../../harness/seeded-random.js';

const roomy: SpoolLimits = { maxBytes: 10_000_000, maxMessages: 100 };

describe('the spool', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vm-spool-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const open = (owner: string, limits = roomy, lives: (owner: string) => boolean = () => false): Promise<Spool> =>
    openSpool({ folder, owner, lives, limits, log: silentLog });

  const recordOf = (id: string, sizeBytes: number, receivedMs = 0): SpoolRecord => ({
    v: 1,
    id,
    entrance: 'edge',
    client: { address: '192.0.2.1' },
    envelope: { from: 'a@x.example', smtpUtf8: false, eightBit: false, requireTls: false },
    recipients: [{ address: 'b@labo.example', route: { kind: 'mailbox' } }],
    inward: '',
    about: { subject: 'été' },
    sizeBytes,
    receivedMs,
    tookMs: {},
    priority: 1,
  });

  async function put(spool: Spool, content: Buffer, chunk = content.length, receivedMs = 0): Promise<SpooledMessage> {
    const id = newQueueId(Date.now());
    const writer = spool.begin(id);
    for (let at = 0; at < content.length; at += chunk) await writer.write(content.subarray(at, at + chunk));
    assert.deepEqual(await whole(writer), content);
    return writer.finish(recordOf(id, writer.sizeBytes, receivedMs));
  }

  async function whole(message: { octets(): AsyncIterable<Uint8Array> }): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of message.octets()) parts.push(part);
    return Buffer.concat(parts);
  }

  it('gives back what it took, of any size in any pieces, before and after a crash', async (t) => {
    const luck = chance();
    t.diagnostic(`seed ${luck.seed}`);
    const first = await open('first');
    const contents = [0, 1, 100, 65_535, 65_536, 65_537, 400_000].map((size) =>
      Buffer.from(Array.from({ length: size }, () => luck.below(256))),
    );
    for (const [i, content] of contents.entries()) {
      const message = await put(first, content, 1 + luck.below(50_000), i);
      assert.deepEqual(await whole(message), content);
      assert.deepEqual(await whole(message), content, 'a second time');
    }
    assert.equal(first.messages, contents.length);
    // Nobody closes a spool that was killed.
    const second = await open('second');
    const adopted = await second.adopt();
    assert.equal(adopted.length, contents.length);
    for (const [i, message] of adopted.entries()) {
      assert.deepEqual(await whole(message), contents[i]);
      assert.equal(message.record.about.subject, 'été');
      await message.remove();
    }
    assert.deepEqual([second.messages, second.bytes], [0, 0]);
    await second.close();
    assert.deepEqual(
      readdirSync(folder).filter((name) => name === 'second'),
      [],
    );
  });

  it('knows a file that was not finished, or is not what was written, and lets it go', async () => {
    const first = await open('first');
    const content = Buffer.alloc(70_000, 'x');
    const { record } = await put(first, content);
    const unfinished = first.begin(newQueueId(1));
    await unfinished.write(content);
    const path = join(folder, 'first', record.id);
    const good = readFileSync(path);
    for (const at of [10, 69_990, 70_010, good.length - 1, good.length - 6]) {
      const bad = Buffer.from(good);
      bad[at] = bad[at]! ^ 1;
      writeFileSync(join(folder, 'first', newQueueId(at)), bad);
    }
    writeFileSync(join(folder, 'first', newQueueId(2)), good.subarray(0, -1));
    const second = await open('second');
    const adopted = await second.adopt();
    assert.deepEqual(
      adopted.map((one) => one.record.id),
      [record.id],
    );
    assert.deepEqual(readdirSync(join(folder, 'second', 'from-first')), [record.id]);
  });

  it('leaves nothing behind of a message that was given up', async () => {
    const spool = await open('one');
    const writer = spool.begin(newQueueId(1));
    await writer.write(Buffer.alloc(100_000));
    writer.abort();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual([spool.messages, spool.bytes], [0, 0]);
    await spool.close();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('takes no more than it has room for, and says so for a while', async () => {
    const spool = await open('one', { maxBytes: 1_000, maxMessages: 2 });
    await put(spool, Buffer.alloc(800));
    assert.equal(spool.narrow, true);
    const writer = spool.begin(newQueueId(1));
    assert.throws(
      () => writer.write(Buffer.alloc(300)),
      (error) => error instanceof MailError && error.code === 'limit' && error.temporary,
    );
    writer.abort();
    await put(spool, Buffer.alloc(100));
    assert.throws(() => spool.begin(newQueueId(1)), MailError);
  });

  it('leaves the folder of a process that lives alone', async () => {
    await put(await open('living'), Buffer.from('x'));
    const second = await open('second', roomy, (owner) => owner === 'living');
    assert.deepEqual(await second.adopt(), []);
  });

  it('gives a folder to one of two who want it', async () => {
    for (let i = 0; i < 5; i++) await put(await open(`dead${i}`), Buffer.from('x'));
    const [one, two] = [await open('one', roomy, (o) => o === 'two'), await open('two', roomy, (o) => o === 'one')];
    const found = await Promise.all([one.adopt(), two.adopt()]);
    assert.equal(found.flat().length, 5);
  });
});

describe('what belongs to the spool', () => {
  it('knows a process by its birth, and nothing of other machines', () => {
    const owners = spoolOwners('/data');
    assert.equal(owners.lives(owners.own), true);
    const [machine, pid, , nonce] = owners.own.split('-');
    assert.equal(owners.lives(`${machine}-${pid}-000000000000-${nonce}`), false);
    assert.equal(owners.lives(`${machine}-999999999-000000000000-${nonce}`), false);
    assert.equal(owners.lives(`other-${pid}-000000000000-${nonce}`), true);
  });

  it('makes ids that can be told, in the order of time', () => {
    const ids = [1, 31, 1_000_000, 1_800_000_000_000].map(newQueueId);
    assert.deepEqual([...ids].sort(), ids);
    assert.ok(ids.every(isQueueId));
    assert.equal(isQueueId('../../etc/passwd!'), false);
  });

  it('syncs a folder once for all who came while it was being synced', async () => {
    let syncs = 0;
    let finish: () => void = () => undefined;
    const group = createGroupSync(
      () =>
        new Promise((resolve) => {
          syncs++;
          finish = resolve;
        }),
    );
    const first = group.sync();
    const others = [group.sync(), group.sync(), group.sync()];
    finish();
    await first;
    await new Promise((resolve) => setImmediate(resolve));
    finish();
    await Promise.all(others);
    assert.equal(syncs, 2);
  });

  it('tells all of a sync that failed, and tries again for the next', async () => {
    let fails = true;
    const group = createGroupSync(async () => {
      if (fails) throw new Error('no disk');
    });
    const [first, second] = [group.sync(), group.sync()];
    fails = false;
    await assert.rejects(first);
    await second;
  });
});
