/** The commands about accounts that end: what they show, undo, archive and take back, and what the audit trail keeps of it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CommandDesk, createCommandDesk } from '../../harness/in-process-command.js';
import { everythingIn, put, putAwkward } from '../../harness/mail-account.js';

describe('commands about accounts that end', () => {
  let folder: string;
  let desk: CommandDesk;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vm-user-life-'));
    desk = createCommandDesk(folder);
    await ok('user add claire --role permanent --generate-password');
    await ok(
      'user add tom --role intern --sponsor claire --expires 2099-07-31 --moved-to tom@new.example --generate-password',
    );
  });
  after(() => rmSync(folder, { recursive: true }));

  async function ok(args: string): Promise<string> {
    const { code, out, err } = await desk.run(args);
    assert.equal(code, 0, `${args}: ${err}`);
    return out;
  }
  const json = async (args: string): Promise<Record<string, unknown>> => JSON.parse(await ok(`${args} --json`));
  async function refused(args: string, code: number, says: RegExp): Promise<void> {
    const done = await desk.run(args);
    assert.equal(done.code, code, done.err);
    assert.match(done.err, says);
  }
  const open = async (address: string) =>
    desk.mailstore.openAccount(String((await json(`user show ${address}`))['id']) as never, { by: 'test' });

  it('show where somebody stands and what comes next', async () => {
    assert.match(await ok('user life claire'), /^stage: +open$/m);
    const tom = await ok('user life tom');
    for (const line of [
      /^stage: +open$/m,
      /^first warning: +2099-07-17$/m,
      /^last warning: +2099-07-28$/m,
      /^last day: +2099-07-31$/m,
      /^answers until: +2099-08-31$/m,
      /^archived: +2099-08-31$/m,
      /^deleted: +2099-11-29$/m,
    ])
      assert.match(tom, line);
    assert.match(await ok('user show tom'), /^moved to: +tom@new\.example$/m);
    await refused('user life nobody', 67, /Nobody has the address/);
  });

  it('undo the end', async () => {
    await refused('user unlock tom', 64, /has not ended/);
    await ok('user set tom --expires 2020-01-31');
    assert.match(await ok('user life tom'), /^stage: +locked$/m);
    assert.match(await ok('user unlock tom --days 3'), /may log in until the end of \d{4}-\d{2}-\d{2}/);
    assert.match(await ok('user life tom'), /^stage: +ending$/m);
    await ok('user extend tom 2099-12-31');
    assert.match(await ok('user life tom'), /^last day: +2099-12-31$/m);
    await refused('user extend tom 2020-12-31', 64, /that day is past/);
    await refused('user extend tom tomorrow', 65, /is no date/);
    await refused('user unlock tom --days many', 64, /number of days/);
    const history = (await json('user life tom'))['history'] as { what: string; detail?: { was?: string } }[];
    assert.deepEqual(
      history.map(({ what }) => what),
      ['person added', 'person changed', 'account unlocked', 'account extended'],
    );
    assert.equal(history[2]?.detail?.was, '2020-01-31');
  });

  it('archive, and take back into an account or as the person who was', async () => {
    const account = await open('tom');
    await putAwkward(account);
    const all = await everythingIn(account);
    account.release();
    const { file, messages } = (await json('user archive tom')) as { file: string; messages: number };
    assert.equal(messages, 16);
    assert.match(await ok('archive list'), /tom@labo\.example +\d{4}-.*\.tar\.age$/m);

    const copy = await open('claire');
    const back = (await json(`user restore ${file} --to claire`)) as { messages: number };
    assert.equal(back.messages, 16);
    const got = await everythingIn(copy);
    copy.release();
    for (const path of ['INBOX', 'a.b', 'Été/R&D/v1.2']) assert.deepEqual(got[path], all[path]);

    await ok('user set tom --expires 2020-01-31');
    const { file: late } = (await json('user archive tom')) as { file: string };
    await ok('user remove tom --yes');
    const gone = await ok('user life tom');
    assert.match(gone, /^stage: +deleted$/m);
    assert.match(gone, /person removed/);
    await refused(`user restore ${late}`, 64, /had ended; give --expires/);
    await ok(`user restore ${late} --expires 2099-01-31`);
    const tom = await json('user show tom');
    assert.deepEqual([tom['role'], tom['sponsor'], tom['hasPassword']], ['intern', 'claire@labo.example', false]);
    const restored = await open('tom');
    assert.deepEqual(await everythingIn(restored), all);
    restored.release();
    assert.deepEqual(readdirSync(join(folder, 'restoring')), [], 'nothing readable is left');
    await refused(`user restore ${late} --expires 2099-01-31`, 73, /already has the address/);
    await refused(`user restore ${late} --to claire --sponsor claire`, 64, /made anew/);
    await refused(`user restore ${join(folder, 'none.age')} --to claire`, 64, /none\.age cannot be read/);
    await refused(`user restore ${late} --to claire --key ${join(folder, 'none')}`, 64, /cannot be read/);
    await refused(`user restore ${join(folder, 'archive.key')} --to claire`, 65, /cannot be opened/);
  });

  it('keep what was done, by whom, and no password', async () => {
    const account = await open('claire');
    await put(account, 'INBOX', 'Subject: secret subject\r\n\r\nx\r\n');
    account.release();
    await ok('user passwd claire --generate-password');
    await ok('user disable claire');
    await ok('user disable claire --undo');
    const lines = await ok('audit --user claire --last 3');
    assert.match(lines, /password changed +command line \(.+\)/);
    assert.match(lines, /person disabled[\s\S]*person enabled/);
    assert.equal(lines.trim().split('\n').length, 4, 'a heading and three lines');
    assert.ok(!(await ok('audit')).includes('secret'));
    await refused('audit --last none', 64, /number of lines/);
  });
});
