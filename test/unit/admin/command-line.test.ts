import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type CommandDesk, createCommandDesk, type DeskOptions } from '../../harness/in-process-command.js';

let folder = '';
let desk: CommandDesk;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vm-command-'));
  desk = createCommandDesk(folder);
});
after(() => rm(folder, { recursive: true, force: true }));

const run = (line: string, options: DeskOptions = {}) => desk.run(line, options);

async function ok(line: string, options: DeskOptions = {}): Promise<string> {
  const result = await run(line, options);
  assert.equal(result.code, 0, `${line}\n${result.out}${result.err}`);
  return result.out;
}

const json = async (line: string): Promise<unknown> => JSON.parse(await ok(`${line} --json`));

describe('the command line', () => {
  test('help is enough by itself', async () => {
    const add = await ok('user add --help');
    for (const option of ['--role', '--expires', '--password-stdin', '--quota', '--json', '--data DIR', 'examples:']) {
      assert.ok(add.includes(option), option);
    }
    assert.ok(add.split('\n').every((line) => line.length <= 120));
    const group = await ok('user --help');
    assert.match(group, /user passwd/);
    assert.ok(!group.includes('mail import'));
  });

  test('a wrong command line is one sentence and 64, and touches nothing', async () => {
    for (const [line, says] of [
      ['user', /incomplete command "user"/],
      ['user ad x', /unknown command "user ad"/],
      ['user add', /user add needs ADDRESS/],
      ['user add x', /needs --role/],
      ['user add x --role intern --colour red', /unknown option '--colour'/i],
      ['user list --role', /--role/],
      ['user show a b', /"b" is one argument too many/],
      ['mail import x', /needs --user/],
      ['mail export --user a', /needs DIR/],
    ] as const) {
      const { code, err, out } = await run(line);
      assert.equal(code, 64, `${line}: ${err}`);
      assert.match(err, says);
      assert.equal(out, '');
    }
    assert.equal(desk.opened(), 0);
  });

  test('the life of a person', async () => {
    const password = { input: 'correct horse battery\n' };
    await ok(
      'user add anne.durand --role permanent --quota 5G --alias anne --admin --lang en --password-stdin',
      password,
    );
    const made = await ok(
      'user add Tom@LABO.example --role intern --sponsor anne --expires 2099-07-31 --generate-password',
    );
    assert.match(made, /^added tom@labo\.example\npassword ([a-z2-9]{5}-){3}[a-z2-9]{5}\n$/);
    const [anne, tom] = (await json('user list')) as Record<string, unknown>[];
    assert.deepEqual(
      { ...anne, id: '', created: '' },
      {
        id: '',
        address: 'anne.durand@labo.example',
        aliases: ['anne@labo.example'],
        name: '',
        role: 'permanent',
        lang: 'en',
        admin: true,
        eudora: false,
        quotaBytes: 5 * 1024 ** 3,
        sponsor: null,
        expires: null,
        movedTo: null,
        allow: [],
        deny: [],
        takenMail: 'remove',
        state: 'active',
        created: '',
      },
    );
    assert.equal(tom?.['sponsor'], 'anne.durand@labo.example');
    assert.equal(tom?.['expires'], '2099-07-31');

    await ok('user set tom --expires 2020-01-01 --allow submission --deny webmail --quota 1G');
    const changed = (await json('user show tom')) as Record<string, unknown>;
    assert.equal(changed['state'], 'expired');
    assert.deepEqual([changed['allow'], changed['deny']], [['submission'], ['webmail']]);
    assert.deepEqual(
      (changed['mailboxes'] as { role: string | null }[]).map((one) => one.role),
      ['inbox', 'drafts', 'junk', 'sent', 'trash'],
    );
    await ok('user set tom --expires 2099-01-01 --quota none --allow none');
    assert.equal(((await json('user show tom')) as Record<string, unknown>)['quotaBytes'], null);
    assert.match(await ok('user list'), /^ADDRESS +NAME +ROLE/);

    await ok('user passwd tom --password-stdin', { input: 'another good one\r\n' });
    await ok('user disable tom');
    assert.equal(((await json('user show tom')) as Record<string, unknown>)['state'], 'disabled');
    await ok('user disable tom --undo');

    const unasked = await run('user remove tom');
    assert.equal(unasked.code, 64);
    assert.match(unasked.err, /--yes/);
    const kept = await run('user remove tom', { answers: ['n'] });
    assert.deepEqual([kept.code, kept.err], [1, 'Remove tom@labo.example and 0 messages?']);
    await ok('user remove tom', { answers: ['y'] });
    await ok('user add tom --role doctoral', { answers: ['typed twice!', 'typed twice!'] });
    const twice = await run('user passwd tom', { answers: ['typed twice!', 'not the same'] });
    assert.match(twice.err, /the two passwords differ/);
    await ok('user remove tom --yes');
    const gone = await run('user show tom');
    assert.equal(gone.code, 67);
    assert.equal(gone.err, 'vaguemestre: Nobody has the address tom@labo.example\n');
    const summary = (await json('status')) as Record<string, unknown>;
    assert.equal(summary['people'], 1);
    assert.equal(summary['service'], null);
  });

  test('what is wrong with a person is said, with the right exit code', async () => {
    for (const [line, code, says] of [
      ['user add anne.durand --role permanent --generate-password', 73, /already has the address anne\.durand/],
      ['user add other --role permanent --alias anne --generate-password', 73, /already has the address anne@/],
      ['user add x --role boss --generate-password', 65, /"boss" is not a role; choose from permanent/],
      ['user add x --role intern --generate-password', 65, /an intern needs an end date/],
      ['user add x --role intern --expires 2026-02-30 --generate-password', 65, /"2026-02-30" is no date/],
      ['user add x --role intern --expires 2099-01-01 --sponsor nobody --generate-password', 67, /nobody@labo/],
      ['user add a,b --role permanent --generate-password', 65, /is not a mail address/],
      ['user add a+b --role permanent --generate-password', 65, /has no "\+"/],
      ['user add x --role permanent --quota much --generate-password', 65, /"much" is no size/],
      ['user add x --role permanent --allow gopher --generate-password', 65, /"gopher" is not a protocol/],
      ['user add x --role permanent', 64, /--password-stdin or --generate-password/],
      ['user set anne', 64, /nothing to change/],
      ['user set anne --admin --no-admin', 64, /exclude each other/],
      ['user passwd nobody --generate-password', 67, /nobody@labo/],
    ] as const) {
      const result = await run(line);
      assert.equal(result.code, code, `${line}: ${result.err}`);
      assert.match(result.err, says, line);
    }
    const short = await run('user add x --role permanent --password-stdin', { input: 'short\n' });
    assert.equal(short.code, 65);
    assert.match(short.err, /at least 8 characters/);
    assert.ok(!short.err.includes('short\n'));
  });

  test('many people from a table: a report a row, again, atomic', async () => {
    const file = join(folder, 'people.csv');
    const rows = [
      'Address;Role;Name;Password;Expires;Sponsor;Quota;Eudora;Lang;Allow;Deny',
      'ines;intern;"Inès; stagiaire";parole de stage;2099-06-30;marc;1G;;fr;;',
      'marc;permanent;"Marc ""le grand""";mot de passe;;;10 GiB;oui;fr;;',
      'broken;intern;;;;;;;;;',
      'bad role;boss;;;;;;;;;',
      'lone;permanent;;;;;;;;;',
    ];
    await writeFile(file, `\ufeff${rows.join('\r\n')}\r\n`);
    const first = await run(`user import ${file}`);
    assert.equal(first.code, 1);
    assert.deepEqual(first.out.trimEnd().split('\n'), [
      'line 2: added ines',
      'line 3: added marc',
      'line 4: refused broken: an intern needs an end date',
      'line 5: refused bad role: "boss" is not a role; choose from permanent, doctoral, intern, service',
      'line 6: added lone',
    ]);
    assert.match(first.err, /3 added, 0 skipped, 2 refused/);
    const again = await run(`user import ${file}`);
    assert.match(again.err, /0 added, 3 skipped, 2 refused/);
    const marc = (await json('user show marc')) as Record<string, unknown>;
    assert.deepEqual([marc['name'], marc['eudora'], marc['hasPassword']], ['Marc "le grand"', true, true]);

    await writeFile(file, 'address,role,taken\npia,permanent,keep\nkai,permanent,30\nleo,permanent,never\n');
    assert.match((await run(`user import ${file}`)).out, /line 4: refused leo: "never" is neither keep nor remove/);
    const takenMail = async (who: string) => ((await json(`user show ${who}`)) as Record<string, unknown>)['takenMail'];
    assert.deepEqual([await takenMail('pia'), await takenMail('kai')], ['keep', 30]);

    await writeFile(file, 'address,role,sponsor,expires\nzoe,permanent,,\nyan,intern,nobody,2099-01-01\n');
    const atomic = await run(`user import --atomic ${file}`);
    assert.equal(atomic.code, 1);
    assert.match(atomic.out, /line 2: skipped zoe: another row is wrong\nline 3: refused yan: Nobody has the address/);
    assert.equal((await run('user show zoe')).code, 67);

    for (const [text, says] of [
      ['', /the file is empty/],
      ['address,colour\n', /no column "colour"/],
      ['address,name\n', /the column "role" is missing/],
      ['address,role\n"x,permanent\n', /line 2: a quote is never closed/],
    ] as const) {
      await writeFile(file, text);
      const result = await run(`user import ${file}`);
      assert.equal(result.code, 65, text);
      assert.match(result.err, says);
    }
    await writeFile(file, Buffer.from('address,role\nren\xe9,permanent\n', 'latin1'));
    assert.match((await run(`user import ${file}`)).err, /not in UTF-8/);
  });
});
