/** Several sessions on one mailbox, in one process and in two: what each is told, and when (contract: mailbox.ts). */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { seenBit } from '@vaguemestre/server/mailstore/flags';
import type { MailboxCursor } from '@vaguemestre/server/mailstore/mailbox';
import { startTestDatabase, type TestDatabase, type TestStore, type Weather } from '../../../harness/mail-store.js';
import { appendOctets, inboxOf, letter, readAll, uidsOf, until } from '../../../harness/store-messages.js';

export function sessionsSuite(weather: Weather): void {
  describe(`sessions on a mailbox, in ${weather} weather`, () => {
    let database: TestDatabase;
    let store: TestStore;
    let other: TestStore;
    let mine: Account;
    let theirs: Account;
    let elsewhere: Account;
    let cursors: MailboxCursor[];

    before(async () => {
      database = await startTestDatabase(weather);
      store = await database.open();
      other = await database.open();
    });
    after(() => database.close());

    async function begin(messages: number): Promise<[MailboxCursor, MailboxCursor, MailboxCursor]> {
      const id = newAccountId();
      await store.mailstore.createAccount(id, { lang: 'en' });
      mine = await store.mailstore.openAccount(id, { by: 'mine' });
      theirs = await store.mailstore.openAccount(id, { by: 'theirs' });
      for (let i = 0; i < messages; i++) await appendOctets(mine, inboxOf(mine), letter(`m${i}`));
      elsewhere = await other.mailstore.openAccount(id, { by: 'elsewhere' });
      const opened = [];
      for (const account of [mine, theirs, elsewhere]) opened.push(await account.open(inboxOf(account)));
      cursors.push(...opened);
      return opened as [MailboxCursor, MailboxCursor, MailboxCursor];
    }

    beforeEach(() => {
      for (const cursor of cursors ?? []) cursor.close();
      cursors = [];
    });

    it('tells of new messages and of others’ flags, not of its own', async () => {
      const [own, neighbour, remote] = await begin(2);
      await mine.storeFlags(inboxOf(mine), { uids: Uint32Array.of(2), mode: 'add', flags: ['\\Seen'] });
      await appendOctets(theirs, inboxOf(theirs), letter('new'));
      const delta = own.advance({ expunges: true });
      assert.deepEqual([delta.exists, [...delta.changed], delta.keywordsGrew], [3, [], false]);
      assert.equal(own.pending, false);
      const told = neighbour.advance({ expunges: true });
      assert.deepEqual([told.exists, [...told.changed]], [3, [1]]);
      await until(() => remote.pending && remote.info.exists === 3, 'the feed brought it');
      const far = remote.advance({ expunges: true });
      assert.deepEqual([far.exists, [...far.changed], far.highestModseq], [3, [1], mine.modseq]);
    });

    it('holds expunges back until they are allowed, and reads what went meanwhile', async () => {
      const [own, neighbour] = await begin(4);
      const { view } = neighbour;
      await mine.storeFlags(inboxOf(mine), { uids: Uint32Array.of(1, 3), mode: 'add', flags: ['\\Deleted'] });
      await mine.expunge(inboxOf(mine));
      await mine.storeFlags(inboxOf(mine), { uids: Uint32Array.of(4), mode: 'add', flags: ['\\Seen'] });
      await appendOctets(mine, inboxOf(mine), letter('after'));
      const held = neighbour.advance({ expunges: false });
      assert.deepEqual([[...held.expunged], held.exists], [[], undefined]);
      assert.deepEqual(uidsOf(neighbour.view), [1, 2, 3, 4]);
      assert.equal(neighbour.view.flags[3], seenBit, 'flags are current in the version that is held');
      assert.deepEqual([...held.changed], [0, 2, 3]);
      assert.ok(held.highestModseq < mine.modseq);
      assert.equal((await readAll(theirs, view)).filter((octets) => octets.length > 0).length, 4);
      assert.equal(neighbour.pending, true);
      const now = neighbour.advance({ expunges: true });
      assert.deepEqual([[...now.expunged], [...now.expungedUids], now.exists], [[1, 3], [1, 3], 3]);
      assert.deepEqual(uidsOf(neighbour.view), [2, 4, 5]);
      assert.equal(now.highestModseq, mine.modseq);
      assert.deepEqual([...own.advance({ expunges: true }).expunged], [1, 3]);
    });

    it('wakes those who wait, after the turn, once for many changes', async () => {
      const [, neighbour, remote] = await begin(1);
      let woken = 0;
      let far = 0;
      neighbour.onPending(() => {
        woken += 1;
      });
      const stop = remote.onPending(() => {
        far += 1;
      });
      await Promise.all(Array.from({ length: 20 }, (_, i) => appendOctets(mine, inboxOf(mine), letter(`n${i}`))));
      await until(() => far > 0 && remote.info.exists === 21, 'the other process wakes');
      await until(() => woken > 0, 'the neighbour wakes');
      assert.ok(woken <= 20);
      stop();
      assert.equal(neighbour.advance({ expunges: true }).exists, 21);
    });

    it('says that the keyword table grew', async () => {
      const [, neighbour] = await begin(1);
      await mine.storeFlags(inboxOf(mine), { uids: Uint32Array.of(1), mode: 'add', flags: ['Travail'] });
      const delta = neighbour.advance({ expunges: false });
      assert.deepEqual([delta.keywordsGrew, [...delta.changed]], [true, [0]]);
    });

    it('says that the mailbox was deleted, here and elsewhere', async () => {
      await begin(0);
      const { id } = await mine.create('Old');
      await appendOctets(mine, id, letter('x'));
      await elsewhere.refresh();
      const [here, there] = [await theirs.open(id), await elsewhere.open(id)];
      cursors.push(here, there);
      await mine.delete('Old');
      assert.equal(here.advance({ expunges: true }).gone, true);
      await until(() => there.pending, 'the other process hears');
      assert.equal(there.advance({ expunges: true }).gone, true);
      await assert.rejects(mine.open(id), { code: 'nonexistent' });
      assert.equal(mine.quota().usedBytes, 0);
    });

    it('sees after a refresh whatever was acknowledged elsewhere', async () => {
      await begin(0);
      for (let i = 1; i <= 20; i++) {
        await appendOctets(mine, inboxOf(mine), letter(`m${i}`));
        await elsewhere.refresh();
        assert.equal(elsewhere.mailbox('INBOX')!.exists, i);
      }
    });

    it('takes what two processes append at the same time: each once, uids ascending in the order of acknowledgement', async () => {
      await begin(0);
      const acknowledged: Record<string, number[]> = { mine: [], elsewhere: [] };
      const subjects: string[] = [];
      const write = async (account: Account, name: string): Promise<void> => {
        for (let i = 0; i < 40; i++) {
          subjects.push(`${name}-${i}`);
          acknowledged[name]!.push(await appendOctets(account, inboxOf(account), letter(`${name}-${i}`)));
        }
      };
      await Promise.all([write(mine, 'mine'), write(elsewhere, 'elsewhere')]);
      for (const uids of Object.values(acknowledged)) {
        assert.deepEqual(
          uids,
          [...uids].sort((x, y) => x - y),
        );
      }
      await mine.refresh();
      const cursor = await mine.open(inboxOf(mine));
      cursors.push(cursor);
      const stored = (await readAll(mine, cursor.view)).map((octets) => /Subject: (.*)\r/.exec(octets.toString())![1]);
      assert.deepEqual(stored.sort(), subjects.sort());
      assert.deepEqual(
        uidsOf(cursor.view),
        Array.from({ length: 80 }, (_, i) => i + 1),
      );
    });

    it('names what vanished, exactly while the log has it', async () => {
      await begin(6);
      const since = mine.modseq;
      await mine.storeFlags(inboxOf(mine), { uids: Uint32Array.of(2, 3, 5), mode: 'add', flags: ['\\Deleted'] });
      await mine.expunge(inboxOf(mine), Uint32Array.of(2));
      const middle = mine.modseq;
      await mine.expunge(inboxOf(mine));
      const inbox = inboxOf(mine);
      assert.deepEqual(await mine.vanished(inbox, since), [
        [2, 3],
        [5, 5],
      ]);
      assert.deepEqual(await mine.vanished(inbox, middle), [
        [3, 3],
        [5, 5],
      ]);
      assert.deepEqual(
        await mine.vanished(inbox, since, [
          [1, 2],
          [4, 9],
        ]),
        [
          [2, 2],
          [5, 5],
        ],
      );
      assert.deepEqual(await mine.vanished(inbox, mine.modseq), []);
    });

    it('leaves the mailbox as it was to a session that never asks, without remembering every change', async () => {
      const [, neighbour] = await begin(3);
      const flag = (i: number): Promise<unknown> =>
        mine.storeFlags(inboxOf(mine), {
          uids: Uint32Array.of(1 + (i % 2)),
          mode: i % 4 < 2 ? 'add' : 'remove',
          flags: ['\\Flagged'],
        });
      await Promise.all(Array.from({ length: 1_100 }, (_, i) => flag(i)));
      assert.deepEqual([...neighbour.advance({ expunges: true }).changed], [0, 1]);
    });
  });
}
