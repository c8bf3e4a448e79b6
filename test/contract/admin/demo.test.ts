import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ImapFlow } from 'imapflow';
import { type RunningService, startService } from '../../harness/running-service.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vm-demo-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function open(service: RunningService, user: string): Promise<ImapFlow> {
  const { password } = JSON.parse(await readFile(join(folder, 'demo.json'), 'utf8')) as { password: string };
  const imap = new ImapFlow({
    host: '127.0.0.1',
    port: service.port('imaps'),
    secure: true,
    auth: { user, pass: password },
    logger: false,
    tls: { rejectUnauthorized: false },
  });
  imap.on('error', () => undefined);
  await imap.connect();
  return imap;
}

test('serve --demo: a laboratory to look at, filled once', async () => {
  const started = performance.now();
  let service = await startService({ folder, args: ['--demo'] });
  const elapsed = performance.now() - started;
  try {
    // Six seconds alone; the other suites run beside this one.
    assert.ok(elapsed < 40_000, `${Math.round(elapsed)} ms`);
    assert.match(service.output(), /Demonstration laboratory; everybody's password is \S+\n {4}claire\.moreau@/);
    assert.ok(!service.output().includes('First administrator'), 'Claire is one');

    const imap = await open(service, 'antoine.lefebvre');
    const boxes = await imap.list({ statusQuery: { messages: true, unseen: true } });
    const of = (path: string) => boxes.find((one) => one.path === path)?.status;
    assert.ok((of('INBOX')?.messages ?? 0) > 50 && (of('INBOX')?.unseen ?? 0) > 0);
    // What lies in which folder follows from the hour of the filling; that mail was filed does not.
    const folders = ['Enseignement/Master', 'Projets/Mesures en mer', 'Projets/Détecteurs', 'Stagiaires', 'À relire'];
    const filed = folders.map((path) => of(path)?.messages);
    assert.ok(!filed.includes(undefined), `each folder is there: ${filed}`);
    assert.ok(filed.reduce<number>((sum, messages) => sum + (messages ?? 0), 0) > 0);
    await imap.mailboxOpen('INBOX');
    // What the subjects say follows from the hour too: one of them is searched for.
    const all = await imap.fetchAll('1:*', { envelope: true, uid: true });
    const accented = all.find(({ envelope }) => /[à-ÿ]/.test(envelope?.subject ?? ''));
    assert.ok(accented, 'a subject in French');
    const [word = ''] = /\p{L}*[à-ÿ]\p{L}*/u.exec(accented.envelope?.subject ?? '') ?? [];
    const found = await imap.search({ header: { subject: word.toUpperCase() } }, { uid: true });
    assert.ok(found && found.includes(accented.uid), `${word} is found`);
    assert.ok(
      all.some(({ envelope }) => envelope?.from?.[0]?.address?.endsWith('@labo.example')),
      'from a colleague',
    );
    await imap.mailboxDelete('À relire');
    await imap.logout();
    await assert.rejects(open(service, 'theo.rousseau'), 'an intern reads by POP3');
  } finally {
    await service.stop();
  }
  service = await startService({ folder, args: ['--demo'] });
  try {
    const imap = await open(service, 'antoine.lefebvre');
    const boxes = await imap.list();
    assert.ok(!boxes.some(({ path }) => path === 'À relire'), 'what was deleted stays deleted');
    await imap.logout();
  } finally {
    await service.stop();
  }
});
