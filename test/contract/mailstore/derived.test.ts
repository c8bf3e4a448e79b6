import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import type { MessageCard } from '@vaguemestre/server/mailstore/content';
import type { MailboxView } from '@vaguemestre/server/mailstore/mailbox';
import { startTestDatabase, type TestDatabase, type TestStore } from '../../harness/mail-store.js';
import { inboxOf, letter, stageMessage } from '../../harness/store-messages.js';

/** What is derived from messages (cards in packs, bit-sliced signatures) answers as the messages themselves do. */
const rareEvery = 97;
const messages = 1_200;

describe('cards and signatures in packs', () => {
  let server: TestDatabase;
  let store: TestStore;
  let account: Account;
  const id = newAccountId();
  let commands: string[] = [];

  before(async () => {
    server = await startTestDatabase();
    store = await server.open({ foldEntries: 8, monitorCommands: true });
    store.connection.client.on('commandStarted', ({ commandName, command }) => {
      const collection = (command as Record<string, unknown>)[commandName];
      if (typeof collection === 'string') commands.push(`${commandName} ${collection}`);
    });
    await store.mailstore.createAccount(id, { lang: 'fr' });
    account = await store.mailstore.openAccount(id, { by: 'test' });
    for (let i = 0; i < messages; i += 50) {
      const items = [];
      for (let k = i; k < i + 50; k++) {
        const text = k % rareEvery === 5 ? `Le zyxquorum n° ${k}\r\n` : `Bonjour ${k}\r\n`;
        const octets = letter(`sujet ${k}${k % 301 === 7 ? ' zanzibarite' : ''}`, text);
        items.push({ message: await stageMessage(account, octets), flags: [] });
      }
      await account.append(inboxOf(account), items);
    }
  });
  after(async () => {
    account.release();
    await server.close();
  });

  async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!(await condition())) {
      assert.ok(Date.now() < deadline, what);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function cards(view: MailboxView, indexes: readonly number[]): Promise<MessageCard[]> {
    const all: MessageCard[] = [];
    for await (const batch of account.readCards(view, indexes, ['envelope', 'bodyStructure', 'headers']))
      all.push(...batch);
    return all;
  }

  const textOf = (octets: Uint8Array) => Buffer.from(octets).toString('latin1');

  it('lists from packs what the message documents say, in the order asked for', async () => {
    const full = Array.from({ length: Math.floor(messages / 128) }, (_, pack) => pack);
    await until(async () => (await store.database.cards.existing(id, full)).size === full.length, 'packs are there');
    const cursor = await account.open(inboxOf(account));
    const order = Array.from({ length: messages }, (_, i) => (i * 7) % messages);
    commands = [];
    const found = await cards(cursor.view, order);
    assert.equal(found.length, messages);
    for (const [position, card] of found.entries()) {
      assert.equal(card.index, position);
      const subject = `sujet ${order[position]}`;
      assert.ok(textOf(card.headers).includes(`Subject: ${subject}`), subject);
      assert.ok(textOf(card.envelope).includes(subject));
      assert.match(textOf(card.bodyStructure), /^\("TEXT" "PLAIN"/i);
    }
    // two halves of each stretch in two commands or so, and one or two for the open block
    assert.ok(commands.filter((name) => name.startsWith('find')).length <= 12, commands.join(', '));
    commands = [];
    await cards(
      cursor.view,
      order.filter((index) => index < 1_000),
    );
    assert.deepEqual(commands, [], 'a list that was read is in memory');
    cursor.close();
  });

  it('finds by packs of signatures, and reads only what may match', async () => {
    await until(
      async () => ((await store.database.roots.get(id))?.packs.length ?? 0) > 0,
      'a pack of signatures is there',
    );
    await account.refresh();
    const cursor = await account.open(inboxOf(account));
    const rare = Array.from({ length: messages }, (_, i) => i).filter((i) => i % rareEvery === 5);
    commands = [];
    assert.deepEqual([...(await account.search(cursor.view, { kind: 'body', value: 'ZYXquorum' }))], rare);
    assert.ok(commands.includes('find slices'), commands.join(', '));
    const subjects = Array.from({ length: messages }, (_, i) => i).filter((i) => i % 301 === 7);
    const bySubject = await account.search(cursor.view, { kind: 'header', field: 'subject', value: 'zanzibar' });
    assert.deepEqual([...bySubject], subjects);
    assert.deepEqual([...(await account.search(cursor.view, { kind: 'text', value: 'bonjour 117\r\n' }))], [117]);
    cursor.close();
  });

  it('keeps both through a move', async () => {
    const target = await account.create('Archive 2');
    const cursor = await account.open(inboxOf(account));
    const moved = cursor.view.uid.slice(100, 400);
    cursor.close();
    await account.move(inboxOf(account), moved, target.id);
    const there = await account.open(target.id);
    const list = await cards(
      there.view,
      Array.from({ length: 300 }, (_, i) => i),
    );
    assert.deepEqual(
      list.map((card) => /Subject: (sujet \d+)/.exec(textOf(card.headers))?.[1]),
      Array.from({ length: 300 }, (_, i) => `sujet ${100 + i}`),
    );
    const rare = Array.from({ length: 300 }, (_, i) => i).filter((i) => (i + 100) % rareEvery === 5);
    assert.deepEqual([...(await account.search(there.view, { kind: 'text', value: 'zyxquorum' }))], rare);
    there.close();
  });
});
