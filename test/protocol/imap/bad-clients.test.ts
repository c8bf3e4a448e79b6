/** Clients that read slowly, stop in the middle, or ask for too much: they wait, others do not (RFC 9051 does not help here). */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fetched } from '../../harness/imap-client.js';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

describe('bad clients', () => {
  let service: ImapService;
  const big = mail('big', `${'x'.repeat(76)}\r\n`.repeat(40_000));
  before(async () => {
    service = await startImapService();
    service.deliver('INBOX', big);
    for (let i = 0; i < 500; i++) service.deliver('Junk', mail(`m${i}`));
  });
  after(() => service.close());

  async function noopMs(): Promise<number> {
    const other = await service.login();
    await other.ok('SELECT Junk');
    let worst = 0;
    for (let i = 0; i < 20; i++) {
      const started = performance.now();
      await other.ok('NOOP');
      worst = Math.max(worst, performance.now() - started);
    }
    await other.logout();
    return worst;
  }

  it('waits for a slow reader without holding what it asked for, and gives all of it later', async () => {
    const slow = await service.login();
    await slow.ok('SELECT INBOX');
    slow.pause();
    for (let i = 0; i < 15; i++) slow.write(`f${i} FETCH 1 BODY.PEEK[]\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.ok((await noopMs()) < 500);
    slow.resume();
    for (let i = 0; i < 15; i++) {
      const reply = await slow.reply(`f${i}`);
      assert.equal((fetched(reply.untagged).get(1)!.get('BODY[]') as Buffer).length, big.length);
    }
  });

  it('stops reading from a client that sends and does not read', async () => {
    const deaf = await service.login();
    deaf.pause();
    service.alice.calls.length = 0;
    // An answer is as long as its command: 48 MB, of which the kernel takes some.
    const line = `${'t'.repeat(8_000)} SUBSCRIBE INBOX\r\n`;
    for (let i = 0; i < 6_000; i++) deaf.write(line);
    let seen = -1;
    while (seen !== service.alice.calls.length) {
      seen = service.alice.calls.length;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assert.ok(seen > 0 && seen < 3_000, `${seen} commands were read`);
    assert.ok((await noopMs()) < 500);
    deaf.destroy();
  });

  it('lets others work while clients are stuck in a literal', async () => {
    const stuck = await Promise.all(Array.from({ length: 20 }, () => service.login()));
    for (const client of stuck) client.write('a APPEND INBOX {1000000}\r\n');
    for (const client of stuck) {
      await client.continuation();
      client.write('x'.repeat(500_000));
    }
    assert.ok((await noopMs()) < 500);
    for (const client of stuck) client.destroy();
    for (let i = 0; service.server.sessions > 2 && i < 400; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(service.server.sessions <= 2, 'their sessions are over');
    assert.equal(service.alice.mailboxes[0]!.messages.length, 1, 'nothing of a message that did not end');
  });

  it('answers thousands of open parentheses and endless base64 with BAD, before login', async () => {
    const client = await service.connect();
    client.write(`a ${'('.repeat(7_000)}\r\n`);
    assert.equal((await client.reply('a')).status, 'BAD');
    client.write(`b AUTHENTICATE PLAIN ${'A'.repeat(100_000)}\r\n`);
    assert.equal((await client.reply('b')).status, 'BAD');
    await client.login('alice', 'secret');
  });

  it('refuses a command whose lines and literals grow without end', async () => {
    const client = await service.login();
    await client.ok('SELECT INBOX');
    let text = 'a SEARCH';
    for (let i = 0; i < 40; i++) text += ` TEXT {60000+}\r\n${'y'.repeat(60_000)}`;
    client.write(`${text}\r\n`);
    assert.equal((await client.reply('a')).status, 'BAD');
    await client.ok('NOOP');
  });

  it('ends a client that sends nothing but nonsense', async () => {
    const client = await service.login();
    for (let i = 0; i < 100; i++) client.write(`${i} NONSENSE\r\n`);
    for (let i = 0; i < 100; i++) assert.equal((await client.reply(String(i))).status, 'BAD');
    await client.untagged('BYE');
    await client.closedByServer();
  });
});
