/**
 * Debian's POP3 clients on the running service: all of a maildrop, octet for octet; left on the server, a second round takes
 * nothing; deleted, it is empty.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { countLeft } from '../../harness/pop3-programs.js';
import { program, unlessInstalled } from '../../harness/programs.js';

const run = promisify(execFile);
const count = 40;
const people = ['fetchmail', 'mpop', 'curl', 'python'];

const letter = (to: string, i: number): string =>
  `From: Anne <anne@labo.example>\r\nTo: ${to}\r\nSubject: letter ${i}\r\nMessage-ID: <${i}@labo.example>\r\n\r\n${'.leading dots\r\n..\r\nR\xe9union\r\n'.repeat(i)}`;

describe('POP3 clients', { timeout: 180_000 }, () => {
  let laboratory: Laboratory;
  before(async () => {
    laboratory = await openLaboratory([]);
    for (const name of people) await laboratory.add(name, '--role', 'permanent', '--allow', 'pop3');
    const lmtp = await laboratory.lmtp();
    await lmtp.lhlo();
    for (let i = 1; i <= count; i++) {
      for (const name of people) {
        const message = Buffer.from(letter(name, i), 'latin1');
        const [reply] = await lmtp.deliver({ to: [laboratory.address(name)], message });
        assert.equal(reply?.code, 250);
      }
    }
    await lmtp.quit();
  });
  after(() => laboratory.stop());

  const folder = (name: string): string => {
    const path = join(laboratory.service.folder, `client-${name}`);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };

  function privateFile(path: string, text: string): string {
    writeFileSync(path, text);
    chmodSync(path, 0o600);
    return path;
  }

  const left = (name: string): Promise<number> => countLeft(laboratory, name);

  /** What came, without what the client put before it. */
  function assertAll(messages: readonly string[], name: string): void {
    const bodies = new Set(
      messages.map((text) => text.replaceAll('\r\n', '\n')).map((text) => text.slice(text.indexOf('\n\n') + 2)),
    );
    for (let i = 1; i <= count; i++) {
      const wanted = letter(name, i).replaceAll('\r\n', '\n');
      const body = wanted.slice(wanted.indexOf('\n\n') + 2);
      assert.ok(
        [...bodies].some((one) => one.trimEnd() === body.trimEnd()),
        `letter ${i}`,
      );
    }
  }

  test('fetchmail: kept, nothing twice; then taken away', { skip: unlessInstalled('fetchmail') }, async () => {
    const at = folder('fetchmail');
    const mda = privateFile(join(at, 'mda.sh'), `#!/bin/sh\ncat > "${at}/mail.$$"\n`);
    chmodSync(mda, 0o700);
    const fetch = (mode: 'keep' | 'nokeep') => {
      const rc = privateFile(
        join(at, 'rc'),
        `set no bouncemail\npoll 127.0.0.1 service ${laboratory.service.port('pop3s')} protocol pop3 uidl\n user "${laboratory.address('fetchmail')}" password "${laboratory.password}" ssl no sslcertck ${mode} mda "${mda}"\n`,
      );
      return run(program('fetchmail'), ['-f', rc, '--pidfile', join(at, 'pid'), '-i', join(at, 'ids'), '--nosyslog'], {
        env: { ...process.env, HOME: at, FETCHMAILHOME: at },
      });
    };
    await fetch('keep');
    const files = () => readdirSync(at).filter((name) => name.startsWith('mail.'));
    assert.equal(files().length, count);
    assertAll(
      files().map((name) => readFileSync(join(at, name), 'latin1')),
      'fetchmail',
    );
    // 1: there was nothing new.
    await assert.rejects(fetch('keep'), { code: 1 });
    assert.equal(files().length, count);
    assert.equal(await left('fetchmail'), count);
    const all = join(at, 'ids');
    writeFileSync(all, '');
    await fetch('nokeep');
    assert.equal(await left('fetchmail'), 0);
  });

  test('mpop: pipelined, kept, nothing twice; then taken away', { skip: unlessInstalled('mpop') }, async () => {
    const at = folder('mpop');
    const box = join(at, 'mbox');
    const password = privateFile(join(at, 'password'), laboratory.password);
    const fetch = (keep: 'on' | 'off') => {
      const rc = privateFile(
        join(at, 'rc'),
        `account a\nhost 127.0.0.1\nport ${laboratory.service.port('pop3s')}\nuser ${laboratory.address('mpop')}\npasswordeval cat ${password}\ntls on\ntls_starttls off\ntls_certcheck off\npipelining on\nkeep ${keep}\ndelivery mbox ${box}\nuidls_file ${join(at, 'uidls')}\n`,
      );
      return run(program('mpop'), ['-C', rc, '-q', 'a'], { env: { ...process.env, HOME: at } });
    };
    await fetch('on');
    const subjects = () => readFileSync(box, 'latin1').match(/^Subject: letter \d+$/gm)?.length;
    assert.equal(subjects(), count);
    await fetch('on');
    assert.equal(subjects(), count);
    assert.equal(await left('mpop'), count);
    await fetch('off');
    assert.equal(await left('mpop'), 0);
  });

  test('curl: pop3s, pop3 with STLS, lists and takes', { skip: unlessInstalled('curl') }, async () => {
    const user = `${laboratory.address('curl')}:${laboratory.password}`;
    const curl = async (url: string, ...args: readonly string[]): Promise<string> =>
      (await run(program('curl'), ['-sS', '-k', '--user', user, ...args, url], { encoding: 'latin1', maxBuffer: 1e7 }))
        .stdout;
    const secure = `pop3s://127.0.0.1:${laboratory.service.port('pop3s')}/`;
    assert.equal((await curl(secure)).trim().split('\n').length, count);
    const text = await curl(`${secure}7`);
    assert.ok(text.endsWith(letter('curl', 7).slice(letter('curl', 7).indexOf('\r\n\r\n'))), text.slice(0, 500));
    const stls = `pop3://127.0.0.1:${laboratory.service.port('pop3')}/7`;
    assert.equal(await curl(stls, '--ssl-reqd'), text);
    assert.equal(await curl(stls, '--ssl-reqd', '--login-options', 'AUTH=PLAIN'), text);
    assert.match(await curl(secure, '--request', 'UIDL'), /^1 \S+\r\n/);
  });

  test("Python's poplib: every call it has", { skip: unlessInstalled('python3') }, async () => {
    const script = `
import poplib, ssl, sys
context = ssl._create_unverified_context()
port, stls, user, password = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
p = poplib.POP3('127.0.0.1', stls, timeout=20)
assert 'STLS' in p.capa()
p.stls(context)
assert 'UIDL' in p.capa()
try:
    p.apop(user, password)
    raise SystemExit('APOP was taken')
except poplib.error_proto:
    pass
assert b'UTF-8' in p.utf8()
p.user(user); p.pass_(password)
p.quit()
p = poplib.POP3_SSL('127.0.0.1', port, context=context, timeout=20)
p.user(user); p.pass_(password)
count, size = p.stat()
assert count == ${count}, count
sizes = dict(tuple(map(int, line.split())) for line in p.list()[1])
uids = [line.split()[1] for line in p.uidl()[1]]
assert len(set(uids)) == count and sum(sizes.values()) == size
for n in range(1, count + 1):
    _, lines, octets = p.retr(n)
    assert sum(len(line) + 2 for line in lines) == sizes[n], n
    head = p.top(n, 0)[1]
    assert lines[:len(head)] == head, n
p.noop()
p.dele(1); p.rset()
assert p.stat() == (count, size)
p.dele(2)
p.quit()
p = poplib.POP3_SSL('127.0.0.1', port, context=context, timeout=20)
p.user(user); p.pass_(password)
assert p.stat()[0] == count - 1
assert [line.split()[1] for line in p.uidl()[1]] == uids[:1] + uids[2:]
p.quit()
`;
    const file = join(folder('python'), 'take.py');
    writeFileSync(file, script);
    const { service, password } = laboratory;
    const args = [file, `${service.port('pop3s')}`, `${service.port('pop3')}`, laboratory.address('python'), password];
    await run(program('python3'), args, { timeout: 60_000 });
  });
});
