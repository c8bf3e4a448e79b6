import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createConnectionPlaces } from '@vaguemestre/server/auth/connection-places';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { type ImapService, mail, startImapService } from '../../harness/imap-service.js';

describe('IMAP session', () => {
  let service: ImapService;
  before(async () => {
    service = await startImapService();
  });
  after(() => service.close());

  it('greets with capabilities and offers no STARTTLS without a certificate', async () => {
    const client = await service.connect();
    assert.equal(client.greeting.name, 'OK');
    const listed = client.greeting.code!.split(' ');
    assert.equal(listed[0], 'CAPABILITY');
    for (const name of ['IMAP4rev1', 'IMAP4rev2', 'IDLE', 'MOVE', 'LITERAL+', 'SASL-IR', 'AUTH=PLAIN']) {
      assert.ok(listed.includes(name), name);
    }
    assert.ok(!listed.includes('STARTTLS') && !listed.includes('LOGINDISABLED'));
    await client.bad('STARTTLS');
  });

  // A tagged NO would say that nothing happened, an OK that it did: neither is known.
  it('ends, with no tagged response, when the outcome of a command is not known', async () => {
    service.deliver('INBOX', mail('unknown'));
    for (const [operation, line] of [
      ['copy', 'COPY 1 Sent'],
      ['storeFlags', 'STORE 1 +FLAGS (\\Seen)'],
    ] as const) {
      const client = await service.login();
      await client.ok('SELECT INBOX');
      service.alice.failNext.set(operation, new MailError('unavailable', 'The wire broke', { uncertain: true }));
      client.write(`x1 ${line}\r\n`);
      const bye = await client.untagged('BYE');
      assert.equal(bye.code, 'UNAVAILABLE');
      await client.closedByServer();
      await assert.rejects(client.reply('x1'));
    }
  });

  it('logs in and says the capabilities in the tagged OK', async () => {
    const client = await service.connect();
    const reply = await client.login('alice', 'secret');
    assert.match(reply.code!, /^CAPABILITY IMAP4rev1 .*APPENDLIMIT=67108864$/);
    assert.ok(!reply.code!.includes('AUTH='));
    const asked = await client.ok('CAPABILITY');
    assert.equal(`CAPABILITY ${asked.untagged[0]!.values.join(' ')}`, reply.code);
    await client.bad('LOGIN alice secret');
  });

  it('logs in by AUTHENTICATE PLAIN with and without initial response', async () => {
    const response = Buffer.from('\0alice\0secret').toString('base64');
    const first = await service.connect();
    await first.ok(`AUTHENTICATE PLAIN ${response}`);
    const second = await service.connect();
    second.write('a1 authenticate plain\r\n');
    assert.equal(await second.continuation(), '');
    second.write(`${response}\r\n`);
    assert.equal((await second.reply('a1')).status, 'OK');
    const third = await service.connect();
    third.write('a1 AUTHENTICATE PLAIN\r\n');
    await third.continuation();
    third.write('*\r\n');
    assert.equal((await third.reply('a1')).status, 'BAD');
    third.write('a2 AUTHENTICATE PLAIN\r\n');
    await third.continuation();
    third.write('not base64!\r\n');
    assert.equal((await third.reply('a2')).status, 'BAD');
    await third.no('AUTHENTICATE SCRAM-SHA-1');
    await third.no(
      `AUTHENTICATE PLAIN ${Buffer.from('bob\0alice\0secret').toString('base64')}`,
      'AUTHENTICATIONFAILED',
    );
    await third.ok(`AUTHENTICATE PLAIN ${Buffer.from('alice\0alice\0secret').toString('base64')}`);
  });

  it('refuses a wrong name and a wrong password alike, and says which door is right', async () => {
    const client = await service.connect();
    const wrongName = await client.no('LOGIN nobody secret', 'AUTHENTICATIONFAILED');
    const wrongPassword = await client.no('LOGIN alice wrong', 'AUTHENTICATIONFAILED');
    assert.equal(wrongName.text, wrongPassword.text);
    const intern = await client.no('LOGIN intern secret', 'AUTHORIZATIONFAILED');
    assert.match(intern.text, /POP3/);
    await client.no('LOGIN closed secret', 'UNAVAILABLE');
    await client.ok('LOGIN alice {6+}', 'secret');
  });

  it('ends the connection after five wrong passwords', async () => {
    const client = await service.connect();
    for (let i = 0; i < 5; i++) await client.no('LOGIN alice wrong', 'AUTHENTICATIONFAILED');
    assert.equal((await client.untagged('BYE')).name, 'BYE');
    await client.closedByServer();
  });

  it('answers commands in the wrong state with BAD', async () => {
    const client = await service.connect();
    await client.bad('SELECT INBOX');
    await client.bad('LIST "" "*"');
    const logged = await service.login();
    await logged.bad('FETCH 1 FLAGS');
    await logged.bad('CLOSE');
    await logged.bad('STARTTLS');
  });

  it('takes ID before and after login, NIL and full', async () => {
    const client = await service.connect();
    const reply = await client.ok('ID NIL');
    assert.deepEqual(reply.untagged[0]!.values, [[Buffer.from('name'), Buffer.from('Vaguemestre')]]);
    await client.login('alice', 'secret');
    await client.ok('ID ("name" "Thunderbird" "version" NIL)');
    await client.ok('ID ()');
  });

  it('skips empty lines before a command, as phones send them', async () => {
    const client = await service.login();
    client.write('\r\nB41 NOOP\r\n');
    assert.equal((await client.reply('B41')).status, 'OK');
  });

  it('ends with BYE at LOGOUT', async () => {
    const client = await service.login();
    const reply = await client.ok('LOGOUT');
    assert.equal(reply.untagged[0]!.name, 'BYE');
    await client.closedByServer();
  });

  it('hangs up on what speaks another protocol', async () => {
    const client = await service.connect();
    client.write('POST / HTTP/1.1\r\nHost: labo.example\r\nContent-Length: 99\r\n\r\na LOGIN alice secret\r\n');
    await client.untagged('BYE');
    await client.closedByServer();
  });

  it('answers a line that is too long with its tag and goes on', async () => {
    const client = await service.login();
    client.write(`long NOOP ${'x'.repeat(100_000)}\r\nnext NOOP\r\n`);
    assert.equal((await client.reply('long')).status, 'BAD');
    assert.equal((await client.reply('next')).status, 'OK');
  });

  it('reads past a literal that it refuses, whether the client waits or not', async () => {
    const client = await service.login();
    const big = 'x'.repeat(70_000);
    const reply = await client.command(`SELECT {${big.length}+}`, `${big} `);
    assert.equal(reply.status, 'BAD');
    await client.ok('NOOP');
    await client.bad(`SELECT {${big.length}}`);
    await client.ok('NOOP');
  });

  it('enables what it knows and says what was new', async () => {
    const client = await service.login();
    const reply = await client.ok('ENABLE CONDSTORE X-NONE IMAP4rev2');
    assert.deepEqual(reply.untagged[0]!.values, ['CONDSTORE', 'IMAP4rev2']);
    assert.deepEqual((await client.ok('ENABLE IMAP4rev2')).untagged[0]!.values, []);
  });

  it('has one personal namespace', async () => {
    const client = await service.login();
    const reply = await client.ok('NAMESPACE');
    assert.deepEqual(reply.untagged[0]!.values, [[[Buffer.from(''), Buffer.from('/')]], null, null]);
  });

  it('runs pipelined commands in order', async () => {
    service.deliver('INBOX', mail('pipelined'));
    const client = await service.connect();
    client.write(
      '1 LOGIN alice secret\r\n2 SELECT INBOX\r\n3 FETCH 1 UID\r\n4 UID STORE 1 +FLAGS (\\Seen)\r\n5 LOGOUT\r\n',
    );
    for (const tag of ['1', '2', '3', '4', '5']) assert.equal((await client.reply(tag)).status, 'OK', tag);
  });

  it('keeps an internal error to itself', async () => {
    const client = await service.login();
    service.alice.failNext.set('create', new Error('password of the database is hunter2'));
    const reply = await client.no('CREATE fault', 'SERVERBUG');
    assert.ok(!reply.text.includes('hunter2'));
    assert.match(reply.text, /reference [0-9a-f]{12}/);
  });
});

