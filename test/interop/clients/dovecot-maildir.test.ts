/**
 * A Maildir that we exported, opened by Dovecot's own tools: it is taken as it is, with names, subscriptions, UIDs,
 * UIDVALIDITY, flags, keywords, dates and octets. No server of Dovecot is started.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { exportMail } from '@vaguemestre/server/admin/export/export-mail';
import { createMaildirWriter } from '@vaguemestre/server/admin/export/maildir-writer';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import { put } from '../../harness/mail-account.js';
import { createMemoryMailstore } from '../../harness/memory-mailstore.js';
import { program, unlessInstalled } from '../../harness/programs.js';

const nothing = Buffer.alloc(0);

/** Dovecot refuses to read mail as root: Debian's user `mail` has the id 8. */
const mailUser = userInfo().uid === 0 ? { uid: 8, gid: 8 } : { uid: userInfo().uid, gid: userInfo().gid };

test('Dovecot takes an exported Maildir as it is', { skip: unlessInstalled('doveadm') }, async () => {
  const store = createMemoryMailstore(() => ({ envelope: nothing, bodyStructure: nothing, headers: nothing }));
  const id = newAccountId();
  await store.createAccount(id, { lang: 'fr' });
  const account = await store.openAccount(id, { by: 'test' });
  for (let i = 0; i < 5; i++)
    await put(account, 'INBOX', `Subject: ${i}\r\n\r\n${'x'.repeat(i)}\r\n`, [], 1_700_000_000 - i);
  const inbox = account.mailbox('INBOX');
  assert.ok(inbox);
  await account.storeFlags(inbox.id, { uids: Uint32Array.of(2), mode: 'add', flags: ['\\Deleted'] });
  await account.expunge(inbox.id);
  await account.storeFlags(inbox.id, {
    uids: Uint32Array.of(3),
    mode: 'add',
    flags: ['\\Seen', '\\Flagged', 'projet'],
  });
  await put(account, 'Envoyés/R&D/v1.2', 'Subject: deep\r\n\r\n', ['\\Answered']);
  await account.subscribe('Envoyés/R&D/v1.2', true);

  const folder = await mkdtemp(join(tmpdir(), 'vm-doveadm-'));
  try {
    const maildir = join(folder, 'mail');
    await exportMail(account, createMaildirWriter(maildir, 'maildir++'), {
      folder: undefined,
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    const config = join(folder, 'dovecot.conf');
    const lines = [
      `mail_location = maildir:${maildir}`,
      `mail_uid = ${mailUser.uid}`,
      `mail_gid = ${mailUser.gid}`,
      'first_valid_uid = 0',
      'first_valid_gid = 0',
      'log_path = /dev/stderr',
      'namespace inbox {\n  inbox = yes\n  separator = /\n}',
    ];
    await writeFile(config, `${lines.join('\n')}\n`);
    await giveTo(folder);
    const doveadm = async (...args: string[]): Promise<string> => {
      const env = { ...process.env, USER: 'anne', HOME: folder };
      return (await promisify(execFile)(program('doveadm'), ['-c', config, ...args], { env })).stdout;
    };

    const status = await doveadm('mailbox', 'status', 'messages unseen uidnext uidvalidity', '*');
    assert.ok(status.includes(`INBOX messages=4 uidnext=6 uidvalidity=${inbox.uidValidity} unseen=3\n`), status);
    // In Maildir++ a dot separates levels: Dovecot sees another letter, our own import the name.
    assert.match(status, /^Envoyés\/R&D\/v1_2 messages=1 uidnext=2/m);
    assert.match(await doveadm('mailbox', 'list', '-s'), /^Envoyés\/R&D\/v1_2$/m);
    const uids = await doveadm('-f', 'tab', 'fetch', 'uid flags date.received', 'mailbox', 'INBOX', 'all');
    assert.deepEqual(
      uids
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0]),
      ['uid', '1', '3', '4', '5'],
    );
    assert.match(uids, /^3\t[^\t]*\\Flagged[^\t]*\\Seen[^\t]*projet[^\t]*\t/m);
    const text = await doveadm('-f', 'flow', 'fetch', 'size.physical', 'mailbox', 'INBOX', 'uid', '4');
    assert.match(text, new RegExp(`size\\.physical=${'Subject: 3\r\n\r\nxxx\r\n'.length}`));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

async function giveTo(path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  await chown(path, mailUser.uid, mailUser.gid);
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const full = join(path, entry.name);
    if (entry.isDirectory()) await giveTo(full);
    else await chown(full, mailUser.uid, mailUser.gid);
  }
  await chmod(path, 0o755);
}
