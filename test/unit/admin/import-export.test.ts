import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type ExportReport, exportMail, type MailWriter } from '@vaguemestre/server/admin/export/export-mail';
import { createMaildirWriter } from '@vaguemestre/server/admin/export/maildir-writer';
import { createMboxWriter } from '@vaguemestre/server/admin/export/mbox-writer';
import { openJournal } from '@vaguemestre/server/admin/import/import-journal';
import { type ImportOptions, type ImportReport, importMail } from '@vaguemestre/server/admin/import/import-mail';
import { openSource } from '@vaguemestre/server/admin/import/open-source';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { everythingIn, put, putAwkward } from '../../harness/mail-account.js';
import { createMemoryMailstore } from '../../harness/memory-mailstore.js';

const nothing = Buffer.alloc(0);
const store = createMemoryMailstore(() => ({ envelope: nothing, bodyStructure: nothing, headers: nothing }));
let folder = '';
let serial = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vm-import-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function newAccount(): Promise<Account> {
  const id = newAccountId();
  await store.createAccount(id, { lang: 'en' });
  return await store.openAccount(id, { by: 'test' });
}

const newFolder = async (): Promise<string> => {
  const path = join(folder, `f${serial++}`);
  await mkdir(path);
  return path;
};

async function write(root: string, files: Record<string, string | Buffer>, dateMs = 1_600_000_000_000): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = join(root, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    await utimes(file, dateMs / 1000, dateMs / 1000);
  }
}

async function take(
  account: Account,
  path: string,
  options: Partial<ImportOptions> & { journal?: string } = {},
): Promise<ImportReport> {
  const source = await openSource(path, { insecure: false, password: async () => '' });
  const journal = await openJournal(options.journal ?? join(folder, `journal${serial++}`));
  try {
    return await importMail(account, source, journal, {
      under: undefined,
      keepNames: false,
      maxBytes: 100_000_000,
      onProgress: () => undefined,
      signal: new AbortController().signal,
      ...options,
    });
  } finally {
    await journal.close();
    await source.close();
  }
}

async function give(account: Account, writer: MailWriter): Promise<ExportReport> {
  const signal = new AbortController().signal;
  return await exportMail(account, writer, { folder: undefined, onProgress: () => undefined, signal });
}

async function awkward(): Promise<Account> {
  const account = await newAccount();
  await putAwkward(account);
  return account;
}

describe('export, then import', () => {
  for (const format of ['maildir++', 'fs', 'mbox'] as const) {
    test(`${format} gives back every octet, flag, date and mailbox`, async () => {
      const account = await awkward();
      const root = await newFolder();
      const writer = format === 'mbox' ? createMboxWriter(root) : createMaildirWriter(root, format);
      const given = await give(account, writer);
      assert.deepEqual(writer.losses, []);
      assert.equal(given.messages, 16);
      const back = await newAccount();
      const report = await take(back, root, { keepNames: true });
      assert.deepEqual(report.refused, []);
      assert.equal(report.messages, 16);
      assert.deepEqual(await everythingIn(back), await everythingIn(account));
      assert.deepEqual(new Set(back.subscriptions()), new Set(account.subscriptions()));
    });
  }

  test('an export into a folder that has one adds what is new and follows flags', async () => {
    const account = await newAccount();
    await put(account, 'INBOX', 'Subject: 1\r\n\r\n');
    const root = await newFolder();
    await give(account, createMaildirWriter(root, 'maildir++'));
    await put(account, 'INBOX', 'Subject: 2\r\n\r\n');
    const inbox = account.mailbox('INBOX');
    assert.ok(inbox);
    await account.storeFlags(inbox.id, { uids: Uint32Array.of(1), mode: 'add', flags: ['\\Seen'] });
    const report = await give(account, createMaildirWriter(root, 'maildir++'));
    assert.equal(report.messages, 1);
    assert.equal(report.before, 1);
    const names = await readdir(join(root, 'cur'));
    assert.equal(names.filter((name) => name.endsWith(':2,S')).length, 1);
    assert.equal(names.length, 2);
    assert.deepEqual(await readdir(join(root, 'tmp')), []);
  });
});

