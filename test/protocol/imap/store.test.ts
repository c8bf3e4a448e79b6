import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { fetched, type ImapClient } from '../../harness/imap-client.js';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

for (const mode of ['rev1', 'rev2'] as const) {
  describe(`STORE (${mode})`, () => {
    let service: ImapService;
    let client: ImapClient;
    before(async () => {
      service = await startImapService();
      for (let i = 1; i <= 5; i++) service.deliver('INBOX', mail(`m${i}`));
      client = await service.login(mode);
      await client.ok('SELECT INBOX');
    });
    beforeEach(() => client.ok('STORE 1:5 FLAGS.SILENT ()'));
    after(() => service.close());

    it('adds, removes, replaces, and tells the new value', async () => {
      const added = fetched((await client.ok('STORE 1:2 +FLAGS (\\Seen work)')).untagged);
      assert.deepEqual(added.get(1)?.get('FLAGS'), ['\\Seen', 'work']);
      assert.deepEqual(added.get(2)?.get('FLAGS'), ['\\Seen', 'work']);
      assert.equal(added.get(1)?.has('UID'), mode === 'rev2');
      const removed = fetched((await client.ok('STORE 1 -FLAGS \\Seen')).untagged);
      assert.deepEqual(removed.get(1)?.get('FLAGS'), ['work']);
      const replaced = fetched((await client.ok('UID STORE 2 FLAGS (\\Draft \\Answered)')).untagged);
      assert.deepEqual(replaced.get(2)?.get('FLAGS'), ['\\Answered', '\\Draft']);
      assert.equal(replaced.get(2)?.get('UID'), '2');
    });

    it('says nothing with .SILENT', async () => {
      const reply = await client.ok('STORE 1:3 +FLAGS.SILENT (\\Flagged)');
      assert.ok(!reply.untagged.some((each) => each.name === 'FETCH'));
      const flags = fetched((await client.ok('FETCH 1:4 FLAGS')).untagged);
      assert.deepEqual(flags.get(3)?.get('FLAGS'), ['\\Flagged']);
      assert.deepEqual(flags.get(4)?.get('FLAGS'), []);
    });

    it('tells of keywords that it makes before they are used', async () => {
      const reply = await client.ok(`STORE 1 +FLAGS (fresh-${mode})`);
      const names = reply.untagged.map((each) => each.name);
      assert.deepEqual(names, ['FLAGS', 'OK', 'FETCH']);
      assert.ok((reply.untagged[0]!.values[0] as string[]).includes(`fresh-${mode}`));
    });

    it('runs pipelined STOREs together and answers in order', async () => {
      let release = (): void => {};
      service.alice.hold = new Promise((resolve) => {
        release = resolve;
      });
      service.alice.calls.length = 0;
      let lines = '';
      for (let i = 1; i <= 5; i++) lines += `p${i} UID STORE ${i} +FLAGS (\\Answered)\r\n`;
      client.write(lines);
      assert.ok(await client.quiet(50), 'none is answered before it is durable');
      assert.equal(service.alice.calls.length, 1, 'what says the same waits for the first');
      service.alice.hold = undefined;
      release();
      for (let i = 1; i <= 5; i++) {
        const reply = await client.reply(`p${i}`);
        assert.equal(reply.status, 'OK');
        assert.deepEqual([...fetched(reply.untagged).keys()], [i]);
      }
      assert.equal(service.alice.calls.length, 2, 'and is one commit');
    });

    it('begins what says something else before the first is durable, in order', async () => {
      let release = (): void => {};
      service.alice.hold = new Promise((resolve) => {
        release = resolve;
      });
      service.alice.calls.length = 0;
      client.write(
        'a UID STORE 1 +FLAGS (\\Seen)\r\nb UID STORE 2 +FLAGS (\\Flagged)\r\nc UID STORE 3 +FLAGS (\\Flagged)\r\nd UID STORE 4 FLAGS (\\Draft)\r\ne UID STORE 5 FLAGS (\\Draft)\r\n',
      );
      assert.ok(await client.quiet(50));
      assert.equal(service.alice.calls.length, 2, 'the first, and the second that the fourth ended');
      service.alice.hold = undefined;
      release();
      const flags: unknown[] = [];
      for (const [i, tag] of ['a', 'b', 'c', 'd', 'e'].entries()) {
        const told = fetched((await client.reply(tag)).untagged);
        assert.deepEqual([...told.keys()], [i + 1]);
        flags.push(told.get(i + 1)!.get('FLAGS'));
      }
      assert.deepEqual(flags, [['\\Seen'], ['\\Flagged'], ['\\Flagged'], ['\\Draft'], ['\\Draft']]);
      assert.equal(service.alice.calls.length, 3);
    });

    it('tells each of two STOREs of one message its own effect', async () => {
      client.write('a STORE 1 +FLAGS (\\Seen)\r\nb STORE 1 -FLAGS (\\Seen)\r\nc FETCH 1 FLAGS\r\n');
      assert.deepEqual(
        fetched((await client.reply('a')).untagged)
          .get(1)
          ?.get('FLAGS'),
        ['\\Seen'],
      );
      assert.deepEqual(
        fetched((await client.reply('b')).untagged)
          .get(1)
          ?.get('FLAGS'),
        [],
      );
      assert.deepEqual(
        fetched((await client.reply('c')).untagged)
          .get(1)
          ?.get('FLAGS'),
        [],
      );
    });

    it('answers other commands between pipelined STOREs in their place', async () => {
      client.write(
        'a UID STORE 1 +FLAGS (\\Seen)\r\nb NOOP\r\nc STORE 2 +FLAGS (\\Seen)\r\nd BOGUS\r\ne UID STORE 3 +FLAGS (\\Seen)\r\n',
      );
      for (const [tag, status] of [
        ['a', 'OK'],
        ['b', 'OK'],
        ['c', 'OK'],
        ['d', 'BAD'],
        ['e', 'OK'],
      ] as const) {
        assert.equal((await client.reply(tag)).status, status, tag);
      }
    });

    it('answers NO when the store is away, and the next all the same', async () => {
      service.alice.failNext.set('storeFlags', new Error('connection lost'));
      client.write('a STORE 1 +FLAGS (\\Seen)\r\nb STORE 2 +FLAGS (\\Seen)\r\n');
      assert.equal((await client.reply('a')).code, 'SERVERBUG');
      assert.equal((await client.reply('b')).status, 'OK');
    });

    it('answers a thousand pipelined STOREs quickly', async () => {
      const started = performance.now();
      let lines = '';
      for (let i = 0; i < 1000; i++)
        lines += `k${i} UID STORE ${1 + (i % 5)} ${i % 2 ? '+' : '-'}FLAGS.SILENT (\\Flagged)\r\n`;
      client.write(lines);
      for (let i = 0; i < 1000; i++) assert.equal((await client.reply(`k${i}`)).status, 'OK');
      assert.ok(performance.now() - started < 5_000);
    });

    it('ignores UIDs that are not there, refuses numbers that are not', async () => {
      assert.deepEqual((await client.ok('UID STORE 77 +FLAGS (\\Seen)')).untagged, []);
      await client.bad('STORE 6 +FLAGS (\\Seen)');
    });
  });
}

describe('STORE limits', () => {
  it('refuses keywords past the limit and then offers none', async () => {
    const service = await startImapService();
    try {
      service.alice.maxKeywords = 1;
      service.deliver('INBOX', mail('one'));
      const client = await service.login();
      await client.ok('SELECT INBOX');
      await client.ok('STORE 1 +FLAGS (one)');
      await client.no('STORE 1 +FLAGS (two)', 'LIMIT');
      const permanent = (await client.ok('SELECT INBOX')).untagged.find((each) => each.code?.startsWith('PERMANENT'));
      assert.ok(!permanent!.code!.includes('\\*'));
    } finally {
      await service.close();
    }
  });
});
