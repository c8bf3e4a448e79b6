/** Folds, segments and spilled ops (store design section 4): what is folded looks as it did before, to everybody. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MailboxId } from '@vaguemestre/server/kernel/ids';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { startTestDatabase, type TestDatabase, type TestStore, type Weather } from '../../../harness/mail-store.js';
import { appendOctets, inboxOf, letter, readAll, rowsOf } from '../../../harness/store-messages.js';
import { assertSame, checkTotals } from '../../../property/mailstore/account-checks.js';

const range = (from: number, to: number): Uint32Array =>
  Uint32Array.from({ length: to - from + 1 }, (_, i) => from + i);

export function foldsSuite(weather: Weather): void {
  describe(`folds, in ${weather} weather`, () => {
    let database: TestDatabase;
    let store: TestStore;

    before(async () => {
      database = await startTestDatabase(weather);
      store = await database.open({ foldEntries: 8 });
    });
    after(() => database.close());

    async function newAccount(): Promise<Account> {
      const id = newAccountId();
      await store.mailstore.createAccount(id, { lang: 'en' });
      return store.mailstore.openAccount(id, { by: 'one' });
    }

    /** Another process, which reads root, segments and tail. */
    async function likeAFreshReader(account: Account): Promise<void> {
      const fresh = await database.open();
      const reader = await fresh.mailstore.openAccount(account.id, { by: 'reader' });
      await assertSame(account, reader);
      await checkTotals(reader);
      await fresh.close();
    }

    async function rootOf(
      account: Account,
    ): Promise<{ n: number; g: number; segs: { c: number; s: string }[]; dead: number }> {
      const root = (await store.database.roots.get(account.id))!;
      return {
        n: root.n,
        g: root.g,
        segs: root.boxes.flatMap((box) => box.segs.map(({ c, s }) => ({ c, s }))),
        dead: root.dead.length,
      };
    }

    /** Doubles the INBOX by COPY until it has `count` messages: quick, and each copy is one entry. */
    async function fill(account: Account, count: number): Promise<MailboxId> {
      const inbox = inboxOf(account);
      await appendOctets(account, inbox, letter('seed'));
      for (let have = 1; have < count; have *= 2)
        await account.copy(inbox, range(1, Math.min(have, count - have)), inbox);
      return inbox;
    }

    /** Adds entries that change nothing but the root's place, until everything before them is folded. */
    async function foldNow(account: Account): Promise<void> {
      const wanted = account.modseq;
      const deadline = performance.now() + 60_000;
      for (let i = 0; (await rootOf(account)).n < wanted; i++) {
        assert.ok(performance.now() < deadline, 'folded in time');
        await account.subscribe(`filler-${wanted}-${i}`, true);
      }
      await account.refresh();
    }

    it('puts messages into segments and lets the tail go', async () => {
      const account = await newAccount();
      const inbox = inboxOf(account);
      for (let i = 0; i < 5; i++) await appendOctets(account, inbox, letter(`m${i}`), i === 3 ? ['\\Seen', 'Kw'] : []);
      await account.storeFlags(inbox, { uids: Uint32Array.of(1), mode: 'add', flags: ['\\Flagged'] });
      await foldNow(account);
      const root = await rootOf(account);
      assert.deepEqual(
        root.segs.map((line) => line.c),
        [5],
      );
      await likeAFreshReader(account);
      const cursor = await account.open(inbox);
      assert.equal((await readAll(account, cursor.view)).length, 5);
      cursor.close();
      account.release();
    });

    it('folds what a process left behind that is gone', async () => {
      const patient = await database.open({ foldEntries: 10_000 });
      const id = newAccountId();
      await patient.mailstore.createAccount(id, { lang: 'en' });
      const writer = await patient.mailstore.openAccount(id, { by: 'one' });
      for (let i = 0; i < 40; i++) await writer.subscribe(`name-${i}`, true);
      await patient.close();
      assert.equal((await store.database.roots.get(id))!.n, 1, 'nothing is folded yet');
      const next = await database.open({ foldEntries: 10_000 });
      const reader = await next.mailstore.openAccount(id, { by: 'two' });
      const deadline = performance.now() + 60_000;
      while ((await store.database.roots.get(id))!.n < reader.modseq) {
        assert.ok(performance.now() < deadline, 'folded in time');
        await sleep(20);
      }
      assert.equal(reader.subscriptions().filter((name) => name.startsWith('name-')).length, 40);
      reader.release();
      await next.close();
    });

    it('cuts full segments at 4,096, rewrites only what changed, and keeps the old ones for a day', async () => {
      const account = await newAccount();
      const inbox = await fill(account, 10_000);
      await foldNow(account);
      const first = await rootOf(account);
      assert.deepEqual(
        first.segs.map((line) => line.c),
        [4096, 4096, 1808],
      );
      await account.storeFlags(inbox, { uids: Uint32Array.of(5000), mode: 'add', flags: ['\\Seen'] });
      await foldNow(account);
      const second = await rootOf(account);
      assert.equal(second.segs[0]!.s, first.segs[0]!.s);
      assert.notEqual(second.segs[1]!.s, first.segs[1]!.s);
      assert.equal(second.segs[2]!.s, first.segs[2]!.s);
      assert.ok(second.dead > first.dead);
      assert.ok(await store.database.segments.load(account.id, [first.segs[1]!.s], ['uid']), 'still there');
      await likeAFreshReader(account);
      account.release();
    });

    it('joins small neighbours after an expunge', async () => {
      const account = await newAccount();
      const inbox = await fill(account, 9_000);
      await foldNow(account);
      await account.storeFlags(inbox, { uids: range(200, 8_900), mode: 'add', flags: ['\\Deleted'] });
      await account.expunge(inbox);
      await foldNow(account);
      const root = await rootOf(account);
      assert.deepEqual(
        root.segs.map((line) => line.c),
        [299],
      );
      await likeAFreshReader(account);
      account.release();
    });

    it('spills what is too much for an entry, and another process sees it all', async () => {
      const other = await database.open();
      const account = await newAccount();
      const watcher = await other.mailstore.openAccount(account.id, { by: 'two' });
      const inbox = await fill(account, 9_000);
      const archive = account.mailbox('Archive')!.id;
      await watcher.refresh();
      const cursor = await watcher.open(archive);
      const before = account.modseq;
      const moved = await account.move(inbox, range(1, 9_000), archive);
      assert.equal(moved.targetUids.length, 9_000);
      await watcher.refresh();
      const delta = cursor.advance({ expunges: true });
      assert.equal(delta.exists, 9_000);
      await assertSame(account, watcher);
      await foldNow(account);
      await likeAFreshReader(account);
      assert.equal(account.mailbox('INBOX')!.exists, 0);
      // What the entry names lies in segments, and the entry itself below the root by now: for who comes now, all of it.
      const late = await database.open();
      const newcomer = await late.mailstore.openAccount(account.id, { by: 'three' });
      for (const handle of [account, watcher, newcomer]) {
        const emails = await handle.emails();
        const changes = (await handle.changesSince(before))!;
        assert.deepEqual([changes.emails.created, changes.emails.destroyed], [[], []]);
        assert.equal(changes.emails.updated.length, emails.live);
        assert.equal(emails.counts(archive).emails, emails.live);
      }
      cursor.close();
      await late.close();
      await other.close();
    });

    it('keeps messages that RENAME INBOX took, with a new modseq', async () => {
      const account = await newAccount();
      const inbox = inboxOf(account);
      for (let i = 0; i < 3; i++) await appendOctets(account, inbox, letter(`m${i}`));
      await foldNow(account);
      await appendOctets(account, inbox, letter('tail'));
      const open = await account.open(inbox);
      await account.rename('INBOX', 'Old/2025');
      assert.deepEqual([...open.advance({ expunges: true }).expunged], [1, 2, 3, 4]);
      const modseq = account.modseq;
      await appendOctets(account, inbox, letter('new'));
      const taken = await account.open(account.mailbox('Old/2025')!.id);
      assert.deepEqual(
        rowsOf(taken),
        [1, 2, 3, 4].map((uid) => [uid, 0, modseq]),
      );
      taken.close();
      await likeAFreshReader(account);
      await foldNow(account);
      await likeAFreshReader(account);
      assert.equal(account.mailbox('INBOX')!.uidNext, 6);
      open.close();
      account.release();
    });

    it('is done once when two processes try, and neither loses anything', async () => {
      const other = await database.open({ foldEntries: 8 });
      const account = await newAccount();
      const second = await other.mailstore.openAccount(account.id, { by: 'two' });
      const inbox = inboxOf(account);
      await Promise.all(
        [account, second].map(async (handle) => {
          for (let i = 0; i < 40; i++) await appendOctets(handle, inbox, letter(`m${i}`));
        }),
      );
      await account.refresh();
      await second.refresh();
      await assertSame(account, second);
      await foldNow(account);
      await likeAFreshReader(account);
      await other.close();
    });
  });
}
