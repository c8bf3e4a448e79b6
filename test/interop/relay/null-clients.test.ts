/**
 * The files of deploy/clients, each with the program it is for: a machine of the laboratory hands its mail to the relay, which makes
 * of its sender somebody of the laboratory, except for root.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startPostfix, unlessPostfix } from '../../harness/postfix.js';
import { checkout, program, unlessInstalled } from '../../harness/programs.js';
import { type RelayService, startRelayService } from '../../harness/relay-service.js';

describe('a machine of the laboratory', () => {
  let relay: RelayService;
  let folder: string;
  let received = 0;
  before(async () => {
    relay = await startRelayService(['alice']);
    folder = await mkdtemp(join(tmpdir(), 'vaguemestre-clients-'));
  });
  after(async () => {
    await relay?.close();
    await rm(folder, { recursive: true, force: true });
  });
  const port = (): number => relay.service.port('internal');
  const file = async (name: string): Promise<string> => {
    const text = await readFile(join(checkout, 'deploy/clients', name), 'utf8');
    return text.replaceAll('LABO.EXAMPLE', 'labo.example').replaceAll('RELAY', '127.0.0.1');
  };
  const message = (subject: string): string => `Subject: ${subject}\nTo: alice@labo.example\n\nBonjour.\n.\nFin\n`;
  /** The newest message of Alice. */
  const next = async (): Promise<string> => (await relay.inbox('alice', ++received)).at(-1)!;

  it('sends by Postfix', { skip: unlessPostfix() }, async () => {
    const settings = (await file('postfix-main.cf')).replace('[127.0.0.1]:25', `[127.0.0.1]:${port()}`);
    const postfix = await startPostfix({}, settings);
    try {
      postfix.sendmail(['-i', '-f', 'bob@pc42.labo.example', 'alice@labo.example'], message('par Postfix'));
      const taken = await next();
      assert.match(taken, /^Return-Path: <bob@labo\.example>/);
      assert.match(taken, /\r\nFrom: .*<bob@labo\.example>\r\n/);
      assert.ok(taken.endsWith('\r\n\r\nBonjour.\r\n.\r\nFin\r\n'));
      postfix.sendmail(['-i', '-f', 'root', 'alice@labo.example'], message('par root'));
      assert.match(await next(), /^Return-Path: <root@pc42\.labo\.example>/);
    } finally {
      await postfix.close();
    }
  });

  it('sends by msmtp', { skip: unlessInstalled('msmtp') }, async () => {
    const settings = (await file('msmtprc')).replace('port 25', `port ${port()}`).replace('syslog LOG_MAIL', '');
    const path = join(folder, 'msmtprc');
    await writeFile(path, settings);
    await chmod(path, 0o600);
    execFileSync(program('msmtp'), ['-C', path, '-f', 'bob@pc42.labo.example', 'alice@labo.example'], {
      input: message('par msmtp'),
    });
    const taken = await next();
    assert.match(taken, /^Return-Path: <bob@labo\.example>/);
    assert.match(taken, /\r\nDate: /);
    assert.match(taken, /\r\nMessage-ID: </i, 'the relay completes what is missing');
    assert.ok(taken.endsWith('\r\n\r\nBonjour.\r\n.\r\nFin\r\n'));
  });

  it('sends by swaks, as any program that opens port 25', { skip: unlessInstalled('swaks') }, async () => {
    const server = ['--server', '127.0.0.1', '--port', String(port()), '--hide-all'];
    const envelope = [
      '--from',
      'www-data@web1.labo.example',
      '--to',
      'alice@labo.example',
      '--helo',
      'web1.labo.example',
    ];
    execFileSync(program('swaks'), [...server, ...envelope, '--data', 'Subject: par swaks\n\nBonjour.\n']);
    assert.match(await next(), /^Return-Path: <www-data@labo\.example>/);
  });
});