describe('IMAP over TLS', () => {
  let service: ImapService;
  before(async () => {
    service = await startImapService({ tls: true, remote: true });
  });
  after(() => service.close());

  it('takes no password before TLS', async () => {
    const client = await service.connect();
    const listed = client.greeting.code!.split(' ');
    assert.ok(listed.includes('STARTTLS') && listed.includes('LOGINDISABLED') && !listed.includes('AUTH=PLAIN'));
    await client.no('LOGIN alice secret', 'PRIVACYREQUIRED');
    await client.startTls();
    const after = (await client.ok('CAPABILITY')).untagged[0]!.values;
    assert.ok(after.includes('AUTH=PLAIN') && !after.includes('STARTTLS') && !after.includes('LOGINDISABLED'));
    await client.bad('STARTTLS');
    await client.login('alice', 'secret');
  });

  it('drops what was sent in clear behind STARTTLS', async () => {
    const client = await service.connect();
    // In one segment: a man in the middle would put it there.
    client.write('a STARTTLS\r\nb LOGIN alice secret\r\n');
    assert.equal((await client.reply('a')).status, 'OK');
    client.upgrade();
    await client.bad('SELECT INBOX');
  });
});

describe('IMAP limits', () => {
  it('allows an account so many connections and no more', async () => {
    const service = await startImapService({ places: createConnectionPlaces(2) });
    try {
      const first = await service.login();
      await service.login();
      const third = await service.connect();
      await third.no('LOGIN alice secret', 'LIMIT');
      await third.ok('LOGIN bob secret');
      await first.logout();
      await first.closedByServer();
      const fourth = await service.connect();
      for (let i = 0; ; i++) {
        const reply = await fourth.command('LOGIN alice secret');
        if (reply.status === 'OK') break;
        assert.ok(i < 100, 'the place was not given back');
      }
    } finally {
      await service.close();
    }
  });

  it('gives a stranger so long to log in, and a client so long between commands', async () => {
    const service = await startImapService({ timeouts: { loginMs: 700, idleMs: 900, keepaliveMs: 100_000 } });
    try {
      const stranger = await service.connect();
      const started = performance.now();
      // Commands do not put it off.
      for (let i = 0; i < 5; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        await stranger.ok('NOOP');
      }
      const quiet = await service.login();
      await stranger.untagged('BYE');
      assert.ok(performance.now() - started < 3_000);
      await stranger.closedByServer();
      await quiet.untagged('BYE');
      await quiet.closedByServer();
    } finally {
      await service.close();
    }
  });

  it('says a word in IDLE now and then, and has no time limit there', async () => {
    const service = await startImapService({ timeouts: { loginMs: 5_000, idleMs: 100, keepaliveMs: 60 } });
    try {
      const client = await service.login();
      client.write('i IDLE\r\n');
      await client.continuation();
      for (let i = 0; i < 5; i++) assert.equal((await client.untagged('OK')).text, 'Still here');
      client.write('DONE\r\n');
      assert.equal((await client.reply('i')).status, 'OK');
    } finally {
      await service.close();
    }
  });

  it('answers STOREs under way before it says that the service stops', async () => {
    const service = await startImapService();
    service.deliver('INBOX', mail('one'));
    const client = await service.login();
    await client.ok('SELECT INBOX');
    let release = (): void => {};
    service.alice.hold = new Promise((resolve) => {
      release = resolve;
    });
    service.alice.calls.length = 0;
    client.write('s STORE 1 +FLAGS (\\Seen)\r\n');
    while (service.alice.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const closing = service.server.close(5_000);
    assert.ok(await client.quiet(30));
    release();
    const reply = await client.reply('s');
    assert.equal(reply.status, 'OK');
    assert.ok(!reply.untagged.some((each) => each.name === 'BYE'));
    await client.untagged('BYE');
    await closing;
    await service.close();
  });

  it('tells sessions that the service stops', async () => {
    const service = await startImapService();
    const idle = await service.login();
    await idle.ok('SELECT INBOX');
    idle.write('i IDLE\r\n');
    await idle.continuation();
    const waiting = await service.login();
    await service.server.close(1_000);
    await idle.untagged('BYE');
    await waiting.untagged('BYE');
    await idle.closedByServer();
    assert.equal(service.server.sessions, 0);
    await service.close();
  });
});
