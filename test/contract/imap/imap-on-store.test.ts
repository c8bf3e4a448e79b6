/**
 * The IMAP server over the real mailstore and store, with two of each as two processes would have them: what one does the other
 * tells, and what comes back is what went in. Runs on the embedded store or on VAGUEMESTRE_MONGODB_URI.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fetched, type ImapClient } from '../../harness/imap-client.js';
import { accountOf, type ImapService, mail, startImapService } from '../../harness/imap-service.js';
import { startTestDatabase, type TestDatabase } from '../../harness/mail-store.js';

describe('IMAP on the store', () => {
  let database: TestDatabase;
  let here: ImapService;
  let there: ImapService;
  before(async () => {
    database = await startTestDatabase();
    const [first, second] = [
      await database.open(),
      await database.open({ committedReads: true, directCommits: () => undefined }),
    ];
    await first.mailstore.createAccount(accountOf('alice'), { lang: 'en' });
    here = await startImapService({ mailstore: first.mailstore });
    there = await startImapService({ mailstore: second.mailstore });
  });
  after(async () => {
    await here?.close();
    await there?.close();
    await database?.close();
  });

  async function append(client: ImapClient, mailbox: string, count: number): Promise<void> {
    for (let i = 0; i < count; i++) await client.append(mailbox, mail(`message ${i}`, `body ${i}\r\n`));
  }

  it('gives messages back bit for bit, with what was said of them', async () => {
    const client = await here.login();
    const odd = Buffer.from(
      `From: "D\u00e9j\u00e0 vu" <d@labo.example>\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nX: \0 lone \r CR\r\n\r\nbody\r\n`,
    );
    const big = mail('big', `${'0123456789'.repeat(7)}\r\n`.repeat(40_000));
    await client.append('INBOX', odd, '(\\Flagged $Work) "17-Jul-1996 02:44:25 -0700"');
    await client.append('INBOX', big);
    await client.ok('SELECT INBOX');
    const first = fetched(
      (await client.ok('FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE BODY[] ENVELOPE BODYSTRUCTURE)')).untagged,
    );
    const got = first.get(1)!;
    assert.deepEqual(got.get('BODY[]'), odd);
    assert.equal(got.get('RFC822.SIZE'), String(odd.length));
    assert.equal(String(got.get('INTERNALDATE')), '17-Jul-1996 09:44:25 +0000');
    assert.deepEqual(got.get('FLAGS'), ['\\Flagged', '\\Seen', '$Work']);
    const second = fetched((await client.ok('FETCH 2 (BODY.PEEK[] BODY.PEEK[TEXT]<1000000.20>)')).untagged).get(2)!;
    assert.equal((second.get('BODY[]') as Buffer).toString('latin1'), big);
    assert.equal(
      String(second.get('BODY[TEXT]<1000000>')),
      big.slice(big.indexOf('\r\n\r\n') + 4).slice(1_000_000, 1_000_020),
    );
  });

  it('tells an IDLE of another process of mail, flags and expunges', async () => {
    const [mine, other] = [await here.login(), await there.login()];
    await mine.ok('CREATE Shared');
    await append(mine, 'Shared', 3);
    await mine.ok('SELECT Shared');
    await other.ok('SELECT Shared');
    other.write('i IDLE\r\n');
    await other.continuation();
    await append(mine, 'Shared', 1);
    assert.equal((await other.untagged('EXISTS')).number, 4);
    await mine.ok('STORE 2 +FLAGS (\\Deleted fresh)');
    assert.equal((await other.untagged('FETCH')).number, 2);
    await mine.ok('EXPUNGE');
    assert.equal((await other.untagged('EXPUNGE')).number, 2);
    other.write('DONE\r\n');
    assert.equal((await other.reply('i')).status, 'OK');
  });

  it('tells by NOOP, STATUS and SELECT what was acknowledged in another process', async () => {
    const [mine, other] = [await here.login(), await there.login()];
    await mine.ok('CREATE Polled');
    await other.ok('SELECT Polled');
    for (let i = 1; i <= 20; i++) {
      await append(mine, 'Polled', 1);
      const status = await other.ok('STATUS Polled (MESSAGES)');
      assert.deepEqual(status.untagged.find((each) => each.name === 'STATUS')!.values[1], ['MESSAGES', String(i)]);
    }
    const exists = (await other.ok('NOOP')).untagged.findLast((each) => each.name === 'EXISTS');
    assert.ok(exists === undefined || exists.number === 20);
  });

  it('shares commits among pipelined STOREs and keeps their effects', async () => {
    const client = await here.login();
    await client.ok('CREATE Piped');
    const messages = Array.from({ length: 200 }, (_, i) => mail(`p${i}`));
    const [first, ...rest] = messages.map((message) => ({ announce: `{${message.length}+}`, message }));
    const parts = [];
    let before = `APPEND Piped ${first!.announce}`;
    let body = first!.message;
    for (const { announce, message } of rest) {
      parts.push(`${body} ${announce}`);
      body = message;
    }
    parts.push(body);
    before = before.trimEnd();
    assert.equal((await client.command(before, ...parts)).status, 'OK');
    await client.ok('SELECT Piped');
    client.write(
      Array.from({ length: 200 }, (_, i) => `s${i} UID STORE ${i + 1} +FLAGS (\\Flagged k${i % 7})\r\n`).join(''),
    );
    for (let i = 0; i < 200; i++) {
      const reply = await client.reply(`s${i}`);
      assert.equal(reply.status, 'OK');
      assert.deepEqual(
        fetched(reply.untagged)
          .get(i + 1)
          ?.get('FLAGS'),
        ['\\Flagged', `k${i % 7}`],
        `s${i}`,
      );
    }
    const other = await there.login();
    await other.ok('SELECT Piped');
    const found = await other.ok('SEARCH KEYWORD k3 FLAGGED');
    assert.equal(found.untagged.find((each) => each.name === 'SEARCH')!.values.length, 29);
  });

  it('moves, copies, renames and deletes', async () => {
    const [mine, other] = [await here.login(), await there.login('rev2')];
    await mine.ok('CREATE A/B');
    await append(mine, 'A/B', 5);
    await mine.ok('SELECT A/B');
    await mine.ok('MOVE 2:3 A');
    await mine.ok('COPY 1 A');
    await mine.ok('RENAME A C');
    await other.ok('SELECT C');
    const list = fetched((await other.ok('FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])')).untagged);
    assert.deepEqual(
      [...list.values()].map((each) => String(each.get('BODY[HEADER.FIELDS (SUBJECT)]')).trim()),
      ['Subject: message 1', 'Subject: message 2', 'Subject: message 0'],
    );
    await other.ok('SELECT C/B');
    await other.ok('STORE 1:3 +FLAGS.SILENT (\\Deleted)');
    await other.ok('EXPUNGE');
    assert.equal((await mine.ok('NOOP')).untagged.filter((each) => each.name === 'EXPUNGE').length, 3);
    await mine.ok('UNSELECT');
    await other.ok('DELETE C/B');
    await mine.no('SELECT C/B', 'NONEXISTENT');
  });
});
