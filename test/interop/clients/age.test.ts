/** Archives and the programs they are made for: `age` opens what we write and we open what `age` writes; `tar` unpacks it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ensureKey, openAgeFile, readIdentities } from '@vaguemestre/server/admin/archive/age-file';
import { archivePerson } from '@vaguemestre/server/admin/archive/archive-person';
import { exportMail } from '@vaguemestre/server/admin/export/export-mail';
import { createMaildirWriter } from '@vaguemestre/server/admin/export/maildir-writer';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import { memoryEnded } from '../../harness/ended-memory.js';
import { putAwkward } from '../../harness/mail-account.js';
import { createMemoryMailstore } from '../../harness/memory-mailstore.js';
import { program, unlessInstalled } from '../../harness/programs.js';

const nothing = Buffer.alloc(0);

describe('age', { skip: unlessInstalled('age', 'age-keygen') }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'vm-age-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('opens an archive with a key of age-keygen, and tar unpacks what an export writes', async () => {
    const key = join(folder, 'key.txt');
    execFileSync(program('age-keygen'), ['-o', key], { stdio: 'pipe' });
    const recipient = /age1[0-9a-z]+/.exec(readFileSync(key, 'utf8'))?.[0] ?? '';
    const store = createMemoryMailstore(() => ({ envelope: nothing, bodyStructure: nothing, headers: nothing }));
    const id = newAccountId();
    await store.createAccount(id, { lang: 'en' });
    const account = await store.openAccount(id, { by: 'test' });
    await putAwkward(account);
    const person = {
      _id: id,
      address: 'tom@labo.example',
      addresses: ['tom@labo.example'],
      name: '',
      role: 'intern',
      lang: 'fr',
      admin: false,
      eudora: false,
      allow: [],
      deny: [],
      disabled: false,
      created: new Date(),
    } as const;
    const parts = {
      mailstore: store,
      people: { get: async () => undefined },
      archives: memoryEnded().archives,
      folder: join(folder, 'archives'),
      recipients: [recipient],
      keyFile: join(folder, 'unused'),
      host: 'here',
      zone: 'Europe/Paris',
      clock: systemClock,
    };
    const { signal } = new AbortController();
    const { file } = await archivePerson(parts, person, signal);
    const tar = execFileSync(program('age'), ['-d', '-i', key, file], { maxBuffer: 64 * 1024 * 1024 });
    mkdirSync(join(folder, 'out'));
    execFileSync('tar', ['-xf', '-', '-C', join(folder, 'out')], { input: tar });
    const root = join(folder, 'export');
    mkdirSync(root);
    await exportMail(account, createMaildirWriter(root, 'maildir++'), {
      folder: undefined,
      onProgress: () => undefined,
      signal,
    });
    // Octets, names and folders; times by the second.
    execFileSync('diff', ['-r', root, join(folder, 'out/Maildir')], { stdio: 'pipe' });
  });

  it('writes what we open', async () => {
    const key = join(folder, 'ours.key');
    const recipient = await ensureKey(key);
    const octets = Buffer.from('0123456789abcdef'.repeat(20_000));
    writeFileSync(join(folder, 'plain'), octets);
    execFileSync(program('age'), ['-r', recipient, '-o', join(folder, 'sealed.age'), join(folder, 'plain')]);
    const pieces: Uint8Array[] = [];
    for await (const piece of await openAgeFile(join(folder, 'sealed.age'), await readIdentities(key)))
      pieces.push(piece);
    assert.ok(Buffer.concat(pieces).equals(octets));
  });
});
