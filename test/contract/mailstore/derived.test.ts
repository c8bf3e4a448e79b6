import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import type { MessageCard } from '@vaguemestre/server/mailstore/content';
import type { MailboxView } from '@vaguemestre/server/mailstore/mailbox';
import { collectAccount } from '@vaguemestre/server/mailstore/upkeep/collect';
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

  it('forgets the cards of what was deleted, a quarter at once and the rest within a week', async () => {
    const hourMs = 3600 * 1000;
    const weekMs = 7 * 24 * hourMs;
    const inbox = inboxOf(account);
    const cursor = await account.open(inbox);
    await cursor.view.load(['slot', 'id']);
    const inPack = (pack: number) =>
      Array.from({ length: cursor.view.count }, (_, i) => i).filter((i) => cursor.view.slotAt(i) >>> 7 === pack);
    // Pack 5: half of it. Pack 6: two messages. Pack 7: all.
    const [half, two, all] = [inPack(5).slice(0, 64), inPack(6).slice(0, 2), inPack(7)];
    assert.deepEqual([half.length, two.length, all.length], [64, 2, 128]);
    const ids = (indexes: readonly number[]) => indexes.map((i) => cursor.view.idAt(i));
    const [halfIds, twoIds, allIds] = [ids(half), ids(two), ids(all)];
    const gone = Uint32Array.from([...half, ...two, ...all], (i) => cursor.view.uid[i]!);
    const kept = inPack(5).slice(64);
    cursor.close();
    await account.storeFlags(inbox, { uids: gone, mode: 'add', flags: ['\\Deleted'] });
    await account.expunge(inbox);
    // Folds until no root keeps the old segments as the way back.
    for (let folds = 0; folds < 2; folds++) {
      const { g } = (await store.database.roots.get(id))!;
      for (let i = 0; (await store.database.roots.get(id))!.g === g; i++) {
        assert.ok(i < 200, 'no fold came');
        const mode = i % 2 === 0 ? 'add' : 'remove';
        await account.storeFlags(inbox, { uids: Uint32Array.of(1), mode, flags: ['\\Flagged'] });
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    const there = async (pack: number, wanted: readonly string[]) => {
      const [rows] = await store.database.cards.read(id, [pack], []);
      return wanted.filter((one) => rows !== undefined && rows.ids.includes(Buffer.from(one, 'hex'))).length;
    };
    // The day after, on a day that is not the thorough one.
    const firstDay = Date.now() + 25 * hourMs;
    const isThorough = (ms: number) => Math.floor(ms / (24 * hourMs)) % 7 === 0;
    const day = isThorough(firstDay) ? firstDay + 24 * hourMs : firstDay;
    await collectAccount(store.database, id, day);
    assert.deepEqual([await there(5, halfIds), await there(6, twoIds), await there(7, allIds)], [0, 2, 0]);
    let thorough = day;
    while (!isThorough(thorough)) thorough += 24 * hourMs;
    assert.ok(thorough - day < weekMs);
    const packs = (await store.database.roots.get(id))!.packs;
    assert.ok(packs.length > 0);
    await collectAccount(store.database, id, thorough);
    assert.equal(await there(6, twoIds), 0);
    const rebuilt = (await store.database.roots.get(id))!.packs;
    assert.equal(rebuilt.filter((pack) => packs.includes(pack)).length, 0, 'packs of signatures have new ids');
    for (const pack of rebuilt) {
      const named = await store.database.signatures.directory(id, pack);
      assert.ok(!named.some((slot) => slot >>> 7 === 7), 'no slot of the pack that is gone');
    }
    const after = await account.open(inbox);
    const fresh = await server.open();
    const again = await fresh.mailstore.openAccount(id, { by: 'fresh' });
    const view = (await again.open(inboxOf(again))).view;
    const subjects: string[] = [];
    const indexes = Array.from({ length: view.count }, (_, i) => i);
    for await (const batch of again.readCards(view, indexes, ['headers'])) {
      for (const card of batch) subjects[card.index] = /Subject: (.*)\r/.exec(textOf(card.headers))![1]!;
    }
    assert.equal(subjects.length, after.view.count);
    const rare = indexes.filter((i) => Number(subjects[i]!.split(' ')[1]) % rareEvery === 5);
    commands = [];
    assert.deepEqual([...(await again.search(view, { kind: 'body', value: 'zyxquorum' }))], rare);
    assert.ok(rare.length >= 5);
    assert.ok(kept.length === 64 && subjects.every((subject) => subject.startsWith('sujet ')));
    assert.equal(new Set(subjects).size, subjects.length);
    after.close();
    again.release();
  });
});
