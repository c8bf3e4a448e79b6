import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { lockDataFolder, lockOwner } from '@vaguemestre/server/database/data-folder';
import { MailError } from '@vaguemestre/server/kernel/errors';

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vm-lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Another process that tries for the lock, says `held PID` or the error, and keeps it until it is killed. */
function contender(holder: string, waitMs = 0): Promise<{ child: ChildProcess; said: string }> {
  const script = `
    const { lockDataFolder } = await import(${JSON.stringify(import.meta.resolve('@vaguemestre/server/database/data-folder'))});
    try {
      await lockDataFolder({ folder: ${JSON.stringify(folder)}, holder: ${JSON.stringify(holder)}, waitMs: ${waitMs} });
      console.log('held');
      setInterval(() => {}, 1000);
    } catch (error) { console.log(error.code + ': ' + error.message); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return new Promise((resolve) => {
    child.stdout?.once('data', (data: Buffer) => resolve({ child, said: data.toString().trim() }));
  });
}

const gone = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

describe('the lock of the data folder', () => {
  it('is held by one and given back', async () => {
    const lock = await lockDataFolder({ folder, holder: 'service' });
    assert.equal((await lockOwner(folder))?.pid, process.pid);
    assert.equal(statSync(join(folder, 'lock')).mode & 0o777, 0o600);
    lock.release();
    lock.release();
    assert.equal(await lockOwner(folder), undefined);
    assert.deepEqual(existsSync(join(folder, 'lock')), false);
  });

  it('makes the folder for its user alone', async () => {
    const deep = join(folder, 'a/b');
    (await lockDataFolder({ folder: deep, holder: 'service' })).release();
    assert.equal(statSync(deep).mode & 0o777, 0o700);
  });

  for (const name of ['vaguemestre-labo', 'vaguemestre-0123456789abcdef']) {
    it(`leaves what is in a folder called ${name}`, async () => {
      const named = join(folder, name);
      mkdirSync(join(named, 'store'), { recursive: true });
      writeFileSync(join(named, 'store/data.mdb'), 'mail');
      for (let round = 0; round < 2; round++) (await lockDataFolder({ folder: named, holder: 'service' })).release();
      assert.equal(readFileSync(join(named, 'store/data.mdb'), 'utf8'), 'mail');
    });
  }

  it('refuses a second service at once and says who has it', async () => {
    const first = await contender('service');
    assert.equal(first.said, 'held');
    const before = performance.now();
    await assert.rejects(lockDataFolder({ folder, holder: 'service' }), (error: unknown) => {
      assert.ok(error instanceof MailError && error.code === 'inUse');
      assert.match(error.message, new RegExp(`in use by a service, process ${first.child.pid}, since 20`));
      return true;
    });
    assert.ok(performance.now() - before < 2000);
  });

  it('waits for a running command and says for which', async () => {
    const first = await contender('mail import');
    const waited: string[] = [];
    const waiting = lockDataFolder({ folder, holder: 'service', onWait: (owner) => waited.push(owner.holder) });
    setTimeout(() => first.child.kill('SIGKILL'), 300);
    (await waiting).release();
    assert.deepEqual(waited, ['mail import']);
  });

  it('waits no longer than it was told', async () => {
    await contender('mail import');
    await assert.rejects(lockDataFolder({ folder, holder: 'service', waitMs: 300 }), /the command "mail import"/);
  });

  it('is taken over from a process that was killed', async () => {
    const first = await contender('service');
    first.child.kill('SIGKILL');
    await gone(first.child);
    assert.ok(existsSync(join(folder, 'lock')));
    assert.equal(await lockOwner(folder), undefined);
    (await lockDataFolder({ folder, holder: 'service' })).release();
  });

  it('is not fooled by a pid that was used again', { skip: !existsSync('/proc/self/stat') }, async () => {
    const lock = await lockDataFolder({ folder, holder: 'service' });
    const text = readFileSync(join(folder, 'lock'), 'utf8');
    lock.release();
    // The pid of this very process, but born in another boot.
    writeFileSync(join(folder, 'lock'), text.replace(/"birth":"[^"]*"/, '"birth":"another-boot/1"'));
    assert.equal(await lockOwner(folder), undefined);
    (await lockDataFolder({ folder, holder: 'service' })).release();
  });

  it('takes a lock whose octets were lost in a power cut for stale', async () => {
    writeFileSync(join(folder, 'lock'), '');
    (await lockDataFolder({ folder, holder: 'service' })).release();
  });

  it('believes a socket that answers, though the pid is not to be seen', async () => {
    const socket = join(folder, 'store.sock');
    const server = createServer().listen(socket);
    await new Promise((resolve) => server.once('listening', resolve));
    const owner = { pid: 2 ** 22 - 1, started: 'yesterday', birth: 'x/1', socket, holder: 'service' };
    writeFileSync(join(folder, 'lock'), JSON.stringify(owner));
    await assert.rejects(lockDataFolder({ folder, holder: 'service' }), /in use by a service/);
    server.close();
  });

  it('puts the socket elsewhere when the path is too long, privately', async () => {
    const long = join(folder, 'x'.repeat(60), 'y'.repeat(60));
    mkdirSync(long, { recursive: true });
    const lock = await lockDataFolder({ folder: long, holder: 'service' });
    const { socket } = lock.owner;
    assert.ok(Buffer.byteLength(socket) <= 100);
    assert.equal(statSync(dirname(socket)).mode & 0o777, 0o700);
    assert.equal((await lockOwner(long))?.socket, socket);
    lock.release();
    assert.equal(existsSync(dirname(socket)), false);
  });

  it('goes to exactly one of many that find it stale at once', async () => {
    for (let round = 0; round < 3; round++) {
      writeFileSync(join(folder, 'lock'), JSON.stringify({ pid: 2 ** 22 - 1, started: `${round}`, socket: '' }));
      const all = await Promise.all(Array.from({ length: 6 }, () => contender('service')));
      assert.equal(all.filter(({ said }) => said === 'held').length, 1, all.map(({ said }) => said).join('\n'));
      for (const { child, said } of all) {
        if (said !== 'held') continue;
        child.kill('SIGKILL');
        await gone(child);
      }
    }
  });
});
