import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import type { ImapClient } from '../../harness/imap-client.js';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

describe('CREATE, DELETE, RENAME, SUBSCRIBE, STATUS', () => {
  let service: ImapService;
  let client: ImapClient;
  beforeEach(async () => {
    await service?.close();
    service = await startImapService();
    client = await service.login();
  });
  after(() => service.close());
  const paths = (): string[] => service.alice.mailboxes.map((each) => each.path).sort();

  it('creates, with parents, and not twice', async () => {
    await client.ok('CREATE Projects/2024/');
    assert.ok(paths().includes('Projects') && paths().includes('Projects/2024'));
    await client.no('CREATE Projects/2024', 'ALREADYEXISTS');
    await client.no('CREATE inbox', 'ALREADYEXISTS');
    await client.no('CREATE a//b', 'CANNOT');
  });

  it('gives a mailbox its use, once', async () => {
    await client.ok('CREATE Archives (USE (\\Archive))');
    assert.equal(service.alice.mailboxes.find((each) => each.path === 'Archives')?.role, 'archive');
    await client.no('CREATE More (USE (\\Archive))', 'USEATTR');
    await client.no('CREATE Two (USE (\\Important \\Junk))', 'USEATTR');
    await client.no('CREATE Everything (USE (\\All))', 'USEATTR');
    assert.ok(!paths().includes('More') && !paths().includes('Two'));
  });

  it('deletes what has no children, and never INBOX', async () => {
    await client.ok('CREATE a/b');
    await client.no('DELETE a', 'HASCHILDREN');
    await client.ok('DELETE a/b');
    await client.ok('DELETE a');
    await client.no('DELETE a', 'NONEXISTENT');
    await client.no('DELETE INBOX', 'CANNOT');
  });

  it('renames with children; INBOX gives away its messages', async () => {
    await client.ok('CREATE a/b');
    await client.ok('RENAME a x');
    assert.ok(paths().includes('x/b') && !paths().includes('a'));
    service.deliver('INBOX', mail('one'));
    await client.ok('RENAME INBOX Old');
    assert.equal(service.alice.mailboxes.find((each) => each.path === 'Old')?.messages.length, 1);
    assert.equal(service.alice.mailboxes.find((each) => each.path === 'INBOX')?.messages.length, 0);
    await client.no('RENAME gone other', 'NONEXISTENT');
    await client.no('RENAME x Old', 'ALREADYEXISTS');
  });

  // Outlook and Mail with "INBOX" or "INBOX." as root path.
  it('takes names below INBOX for those beside it, and lists them once', async () => {
    for (const name of ['INBOX/Sent', 'INBOX.Sent', 'inbox.Sent']) {
      await client.ok(`SELECT ${name}`);
      await client.ok(`STATUS ${name} (MESSAGES)`);
      await client.append(name, mail('sent'));
      await client.no(`CREATE ${name}`, 'ALREADYEXISTS');
      await client.ok(`SUBSCRIBE ${name}`);
      await client.no(`DELETE ${name}`, 'NONEXISTENT');
    }
    assert.equal(service.alice.mailboxes.find((each) => each.path === 'Sent')?.messages.length, 3);
    await client.ok('SELECT Sent');
    await client.ok('COPY 1 INBOX.Trash');
    assert.equal(service.alice.mailboxes.find((each) => each.path === 'Trash')?.messages.length, 1);
    await client.ok('CREATE Work/Old');
    await client.ok('SELECT INBOX.Work.Old');
    await client.no('SELECT INBOX.Wrk', 'NONEXISTENT');
    const listed = (await client.ok('LIST "" "*"')).untagged.filter((one) => one.name === 'LIST');
    const names = listed.map(({ values }) => String(values[2]));
    assert.equal(new Set(names).size, names.length);
    assert.ok(!names.some((name) => /^INBOX./.test(name)));
    await client.ok('UNSUBSCRIBE INBOX.Sent');
    assert.ok(!service.alice.subscriptions.has('Sent'));
  });

  it('has mailboxes below INBOX of the same name, if they are made first', async () => {
    await client.ok('CREATE INBOX/Projects');
    await client.ok('CREATE Projects');
    await client.append('INBOX/Projects', mail('below'));
    assert.equal(service.alice.mailboxes.find((each) => each.path === 'INBOX/Projects')?.messages.length, 1);
  });

  it('reads names in modified UTF-7, and in UTF-8 once IMAP4rev2 is enabled', async () => {
    await client.ok('CREATE "R&AOk-union"');
    assert.ok(paths().includes('Réunion'));
    const second = await service.login('rev2');
    await second.ok('CREATE "Été & co"');
    assert.ok(paths().includes('Été & co'));
    const reply = await second.ok('STATUS "Réunion" (MESSAGES)');
    assert.equal((reply.untagged[0]!.values[0] as Buffer).toString('utf8'), 'Réunion');
    const old = await client.ok('STATUS "R&AOk-union" (MESSAGES)');
    assert.equal((old.untagged[0]!.values[0] as Buffer).toString('latin1'), 'R&AOk-union');
    await client.no('CREATE "bad&name"');
  });

  it('subscribes to what is there', async () => {
    await client.ok('CREATE x');
    await client.ok('SUBSCRIBE x');
    await client.no('SUBSCRIBE nowhere', 'NONEXISTENT');
    await client.ok('DELETE x');
    await client.ok('UNSUBSCRIBE x');
  });

  it('answers STATUS with everything that can be asked', async () => {
    service.deliver('INBOX', mail('one'), ['\\Seen', '\\Deleted']);
    service.deliver('INBOX', mail('three'));
    const reply = await client.ok(
      'STATUS inbox (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE HIGHESTMODSEQ APPENDLIMIT)',
    );
    const [name, items] = reply.untagged.find((each) => each.name === 'STATUS')!.values as [Buffer, string[]];
    assert.equal(name.toString(), 'INBOX');
    const values = new Map<string, string>();
    for (let i = 0; i < items.length; i += 2) values.set(items[i]!, items[i + 1]!);
    assert.equal(values.get('MESSAGES'), '2');
    assert.equal(values.get('RECENT'), '0');
    assert.equal(values.get('UIDNEXT'), '3');
    assert.equal(values.get('UNSEEN'), '1');
    assert.equal(values.get('DELETED'), '1');
    assert.equal(values.get('SIZE'), String(mail('one').length + mail('three').length));
    assert.equal(values.get('APPENDLIMIT'), '67108864');
    await client.no('STATUS nowhere (MESSAGES)', 'NONEXISTENT');
  });
});
