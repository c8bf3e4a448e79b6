import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ImapFlow } from 'imapflow';
import { type CommandResult, runCommand } from '../../harness/command.js';
import { cleanEnvironment, launcher, type RunningService, startService } from '../../harness/running-service.js';

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'vm-command-'));
});
after(() => rm(root, { recursive: true, force: true }));

async function ok(folder: string, args: readonly string[], input = ''): Promise<CommandResult> {
  const result = await runCommand(args, { folder, input });
  assert.equal(result.code, 0, `${args.join(' ')}\n${result.out}${result.err}`);
  return result;
}

const message = (n: number): string => `From: a@labo.example\r\nSubject: ${n}\r\n\r\ntext ${n}\r\n`;

describe('the command line as it is installed', () => {
  test('help names every command', async () => {
    const { out } = await ok(root, ['--help']);
    for (const name of ['user add', 'user import', 'user remove', 'mail import', 'mail export', 'status', 'serve']) {
      assert.ok(out.includes(name), name);
    }
  });

  test('a reader who has seen enough goes, and no command minds', async () => {
    await ok(root, ['user', 'add', 'reader', '--role', 'permanent', '--generate-password']);
    for (const line of [
      ['--help'],
      ['config', '--print'],
      ['user', 'add', '--help'],
      ['user', 'list', '--data', root],
    ]) {
      const child = spawn(process.execPath, [launcher, ...line], { env: cleanEnvironment(), stdio: 'pipe' });
      child.stdout.destroy();
      let said = '';
      child.stderr.on('data', (text: Buffer) => {
        said += text.toString();
      });
      const [code] = (await once(child, 'close')) as [number | null];
      assert.equal(code, 0, `${line.join(' ')}\n${said}`);
      assert.doesNotMatch(said, /EPIPE|Error/);
    }
  });

  test('without a service it starts the store itself; a wrong line touches nothing', async () => {
    const folder = join(root, 'alone');
    const wrong = await runCommand(['user', 'add', 'x'], { folder });
    assert.equal(wrong.code, 64);
    await assert.rejects(rm(folder, { recursive: true }), { code: 'ENOENT' });
    await ok(folder, ['user', 'add', 'anne', '--role', 'permanent', '--password-stdin'], 'correct horse\n');
    const mbox = join(root, 'old.mbox');
    await writeFile(
      mbox,
      `From a Mon Mar  2 08:00:00 2026\n${message(1)}\nFrom a Mon Mar  2 08:00:00 2026\n${message(2)}`,
    );
    await ok(folder, ['mail', 'import', '--user', 'anne', '--folder', 'Vieux', mbox]);
    await ok(folder, ['user', 'set', 'anne', '--quota', '100']);
    const full = await runCommand(['mail', 'import', '--user', 'anne', '--folder', 'Neuf', mbox], { folder });
    assert.equal(full.code, 73, full.err);
    assert.match(
      full.err,
      /^the import stopped; the same command goes on from there\nvaguemestre: The mailbox is full/,
    );
    const { out } = await ok(folder, ['status', '--json']);
    const status = JSON.parse(out) as Record<string, unknown>;
    assert.deepEqual([status['people'], status['messages'], status['service']], [1, 2, null]);
    assert.deepEqual(status['outbox'], { waiting: 0, held: 0, scheduled: 0, oldest: null });
    const checked = JSON.parse((await ok(folder, ['check', '--repair', '--json'])).out) as Record<string, unknown>;
    assert.deepEqual([checked['messages'], checked['findings'], checked['mended']], [2, [], 0]);
  });

  test('a setting that is wrong is 78', async () => {
    const { code, err } = await runCommand(['user', 'list', '--domain', '!'], { folder: join(root, 'never') });
    assert.equal(code, 78, err);
  });
});

describe('the command line beside a running service', () => {
  let service: RunningService;
  before(async () => {
    service = await startService();
  });
  after(() => service.stop());

  const client = (pass: string): ImapFlow => {
    const auth = { user: 'bob', pass };
    const imap = new ImapFlow({
      host: '127.0.0.1',
      port: service.port('imaps'),
      secure: true,
      auth,
      logger: false,
      tls: { rejectUnauthorized: false },
    });
    imap.on('error', () => undefined);
    return imap;
  };

  test('a person made there logs in here; mail comes and goes over IMAP; a removed person is gone', async () => {
    const { folder } = service;
    await ok(
      folder,
      ['user', 'add', 'bob', '--role', 'permanent', '--lang', 'en', '--password-stdin'],
      'first password\n',
    );
    const { out } = await ok(folder, ['status', '--json']);
    assert.equal((JSON.parse(out) as { service: { pid: number } }).service.pid, service.process.pid);

    const imap = client('first password');
    await imap.connect();
    await imap.append('INBOX', message(1), ['\\Seen', '$Forwarded'], new Date(1_600_000_000_000));
    await imap.mailboxCreate('Projets/\u00c9t\u00e9');
    await imap.mailboxSubscribe('Projets/\u00c9t\u00e9');
    await imap.append('Projets/\u00c9t\u00e9', `Subject: large\r\n\r\n${'0123456789abcde\r\n'.repeat(400_000)}`);
    for (let i = 0; i < 30; i++) await imap.append('Sent', message(i));
    await imap.logout();

    // From this very service into another person's account: what an old server would be.
    await ok(folder, ['user', 'add', 'eve', '--role', 'permanent', '--lang', 'fr', '--generate-password']);
    const source = `imaps://bob@127.0.0.1:${service.port('imaps')}`;
    const args = ['mail', 'import', '--user', 'eve', '--insecure', '--password-stdin', '--json', source];
    const taken = JSON.parse((await ok(folder, args, 'first password\n')).out) as Record<string, unknown>;
    assert.equal(taken['messages'], 32);
    assert.deepEqual(taken['refused'], []);
    const again = JSON.parse((await ok(folder, args, 'first password\n')).out) as Record<string, unknown>;
    assert.deepEqual([again['messages'], again['before']], [0, 32]);
    const shown = JSON.parse((await ok(folder, ['user', 'show', 'eve', '--json'])).out) as {
      mailboxes: { path: string; messages: number; unseen: number; bytes: number }[];
    };
    const box = (path: string) => shown.mailboxes.find((one) => one.path === path);
    assert.deepEqual([box('INBOX')?.messages, box('INBOX')?.unseen], [1, 0]);
    assert.equal(box('Envoy\u00e9s')?.messages, 30, 'Sent is merged with her own');
    assert.equal(box('Projets/\u00c9t\u00e9')?.bytes, 17 * 400_000 + 18);

    const wrong = await runCommand(
      args.filter((one) => one !== '--json'),
      { folder, input: 'not this\n' },
    );
    assert.equal(wrong.code, 77);
    assert.match(wrong.err, /refuses the login/);

    await ok(folder, ['user', 'passwd', 'bob', '--password-stdin'], 'second password\n');
    const other = client('second password');
    await other.connect();
    await other.logout();
    assert.match((await ok(folder, ['check'])).out, /accounts, .* verified in .*\nnothing wrong\n$/);
    assert.equal((await runCommand(['check', '--repair'], { folder })).code, 64, 'not beside a service');
    await ok(folder, ['user', 'remove', 'bob', '--yes']);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    await assert.rejects(client('second password').connect());
  });
});
