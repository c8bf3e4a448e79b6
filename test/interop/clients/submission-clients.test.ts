/** Debian's programs that send: each hands a message in, and it is in the mailbox of whom it was for, as it was. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { program, unlessInstalled } from '../../harness/programs.js';

const run = promisify(execFile);

describe('programs that send', { timeout: 120_000 }, () => {
  let laboratory: Laboratory;
  before(async () => {
    laboratory = await openLaboratory(['anne']);
    await laboratory.add('tom', '--role', 'permanent', '--eudora');
  });
  after(() => laboratory.stop());

  const message = (subject: string): string =>
    `From: Anne <${laboratory.address('anne')}>\r\nTo: ${laboratory.address('tom')}\r\nSubject: ${subject}\r\n\r\nR\xc3\xa9union\r\n.\r\n..\r\nfin\r\n`;

  /** By POP3, as it is for. */
  async function arrived(subject: string): Promise<string> {
    for (let i = 0; i < 200; i++) {
      const client = await laboratory.pop3('tom');
      const found = (await client.multi('XTND XLST Subject')).find((line) => line.endsWith(`: ${subject}`));
      const lines = found === undefined ? undefined : await client.multi(`RETR ${found.split(' ')[0]}`);
      await client.quit();
      if (lines !== undefined) return lines.join('\n');
      await sleep(50);
    }
    throw new Error(`"${subject}" did not come`);
  }

  async function assertArrived(subject: string): Promise<void> {
    const text = await arrived(subject);
    assert.ok(text.endsWith('\n\nR\xc3\xa9union\n.\n..\nfin'), text);
    assert.match(text, /with ESMTPSA id/);
  }

  test('curl, over TLS and with STARTTLS', { skip: unlessInstalled('curl') }, async () => {
    const user = `${laboratory.address('anne')}:${laboratory.password}`;
    for (const [url, ...more] of [
      [`smtps://127.0.0.1:${laboratory.service.port('submissions')}`],
      [`smtp://127.0.0.1:${laboratory.service.port('submission')}`, '--ssl-reqd'],
      [`smtp://127.0.0.1:${laboratory.service.port('submission')}`, '--ssl-reqd', '--login-options', 'AUTH=LOGIN'],
    ] as const) {
      const subject = `curl ${more.length}`;
      const file = join(laboratory.service.folder, 'upload.eml');
      writeFileSync(file, message(subject), 'latin1');
      const envelope = ['--mail-from', laboratory.address('anne'), '--mail-rcpt', laboratory.address('tom')];
      await run(program('curl'), ['-sS', '-k', '--user', user, ...envelope, '--upload-file', file, ...more, url]);
      await assertArrived(subject);
    }
  });

  test('msmtp', { skip: unlessInstalled('msmtp') }, async () => {
    const at = join(laboratory.service.folder, 'msmtp');
    mkdirSync(at);
    const password = join(at, 'password');
    writeFileSync(password, laboratory.password);
    const rc = join(at, 'rc');
    const port = laboratory.service.port('submissions');
    writeFileSync(
      rc,
      `account a\nhost 127.0.0.1\nport ${port}\nauth on\nuser ${laboratory.address('anne')}\npasswordeval cat ${password}\ntls on\ntls_starttls off\ntls_certcheck off\nfrom ${laboratory.address('anne')}\n`,
    );
    chmodSync(rc, 0o600);
    const child = spawn(
      program('msmtp'),
      ['-C', rc, '-a', 'a', '-N', 'failure', '-R', 'hdrs', laboratory.address('tom')],
      { stdio: ['pipe', 'ignore', 'pipe'] },
    );
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.stdin.end(Buffer.from(message('msmtp').replaceAll('\r\n', '\n'), 'latin1'));
    assert.equal(await new Promise((resolve) => child.once('close', resolve)), 0, errors);
    await assertArrived('msmtp');
  });

  test('swaks: the sender must be oneself', { skip: unlessInstalled('swaks') }, async () => {
    const swaks = (from: string, ...more: readonly string[]) =>
      run(program('swaks'), [
        '--server',
        `127.0.0.1:${laboratory.service.port('submission')}`,
        '--ehlo',
        'client.example',
        '--timeout',
        '20',
        '--auth',
        'PLAIN',
        '--auth-user',
        laboratory.address('anne'),
        '--auth-password',
        laboratory.password,
        '--from',
        from,
        '--to',
        laboratory.address('tom'),
        ...more,
      ]);
    const file = join(laboratory.service.folder, 'swaks.eml');
    writeFileSync(file, message('swaks'), 'latin1');
    const { stdout } = await swaks(laboratory.address('anne'), '--data', `@${file}`);
    assert.match(stdout, /250 2\.0\.0 Queued as /);
    assert.match(await arrived('swaks'), /\.\n\.\.\nfin/);
    // 23: MAIL was refused.
    await assert.rejects(swaks(laboratory.address('tom')), { code: 23 });
  });

  test("Python's smtplib: SMTPUTF8, DSN, a refusal for what is not one's own", {
    skip: unlessInstalled('python3'),
  }, async () => {
    const script = `
import smtplib, ssl, sys
from email.message import EmailMessage
context = ssl._create_unverified_context()
port, user, password, to = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
s = smtplib.SMTP_SSL('127.0.0.1', port, context=context, timeout=20)
s.ehlo('client.example')
for name in ('size', 'dsn', '8bitmime', 'smtputf8', 'chunking', 'futurerelease', 'auth'):
    assert s.has_extn(name), name
try:
    s.sendmail(user, [to], b'From: x\\r\\n\\r\\nx')
    raise SystemExit('sent without login')
except smtplib.SMTPSenderRefused as e:
    assert e.smtp_code == 530, e
try:
    s.login(user, 'wrong')
    raise SystemExit('logged in')
except smtplib.SMTPAuthenticationError as e:
    assert e.smtp_code == 535, e
s.login(user, password)
m = EmailMessage()
m['From'], m['To'], m['Subject'] = 'Anne <%s>' % user, to, 'smtplib'
m.set_content('bonjour')
s.send_message(m, mail_options=['SMTPUTF8', 'BODY=8BITMIME', 'RET=HDRS'], rcpt_options=['NOTIFY=FAILURE'])
m.replace_header('From', 'Somebody <somebody@labo.example>')
try:
    s.send_message(m, from_addr=user)
    raise SystemExit('sent as somebody')
except smtplib.SMTPDataError as e:
    assert e.smtp_code == 550, e
try:
    s.sendmail(user, ['nobody@labo.example'], b'x')
    raise SystemExit('nobody was taken')
except smtplib.SMTPRecipientsRefused:
    pass
s.quit()
`;
    const file = join(laboratory.service.folder, 'send.py');
    writeFileSync(file, script);
    const args = [file, `${laboratory.service.port('submissions')}`, laboratory.address('anne'), laboratory.password];
    await run(program('python3'), [...args, laboratory.address('tom')], { timeout: 60_000 });
    assert.match(await arrived('smtplib'), /with UTF8SMTPSA id/);
  });
});
