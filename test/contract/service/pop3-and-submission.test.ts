import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapClient } from '../../harness/imap-client.js';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { connectLines, connectTlsLines, type LineClient } from '../../harness/line-client.js';
import { connectPop3, type Pop3Client } from '../../harness/pop3-client.js';

/** Far enough away that nobody is warned of it: the mailboxes hold what the tests put there. */
const lastDay = new Date(Date.now() + 60 * 86_400_000).toISOString().slice(0, 10);

describe('an intern and a member of staff', { timeout: 180_000 }, () => {
  let laboratory: Laboratory;
  before(async () => {
    laboratory = await openLaboratory(['anne'], { environment: { VAGUEMESTRE_WORKERS: '2' } });
    const intern = ['--role', 'intern', '--sponsor', laboratory.address('anne'), '--expires', lastDay];
    await laboratory.add('tom', ...intern, '--lang', 'en');
    await laboratory.add('eve', '--role', 'permanent', '--eudora');
  });
  after(() => laboratory.stop());

  const plain = (name: string): string =>
    Buffer.from(`\0${laboratory.address(name)}\0${laboratory.password}`).toString('base64');

  async function smtp(name?: string): Promise<LineClient> {
    const client = await connectTlsLines(laboratory.service.port('submissions'));
    assert.match(await client.line(), /^220 /);
    client.send('EHLO client.example\r\n');
    for (let line = await client.line(); line.startsWith('250-'); line = await client.line());
    if (name !== undefined) {
      client.send(`AUTH PLAIN ${plain(name)}\r\n`);
      assert.match(await client.line(), /^235 /);
    }
    return client;
  }

  async function said(client: LineClient, line: string): Promise<string> {
    client.send(`${line}\r\n`);
    return client.line();
  }

  async function send(client: LineClient, message: string, to: readonly string[], from = 'anne'): Promise<string> {
    assert.match(await said(client, `MAIL FROM:<${laboratory.address(from)}>`), /^250 /);
    for (const one of to) assert.match(await said(client, `RCPT TO:<${one}>`), /^250 /);
    assert.match(await said(client, 'DATA'), /^354 /);
    return said(client, `${message}\r\n.`);
  }

  const letter = (subject: string): string =>
    `From: Anne <${laboratory.address('anne')}>\r\nTo: ${laboratory.address('tom')}\r\nBcc: ${laboratory.address('eve')}\r\nSubject: ${subject}\r\n\r\n..a dot\r\nBonjour`;

  async function whenThere(name: string, count: number): Promise<Pop3Client> {
    for (let i = 0; i < 200; i++) {
      const client = await laboratory.pop3(name);
      if ((await client.multi('LIST')).length >= count) return client;
      await client.quit();
      await sleep(50);
    }
    throw new Error(`${count} messages for ${name} did not come`);
  }

  it('serves the intern by POP3, and tells why not by IMAP; the other way round for staff', async () => {
    const tom = await laboratory.pop3('tom');
    assert.equal(await tom.ok('STAT'), '0 0');
    await tom.quit();
    const imap = await ImapClient.connect({ port: laboratory.service.port('imaps'), tls: true });
    const refused = await imap.command(`LOGIN ${laboratory.address('tom')} "${laboratory.password}"`);
    assert.equal(refused.status, 'NO');
    assert.equal(refused.code, 'AUTHORIZATIONFAILED');
    assert.match(refused.text, /POP3S/);
    imap.destroy();
    const anne = await connectPop3(laboratory.service.port('pop3s'), { tls: true });
    await anne.ok(`USER ${laboratory.address('anne')}`);
    assert.match(await anne.refused(`PASS ${laboratory.password}`), /^\[SYS\/PERM\] .*IMAPS/);
    await anne.ok(`USER ${laboratory.address('anne')}`);
    assert.match(await anne.refused('PASS wrong'), /^\[AUTH\] /);
    await anne.quit();
  });

  it('sends over submission: 250 when it is stored, then it is in the mailbox of whom it was for', async () => {
    const client = await smtp('anne');
    assert.match(
      await send(client, letter('by SMTP'), [laboratory.address('tom'), 'eve@LABO.example']),
      /^250 2\.0\.0 Queued as /,
    );
    assert.match(await said(client, 'QUIT'), /^221 /);
    const tom = await whenThere('tom', 1);
    const lines = await tom.multi('RETR 1');
    const text = lines.join('\n');
    assert.match(text, /^Return-Path: <anne@labo\.example>\nDelivered-To: tom@labo\.example\n/);
    assert.match(text, /\nReceived: from client\.example \(\[127\.0\.0\.1\]\)\n.*\n?.*with ESMTPSA id /);
    assert.match(text, /\nDate: /);
    assert.match(text, /\nMessage-ID: <[^>]+@labo\.example>\n/);
    assert.doesNotMatch(text, /Bcc/);
    assert.ok(lines.includes('.a dot') && lines.includes('Bonjour'));
    const size = Number((await tom.ok('LIST 1')).split(' ')[1]);
    assert.equal(
      lines.reduce((sum, line) => sum + line.length + 2, 0),
      size,
    );
    await tom.quit();
    await (await whenThere('eve', 1)).quit();
  });

  it('takes mail from oneself alone, in the envelope and in the header', async () => {
    const stranger = await smtp();
    assert.match(await said(stranger, `MAIL FROM:<${laboratory.address('anne')}>`), /^530 5\.7\.0 /);
    stranger.close();
    const client = await smtp('anne');
    assert.match(await said(client, `MAIL FROM:<${laboratory.address('eve')}>`), /^550 5\.7\.1 /);
    assert.match(await said(client, 'MAIL FROM:<anne@elsewhere.example>'), /^550 5\.7\.1 /);
    assert.match(
      await send(client, letter('forged').replace('Anne <anne@', 'Eve <eve@'), [laboratory.address('tom')]),
      /^550 5\.7\.1 .*eve@labo\.example/,
    );
    assert.match(await send(client, 'Subject: nobody\r\n\r\nx', [laboratory.address('tom')]), /^554 5\.6\.0 /);
    assert.match(await said(client, `MAIL FROM:<${laboratory.address('anne')}>`), /^250 /);
    assert.match(await said(client, `RCPT TO:<nobody@labo.example>`), /^550 5\.1\.1 /);
    assert.match(await said(client, 'RCPT TO:<somebody@elsewhere.example>'), /^250 /);
    assert.match(await said(client, 'RSET'), /^250 /);
    assert.match(
      await said(client, `MAIL FROM:<${laboratory.address('anne')}> HOLDFOR=1 HOLDUNTIL=2026-01-01T00:00:00Z`),
      /^501 /,
    );
    assert.match(await said(client, `MAIL FROM:<${laboratory.address('anne')}> HOLDFOR=999999999`), /^501 /);
    assert.match(await said(client, `MAIL FROM:<${laboratory.address('anne')}> HOLDFOR=1 RET=HDRS ENVID=x`), /^250 /);
    client.close();
  });

  it('takes no password in clear from another machine, and says so on STARTTLS', async () => {
    const client = await connectLines({ port: laboratory.service.port('submission') });
    assert.match(await client.line(), /^220 /);
    client.send('EHLO x\r\n');
    const offered: string[] = [];
    do offered.push(await client.line());
    while (offered.at(-1)!.startsWith('250-'));
    for (const name of ['STARTTLS', 'SIZE ', 'DSN', '8BITMIME', 'SMTPUTF8', 'CHUNKING', 'FUTURERELEASE ']) {
      assert.ok(
        offered.some((line) => line.slice(4).startsWith(name)),
        name,
      );
    }
    client.close();
  });

  it('lets one program at a time take the mail of a person, whichever worker serves it', async () => {
    const first = await laboratory.pop3('eve');
    for (let i = 0; i < 4; i++) {
      const second = await connectPop3(laboratory.service.port('pop3s'), { tls: true });
      await second.ok(`USER ${laboratory.address('eve')}`);
      assert.match(await second.refused(`PASS ${laboratory.password}`), /^\[IN-USE\] /);
      second.destroy();
    }
    first.destroy();
    await freeAgain('eve');
  });

  async function freeAgain(name: string): Promise<void> {
    for (let i = 0; i < 60; i++) {
      if ((await loginAnswer(name)).startsWith('+OK')) return;
      await sleep(50);
    }
    assert.fail('the lock was not given back');
  }

  async function loginAnswer(name: string): Promise<string> {
    const client = await connectPop3(laboratory.service.port('pop3s'), { tls: true });
    await client.ok(`USER ${laboratory.address(name)}`);
    const answer = await client.command(`PASS ${laboratory.password}`);
    if (answer.startsWith('+OK')) await client.quit();
    client.destroy();
    return answer;
  }

  it('keeps what an intern deletes for the webmail, and removes what others delete', async () => {
    for (const name of ['tom', 'eve']) {
      const client = await whenThere(name, 1);
      const count = (await client.multi('LIST')).length;
      await client.multi('RETR 1');
      await client.ok('DELE 1');
      assert.match(await client.quit(), /^\+OK/);
      const next = await laboratory.pop3(name);
      assert.equal((await next.multi('LIST')).length, count - 1);
      await next.quit();
    }
    const eve = await laboratory.imap('eve');
    assert.match((await eve.ok('STATUS INBOX (MESSAGES)')).text, /./);
    await eve.logout();
    await laboratory.command('user', 'set', laboratory.address('tom'), '--allow', 'imap');
    await sleep(2_500);
    const tom = await laboratory.imap('tom');
    await tom.ok('EXAMINE INBOX');
    const found = await tom.ok('SEARCH KEYWORD $POP3Deleted UNSEEN');
    const hits = found.untagged.find(({ name }) => name === 'SEARCH');
    assert.deepEqual(hits?.values, ['1']);
    await tom.logout();
  });
});
