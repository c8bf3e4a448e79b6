import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { accountOf, mail } from '../../harness/imap-service.js';
import { type Pop3TestService, startPop3Service } from '../../harness/pop3-service.js';

const message = (subject: string, body = 'Hello\r\n'): string => mail(subject, body);

describe('POP3', () => {
  let service: Pop3TestService;
  beforeEach(async () => {
    service = await startPop3Service();
  });
  afterEach(() => service.close());

  test('the maildrop of RFC 1939: STAT, LIST, UIDL, RETR, TOP, DELE, RSET, NOOP, QUIT', async () => {
    const texts = [message('one'), message('two', '.dot\r\n..\r\n.\r\nend\r\n')];
    for (const text of texts) service.deliver('bob', text);
    const client = await service.login('bob');
    const octets = texts.map((text) => text.length);
    assert.equal(await client.ok('STAT'), `2 ${octets[0]! + octets[1]!}`);
    assert.deepEqual(await client.multi('LIST'), [`1 ${octets[0]}`, `2 ${octets[1]}`]);
    assert.equal(await client.ok('LIST 2'), `2 ${octets[1]}`);
    const uidls = await client.multi('UIDL');
    assert.equal(await client.ok('UIDL 2'), uidls[1]);
    for (const uidl of uidls) assert.match(uidl, /^\d [0-9a-v]{1,7}\.[0-9a-v]{1,7}$/);
    assert.equal((await client.multi('RETR 2')).map((line) => `${line}\r\n`).join(''), texts[1]);
    const header = texts[1]!.slice(0, texts[1]!.indexOf('\r\n\r\n') + 4);
    assert.equal((await client.multi('TOP 2 0')).map((line) => `${line}\r\n`).join(''), header);
    assert.equal((await client.multi('TOP 2 2')).map((line) => `${line}\r\n`).join(''), `${header}.dot\r\n..\r\n`);
    assert.equal((await client.multi('TOP 2 999')).map((line) => `${line}\r\n`).join(''), texts[1]);
    await client.ok('DELE 1');
    assert.equal(await client.ok('STAT'), `1 ${octets[1]}`);
    assert.deepEqual(await client.multi('LIST'), [`2 ${octets[1]}`]);
    assert.deepEqual(await client.multi('UIDL'), [uidls[1]]);
    for (const command of ['LIST 1', 'UIDL 1', 'RETR 1', 'TOP 1 0', 'DELE 1']) await client.refused(command);
    await client.ok('NOOP');
    await client.ok('RSET');
    assert.equal(await client.ok('STAT'), `2 ${octets[0]! + octets[1]!}`);
    await client.ok('DELE 2');
    assert.match(await client.quit(), /^\+OK /);
    assert.deepEqual(
      service.inbox('bob').map(({ uid }) => uid),
      [1],
    );
  });

  test('an empty maildrop', async () => {
    const client = await service.login('bob');
    assert.equal(await client.ok('STAT'), '0 0');
    assert.deepEqual(await client.multi('LIST'), []);
    assert.deepEqual(await client.multi('UIDL'), []);
    await client.refused('RETR 1');
    assert.equal(await client.ok('LAST'), '0');
    assert.match(await client.quit(), /^\+OK /);
  });

  test('deletions happen at QUIT alone: not when the connection is lost, not when the store says no', async () => {
    service.deliver('bob', message('one'));
    service.deliver('bob', message('two'));
    const lost = await service.login('bob');
    await lost.ok('DELE 1');
    lost.destroy();
    let next = await loggedInAgain(service, 'bob');
    assert.equal((await next.multi('LIST')).length, 2);
    await next.ok('DELE 1');
    await next.ok('DELE 2');
    const state = service.mailstore.state(accountOf('bob'));
    state.failNext.set('settle', new MailError('unavailable', 'The store is away'));
    assert.match(await next.quit(), /^-ERR \[SYS\/TEMP\] Nothing was deleted/);
    assert.equal(service.inbox('bob').length, 2);
    next = await loggedInAgain(service, 'bob');
    await next.ok('DELE 1');
    await next.ok('DELE 2');
    state.failNext.set('settle', new MailError('unavailable', 'away', { uncertain: true }));
    assert.match(await next.quit(), /^-ERR \[SYS\/TEMP\] .*not known/);
  });

  test('what was taken is marked, not as read; what a policy keeps is hidden from POP3 alone', async () => {
    for (const name of ['alice', 'bob']) for (let i = 0; i < 3; i++) service.deliver(name, message(`m${i}`));
    for (const name of ['alice', 'bob']) {
      const client = await service.login(name);
      await client.multi('RETR 1');
      await client.multi('RETR 2');
      await client.multi('TOP 3 1');
      await client.ok('DELE 2');
      assert.match(await client.quit(), /^\+OK/);
    }
    assert.deepEqual(
      service.inbox('bob').map(({ uid }) => uid),
      [1, 3],
    );
    assert.deepEqual(service.keywords('bob', 1), ['$POP3']);
    assert.deepEqual(service.keywords('bob', 3), []);
    assert.deepEqual(
      service.inbox('alice').map(({ uid }) => uid),
      [1, 2, 3],
    );
    assert.deepEqual(service.keywords('alice', 2), ['$POP3', '$POP3Deleted']);
    assert.deepEqual(service.keywords('alice', 1), ['$POP3']);
    const again = await loggedInAgain(service, 'alice');
    const sizes = service.inbox('alice').map(({ octets }) => octets.length);
    assert.equal(await again.ok('STAT'), `2 ${sizes[0]! + sizes[2]!}`);
    assert.deepEqual(await again.multi('LIST'), [`1 ${sizes[0]}`, `2 ${sizes[2]}`]);
    assert.equal(
      (await again.multi('RETR 2')).some((line) => line === 'Subject: m2'),
      true,
    );
    // One entry for a whole session, whatever it did.
    assert.deepEqual(service.mailstore.state(accountOf('bob')).calls, ['settle']);
  });

  test('marks are made when the connection is lost, and some seconds after a message was taken', async () => {
    service.deliver('bob', message('one'));
    service.deliver('bob', message('two'));
    const lost = await service.login('bob');
    await lost.multi('RETR 1');
    lost.destroy();
    const next = await loggedInAgain(service, 'bob');
    assert.deepEqual(service.keywords('bob', 1), ['$POP3']);
    assert.equal(await next.ok('LAST'), '1');
    await next.quit();
    const quick = await startPop3Service({ timeouts: { markMs: 10 } });
    quick.deliver('bob', message('one'));
    const client = await quick.login('bob');
    await client.multi('RETR 1');
    for (let i = 0; i < 200 && quick.keywords('bob', 1).length === 0; i++) await new Promise((r) => setTimeout(r, 10));
    assert.deepEqual(quick.keywords('bob', 1), ['$POP3']);
    await quick.close();
  });

  test('the listing is frozen at the login, whatever comes and goes meanwhile', async () => {
    for (let i = 0; i < 3; i++) service.deliver('bob', message(`m${i}`));
    const client = await service.login('bob');
    const before = await client.multi('LIST');
    service.deliver('bob', message('later'));
    const mailbox = service.mailstore
      .state('account-bob00000' as never)
      .mailboxes.find(({ path }) => path === 'INBOX')!;
    mailbox.messages = mailbox.messages.filter(({ uid }) => uid !== 2);
    assert.deepEqual(await client.multi('LIST'), before);
    assert.equal((await client.multi('UIDL')).length, 3);
    assert.equal((await client.multi('RETR 3')).includes('Subject: m2'), true);
    await client.ok('DELE 2');
    assert.match(await client.quit(), /^\+OK/);
    const next = await loggedInAgain(service, 'bob');
    assert.equal((await next.multi('LIST')).length, 3);
  });

  test('one session of an account at a time; IMAP is not asked', async () => {
    const first = await service.login('bob');
    const second = await service.connect();
    await second.ok('USER bob');
    assert.match(await second.refused('PASS secret'), /^\[IN-USE\] /);
    await service.login('alice');
    await first.quit();
    await loggedInAgain(service, 'bob');
  });

  test('commands come in their states', async () => {
    const client = await service.connect();
    assert.match(client.greeting, /^\+OK /);
    // A <...> would invite APOP.
    assert.doesNotMatch(client.greeting, /</);
    for (const command of ['STAT', 'RETR 1']) await client.refused(command);
    await client.refused('PASS secret');
    await client.ok('USER bob');
    await client.ok('PASS secret');
    for (const command of ['USER bob', 'PASS secret', 'AUTH PLAIN', 'UTF8', 'STLS', 'APOP bob 0']) {
      await client.refused(command);
    }
    await client.ok('STAT');
    assert.match(await client.quit(), /^\+OK/);
    const leaves = await service.connect();
    assert.match(await leaves.quit(), /^\+OK/);
  });

  test('CAPA, before and after login', async () => {
    const client = await service.connect();
    const before = await client.capabilities();
    for (const name of [
      'TOP',
      'UIDL',
      'USER',
      'SASL PLAIN',
      'RESP-CODES',
      'AUTH-RESP-CODE',
      'PIPELINING',
      'EXPIRE NEVER',
      'UTF8 USER',
      'LANG',
    ]) {
      assert.ok(before.includes(name), name);
    }
    assert.ok(before.some((line) => line.startsWith('IMPLEMENTATION ')));
    assert.equal(before.includes('STLS'), false);
    await client.login('bob', 'secret');
    assert.deepEqual(await client.capabilities(), before);
  });

  test('pipelined commands are answered in their order, however the octets are cut', async () => {
    for (let i = 0; i < 5; i++) service.deliver('bob', message(`m${i}`));
    const client = await service.connect();
    const commands = 'USER bob\r\nPASS secret\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nRETR 2\r\nTOP 3 0\r\nNOOP\r\nQUIT\r\n';
    for (const octet of commands.slice(0, 40)) client.send(octet);
    client.send(commands.slice(40));
    const text = await client.lines.rest();
    const status = text.split('\r\n').filter((line) => line.startsWith('+') || line.startsWith('-') || line === '.');
    assert.deepEqual(
      status.map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['+OK Now', '+OK 5', '+OK 5', '+OK 143', '.', '+OK The', '+OK 143', '.', '+OK', '.', '+OK Still', '+OK Goodbye'],
    );
    assert.equal(service.inbox('bob').length, 4);
  });

  test('wrong arguments are refused, and a client that only errs is cut', async () => {
    service.deliver('bob', message('one'));
    const client = await service.login('bob');
    for (const command of [
      'RETR 1.5',
      'RETR -1',
      'RETR 0',
      'RETR 2',
      'RETR 99999999999',
      'TOP 1',
      'TOP 1 -1',
      'TOP x 1',
      'LIST 1.0',
      'UIDL 2',
      'DELE',
      'XTND',
      'XTND XMIT',
      'EHLO x',
      'LIST 1 2',
    ]) {
      await client.refused(command);
    }
    assert.equal(await client.ok('STAT'), `1 ${message('one').length}`);
    const web = await service.connect();
    web.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nUSER bob\r\nPASS secret\r\nDELE 1\r\nQUIT\r\n');
    const answer = await web.lines.rest();
    assert.equal(answer.includes('+OK'), false);
    const long = await service.login('alice');
    assert.match(await long.command(`USER ${'x'.repeat(9_000)}`), /^-ERR/);
    await long.ok('NOOP');
  });

  test('wrong credentials have one answer, after five of them the door is shut', async () => {
    const client = await service.connect();
    const answers = new Set<string>();
    for (const [user, password] of [
      ['bob', 'wrong'],
      ['nobody', 'secret'],
      ['bob', 'x'],
      ['nobody', 'x'],
    ] as const) {
      await client.ok(`USER ${user}`);
      answers.add(await client.refused(`PASS ${password}`));
    }
    assert.deepEqual([...answers], ['[AUTH] The address or the password is wrong.']);
    await client.ok('USER bob');
    await client.refused('PASS wrong');
    assert.match(await client.line(), /^-ERR Too many/);
    await client.closed();
  });

  test('a right password at the wrong door, a store that is away: never [AUTH]', async () => {
    const client = await service.connect();
    await client.ok('USER staff');
    assert.match(await client.refused('PASS secret'), /^\[SYS\/PERM\] Your account is read over IMAPS/);
    await client.ok('USER closed');
    assert.match(await client.refused('PASS secret'), /^\[SYS\/TEMP\] /);
  });

  test('AUTH PLAIN with and without initial response, its list, and giving up', async () => {
    const plain = Buffer.from('\0bob\0secret').toString('base64');
    const first = await service.connect();
    assert.deepEqual(await first.multi('AUTH'), ['PLAIN']);
    await first.refused('AUTH CRAM-MD5');
    assert.equal(await first.command('AUTH PLAIN'), '+ ');
    await first.refused('*');
    assert.equal(await first.command('AUTH PLAIN'), '+ ');
    await first.refused('not base64!');
    await first.refused('AUTH PLAIN =');
    assert.equal(await first.command('AUTH PLAIN'), '+ ');
    await first.ok(plain);
    await first.quit();
    const second = await service.connect();
    await second.ok(`AUTH plain ${plain}`);
  });

  test('LANG and UTF8', async () => {
    const client = await service.connect();
    assert.deepEqual(await client.multi('LANG'), ['en English', 'fr Francais']);
    await client.refused('LANG de');
    assert.equal(await client.ok('LANG fr-CA'), 'fr Francais');
    assert.equal(await client.refused('STAT'), "Identifiez-vous d'abord");
    assert.equal(await client.ok('LANG *'), 'en English');
    await client.ok('UTF8');
    await client.ok('USER h\xc3\xa9l\xc3\xa8ne');
  });

  test('a message without an end of line, without a header end, or with lone CRs is still well framed', async () => {
    const texts = [
      'Subject: x\r\n\r\nno end',
      'Subject: no blank line\r\n',
      'A: b\r\n\r\n.',
      'A: b\r\n\r\none\rtwo\0\r\n',
    ];
    for (const text of texts) service.deliver('bob', text);
    const client = await service.login('bob');
    for (const [i, text] of texts.entries()) {
      const lines = await client.multi(`RETR ${i + 1}`);
      assert.equal(lines.map((line) => `${line}\r\n`).join(''), text.endsWith('\r\n') ? text : `${text}\r\n`);
    }
    assert.deepEqual(await client.multi('TOP 2 5'), ['Subject: no blank line']);
  });

  test('a client that reads nothing is not sent a large message at once', async () => {
    const big = `Subject: big\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(200_000)}`;
    service.deliver('bob', big);
    const client = await service.login('bob');
    let bytes = 0;
    let last = '';
    client.send('RETR 1\r\nQUIT\r\n');
    client.lines.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      last = (last + chunk.toString('latin1')).slice(-40);
    });
    await client.closed();
    assert.ok(bytes > big.length);
    assert.match(last, /\r\n\.\r\n\+OK Goodbye\r\n$/);
  });
});

