import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { fetched, type ImapClient, type Reply } from '../../harness/imap-client.js';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

const expunged = (reply: Reply): number[] =>
  reply.untagged.filter((each) => each.name === 'EXPUNGE').map((each) => each.number!);

for (const mode of ['rev1', 'rev2'] as const) {
  describe(`COPY, MOVE, EXPUNGE (${mode})`, () => {
    let service: ImapService;
    let client: ImapClient;
    beforeEach(async () => {
      await service?.close();
      service = await startImapService();
      for (let i = 1; i <= 5; i++) service.deliver('INBOX', mail(`m${i}`));
      client = await service.login(mode);
      await client.ok('SELECT INBOX');
    });
    after(() => service.close());
    const target = () => service.alice.mailboxes.find((each) => each.path === 'Trash')!;

    it('copies and says which UIDs became which', async () => {
      const reply = await client.ok('COPY 2:3 Trash');
      assert.equal(reply.code, `COPYUID ${target().uidValidity} 2:3 1:2`);
      const again = await client.ok('UID COPY 5,1 Trash');
      assert.equal(again.code, `COPYUID ${target().uidValidity} 1,5 3:4`);
      assert.equal((await client.ok('UID COPY 99 Trash')).code, undefined);
      await client.no('COPY 1 Nowhere', 'TRYCREATE');
      await client.bad('COPY 9 Trash');
    });

    it('moves: COPYUID, then EXPUNGE from the last to the first, then OK', async () => {
      const reply = await client.ok('UID MOVE 2,4:5 Trash');
      assert.equal(reply.untagged[0]!.code, `COPYUID ${target().uidValidity} 2,4:5 1:3`);
      assert.deepEqual(expunged(reply), [5, 4, 2]);
      assert.equal(target().messages.length, 3);
      await client.no('MOVE 1 INBOX', 'CANNOT');
      await client.no('MOVE 1 Nowhere', 'TRYCREATE');
      await client.ok('MOVE 1 Trash');
    });

    it('expunges what is marked, or of that what is named', async () => {
      await client.ok('STORE 1,3,5 +FLAGS.SILENT (\\Deleted)');
      assert.deepEqual(expunged(await client.ok('UID EXPUNGE 3:4')), [3]);
      assert.deepEqual(expunged(await client.ok('EXPUNGE')), [4, 1]);
      assert.deepEqual(expunged(await client.ok('EXPUNGE')), []);
    });
  });
}

describe('two sessions in one mailbox', () => {
  let service: ImapService;
  let mine: ImapClient;
  let other: ImapClient;
  beforeEach(async () => {
    await service?.close();
    service = await startImapService();
    for (let i = 1; i <= 5; i++) service.deliver('INBOX', mail(`m${i}`));
    mine = await service.login();
    other = await service.login();
    await mine.ok('SELECT INBOX');
    await other.ok('SELECT INBOX');
  });
  after(() => service.close());

  it('hides an expunge during FETCH, STORE and SEARCH by number, tells it after (RFC 9051 7.5.1)', async () => {
    await other.ok('STORE 2 +FLAGS.SILENT (\\Deleted)');
    await other.ok('EXPUNGE');
    for (const line of ['FETCH 3 UID', 'STORE 3 +FLAGS (\\Seen)', 'FETCH 5 UID']) {
      assert.deepEqual(expunged(await mine.ok(line)), [], line);
    }
    assert.deepEqual(expunged(await mine.ok('UID FETCH 3 FLAGS')), [2]);
    assert.equal((await mine.ok('FETCH 2 UID')).untagged.length, 1);
    await mine.bad('FETCH 5 UID');
  });

  it('gives what it still knows of a message that another expunged, or says EXPUNGEISSUED', async () => {
    await other.ok('STORE 2 +FLAGS.SILENT (\\Deleted)');
    await other.ok('EXPUNGE');
    await mine.ok('FETCH 2 (UID FLAGS)');
    await mine.no('STORE 2 +FLAGS (\\Seen)', 'EXPUNGEISSUED');
    await mine.no('COPY 2 Trash', 'EXPUNGEISSUED');
    await other.ok('UID STORE 3 +FLAGS.SILENT (\\Deleted)');
    await other.ok('EXPUNGE');
    assert.equal((await mine.ok('UID COPY 3 Trash')).code, 'EXPUNGEISSUED');
    await mine.ok('NOOP');
  });

  it('leaves out messages whose octets are gone, and says so', async () => {
    const collected = service.alice.mailboxes[0]!.messages[1]!;
    await other.ok('STORE 2 +FLAGS.SILENT (\\Deleted)');
    await other.ok('EXPUNGE');
    Object.assign(collected, { octets: Buffer.alloc(0) });
    const reply = await mine.no('FETCH 1:3 (BODY.PEEK[])', 'EXPUNGEISSUED');
    const withBody = [...fetched(reply.untagged)].filter(([, items]) => items.has('BODY[]'));
    assert.deepEqual(
      withBody.map(([number]) => number),
      [1, 3],
    );
    const list = await mine.ok('UID FETCH 1:3 (ENVELOPE)');
    assert.equal(list.code, 'EXPUNGEISSUED');
    assert.deepEqual([...fetched(list.untagged).keys()], [1, 3]);
  });

  it('tells flags that another changed, and never its own silent ones', async () => {
    await mine.ok('STORE 1 +FLAGS.SILENT (\\Seen)');
    assert.deepEqual(
      (await mine.ok('NOOP')).untagged.filter((each) => each.name === 'FETCH'),
      [],
    );
    const told = await other.ok('NOOP');
    assert.equal(told.untagged.filter((each) => each.name === 'FETCH').length, 1);
    await other.ok('STORE 2 +FLAGS (newkeyword)');
    const names = (await mine.ok('NOOP')).untagged.map((each) => each.name);
    assert.deepEqual(names.slice(0, 2), ['FLAGS', 'OK'], 'the keyword is declared before it is used');
    assert.equal(names.at(-1), 'FETCH');
  });

  it('tells EXISTS after EXPUNGE', async () => {
    await other.ok('STORE 1:2 +FLAGS.SILENT (\\Deleted)');
    await other.ok('EXPUNGE');
    service.deliver('INBOX', mail('new'));
    const reply = await mine.ok('NOOP');
    const lines = reply.untagged.filter((each) => each.name !== 'FETCH').map((each) => `${each.number} ${each.name}`);
    assert.deepEqual(lines, ['2 EXPUNGE', '1 EXPUNGE', '4 EXISTS']);
  });

  it('ends a session whose mailbox is deleted', async () => {
    await mine.ok('SELECT Trash');
    await other.ok('DELETE Trash');
    await assert.rejects(mine.ok('NOOP'));
    await mine.closedByServer();
  });

  it('leaves its own mailbox when it deletes it', async () => {
    await mine.ok('SELECT Junk');
    const reply = await mine.ok('DELETE Junk');
    assert.ok(reply.untagged.some((each) => each.code === 'CLOSED'));
    await mine.bad('FETCH 1 FLAGS');
    await mine.ok('SELECT INBOX');
  });
});
