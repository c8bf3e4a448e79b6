/** The main job, end to end, as a laboratory would use it: the service as it is started, mail in by LMTP, out by IMAPS. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ImapFlow } from 'imapflow';
import { LmtpClient } from '../../harness/lmtp-client.js';
import { type RunningService, runCommand, startService } from '../../harness/running-service.js';

const claire = 'claire@labo.example';
const password = 'une phrase assez longue';

function message(subject: string, body: string): string {
  return `From: Paul <paul@ailleurs.example>\r\nTo: ${claire}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@ailleurs.example>\r\n\r\n${body}\r\n`;
}

async function deliver(service: RunningService, text: string): Promise<void> {
  const client = await LmtpClient.connect({ port: service.port('lmtp') });
  await client.lhlo();
  const from = 'paul@ailleurs.example';
  const [reply] = await client.deliver({ from, to: [claire], message: Buffer.from(text, 'latin1') });
  assert.equal(reply?.code, 250, reply?.lines.join(' '));
  await client.quit();
}

async function login(service: RunningService, user = claire, pass = password): Promise<ImapFlow> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: service.port('imaps'),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user, pass },
    logger: false,
  });
  await client.connect();
  return client;
}

async function subjects(client: ImapFlow): Promise<(string | undefined)[]> {
  const all = [];
  for await (const one of client.fetch('1:*', { envelope: true })) all.push(one.envelope?.subject);
  return all;
}

async function flagsOf(client: ImapFlow, number: number): Promise<ReadonlySet<string>> {
  const found = await client.fetchOne(String(number), { flags: true });
  return found ? (found.flags ?? new Set()) : new Set();
}

describe('mail, from the relay to a mail program', () => {
  let folder: string;
  let service: RunningService;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vm-thread-'));
    service = await startService({ folder });
    const added = await runCommand(
      ['user', 'add', claire, '--role', 'permanent', '--name', 'Claire Vasseur', '--password-stdin', '--data', folder],
      {},
      `${password}\n`,
    );
    assert.equal(added.code, 0, added.errors);
  });
  after(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('names a first administrator whose password works', async () => {
    const [, address, given] = /First administrator: (\S+)\n +Password: +(\S+)/.exec(service.output()) ?? [];
    assert.equal(address, 'admin@labo.example');
    const client = await login(service, address, given);
    await client.logout();
  });

  it('arrives, octet for octet', async () => {
    const text = message('premier', 'Bonjour\r\n..deux points\r\n\xff\x00 et le reste');
    await deliver(service, text);
    const client = await login(service);
    await client.mailboxOpen('INBOX');
    const { source } = (await client.fetchOne('*', { source: true })) as { source: Buffer };
    const at = source.indexOf('From: Paul');
    assert.match(
      source.subarray(0, at).toString('latin1'),
      /^Return-Path: <paul@ailleurs\.example>\r\nDelivered-To: claire@labo\.example\r\nReceived: /,
    );
    assert.equal(source.subarray(at).toString('latin1'), text);
    await client.logout();
  });

  it('is told to every session that waits, whichever worker has it', async () => {
    // Ports are shared in turn: of four connections each of the two workers gets some.
    const clients = await Promise.all([0, 1, 2, 3].map(() => login(service)));
    const told = clients.map(async (client) => {
      await client.mailboxOpen('INBOX');
      const before = (client.mailbox as { exists: number }).exists;
      return { before, exists: new Promise<number>((resolve) => client.once('exists', ({ count }) => resolve(count))) };
    });
    const waiting = await Promise.all(told);
    for (const client of clients) void client.idle();
    await deliver(service, message('deuxieme', 'encore'));
    for (const { before, exists } of waiting) assert.equal(await exists, before + 1);
    await Promise.all(clients.map((client) => client.logout()));
  });

  it('keeps what was acknowledged through a kill of everything', async () => {
    const client = await login(service);
    await client.mailboxOpen('INBOX');
    await client.messageFlagsAdd('1', ['\\Flagged', '$Important']);
    const appended = await client.append('INBOX', message('troisieme', 'par APPEND'), ['\\Seen']);
    await deliver(service, message('quatrieme', 'juste avant'));
    await service.stop('SIGKILL');
    client.on('error', () => undefined);
    client.close();

    service = await startService({ folder });
    assert.doesNotMatch(service.output(), /First administrator/);
    const again = await login(service);
    await again.mailboxOpen('INBOX');
    assert.deepEqual(await subjects(again), ['premier', 'deuxieme', 'troisieme', 'quatrieme']);
    const first = await flagsOf(again, 1);
    assert.ok(first.has('\\Flagged') && first.has('$Important'));
    assert.ok((await flagsOf(again, 3)).has('\\Seen'));
    const third = await again.fetchOne('3', { uid: true });
    assert.equal(third ? third.uid : 0, appended ? appended.uid : undefined);
    await again.logout();
  });

  it('counts logins and deliveries', async () => {
    const text = await (await fetch(`http://127.0.0.1:${service.port('metrics')}/metrics`)).text();
    assert.match(text, /^vaguemestre_logins_total\{protocol="imap",result="ok"\} [1-9]/m);
    assert.match(text, /^vaguemestre_sessions\{protocol="lmtp"\} 0$/m);
    await deliver(service, message('cinquieme', 'compte'));
    const more = await (await fetch(`http://127.0.0.1:${service.port('metrics')}/metrics`)).text();
    assert.match(more, /^vaguemestre_deliveries_total\{outcome="stored"\} [1-9]/m);
  });

  it('goes nowhere when the person is unknown, or the password wrong', async () => {
    const client = await LmtpClient.connect({ port: service.port('lmtp') });
    await client.command('LHLO relay.example');
    await client.command('MAIL FROM:<>');
    assert.equal((await client.command('RCPT TO:<nobody@labo.example>')).code, 550);
    await client.command('QUIT');
    await assert.rejects(login(service, claire, 'wrong'), /AUTHENTICATIONFAILED|Authentication failed|Command failed/);
  });

  it('works for commands without a service, on the same data', async () => {
    await service.stop();
    const { code, output } = await runCommand(['user', 'list', '--json', '--data', folder]);
    assert.equal(code, 0);
    const addresses = (JSON.parse(output) as { address: string }[]).map(({ address }) => address);
    assert.deepEqual(addresses.sort(), ['admin@labo.example', claire]);
    service = await startService({ folder });
  });
});