describe('POP3 and TLS', () => {
  let service: Pop3TestService;
  before(async () => {
    service = await startPop3Service({ tls: true, remote: true });
  });
  after(() => service.close());

  test('no password in clear; STLS, and the list again without it', async () => {
    const client = await service.connect();
    const before = await client.capabilities();
    assert.ok(before.includes('STLS'));
    assert.equal(
      before.some((line) => line === 'USER' || line.startsWith('SASL')),
      false,
    );
    assert.match(await client.refused('USER bob'), /^\[SYS\/PERM\] /);
    assert.match(
      await client.refused(`AUTH PLAIN ${Buffer.from('\0bob\0secret').toString('base64')}`),
      /^\[SYS\/PERM\] /,
    );
    const secure = await client.startTls();
    const after = await secure.capabilities();
    assert.equal(after.includes('STLS'), false);
    assert.ok(after.includes('USER') && after.includes('SASL PLAIN'));
    await secure.refused('STLS');
    await secure.login('bob', 'secret');
    assert.equal(service.logins.at(-1)?.secure, true);
    await secure.quit();
  });

  test('what was sent in clear behind STLS is thrown away', async () => {
    const client = await service.connect();
    client.send('STLS\r\nUSER bob\r\n');
    assert.match(await client.line(), /^\+OK/);
    const secure = await client.lines.startTls();
    secure.send('PASS secret\r\nNOOP\r\n');
    assert.match(await secure.line(), /^-ERR Say USER first/);
  });

  test('STLS after UTF8 is refused', async () => {
    const client = await service.connect();
    await client.ok('UTF8');
    await client.refused('STLS');
  });
});

