import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { lockDataFolder } from '@vaguemestre/server/database/data-folder';
import { makeSelfSigned } from '@vaguemestre/server/net/self-signed';
import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import {
  cleanEnvironment,
  launcher,
  quietEnvironment,
  type RunningService,
  runCommand,
  startService,
} from '../../harness/running-service.js';

const healthz = async (service: RunningService): Promise<number> =>
  (await fetch(`http://127.0.0.1:${service.port('http')}/healthz`, { headers: { connection: 'close' } })).status;

/** Process ids of the children of a process (Linux). */
function childrenOf(pid: number | undefined): number[] {
  try {
    const text = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
    // ps itself is no child of the service.
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(Number);
  } catch {
    return [];
  }
}

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function until(what: string, condition: () => boolean | Promise<boolean>, patienceMs = 10_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `in vain: ${what}`);
    await sleep(50);
  }
}

const hasProcesses = existsSync('/bin/ps') || existsSync('/usr/bin/ps');

describe('a running service', () => {
  let service: RunningService;
  before(async () => {
    service = await startService();
  });
  after(async () => {
    await service.stop();
  });

  it('says where it listens, then that it is ready', () => {
    assert.match(service.output(), /^ {2}http +127\.0\.0\.1:\d+ {2}web pages$/m);
    assert.ok(service.output().endsWith('vaguemestre ready\n'));
  });

  it('is healthy', async () => assert.equal(await healthz(service), 200));

  it('speaks TLS with a certificate of its own making, and reads another at SIGHUP', async () => {
    const fingerprint = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = tlsConnect({ port: service.port('https'), host: '127.0.0.1', rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().fingerprint256);
          socket.destroy();
        });
        socket.once('error', reject);
      });
    const first = await fingerprint();
    const { cert, key } = makeSelfSigned(['localhost']);
    writeFileSync(join(service.folder, 'tls-key.pem'), key);
    writeFileSync(join(service.folder, 'tls-cert.pem'), cert);
    service.process.kill('SIGHUP');
    await until('another certificate', async () => (await fingerprint()) !== first);
  });

  it('sends a browser nothing that could run foreign script', async () => {
    const page = await fetch(`http://127.0.0.1:${service.port('http')}/setup`);
    assert.equal(page.status, 200);
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /default-src 'none'; base-uri 'none'; script-src 'self'/,
    );
    assert.equal(page.headers.get('cache-control'), 'no-cache');
    const html = await page.text();
    assert.doesNotMatch(html, /<script(?![^>]* src=)|<style|style=|https?:\/\//);
    const asset = /src="(\/assets\/[^"]+)"/.exec(html)?.[1] ?? '';
    const script = await fetch(`http://127.0.0.1:${service.port('http')}${asset}`);
    assert.equal(script.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal((await fetch(`http://127.0.0.1:${service.port('http')}/../../package.json`)).status, 404);
  });

  it('names the listeners that are on, and inner ones only on this machine', async () => {
    const ask = async (headers: Record<string, string> = {}) =>
      (await (await fetch(`http://127.0.0.1:${service.port('http')}/api/service`, { headers })).json()) as ServiceInfo;
    const info = await ask();
    assert.equal(info.domain, 'labo.example');
    assert.ok(info.selfSigned);
    assert.deepEqual(
      info.doors.find(({ name }) => name === 'https'),
      { name: 'https', port: service.port('https'), security: 'tls' },
    );
    assert.deepEqual((await ask({ 'x-forwarded-for': '192.0.2.1' })).inside, []);
  });

  it('gathers the figures of all its processes', async () => {
    const text = await (await fetch(`http://127.0.0.1:${service.port('metrics')}/metrics`)).text();
    assert.match(text, /^vaguemestre_connections\{listener="http"\} \d+$/m);
    assert.match(text, /^vaguemestre_main_process_resident_memory_bytes \d+$/m);
    assert.match(text, /^vaguemestre_main_outbox\{state="held"\} 0$/m);
    assert.equal((await fetch(`http://127.0.0.1:${service.port('metrics')}/`)).status, 404);
  });

  it('is one to a folder: the second says who has it', async () => {
    const { code, errors, output } = await runCommand(['serve', '--data', service.folder], quietEnvironment);
    assert.equal(code, 75);
    assert.match(errors, new RegExp(`in use by a service, process ${service.process.pid}, since `));
    assert.equal(output, '');
    assert.equal(await healthz(service), 200);
  });

  it('replaces a worker that dies, and serves meanwhile', { skip: !hasProcesses && 'no ps here' }, async () => {
    const workers = childrenOf(service.process.pid);
    assert.equal(workers.length, 2);
    process.kill(workers[0] ?? 0, 'SIGKILL');
    await until('another worker', () => {
      const now = childrenOf(service.process.pid);
      return now.length === 2 && !now.includes(workers[0] ?? 0);
    });
    for (let i = 0; i < 10; i++) assert.equal(await healthz(service), 200);
    assert.match(service.errors(), /a worker died and is replaced/);
  });
});

