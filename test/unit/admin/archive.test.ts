/** Archives: bit for bit there and back, by any tar as well, whole or not at all, and never out of their folder. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  checkRecipients,
  ensureKey,
  openAgeFile,
  readIdentities,
  writeAgeFile,
} from '@vaguemestre/server/admin/archive/age-file';
import { archivePerson, isIntact, removeOldArchives } from '@vaguemestre/server/admin/archive/archive-person';
import { openArchive, removeUnpacked } from '@vaguemestre/server/admin/archive/restore-archive';
import { readTar, tarEnd, tarHeader, tarPadding } from '@vaguemestre/server/admin/archive/tar-format';
import type { Person } from '@vaguemestre/server/auth/people';
import { type AccountId, newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import fc from 'fast-check';
import { memoryEnded } from '../../harness/ended-memory.js';
import { everythingIn, put, putAwkward } from '../../harness/mail-account.js';
import { createMemoryMailstore } from '../../harness/memory-mailstore.js';
import { movingClock } from '../../harness/moving-clock.js';

const nothing = Buffer.alloc(0);
const { signal } = new AbortController();
const dayMs = 24 * 3_600_000;

const personOf = (id: AccountId): Person => ({
  _id: id,
  address: 'tom/../x@labo.example',
  addresses: ['tom/../x@labo.example', 'tom@labo.example'],
  name: 'Tom Évain',
  role: 'intern',
  lang: 'fr',
  admin: false,
  eudora: false,
  quota: 1_000_000,
  expires: new Date('2026-01-31T22:59:59.999Z'),
  allow: [],
  deny: [],
  disabled: false,
  created: new Date(0),
});

describe('archives', () => {
  const store = createMemoryMailstore(() => ({ envelope: nothing, bodyStructure: nothing, headers: nothing }));
  const clock = movingClock(Date.now());
  const archives = memoryEnded().archives;
  let folder: string;
  let serial = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vm-archive-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const newAccount = async (): Promise<Account> => {
    const id = newAccountId();
    await store.createAccount(id, { lang: 'en' });
    return store.openAccount(id, { by: 'test' });
  };
  const parts = (own: Partial<Parameters<typeof archivePerson>[0]> = {}) => ({
    mailstore: store,
    people: { get: async () => undefined },
    archives,
    folder: join(folder, `archives-${serial++}`),
    recipients: [],
    keyFile: join(folder, 'archive.key'),
    host: 'here',
    zone: 'Europe/Paris',
    clock,
    ...own,
  });
  const restoreOptions = { maxBytes: 100_000_000, onProgress: () => undefined, signal };

  it('give back every octet, flag, keyword, date, folder and subscription', async () => {
    const account = await newAccount();
    await putAwkward(account);
    const made = await archivePerson(parts(), personOf(account.id), signal);
    assert.equal(made.messages, 16);
    assert.equal(made.bytes, statSync(made.file).size);
    assert.equal(statSync(made.file).mode & 0o777, 0o600);
    assert.equal(await isIntact(made, signal), true);
    assert.ok(!readFileSync(made.file).includes('Subject: x'), 'nothing of it can be read');

    const identities = await readIdentities(join(folder, 'archive.key'));
    const under = join(folder, 'unpacked');
    const opened = await openArchive(made.file, identities, under, signal);
    const back = await newAccount();
    const report = await opened.restore(back, restoreOptions);
    await opened.close();
    assert.deepEqual(report.refused, []);
    assert.deepEqual(await everythingIn(back), await everythingIn(account));
    assert.deepEqual(new Set(back.subscriptions()), new Set(account.subscriptions()));
    assert.equal(opened.person.name, 'Tom Évain');
    assert.equal(opened.person.expires, '2026-01-31T22:59:59.999Z');
    assert.deepEqual(readdirSync(under), [], 'nothing readable is left');
  });

  it('are opened by any tar, with names of every length', async (t) => {
    if (spawnSync('tar', ['--version']).status !== 0) return t.skip('no tar here');
    const account = await newAccount();
    await putAwkward(account);
    await put(account, `${'Très long/'.repeat(12)}fin`, 'Subject: deep\r\n\r\nx\r\n', ['\\Seen']);
    const made = await archivePerson(parts(), personOf(account.id), signal);
    const octets: Uint8Array[] = [];
    for await (const piece of await openAgeFile(made.file, await readIdentities(join(folder, 'archive.key')))) {
      octets.push(piece);
    }
    const out = join(folder, 'by-tar');
    mkdirSync(out);
    const done = spawnSync('tar', ['-xf', '-', '-C', out], { input: Buffer.concat(octets) });
    assert.equal(done.status, 0, done.stderr.toString());
    const { maildirSource } = await import('@vaguemestre/server/admin/import/maildir-source');
    const boxes = await maildirSource(join(out, 'Maildir')).mailboxes();
    assert.equal(
      boxes.reduce((sum, { size }) => sum + size, 0),
      17,
    );
    assert.ok(boxes.some(({ path }) => path.at(-1) === 'fin' && path.length === 13));
  });

  it('are opened by the keys of the laboratory and by no other', async () => {
    const account = await newAccount();
    await put(account, 'INBOX', 'Subject: a\r\n\r\nb\r\n');
    const key = join(folder, 'laboratory.key');
    const recipient = await ensureKey(key);
    assert.equal(await ensureKey(key), recipient, 'made once');
    const made = await archivePerson(parts({ recipients: [recipient] }), personOf(account.id), signal);
    const own = await openArchive(made.file, await readIdentities(key), folder, signal);
    await own.close();
    const other = join(folder, 'other.key');
    await ensureKey(other);
    const wrong = readIdentities(other).then((keys) => openArchive(made.file, keys, folder, signal));
    await assert.rejects(wrong, { code: 'invalid', public: /cannot be opened with this key/ });
    assert.throws(() => checkRecipients(['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8x']));
  });

  it('that are damaged or cut are noticed and restored by nobody', async () => {
    const account = await newAccount();
    await put(account, 'INBOX', `Subject: a\r\n\r\n${'line\r\n'.repeat(40_000)}`);
    const made = await archivePerson(parts(), personOf(account.id), signal);
    const identities = await readIdentities(join(folder, 'archive.key'));
    const whole = readFileSync(made.file);
    const flipped = Buffer.from(whole);
    flipped[whole.length >> 1]! ^= 1;
    for (const damaged of [flipped, whole.subarray(0, whole.length - 10), whole.subarray(0, 150_000)]) {
      writeFileSync(made.file, damaged);
      assert.equal(await isIntact(made, signal), false);
      await assert.rejects(openArchive(made.file, identities, join(folder, 'none'), signal), { code: 'invalid' });
      assert.deepEqual(readdirSync(join(folder, 'none')), []);
    }
    rmSync(made.file);
    assert.equal(await isIntact(made, signal), false);
  });

  it('are there whole or not at all when writing or reading back fails', async () => {
    const recipients = [await ensureKey(join(folder, 'archive.key'))];
    const target = join(folder, 'failing.age');
    const produce = async (write: (octets: Uint8Array) => Promise<void>) => write(Buffer.alloc(300_000));
    const drain = async (octets: AsyncIterable<Uint8Array>) => {
      for await (const _ of octets);
    };
    const failing = [
      { produce: () => Promise.reject(new Error('the store is away')), verify: drain },
      { produce, verify: () => Promise.reject(new Error('not what was written')) },
    ];
    for (const content of failing) {
      await assert.rejects(writeAgeFile(target, recipients, content, signal));
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith('failing')),
        [],
      );
    }
    const stopped = new AbortController();
    const slow = {
      produce: (write: Parameters<typeof produce>[0]) => {
        stopped.abort();
        return produce(write);
      },
      verify: drain,
    };
    await assert.rejects(writeAgeFile(target, recipients, slow, stopped.signal), { name: 'AbortError' });
    assert.equal(
      (await writeAgeFile(target, recipients, { produce, verify: drain }, signal)).bytes,
      statSync(target).size,
    );
  });

  it('go after their year, and what an interruption left after a day', async () => {
    const account = await newAccount();
    const own = parts();
    const made = await archivePerson(own, personOf(account.id), signal);
    for (const name of ['a.tar.age.part', 'b.tar.age', 'keep.txt']) writeFileSync(join(own.folder, name), 'x');
    const at = (days: number) => ({ ...own, clock: movingClock(clock.nowMs() + days * dayMs) });
    assert.deepEqual(await removeOldArchives(at(0)), []);
    assert.equal(readdirSync(own.folder).length, 4, 'somebody may be writing them');
    assert.deepEqual(await removeOldArchives({ ...at(400), host: 'elsewhere' }), []);
    assert.deepEqual(await removeOldArchives(at(363)), []);
    assert.deepEqual(readdirSync(own.folder).sort(), ['keep.txt', made.file.split('/').at(-1)].sort());
    assert.deepEqual((await removeOldArchives(at(367))).map(({ _id }) => _id).includes(made._id), true);
    assert.deepEqual(readdirSync(own.folder), ['keep.txt']);
  });

  it('that were being taken back when everything stopped leave nothing readable for long', async () => {
    const under = join(folder, 'killed');
    for (const name of ['restoring-a', 'restoring-b', 'mine']) mkdirSync(join(under, name), { recursive: true });
    const old = (Date.now() - 2 * dayMs) / 1000;
    utimesSync(join(under, 'restoring-a'), old, old);
    utimesSync(join(under, 'mine'), old, old);
    await removeUnpacked(under, Date.now() - dayMs);
    assert.deepEqual(readdirSync(under).sort(), ['mine', 'restoring-b']);
    await removeUnpacked(join(folder, 'nowhere'), Date.now());
  });

  it('let no name lead out of the folder', async () => {
    const recipients = [await ensureKey(join(folder, 'archive.key'))];
    for (const path of ['../out', '/out', 'Maildir/../../out', 'a//b', './a', '']) {
      const file = join(folder, `hostile-${serial++}.age`);
      const octets = Buffer.concat([tarHeader({ path, size: 1, mtime: 1 }), Buffer.from('x'), tarPadding(1), tarEnd()]);
      const content = {
        produce: (write: (o: Uint8Array) => Promise<void>) => write(octets),
        verify: async () => undefined,
      };
      await writeAgeFile(file, recipients, content, signal);
      const identities = await readIdentities(join(folder, 'archive.key'));
      await assert.rejects(openArchive(file, identities, join(folder, 'none'), signal), { public: /leads elsewhere/ });
    }
  });
});

describe('tar', () => {
  it('gives back names, sizes and times, however the stream is cut', async () => {
    const path = fc
      .array(
        fc
          .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
          .filter((level) => !/[\0/\ud800-\udfff]/.test(level)),
        {
          minLength: 1,
          maxLength: 8,
        },
      )
      .map((levels) => levels.join('/'));
    const file = fc.record({
      path,
      octets: fc.uint8Array({ maxLength: 1500 }),
      mtime: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 5 }), fc.integer({ min: 1, max: 2000 }), async (files, cut) => {
        const whole = Buffer.concat([
          ...files.flatMap(({ path, octets, mtime }) => [
            tarHeader({ path, size: octets.length, mtime }),
            octets,
            tarPadding(octets.length),
          ]),
          tarEnd(),
        ]);
        const back: unknown[] = [];
        for await (const entry of readTar(pieces(whole, cut))) {
          const octets: Uint8Array[] = [];
          for await (const piece of entry.octets()) octets.push(Buffer.from(piece));
          back.push([entry.path, entry.mtime, Buffer.concat(octets).toString('hex')]);
        }
        assert.deepEqual(
          back,
          files.map(({ path, mtime, octets }) => [path, mtime, Buffer.from(octets).toString('hex')]),
        );
      }),
      { numRuns: 150 },
    );
  });
});

async function* pieces(octets: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}
