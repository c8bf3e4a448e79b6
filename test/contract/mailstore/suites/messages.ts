/** Messages in and out of one account: append, deliver, read, flags, expunge (contract: mailstore/account.ts). */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { deletedBit, flaggedBit, seenBit } from '@vaguemestre/server/mailstore/flags';
import {
  type OpenOptions,
  startTestDatabase,
  type TestDatabase,
  type TestStore,
  type Weather,
} from '../../../harness/mail-store.js';
import {
  appendOctets,
  inboxOf,
  letter,
  readAll,
  rowsOf,
  stageMessage,
  testLimits,
  uidsOf,
} from '../../../harness/store-messages.js';

/** The shortcuts to the embedded store that a worker takes, none by default. */
export type Shortcuts = Pick<OpenOptions, 'committedReads' | 'directCommits'>;

export function messagesSuite(weather: Weather, shortcuts: Shortcuts = {}): void {
  describe([`messages of an account, in ${weather} weather`, ...Object.keys(shortcuts)].join(', '), () => {
    let database: TestDatabase;
    let store: TestStore;
    let account: Account;

    before(async () => {
      database = await startTestDatabase(weather);
      store = await database.open(shortcuts);
    });
    after(() => database.close());
    beforeEach(async () => {
      const id = newAccountId();
      await store.mailstore.createAccount(id, { lang: 'en' });
      account = await store.mailstore.openAccount(id, { by: 'session-1' });
    });

    it('begins with INBOX and special-use mailboxes at modseq 1', () => {
      assert.equal(account.modseq, 1);
      assert.deepEqual(
        account.mailboxes().map((box) => [box.path, box.role]),
        [
          ['INBOX', 'inbox'],
          ['Archive', 'archive'],
          ['Drafts', 'drafts'],
          ['Junk', 'junk'],
          ['Sent', 'sent'],
          ['Trash', 'trash'],
        ],
      );
    });

    it('appends, and reads back bit for bit', async () => {
      const inbox = inboxOf(account);
      const messages = [
        letter('one'),
        letter('two', 'with a \0 and a lone \r inside\r\n'),
        Buffer.from('no header at all'),
      ];
      for (const message of messages) await appendOctets(account, inbox, message);
      const cursor = await account.open(inbox);
      assert.deepEqual(uidsOf(cursor.view), [1, 2, 3]);
      assert.deepEqual(await readAll(account, cursor.view), messages);
      assert.equal(cursor.view.sizeAt(1), messages[1]!.length);
      const info = account.mailbox('inbox')!;
      assert.deepEqual([info.exists, info.unseen, info.firstUnseen, info.uidNext], [3, 3, 1, 4]);
      assert.equal(
        info.bytes,
        messages.reduce((sum, message) => sum + message.length, 0),
      );
      assert.equal(account.quota().usedBytes, info.bytes);
      cursor.close();
    });

    it('mends a lone LF, also across chunks, and nothing else', async () => {
      const inbox = inboxOf(account);
      const incoming = account.receive(testLimits);
      for (const chunk of ['Subject: x\r', '\n', '\n', 'a\nb\rc']) await incoming.write(Buffer.from(chunk));
      await account.append(inbox, [{ message: await incoming.finish(), flags: [] }]);
      const cursor = await account.open(inbox);
      assert.equal((await readAll(account, cursor.view))[0]!.toString(), 'Subject: x\r\n\r\na\r\nb\rc');
      cursor.close();
    });

    it('keeps a large message in pieces', async () => {
      const inbox = inboxOf(account);
      const body = Buffer.alloc(3 * 1024 * 1024 + 17, 'abcdefghij klmnopqrst\r\n');
      const message = Buffer.concat([letter('large', ''), body]);
      const incoming = account.receive(testLimits);
      for (let at = 0; at < message.length; at += 65_536) await incoming.write(message.subarray(at, at + 65_536));
      await account.append(inbox, [{ message: await incoming.finish(), flags: [] }]);
      const cursor = await account.open(inbox);
      assert.ok((await readAll(account, cursor.view))[0]!.equals(message));
      cursor.close();
    });

    it('refuses a message over the limit, and one after its end', async () => {
      const incoming = account.receive({ maxBytes: 10 });
      await assert.rejects(incoming.write(Buffer.alloc(11)), { code: 'tooBig' });
      await assert.rejects(incoming.write(Buffer.alloc(1)), { code: 'closed' });
    });

    it('appends several in one entry, all or nothing', async () => {
      const inbox = inboxOf(account);
      const before = account.modseq;
      const items = [
        { message: await stageMessage(account, letter('a')), flags: ['\\Seen'], date: 1_000_000 },
        { message: await stageMessage(account, letter('b')), flags: ['$Label1'], date: 2_000_000 },
      ];
      const result = await account.append(inbox, items);
      assert.deepEqual(result.uids, [1, 2]);
      assert.equal(account.modseq, before + 1);
      assert.equal(result.modseq, before + 1);
      const cursor = await account.open(inbox);
      await cursor.view.load(['date', 'id']);
      assert.deepEqual([cursor.view.dateAt(0), cursor.view.dateAt(1)], [1_000_000, 2_000_000]);
      assert.deepEqual([cursor.view.idAt(0), cursor.view.idAt(1)], result.ids);
      assert.deepEqual(account.keywords, ['$Label1']);
      assert.equal(account.mailbox('INBOX')!.firstUnseen, 2);
      await assert.rejects(
        account.append(inbox, [{ message: await stageMessage(account, letter('c')), flags: ['bad keyword'] }]),
        { code: 'invalid' },
      );
      assert.equal(account.modseq, before + 1);
      cursor.close();
    });

    it('keeps a date that no column holds as the nearest one that it does', async () => {
      const inbox = inboxOf(account);
      for (const date of [-86_400, 5_000_000_000]) {
        await account.append(inbox, [{ message: await stageMessage(account, letter('d')), flags: [], date }]);
      }
      const cursor = await account.open(inbox);
      await cursor.view.load(['date']);
      assert.deepEqual([cursor.view.dateAt(0), cursor.view.dateAt(1)], [0, 0xffffffff]);
      cursor.close();
    });

    it('stores flags, leaves out what does not change, and counts the unseen', async () => {
      const inbox = inboxOf(account);
      for (const subject of ['a', 'b', 'c']) await appendOctets(account, inbox, letter(subject));
      const all = Uint32Array.of(1, 2, 3);
      const first = await account.storeFlags(inbox, { uids: Uint32Array.of(1, 3), mode: 'add', flags: ['\\Seen'] });
      assert.deepEqual([...first.changed], [1, 3]);
      assert.deepEqual([account.mailbox('INBOX')!.unseen, account.mailbox('INBOX')!.firstUnseen], [1, 2]);
      const again = await account.storeFlags(inbox, { uids: all, mode: 'add', flags: ['\\SEEN'] });
      assert.deepEqual([...again.changed], [2]);
      assert.deepEqual([account.mailbox('INBOX')!.unseen, account.mailbox('INBOX')!.firstUnseen], [0, 0]);
      const modseq = account.modseq;
      const nothing = await account.storeFlags(inbox, { uids: all, mode: 'add', flags: ['\\Seen'] });
      assert.deepEqual([[...nothing.changed], account.modseq], [[], modseq]);
      await account.storeFlags(inbox, { uids: Uint32Array.of(2), mode: 'replace', flags: ['\\Flagged', 'Travail'] });
      assert.deepEqual([account.mailbox('INBOX')!.unseen, account.mailbox('INBOX')!.firstUnseen], [1, 2]);
      const cursor = await account.open(inbox);
      assert.deepEqual(
        rowsOf(cursor).map(([uid, flags]) => [uid, flags]),
        [
          [1, seenBit],
          [2, flaggedBit | (1 << 5)],
          [3, seenBit],
        ],
      );
      const missing = await account.storeFlags(inbox, {
        uids: Uint32Array.of(2, 9),
        mode: 'remove',
        flags: ['Travail'],
      });
      assert.deepEqual([[...missing.changed], [...missing.missing]], [[2], [9]]);
      cursor.close();
    });

    it('heeds UNCHANGEDSINCE', async () => {
      const inbox = inboxOf(account);
      for (const subject of ['a', 'b']) await appendOctets(account, inbox, letter(subject));
      const since = account.modseq;
      await account.storeFlags(inbox, { uids: Uint32Array.of(2), mode: 'add', flags: ['\\Flagged'] });
      const result = await account.storeFlags(inbox, {
        uids: Uint32Array.of(1, 2),
        mode: 'add',
        flags: ['\\Seen'],
        unchangedSince: since,
      });
      assert.deepEqual([[...result.changed], [...result.conflicts]], [[1], [2]]);
    });

    it('keeps more keywords than one word has room for, up to its limit', async () => {
      const inbox = inboxOf(account);
      await appendOctets(account, inbox, letter('a'));
      const names = Array.from({ length: 123 }, (_, i) => `kw${i}`);
      await account.storeFlags(inbox, { uids: Uint32Array.of(1), mode: 'add', flags: names });
      assert.equal(account.keywordsFull, true);
      const cursor = await account.open(inbox);
      assert.deepEqual(cursor.view.flagsAt(0), [0xffffffe0, 0xffffffff, 0xffffffff, 0xffffffff]);
      cursor.close();
      await assert.rejects(account.storeFlags(inbox, { uids: Uint32Array.of(1), mode: 'add', flags: ['more'] }), {
        code: 'limit',
      });
    });

    it('expunges what is marked, and never gives its uid again', async () => {
      const inbox = inboxOf(account);
      for (const subject of ['a', 'b', 'c', 'd']) await appendOctets(account, inbox, letter(subject));
      await account.storeFlags(inbox, { uids: Uint32Array.of(2, 3, 4), mode: 'add', flags: ['\\Deleted'] });
      const some = await account.expunge(inbox, Uint32Array.of(1, 4));
      assert.deepEqual([...some.uids], [4]);
      const rest = await account.expunge(inbox);
      assert.deepEqual([...rest.uids], [2, 3]);
      assert.equal(await appendOctets(account, inbox, letter('e')), 5);
      const cursor = await account.open(inbox);
      assert.deepEqual(uidsOf(cursor.view), [1, 5]);
      assert.equal(cursor.info.exists, 2);
      assert.equal((cursor.view.flags[0]! & deletedBit) !== 0, false);
      cursor.close();
    });

    it('refuses what would be over quota, exactly', async () => {
      const message = letter('quota');
      const small = await store.mailstore.openAccount(account.id, { by: 's', quotaBytes: 2 * message.length });
      await appendOctets(small, inboxOf(small), message);
      await appendOctets(small, inboxOf(small), message);
      await assert.rejects(appendOctets(small, inboxOf(small), message), { code: 'overQuota' });
      small.release();
    });

    it('delivers with a prefix, to INBOX, to the folder of the detail, and spam to junk', async () => {
      const prefix = Buffer.from('Return-Path: <a@b.example>\r\nDelivered-To: x@labo.example\r\n');
      await account.create('Lists/Math');
      const deliver = async (more: { detail?: string; junk?: boolean }): Promise<void> => {
        const delivery = store.mailstore.beginDelivery([{ account: account.id, prefix, ...more }], testLimits);
        await delivery.write(letter('delivered'));
        const [outcome] = await delivery.commit();
        assert.equal(outcome!.kind, 'stored');
      };
      await deliver({});
      await deliver({ detail: 'lists/math' });
      await deliver({ detail: 'nowhere' });
      await deliver({ detail: 'lists/math', junk: true });
      assert.equal(account.mailbox('INBOX')!.exists, 2);
      assert.equal(account.mailbox('Lists/Math')!.exists, 1);
      assert.equal(account.mailbox('Junk')!.exists, 1);
      const cursor = await account.open(inboxOf(account));
      const [octets] = await readAll(account, cursor.view);
      assert.ok(octets!.equals(Buffer.concat([prefix, letter('delivered')])));
      assert.equal(cursor.view.sizeAt(0), octets!.length);
      cursor.close();
    });

    it('delivers to many with one content, each on its own', async () => {
      const ids = Array.from({ length: 20 }, () => newAccountId());
      for (const id of ids.slice(1)) await store.mailstore.createAccount(id, { lang: 'fr' });
      const delivery = store.mailstore.beginDelivery(
        ids.map((id, i) => ({ account: id, prefix: Buffer.from(`Delivered-To: ${i}\r\n`) })),
        testLimits,
      );
      await delivery.write(letter('to all'));
      const outcomes = await delivery.commit();
      assert.equal(outcomes[0]!.kind, 'refused');
      assert.deepEqual(new Set(outcomes.slice(1).map((outcome) => outcome.kind)), new Set(['stored']));
      for (const [i, id] of ids.entries()) {
        if (i === 0) continue;
        const other = await store.mailstore.openAccount(id, { by: 'x' });
        const cursor = await other.open(inboxOf(other));
        const [octets] = await readAll(other, cursor.view);
        assert.equal(octets!.toString(), `Delivered-To: ${i}\r\n${letter('to all').toString()}`);
        cursor.close();
        other.release();
      }
    });

    it('recognises a delivery that was handed over before', async () => {
      const deliver = async (envid: string | undefined, text: string): Promise<string> => {
        const options = { ...testLimits, ...(envid === undefined ? {} : { envid }) };
        const delivery = store.mailstore.beginDelivery([{ account: account.id, prefix: Buffer.alloc(0) }], options);
        await delivery.write(letter(text));
        return (await delivery.commit())[0]!.kind;
      };
      assert.equal(await deliver('env-1', 'x'), 'stored');
      assert.equal(await deliver('env-1', 'x'), 'duplicate');
      assert.equal(await deliver('env-1', 'other content'), 'stored');
      assert.equal(await deliver('env-2', 'x'), 'stored');
      assert.equal(await deliver(undefined, 'x'), 'stored');
      assert.deepEqual((await Promise.all([deliver('env-3', 'y'), deliver('env-3', 'y')])).sort(), [
        'duplicate',
        'stored',
      ]);
    });

    it('joins answers to the thread of what they answer, in either order of arrival', async () => {
      const inbox = inboxOf(account);
      await appendOctets(account, inbox, letter('q', 'q', ['Message-ID: <q@x>']));
      await appendOctets(account, inbox, letter('Re: q', 'a', ['Message-ID: <a@x>', 'References: <q@x>']));
      await appendOctets(account, inbox, letter('alone', 'b', ['Message-ID: <z@x>']));
      await appendOctets(account, inbox, letter('early', 'b', ['Message-ID: <late-1@x>', 'In-Reply-To: <late@x>']));
      await appendOctets(account, inbox, letter('late', 'b', ['Message-ID: <late@x>']));
      const cursor = await account.open(inbox);
      await cursor.view.load(['thread']);
      const threads = [0, 1, 2, 3, 4].map((i) => cursor.view.threadAt(i));
      assert.equal(threads[0], threads[1]);
      assert.notEqual(threads[0], threads[2]);
      assert.equal(threads[3], threads[4]);
      cursor.close();
    });

    it('gives cards and finds by search', async () => {
      const inbox = inboxOf(account);
      await appendOctets(account, inbox, letter('Réunion de labo', 'Ordre du jour: zyxquorum\r\n'));
      await appendOctets(account, inbox, letter('other'));
      const cursor = await account.open(inbox);
      const subjects: string[] = [];
      for await (const cards of account.readCards(cursor.view, [1, 0], ['headers'])) {
        for (const card of cards) subjects[card.index] = Buffer.from(card.headers).toString();
      }
      assert.match(subjects[0]!, /Subject: other\r\n/);
      assert.match(subjects[1]!, /Subject: R/);
      assert.deepEqual([...(await account.search(cursor.view, { kind: 'text', value: 'ZYXQUORUM' }))], [0]);
      assert.deepEqual(
        [...(await account.search(cursor.view, { kind: 'header', field: 'subject', value: 'othe' }))],
        [1],
      );
      cursor.close();
    });
  });
}
