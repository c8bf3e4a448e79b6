import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Reply } from '../../harness/imap-client.js';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

const codes = (reply: Reply): Map<string, string> =>
  new Map(
    reply.untagged.flatMap((each) => {
      if (each.code === undefined) return [];
      const space = each.code.indexOf(' ');
      return [
        [space < 0 ? each.code : each.code.slice(0, space), space < 0 ? '' : each.code.slice(space + 1)] as const,
      ];
    }),
  );

describe('SELECT and EXAMINE', () => {
  let service: ImapService;
  before(async () => {
    service = await startImapService();
    service.deliver('INBOX', mail('one'), ['\\Seen']);
    service.deliver('INBOX', mail('two'), ['$Forwarded']);
  });
  after(() => service.close());

  it('tells rev1 clients RECENT and UNSEEN', async () => {
    const client = await service.login();
    const reply = await client.ok('SELECT inbox');
    assert.equal(reply.code, 'READ-WRITE');
    assert.equal(reply.untagged.find((each) => each.name === 'EXISTS')?.number, 2);
    assert.equal(reply.untagged.find((each) => each.name === 'RECENT')?.number, 0);
    assert.deepEqual(reply.untagged.find((each) => each.name === 'FLAGS')?.values, [
      ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft', '$Forwarded'],
    ]);
    const said = codes(reply);
    assert.equal(said.get('UNSEEN'), '2');
    assert.equal(said.get('UIDNEXT'), '3');
    assert.equal(said.get('UIDVALIDITY'), '1000');
    assert.ok(Number(said.get('HIGHESTMODSEQ')) > 0);
    assert.equal(said.get('PERMANENTFLAGS'), '(\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded \\*)');
  });

  it('tells rev2 clients LIST and no RECENT (RFC 9051 6.3.2)', async () => {
    const client = await service.login('rev2');
    const reply = await client.ok('SELECT INBOX');
    assert.ok(!reply.untagged.some((each) => each.name === 'RECENT'));
    assert.ok(!codes(reply).has('UNSEEN'));
    const list = reply.untagged.find((each) => each.name === 'LIST');
    assert.deepEqual(list?.values, [[], Buffer.from('/'), Buffer.from('INBOX')]);
  });

  it('opens read-only by EXAMINE', async () => {
    const client = await service.login();
    const reply = await client.ok('EXAMINE INBOX');
    assert.equal(reply.code, 'READ-ONLY');
    assert.equal(codes(reply).get('PERMANENTFLAGS'), '()');
    await client.no('STORE 1 +FLAGS (\\Flagged)');
    await client.no('EXPUNGE');
    await client.no('UID EXPUNGE 1');
    await client.no('MOVE 1 Trash');
    await client.ok('FETCH 2 BODY[]');
    assert.equal(service.alice.mailboxes[0]!.messages[1]!.flags[0] & 8, 0, 'not seen');
    await client.ok('COPY 1 Trash');
  });

  it('leaves the mailbox before, even when the next is not there', async () => {
    const client = await service.login();
    await client.ok('SELECT INBOX');
    const reply = await client.no('SELECT Nowhere', 'NONEXISTENT');
    assert.ok(codes(reply).has('CLOSED'));
    await client.bad('FETCH 1 FLAGS');
    await client.ok('SELECT INBOX');
    const again = await client.ok('SELECT Trash');
    const closed = again.untagged.findIndex((each) => each.code === 'CLOSED');
    assert.equal(closed, 0, 'CLOSED comes before anything of the new mailbox');
  });

  it('CLOSE expunges silently, UNSELECT keeps', async () => {
    service.deliver('Junk', mail('bad'), ['\\Deleted']);
    const client = await service.login();
    await client.ok('SELECT Junk');
    assert.deepEqual((await client.ok('UNSELECT')).untagged, []);
    await client.ok('EXAMINE Junk');
    await client.ok('CLOSE');
    const reply = await client.ok('SELECT Junk');
    assert.equal(reply.untagged.find((each) => each.name === 'EXISTS')?.number, 1);
    assert.deepEqual((await client.ok('CLOSE')).untagged, []);
    const after = await client.ok('SELECT Junk');
    assert.equal(after.untagged.find((each) => each.name === 'EXISTS')?.number, 0);
  });
});
