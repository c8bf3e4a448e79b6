import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import type { ImapClient } from '../../harness/imap-client.js';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

describe('IDLE', () => {
  let service: ImapService;
  let client: ImapClient;
  beforeEach(async () => {
    await service?.close();
    service = await startImapService();
    for (let i = 1; i <= 3; i++) service.deliver('INBOX', mail(`m${i}`));
    client = await service.login();
    await client.ok('SELECT INBOX');
  });
  after(() => service.close());

  async function idle(): Promise<void> {
    client.write('i IDLE\r\n');
    await client.continuation();
  }

  it('tells of mail, flags and expunges at once', async () => {
    await idle();
    service.deliver('INBOX', mail('new'));
    assert.equal((await client.untagged('EXISTS')).number, 4);
    const other = await service.login();
    await other.ok('SELECT INBOX');
    await other.ok('STORE 2 +FLAGS (\\Deleted)');
    assert.equal((await client.untagged('FETCH')).number, 2);
    await other.ok('EXPUNGE');
    assert.equal((await client.untagged('EXPUNGE')).number, 2);
    client.write('DONE\r\n');
    assert.equal((await client.reply('i')).status, 'OK');
  });

  it('tells at once what was pending before', async () => {
    service.deliver('INBOX', mail('before'));
    client.write('i IDLE\r\n');
    await client.continuation();
    assert.equal((await client.untagged('EXISTS')).number, 4);
  });

  it('takes a command in place of DONE (clients do that)', async () => {
    await idle();
    client.write('n NOOP\r\n');
    assert.equal((await client.reply('i')).status, 'OK');
    assert.equal((await client.reply('n')).status, 'OK');
    await idle();
    client.write('done\r\nx CAPABILITY\r\n');
    assert.equal((await client.reply('i')).status, 'OK');
    assert.equal((await client.reply('x')).status, 'OK');
  });

  it('takes DONE sent in one piece with IDLE', async () => {
    client.write('i IDLE\r\nDONE\r\nn NOOP\r\n');
    await client.continuation();
    assert.equal((await client.reply('i')).status, 'OK');
    assert.equal((await client.reply('n')).status, 'OK');
  });

  it('works without a mailbox and ends with the connection', async () => {
    const second = await service.login();
    second.write('i IDLE\r\n');
    await second.continuation();
    second.destroy();
    for (let i = 0; service.server.sessions > 1 && i < 200; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(service.server.sessions, 1);
  });
});
