/**
 * Somebody whose account has ended, on a running service: every door says so after the right password and nothing after a wrong one,
 * mail still arrives, who wrote is answered, who answers for the person is told, and a day more opens all doors again.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapClient } from '../../harness/imap-client.js';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { connectTlsLines } from '../../harness/line-client.js';
import { connectPop3 } from '../../harness/pop3-client.js';
import { webClient } from '../../harness/web-client.js';

describe('somebody whose account has ended', { timeout: 180_000 }, () => {
  let laboratory: Laboratory;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vm-ended-'));
    laboratory = await openLaboratory(['claire'], { folder });
    // Everything is opened to the person, so that the end is the only thing that keeps anybody out.
    const open = ['--allow', 'imap,pop3,webmail,submission', '--sponsor', 'claire', '--expires', '2099-01-01'];
    await laboratory.add('tom', '--role', 'intern', ...open, '--lang', 'en', '--name', 'Tom');
    const done = await laboratory.command('user', 'set', 'tom', '--expires', '2020-01-31');
    assert.equal(done.code, 0, done.errors);
    // What was known of a person is believed for two seconds.
    await sleep(2_100);
  });
  after(async () => {
    await laboratory.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const reason = /reached its end date.*sponsor/i;
  const port = (name: Parameters<Laboratory['service']['port']>[0]) => laboratory.service.port(name);

  /** What a door says to a password. */
  const doors: Readonly<Record<string, (password: string) => Promise<string>>> = {
    async imap(password) {
      const client = await ImapClient.connect({ port: port('imaps'), tls: true });
      const { status, code, text } = await client.command(`LOGIN ${laboratory.address('tom')} "${password}"`);
      client.destroy();
      return `${status} [${code}] ${text}`;
    },
    async pop3(password) {
      const client = await connectPop3(port('pop3s'), { tls: true });
      await client.ok(`USER ${laboratory.address('tom')}`);
      const text = await client.refused(`PASS ${password}`);
      await client.quit();
      return text;
    },
    async submission(password) {
      const client = await connectTlsLines(port('submissions'));
      await client.line();
      client.send('EHLO x.example\r\n');
      while ((await client.line()).startsWith('250-'));
      client.send(`AUTH PLAIN ${Buffer.from(`\0${laboratory.address('tom')}\0${password}`).toString('base64')}\r\n`);
      const text = await client.line();
      client.send('QUIT\r\n');
      return text;
    },
    async web(password) {
      const client = webClient({ port: port('https'), tls: true, headers: { 'accept-language': 'en' } });
      const { status, text } = await client.submit('/login', { username: 'tom', password });
      return `${status} ${text}`;
    },
    async jmap(password) {
      const client = webClient({ port: port('https'), tls: true });
      const token = Buffer.from(`${laboratory.address('tom')}:${password}`).toString('base64');
      const { status, text } = await client.request('GET', '/jmap/session', { authorization: `Basic ${token}` });
      return `${status} ${text}`;
    },
  };
  const shapes: Readonly<Record<string, RegExp>> = {
    imap: /^NO \[EXPIRED\]/,
    pop3: /^\[SYS\/PERM\]/,
    submission: /^535 5\.7\.1/,
    web: /^403 /,
    jmap: /^403 /,
  };

  for (const [name, open] of Object.entries(doors)) {
    it(`is told why by ${name} after the right password, and nothing after a wrong one`, async () => {
      const right = await open(laboratory.password);
      assert.match(right, shapes[name]!);
      assert.match(right, reason);
      assert.doesNotMatch(await open('Wrong horse 4 battery'), reason);
    });
  }

  it('still gets mail; its sender is answered, the sponsor told, and all of it is in the audit trail', async () => {
    const lmtp = await laboratory.lmtp();
    await lmtp.command('LHLO x.example');
    await lmtp.command(`MAIL FROM:<${laboratory.address('claire')}>`);
    assert.equal((await lmtp.command(`RCPT TO:<${laboratory.address('tom')}>`)).code, 250);
    await lmtp.command('DATA');
    const message = `From: ${laboratory.address('claire')}\r\nTo: ${laboratory.address('tom')}\r\nSubject: hello\r\n\r\nx\r\n.\r\n`;
    lmtp.write(message);
    assert.equal((await lmtp.reply()).code, 250);
    // Answers are given for thirty days: not to an end of years ago.
    const extended = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    await laboratory.command('user', 'set', 'tom', '--expires', extended);
    await laboratory.service.stop();
    laboratory = await openLaboratory([], { folder });
    const imap = await laboratory.imap('claire');
    const found = async (): Promise<string> => {
      await imap.command('SELECT INBOX');
      return headersIn((await imap.command('FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT AUTO-SUBMITTED)])')).untagged);
    };
    const deadline = Date.now() + 90_000;
    let all = await found();
    while (!(all.includes('Automatic reply: hello') && all.includes('auto-generated')) && Date.now() < deadline) {
      await sleep(200);
      all = await found();
    }
    await imap.logout();
    assert.ok(all.includes('Automatic reply: hello') && all.includes('auto-replied'), all);
    assert.ok(all.includes('auto-generated'), 'the sponsor was told');
    const { output } = await laboratory.command('audit', '--user', 'tom');
    assert.match(output, /account locked +service/);
  });

  it('comes in again when there is more time', async () => {
    const done = await laboratory.command('user', 'unlock', 'tom', '--days', '2');
    assert.equal(done.code, 0, done.errors);
    await sleep(2_100);
    const imap = await laboratory.imap('tom');
    await imap.command('SELECT INBOX');
    const { untagged } = await imap.command('FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])');
    assert.ok(headersIn(untagged).includes('hello'), 'what arrived meanwhile is there');
    await imap.logout();
  });
});

function headersIn(untagged: unknown): string {
  return JSON.stringify(untagged, (_, value: unknown) => {
    const { type, data } = Object(value) as { readonly type?: unknown; readonly data?: readonly number[] };
    return type === 'Buffer' && data !== undefined ? Buffer.from(data).toString('latin1') : value;
  });
}
