import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { embeddedUri, startEmbeddedServer } from '@vaguemestre/embedded';
import { type CommandResult, runCommand } from '../../harness/command.js';
import { type RunningService, startService } from '../../harness/running-service.js';

const message = (n: number): string => `From: a@labo.example\r\nSubject: ${n}\r\n\r\ntext ${n}\r\n`;

describe('backup and restore', { timeout: 120_000, skip: process.env['VAGUEMESTRE_MONGODB_URI'] !== undefined }, () => {
  let root: string;
  let service: RunningService;
  let copy: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'vm-backup-'));
    copy = join(root, 'copy');
    service = await startService();
    await ok(service.folder, ['user', 'add', 'anne', '--role', 'permanent', '--password-stdin'], 'correct horse\n');
    const mbox = join(root, 'old.mbox');
    const from = 'From a Mon Mar  2 08:00:00 2026\n';
    await writeFile(mbox, [1, 2, 3].map((n) => `${from}${message(n)}`).join('\n'));
    await ok(service.folder, ['mail', 'import', '--user', 'anne', '--folder', 'Vieux', mbox]);
  });
  after(async () => {
    await service.stop();
    await rm(root, { recursive: true, force: true });
  });

  async function ok(folder: string, args: readonly string[], input = ''): Promise<CommandResult> {
    const result = await runCommand(args, { folder, input });
    assert.equal(result.code, 0, `${args.join(' ')}\n${result.out}${result.err}`);
    return result;
  }

  /** People, and one of them's mail, octet by octet. */
  async function contentsOf(folder: string, more: readonly string[] = []): Promise<readonly string[]> {
    const status = JSON.parse((await ok(folder, ['status', '--json', ...more])).out) as { people: number };
    const out = await mkdtemp(join(root, 'export-'));
    await ok(folder, ['mail', 'export', '--user', 'anne', '--format', 'mbox', out, ...more]);
    const mail = await readFile(join(out, 'Vieux.mbox'), 'utf8').catch(() => readFile(join(out, 'Vieux'), 'utf8'));
    return [String(status.people), mail];
  }

  test('a copy made beside the service holds what it began with, and nobody else may read it', async () => {
    const { out } = await ok(service.folder, ['backup', copy, '--json']);
    assert.ok((JSON.parse(out) as { documents: number }).documents > 10);
    assert.equal((await stat(copy)).mode & 0o077, 0);
    for (const name of ['lmtp.secret', 'tls-key.pem']) assert.ok(existsSync(join(copy, name)), name);
    await ok(service.folder, ['user', 'add', 'bob', '--role', 'permanent', '--password-stdin'], 'correct horse\n');
    const again = await runCommand(['backup', copy], { folder: service.folder });
    assert.equal(again.code, 73, again.err);
  });

  test('it goes into an empty folder, and nowhere else', async () => {
    const fresh = join(root, 'fresh');
    await ok(fresh, ['restore', copy]);
    const [people, mail] = await contentsOf(fresh);
    const [, original] = await contentsOf(service.folder);
    assert.equal(people, '2', 'the administrator and anne');
    assert.equal(mail, original);
    await ok(fresh, ['check', '--deep']);
    assert.equal(await readFile(join(fresh, 'lmtp.secret'), 'utf8'), await readFile(join(copy, 'lmtp.secret'), 'utf8'));
    assert.equal((await runCommand(['restore', copy], { folder: fresh })).code, 73);
    assert.equal((await runCommand(['restore', copy], { folder: service.folder })).code, 75, 'a service runs there');
    await rm(join(copy, 'backup.json'));
    assert.equal((await runCommand(['restore', copy], { folder: join(root, 'x') })).code, 67, 'not whole');
    await writeFile(join(copy, 'backup.json'), JSON.stringify({ format: 1, made: '', documents: 1 }));
  });

  test('it goes into an empty database of a MongoDB', async () => {
    const server = await startEmbeddedServer({ dataDir: join(root, 'db'), socketPath: join(root, 'db.sock') });
    try {
      const there = ['--mongodb-uri', embeddedUri(join(root, 'db.sock')).replace('/?', '/mail?')];
      const folder = join(root, 'moved');
      await ok(folder, ['restore', copy, ...there]);
      const [people, mail] = await contentsOf(folder, there);
      assert.deepEqual([people, mail], ['2', (await contentsOf(service.folder))[1]]);
      await ok(folder, ['check', '--deep', ...there]);
      assert.equal((await runCommand(['restore', copy, ...there], { folder })).code, 73, 'not empty');
      assert.notEqual((await runCommand(['backup', join(root, 'y'), ...there], { folder })).code, 0);
      assert.deepEqual(existsSync(join(folder, 'store')), false, 'nothing is left here');
    } finally {
      await server.close();
    }
  });
});