describe('a service that ends', () => {
  it('stops at SIGTERM with 0 and gives the folder back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vm-stop-'));
    const service = await startService({ folder });
    const workers = childrenOf(service.process.pid);
    const started = performance.now();
    assert.equal(await service.stop(), 0);
    assert.ok(performance.now() - started < 5_000);
    assert.equal(existsSync(join(folder, 'lock')), false);
    for (const pid of workers) assert.equal(lives(pid), false);
    const again = await startService({ folder });
    assert.equal(await again.stop('SIGINT'), 0);
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes its workers along when it is killed, and can be started again', {
    skip: !hasProcesses && 'no ps here',
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vm-kill-'));
    const service = await startService({ folder });
    const workers = childrenOf(service.process.pid);
    await service.stop('SIGKILL');
    await until('the workers end', () => workers.every((pid) => !lives(pid)));
    const again = await startService({ folder });
    assert.equal(await healthz(again), 200);
    await again.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('a service that meets a running command', () => {
  it('waits and says for what, stops when it is told, and starts when the command is over', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vm-wait-'));
    const lock = await lockDataFolder({ folder, holder: 'mail import' });
    try {
      const environment = cleanEnvironment(quietEnvironment);
      const child = spawn(process.execPath, [launcher, 'serve', '--data', folder], { env: environment, stdio: 'pipe' });
      const said = await new Promise<string>((resolve) => child.stderr.once('data', (data) => resolve(String(data))));
      assert.equal(said, `vaguemestre: waiting for the command "mail import" (process ${process.pid})\n`);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      assert.equal(await ended, 0);

      const starting = startService({ folder });
      await sleep(500);
      lock.release();
      const service = await starting;
      assert.equal(await healthz(service), 200);
      await service.stop();
    } finally {
      lock.release();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a service that cannot start', () => {
  const folder = join(tmpdir(), `vm-none-${process.pid}`);
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('names the setting of a port in use, with 78, before it touches anything', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as AddressInfo;
    const { code, errors } = await runCommand(['serve', '--data', folder], {
      ...quietEnvironment,
      VAGUEMESTRE_LISTEN_HTTP: `127.0.0.1:${port}`,
    });
    holder.close();
    assert.equal(code, 78);
    assert.equal(
      errors,
      `vaguemestre: listen-http (from VAGUEMESTRE_LISTEN_HTTP) cannot listen on 127.0.0.1:${port}: the address is in use\n`,
    );
    assert.equal(existsSync(folder), false);
  });

  it('tells every fault of its settings at once, with 78', async () => {
    const { code, errors } = await runCommand(
      ['serve', '--data', folder, '--workers', 'many', '--lisen-imap', ':1'],
      {},
    );
    assert.equal(code, 78);
    assert.match(errors, /^vaguemestre: --lisen-imap .* is no setting; did you mean --listen-imap\?$/m);
    const { code: second, errors: more } = await runCommand(['serve', '--workers=many', '--domain=-'], {});
    assert.equal(second, 78);
    assert.equal(more.trim().split('\n').length, 2);
    assert.equal(existsSync(folder), false);
  });
});

describe('the command line', () => {
  it('helps', async () => {
    const { code, output } = await runCommand(['--help']);
    assert.equal(code, 0);
    assert.match(output, /^ {2}serve /m);
  });

  it('says that a command does not exist, with 64', async () => {
    const { code, errors } = await runCommand(['fly']);
    assert.equal(code, 64);
    assert.match(errors, /there is no command fly/);
  });

  it('prints settings that it reads back the same, secrets masked', async () => {
    const environment = { VAGUEMESTRE_MONGODB_URI: 'mongodb://u:geheim@db.example/', VAGUEMESTRE_LISTEN_IMAP: ':1' };
    const { code, output } = await runCommand(['config', '--print', '--domain', 'a.example'], environment);
    assert.equal(code, 0);
    assert.match(output, /^listen-imap +\s*= ":1"$/m);
    assert.match(output, /^domain +\s*= "a\.example"$/m);
    assert.doesNotMatch(output, /geheim/);
    const json = await runCommand(['config', '--print', '--json'], environment);
    const rows = JSON.parse(json.output) as { key: string; value: string; from: string; at: string }[];
    assert.deepEqual(
      rows.find((row) => row.key === 'listen-imap'),
      { key: 'listen-imap', value: ':1', from: 'environment', at: 'VAGUEMESTRE_LISTEN_IMAP' },
    );
  });
});