describe('import', () => {
  test('a Maildir++ of Dovecot: modified UTF-7, keywords, order, special mailboxes, subscriptions', async () => {
    const root = await newFolder();
    await write(root, {
      'cur/1500000002.b.host:2,S': 'Subject: second\r\n\r\nhello\r\n',
      'cur/1500000001.a.host,S=10:2,Fa': 'Subject: first\r\n\r\n',
      'new/1500000003.c.host': 'Subject: third\r\n\r\n',
      'dovecot-keywords': '0 projet\n',
      '.Sent/cur/1.x:2,S': 'Subject: sent\r\n\r\n',
      '.Projets.&AMk-t&AOk-/cur/1.y:2,': 'Subject: deep\r\n\r\n',
      '.Projets.&AMk-t&AOk-/dovecot-uidlist': '3 V1 N3\n2 :1.y\n',
      subscriptions: 'V\t2\n\nProjets\t&AMk-t&AOk-\n',
    });
    const account = await newAccount();
    const report = await take(account, root);
    assert.deepEqual(report.refused, []);
    const all = await everythingIn(account);
    assert.deepEqual(
      all['INBOX']?.map(({ octets, flags }) => [octets, flags]),
      [
        ['Subject: first\r\n\r\n', ['\\Flagged', 'projet']],
        ['Subject: second\r\n\r\nhello\r\n', ['\\Seen']],
        ['Subject: third\r\n\r\n', []],
      ],
    );
    assert.equal(all['INBOX']?.[0]?.date, 1_600_000_000);
    assert.equal(all['Sent']?.length, 1);
    assert.equal(all['Projets/Été']?.length, 1);
    assert.ok(account.subscriptions().includes('Projets/Été'));
  });

  test('a folder of .eml, Thunderbird mbox files below .sbd, one .eml, --folder', async () => {
    const root = await newFolder();
    await write(root, {
      'lettres/10.eml': 'Subject: 10\r\n\r\n',
      'lettres/9.eml': 'Subject: 9\r\n\r\n',
      'lettres/notes.json': '{}',
      'lettres/11': 'Subject: 11\r\n\r\n',
      Envoyés: 'From a Mon Mar  2 08:00:00 2026\nX-Mozilla-Status: 0001\nSubject: e\n\nx\n\n',
      'Envoyés.msf': 'index',
      'Travaux.sbd/Chantier': 'From a Mon Mar  2 08:00:00 2026\nSubject: c\n\nx\n\n',
    });
    const account = await newAccount();
    await take(account, root);
    const all = await everythingIn(account);
    assert.deepEqual(
      all['lettres']?.map((one) => one.octets),
      ['Subject: 9\r\n\r\n', 'Subject: 10\r\n\r\n', 'Subject: 11\r\n\r\n'],
    );
    assert.deepEqual(all['Sent']?.[0]?.flags, ['\\Seen'], 'merged with the own mailbox for sent mail');
    assert.equal(all['Sent']?.[0]?.date, Date.UTC(2026, 2, 2, 8) / 1000);
    assert.equal(all['Travaux/Chantier']?.length, 1);
    await take(account, join(root, 'lettres/9.eml'));
    await take(account, root, { under: 'Vieux' });
    const more = await everythingIn(account);
    assert.equal(more['INBOX']?.length, 1);
    assert.equal(more['Vieux/Envoyés']?.length, 1);
  });

  test('run again, only what is new comes', async () => {
    const root = await newFolder();
    await write(root, { 'cur/1.a:2,': 'Subject: 1\n\n' });
    const account = await newAccount();
    const journal = join(folder, 'again');
    await take(account, root, { journal });
    await write(root, { 'cur/2.b:2,': 'Subject: 2\n\n' });
    const report = await take(account, root, { journal });
    assert.equal(report.messages, 1);
    assert.equal(report.before, 1);
    assert.equal((await everythingIn(account))['INBOX']?.length, 2);
  });

  test('killed between a batch and its line, nothing comes twice and nothing is lost', async () => {
    const root = await newFolder();
    const files: Record<string, string> = {};
    for (let i = 0; i < 250; i++) files[`cur/${1000 + i}.x:2,`] = `Subject: ${i}\r\n\r\n${'x'.repeat(i)}\r\n`;
    await write(root, files);
    const account = await newAccount();
    const whole = join(folder, 'whole');
    await take(account, root, { journal: whole });
    const lines = (await readFile(whole, 'utf8')).trim().split('\n');
    assert.equal(lines.length, 6, 'three batches of two lines');
    for (let kept = 0; kept <= lines.length; kept++) {
      for (const cutLine of ['', '{"is":"do']) {
        const journal = join(folder, `cut${kept}${cutLine.length}`);
        // What was committed by then: an intent may or may not have come to be.
        for (const committed of kept % 2 === 0 ? [kept / 2] : [(kept - 1) / 2, (kept + 1) / 2]) {
          const one = await newAccount();
          for (let i = 0; i < Math.min(250, committed * 100); i++)
            await put(one, 'INBOX', `Subject: ${i}\r\n\r\n${'x'.repeat(i)}\r\n`);
          await writeFile(journal, `${lines.slice(0, kept).join('\n')}\n${cutLine}`);
          await take(one, root, { journal });
          const subjects = (await everythingIn(one))['INBOX']?.map(({ octets }) => octets.split('\r\n')[0]);
          assert.equal(subjects?.length, 250, `${kept} lines, ${committed} batches`);
          assert.equal(new Set(subjects).size, 250);
        }
      }
    }
  });

  test('too large, over quota, interrupted: reported, the rest is there, the same command goes on', async () => {
    const root = await newFolder();
    await write(root, {
      'cur/1.a:2,': 'Subject: 1\n\n',
      'cur/2.b:2,': 'x'.repeat(2000),
      'cur/3.c:2,': 'Subject: 3\n\n',
    });
    const account = await newAccount();
    const report = await take(account, root, { maxBytes: 1000 });
    assert.equal(report.messages, 2);
    assert.deepEqual(
      report.refused.map(({ mailbox, message }) => [mailbox, message]),
      [['INBOX', '2.b']],
    );
    const journal = join(folder, 'full');
    store.state(account.id).failNext.set('append', new MailError('overQuota', 'full'));
    await assert.rejects(take(account, root, { journal, under: 'Full' }), /full/);
    const controller = new AbortController();
    controller.abort();
    await assert.rejects(take(account, root, { journal, under: 'Full', signal: controller.signal }));
    assert.equal((await take(account, root, { journal, under: 'Full' })).messages, 3);
    assert.equal((await everythingIn(account))['Full']?.length, 3);
  });

  test('flags that IMAP cannot have are left out', async () => {
    const root = await newFolder();
    await write(root, {
      'box.mbox': 'From a Mon Mar  2 08:00:00 2026\nX-Keywords: good, b(d \\Recent \\x\nStatus: R\n\nx\n',
    });
    const account = await newAccount();
    await take(account, join(root, 'box.mbox'));
    assert.deepEqual((await everythingIn(account))['INBOX']?.[0]?.flags, ['\\Seen', 'good']);
  });

  test('what is no source is said in a sentence', async () => {
    const account = await newAccount();
    for (const [source, why] of [
      ['/nowhere/at/all', /is not there/],
      ['imaps://host', /who logs in/],
      ['imaps://a:b@host', /password in the address/],
      ['pop3://a@host', /cannot be imported/],
    ] as const) {
      await assert.rejects(take(account, source), (error) => error instanceof MailError && why.test(error.public));
    }
  });
});
