import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fetched, type ImapClient } from '../../harness/imap-client.js';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

describe('APPEND', () => {
  let service: ImapService;
  let client: ImapClient;
  before(async () => {
    service = await startImapService({ maxMessageBytes: 100_000 });
    client = await service.login();
  });
  after(() => service.close());
  const uidValidity = (): number => service.alice.mailboxes[0]!.uidValidity;

  it('stores a message bit for bit with flags and date', async () => {
    const message = mail('appended', 'caf\u00e9\r\nbare \r CR\r\n');
    const reply = await client.append('INBOX', message, '(\\Seen $Forwarded) " 1-Jan-2024 10:00:00 +0100"');
    assert.equal(reply.code, `APPENDUID ${uidValidity()} 1`);
    await client.ok('SELECT INBOX');
    const got = fetched((await client.ok('FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])')).untagged).get(1)!;
    assert.deepEqual(got.get('FLAGS'), ['\\Seen', '$Forwarded']);
    assert.equal(String(got.get('INTERNALDATE')), ' 1-Jan-2024 09:00:00 +0000');
    assert.equal((got.get('BODY[]') as Buffer).toString('utf8'), message);
  });

  it('tells the session that has the mailbox selected', async () => {
    const reply = await client.append('INBOX', mail('second'));
    assert.ok(reply.untagged.some((each) => each.name === 'EXISTS' && each.number === 2));
  });

  it('takes LITERAL+ and several messages in one commit (RFC 3502)', async () => {
    const [one, two] = [mail('multi one'), mail('multi two')];
    service.alice.calls.length = 0;
    const reply = await client.command(
      `APPEND INBOX (\\Seen) {${one.length}+}`,
      `${one} (\\Draft) {${two.length}+}`,
      two,
    );
    assert.equal(reply.code, `APPENDUID ${uidValidity()} 3:4`);
    assert.deepEqual(service.alice.calls, ['append']);
  });

  it('takes literal8 (RFC 3516) and the UTF8 form (RFC 6855)', async () => {
    const message = mail('eight', 'a\r\n');
    const eight = await client.command(`APPEND INBOX ~{${message.length}+}`, message);
    assert.equal(eight.status, 'OK', eight.text);
  });

  it('says TRYCREATE before the message is sent', async () => {
    client.write('a APPEND Nowhere {500}\r\n');
    const reply = await client.reply('a');
    assert.equal(`${reply.status} ${reply.code}`, 'NO TRYCREATE');
    await client.ok('NOOP');
  });

  it('reads past the octets of a refused message that was sent without waiting', async () => {
    const message = 'x LOGOUT\r\n'.repeat(50);
    const plus = await client.command(`APPEND Nowhere {${message.length}+}`, message);
    assert.equal(`${plus.status} ${plus.code}`, 'NO TRYCREATE');
    await client.ok('NOOP');
    // A client that does not know that it should wait.
    client.write(`b APPEND Nowhere {${message.length}}\r\n${message}\r\n`);
    assert.equal((await client.reply('b')).code, 'TRYCREATE');
    await client.ok('NOOP');
  });

  it('says TOOBIG before the message is sent', async () => {
    client.write('a APPEND INBOX {100001}\r\n');
    assert.equal((await client.reply('a')).code, 'TOOBIG');
    const big = 'y'.repeat(100_001);
    const plus = await client.command(`APPEND INBOX {${big.length}+}`, big);
    assert.equal(plus.code, 'TOOBIG');
    await client.ok('NOOP');
  });

  it('stores nothing of several when one fails', async () => {
    const before = service.alice.mailboxes[0]!.messages.length;
    const good = mail('good');
    const reply = await client.command(`APPEND INBOX {${good.length}+}`, `${good} {0+}`, '');
    assert.equal(reply.status, 'NO');
    service.alice.failNext.set('append', new Error('disk full'));
    assert.equal((await client.literal('APPEND INBOX', good)).code, 'SERVERBUG');
    assert.equal(service.alice.mailboxes[0]!.messages.length, before);
    await client.append('INBOX', good);
  });

  it('needs a login, and reads past the message without one', async () => {
    const stranger = await service.connect();
    const reply = await stranger.command('APPEND INBOX {20+}', 'a LOGIN alice secret');
    assert.equal(reply.status, 'BAD');
    await stranger.login('alice', 'secret');
  });

  it('refuses a message that does not fit into the quota', async () => {
    const small = await startImapService({ quotaBytes: 250 });
    try {
      const full = await small.login();
      await full.append('INBOX', mail('fits'));
      full.write('a APPEND INBOX {200}\r\n');
      assert.equal((await full.reply('a')).code, 'OVERQUOTA');
      await full.ok('SELECT INBOX');
      await full.no('COPY 1 Trash', 'OVERQUOTA');
      await full.ok('MOVE 1 Trash');
      const quota = await full.ok('GETQUOTAROOT INBOX');
      assert.deepEqual(quota.untagged.find((each) => each.name === 'QUOTA')?.values, [
        Buffer.from(''),
        ['STORAGE', '1', '0'],
      ]);
      await full.no('GETQUOTA other', 'NONEXISTENT');
      await full.no('SETQUOTA "" (STORAGE 10)', 'NOPERM');
    } finally {
      await small.close();
    }
  });
});
