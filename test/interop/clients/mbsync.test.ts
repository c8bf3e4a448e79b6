import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fetched, type ImapClient } from '../../harness/imap-client.js';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { program, unlessInstalled } from '../../harness/programs.js';

/** Debian's isync both ways, several rounds, with flag changes, moves, deletions and a conflict: both sides equal at the end. */
const skip = unlessInstalled('mbsync');
let laboratory: Laboratory;
let folder: string;

before(async () => {
  if (skip) return;
  laboratory = await openLaboratory(['sync']);
  folder = mkdtempSync(join(tmpdir(), 'vm-mbsync-'));
  mkdirSync(join(folder, 'mail'));
  writeFileSync(
    join(folder, 'rc'),
    `IMAPAccount far
Host 127.0.0.1
Port ${laboratory.service.port('imaps')}
User ${laboratory.address('sync')}
Pass "${laboratory.password}"
SSLType IMAPS
SSLVersions TLSv1.3 TLSv1.2
CertificateFile ${join(laboratory.service.folder, 'tls-cert.pem')}

IMAPStore far
Account far

MaildirStore near
Path ${folder}/mail/
Inbox ${folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
`,
  );
});
after(async () => {
  if (folder) rmSync(folder, { recursive: true, force: true });
  await laboratory?.stop();
});

function sync(): void {
  const done = spawnSync(program('mbsync'), ['-c', join(folder, 'rc'), '-a'], { encoding: 'utf8', timeout: 60_000 });
  assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
}

const messageOf = (name: string) =>
  Buffer.from(`From: a@b.example\r\nMessage-ID: <${name}@test.example>\r\nSubject: ${name}\r\n\r\nBonjour ${name}\r\n`);

/** Subject -> sorted flag letters as Maildir spells them, of one near mailbox. */
function near(mailbox: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const sub of ['cur', 'new']) {
    for (const name of readdirSync(join(folder, 'mail', mailbox, sub))) {
      const text = readFileSync(join(folder, 'mail', mailbox, sub, name), 'latin1');
      found.set(/^Subject: (.*?)\r?$/m.exec(text)![1]!, /:2,(\w*)$/.exec(name)?.[1] ?? '');
    }
  }
  return found;
}

const letters: Record<string, string> = {
  '\\SEEN': 'S',
  '\\FLAGGED': 'F',
  '\\ANSWERED': 'R',
  '\\DRAFT': 'D',
  '\\DELETED': 'T',
};

async function far(client: ImapClient, mailbox: string): Promise<Map<string, string>> {
  await client.ok(`EXAMINE ${mailbox}`);
  const reply = await client.ok('FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])');
  const found = new Map<string, string>();
  for (const item of fetched(reply.untagged).values()) {
    const flags = (item.get('FLAGS') as string[])
      .map((flag) => letters[flag.toUpperCase()] ?? '')
      .sort()
      .join('');
    const header = item.get('BODY[HEADER.FIELDS (SUBJECT)]') as Buffer;
    found.set(/Subject: (.*)\r/.exec(header.toString())![1]!, flags);
  }
  await client.ok('UNSELECT');
  return found;
}

const sorted = (map: Map<string, string>) => [...map].sort();

function nearFile(mailbox: string, subject: string): { sub: string; name: string } {
  for (const sub of ['cur', 'new']) {
    for (const name of readdirSync(join(folder, 'mail', mailbox, sub))) {
      const text = readFileSync(join(folder, 'mail', mailbox, sub, name), 'latin1');
      if (new RegExp(`^Subject: ${subject}\\r?$`, 'm').test(text)) return { sub, name };
    }
  }
  throw new Error(`no ${subject} in ${mailbox}`);
}

function setNearFlags(mailbox: string, subject: string, flags: string): void {
  const { sub, name } = nearFile(mailbox, subject);
  const base = name.split(':')[0]!;
  renameSync(join(folder, 'mail', mailbox, sub, name), join(folder, 'mail', mailbox, 'cur', `${base}:2,${flags}`));
}

test('mbsync keeps a Maildir and the server equal', { skip, timeout: 120_000 }, async () => {
  const client = await laboratory.imap('sync');
  await client.ok('CREATE Projets');
  for (let i = 0; i < 40; i++) await client.append('INBOX', messageOf(`far${i}`), i % 3 ? '(\\Seen)' : '');
  for (let i = 0; i < 10; i++) await client.append('Projets', messageOf(`projet${i}`));
  sync();
  assert.deepEqual(sorted(near('INBOX')), sorted(await far(client, 'INBOX')));
  assert.equal(near('Projets').size, 10);

  // new mail and flags on the near side, new mail, flags, moves and deletions on the far side
  for (let i = 0; i < 10; i++) {
    writeFileSync(join(folder, 'mail', 'INBOX', 'new', `17000000${i}.M${i}P1.test`), messageOf(`near${i}`));
  }
  setNearFlags('INBOX', 'far0', 'FS');
  setNearFlags('INBOX', 'far1', 'RS');
  const removed = nearFile('INBOX', 'far2');
  rmSync(join(folder, 'mail', 'INBOX', removed.sub, removed.name));
  await client.ok('SELECT INBOX');
  await client.ok('STORE 11:12 +FLAGS (\\Flagged)');
  await client.ok('MOVE 21:25 Projets');
  await client.ok('STORE 1:2 +FLAGS (\\Answered)'); // a conflict: both sides changed these two
  await client.ok('STORE 30 +FLAGS (\\Deleted)');
  await client.ok('EXPUNGE');
  await client.ok('UNSELECT');
  sync();
  sync();
  for (const mailbox of ['INBOX', 'Projets']) {
    assert.deepEqual(sorted(near(mailbox)), sorted(await far(client, mailbox)), mailbox);
  }
  assert.equal(near('Projets').size, 15);
  assert.equal(near('INBOX').size, 40 + 10 - 1 - 5 - 1);
  assert.equal(near('INBOX').get('far0'), 'FRS');
  assert.ok(!(await far(client, 'INBOX')).has('far2'));

  // a second round changes nothing: no message is copied again
  const status = async () =>
    JSON.stringify((await client.ok('STATUS INBOX (MESSAGES UIDNEXT HIGHESTMODSEQ)')).untagged);
  const before = await status();
  sync();
  assert.equal(await status(), before);
  await client.logout();
});
