/** How many commands each operation sends to the database (store design section 2, the table). */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { startTestDatabase, type TestDatabase, type TestStore } from '../../harness/mail-store.js';
import { appendOctets, inboxOf, letter, stageMessage, testLimits } from '../../harness/store-messages.js';

for (const twoCommandCommits of [false, true]) {
  describe(`commands to the database, ${twoCommandCommits ? 'older servers' : 'wire version 25'}`, () => {
    let database: TestDatabase;
    let store: TestStore;
    let account: Account;
    let sent: string[] = [];

    before(async () => {
      database = await startTestDatabase();
      store = await database.open({ monitorCommands: true, twoCommandCommits });
      store.connection.client.on('commandStarted', ({ commandName }) => {
        if (!['getMore', 'hello', 'endSessions', 'killCursors'].includes(commandName)) sent.push(commandName);
      });
      const id = newAccountId();
      await store.mailstore.createAccount(id, { lang: 'en' });
      account = await store.mailstore.openAccount(id, { by: 'one' });
      await appendOctets(account, inboxOf(account), letter('first'));
    });
    after(() => database.close());

    async function commandsOf(operation: () => Promise<unknown>): Promise<string[]> {
      sent = [];
      await operation();
      return sent;
    }

    /** Older servers: contents, messages and signatures side by side, acknowledged, then the entries: two round trips. */
    const commit = twoCommandCommits ? ['insert', 'insert', 'insert', 'insert'] : ['bulkWrite'];

    it('APPEND: one commit and one find for the thread', async () => {
      const named = letter('x', 'y', ['Message-ID: <a@b>']);
      assert.deepEqual(await commandsOf(() => appendOctets(account, inboxOf(account), named)), ['find', ...commit]);
      // Without any id there is nothing to look for.
      assert.deepEqual(await commandsOf(() => appendOctets(account, inboxOf(account), letter('x'))), commit);
    });

    it('APPEND and STORE beside the embedded store: one command, and none of the driver', async (context) => {
      if (process.env['VAGUEMESTRE_MONGODB_URI'] !== undefined) return context.skip('needs the embedded store');
      let direct = 0;
      const beside = await database.open({
        monitorCommands: true,
        committedReads: true,
        directCommits: () => void direct++,
      });
      beside.connection.client.on('commandStarted', ({ commandName }) => {
        if (!['getMore', 'hello', 'endSessions'].includes(commandName)) sent.push(commandName);
      });
      const mine = await beside.mailstore.openAccount(account.id, { by: 'two' });
      const answer = letter('re', 'y', ['Message-ID: <c@d>', 'In-Reply-To: <a@b>']);
      assert.deepEqual(await commandsOf(() => appendOctets(mine, inboxOf(mine), answer)), []);
      const flagged = { uids: Uint32Array.of(1), mode: 'add', flags: ['\\Flagged'] } as const;
      assert.deepEqual(await commandsOf(() => mine.storeFlags(inboxOf(mine), flagged)), []);
      assert.equal(direct, 2);
      await beside.close();
    });

    it('MULTIAPPEND: one commit', async () => {
      const five = await items(5);
      // What was written beside it is known: this is about a commit that wins.
      await account.refresh();
      assert.deepEqual(await commandsOf(() => account.append(inboxOf(account), five)), commit);
    });

    it('STORE, EXPUNGE, COPY, MOVE, CREATE, RENAME, SUBSCRIBE, DELETE: one', async () => {
      const inbox = inboxOf(account);
      const cursor = await account.open(inbox);
      await cursor.view.load(['id']);
      const uids = Uint32Array.of(1, 2, 3);
      const archive = account.mailbox('Archive')!.id;
      const operations: [string, () => Promise<unknown>][] = [
        ['STORE', () => account.storeFlags(inbox, { uids, mode: 'add', flags: ['\\Deleted'] })],
        ['COPY', () => account.copy(inbox, uids, archive)],
        ['MOVE', () => account.move(inbox, uids.subarray(0, 1), archive)],
        ['EXPUNGE', () => account.expunge(inbox)],
        ['CREATE', () => account.create('a/b/c')],
        ['RENAME', () => account.rename('a', 'z')],
        ['SUBSCRIBE', () => account.subscribe('z/b', true)],
        ['DELETE', () => account.delete('z/b/c')],
      ];
      for (const [name, operation] of operations) assert.deepEqual(await commandsOf(operation), ['insert'], name);
      cursor.close();
    });

    it('a hundred STOREs at once share two', async () => {
      const inbox = inboxOf(account);
      const { uids } = await account.append(inbox, await items(4));
      const commands = await commandsOf(() =>
        Promise.all(
          Array.from({ length: 100 }, (_, i) =>
            account.storeFlags(inbox, {
              uids: Uint32Array.of(uids[i % 4]!),
              mode: Math.floor(i / 4) % 2 === 0 ? 'add' : 'remove',
              flags: ['\\Flagged'],
            }),
          ),
        ),
      );
      assert.ok(commands.length <= 2, commands.join());
    });

    async function items(
      count: number,
    ): Promise<{ message: Awaited<ReturnType<typeof stageMessage>>; flags: string[] }[]> {
      const list = [];
      for (let i = 0; i < count; i++) list.push({ message: await stageMessage(account, letter('i')), flags: [] });
      return list;
    }

    it('LIST, STATUS, SELECT of a mailbox that is loaded: none; a refresh: one', async () => {
      (await account.open(inboxOf(account))).close();
      const commands = await commandsOf(async () => {
        account.mailboxes();
        account.mailbox('INBOX');
        (await account.open(inboxOf(account))).close();
      });
      assert.deepEqual(commands, []);
      assert.deepEqual(await commandsOf(() => account.refresh()), ['find']);
      assert.equal(
        (await commandsOf(() => Promise.all(Array.from({ length: 50 }, () => account.refresh())))).length,
        2,
      );
    });

    it('a cold login: root and tail', async () => {
      const id = newAccountId();
      await store.mailstore.createAccount(id, { lang: 'en' });
      const commands = await commandsOf(async () => {
        (await store.mailstore.openAccount(id, { by: 'x' })).release();
      });
      assert.deepEqual(commands, ['find', 'find']);
    });

    it('a delivery to 100: supports once, entries once', async () => {
      const ids = Array.from({ length: 100 }, () => newAccountId());
      for (const id of ids) {
        await store.mailstore.createAccount(id, { lang: 'en' });
        (await store.mailstore.openAccount(id, { by: 'x' })).release();
      }
      const commands = await commandsOf(async () => {
        const delivery = store.mailstore.beginDelivery(
          ids.map((id) => ({ account: id, prefix: Buffer.from('Delivered-To: x\r\n') })),
          testLimits,
        );
        await delivery.write(letter('to all'));
        const outcomes = await delivery.commit();
        assert.ok(outcomes.every((outcome) => outcome.kind === 'stored'));
      });
      assert.deepEqual(commands, twoCommandCommits ? commit : ['bulkWrite', 'insert']);
    });
  });
}