describe('POP3 in clear', () => {
  test('goes by the person, before the password travels', async () => {
    const clearDoor = { possible: () => true, opens: async (identity: string) => identity === 'bob' };
    const service = await startPop3Service({ tls: true, remote: true, clearDoor });
    const client = await service.connect();
    const capabilities = await client.capabilities();
    assert.ok(capabilities.includes('USER') && !capabilities.some((line) => line.startsWith('SASL')));
    for (const name of ['alice', 'nobody']) assert.match(await client.refused(`USER ${name}`), /^\[SYS\/PERM\] /);
    await client.login('bob', 'secret');
    await client.quit();
    await service.close();
  });
});

describe('the end of a POP3 session', () => {
  test('idle for too long: closed without a word, nothing deleted', async () => {
    const service = await startPop3Service({ timeouts: { idleMs: 60, loginMs: 60 } });
    service.deliver('bob', message('one'));
    const client = await service.login('bob');
    await client.ok('DELE 1');
    assert.equal(await client.lines.rest(), '');
    assert.equal(service.inbox('bob').length, 1);
    const stranger = await service.connect();
    assert.equal(await stranger.lines.rest(), '');
    await service.close();
  });

  test('a person who may not stay is out, and deletes nothing', async () => {
    let end: ((reason: MailError) => void) | undefined;
    const admissions = {
      watch: (_visit: unknown, over: (reason: MailError) => void) => {
        end = over;
        return () => undefined;
      },
    };
    const service = await startPop3Service({ admissions });
    service.deliver('bob', message('one'));
    const client = await service.login('bob');
    await client.ok('DELE 1');
    end?.(new MailError('authorizationFailed', 'This account is disabled.'));
    await client.closed();
    assert.equal(service.inbox('bob').length, 1);
    await service.close();
  });

  test('a service that stops closes waiting sessions and turns new ones away', async () => {
    const service = await startPop3Service();
    const client = await service.login('bob');
    const stopped = service.server.close(1_000);
    await client.closed();
    await stopped;
    const late = await service.connect();
    assert.match(late.greeting, /^-ERR \[SYS\/TEMP\] /);
    await service.close();
  });
});

/** The lock is given back when the server has seen the connection's end. */
async function loggedInAgain(service: Pop3TestService, name: string) {
  for (let i = 0; ; i++) {
    const client = await service.connect();
    await client.ok(`USER ${name}`);
    const answer = await client.command('PASS secret');
    if (answer.startsWith('+OK')) return client;
    assert.match(answer, /^-ERR \[IN-USE\]/);
    client.destroy();
    if (i === 200) assert.fail('the lock was not given back');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
