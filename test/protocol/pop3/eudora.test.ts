/**
 * Eudora as it was: each way in which its published source and its users' habits of qpopper ask for mail, as a dialogue. What it
 * does with our answers stands beside each.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { maildropInUse, maildropResting } from '@vaguemestre/server/auth/maildrop-locks';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { accountOf, mail } from '../../harness/imap-service.js';
import type { Pop3Client } from '../../harness/pop3-client.js';
import { type Pop3TestService, startPop3Service } from '../../harness/pop3-service.js';

describe('Eudora', () => {
  let service: Pop3TestService;
  beforeEach(async () => {
    service = await startPop3Service({ tls: true });
    for (let i = 1; i <= 5; i++) service.deliver('eve', mail(`letter ${i}`, `line\r\n`.repeat(30)));
  });
  afterEach(() => service.close());

  /** The order of its commands when mail is left on the server. */
  async function check(
    client: Pop3Client,
    known: ReadonlySet<string>,
  ): Promise<{ taken: string[]; uidls: Map<string, number> }> {
    const [count] = (await client.ok('STAT')).split(' ').map(Number);
    const listed = await client.multi('UIDL');
    // It shows an error and stops when the two differ.
    assert.equal(listed.length, count);
    const uidls = new Map(listed.map((line) => [line.split(' ')[1]!, Number(line.split(' ')[0])]));
    const taken: string[] = [];
    for (const [uidl, number] of uidls) {
      // Its table has 70 octets for one, the last of them 0.
      assert.match(uidl, /^[\x21-\x7e]{1,69}$/);
      if (known.has(uidl)) continue;
      const size = Number((await client.ok(`LIST ${number}`)).split(' ')[1]);
      const lines = await client.multi(`RETR ${number}`);
      assert.equal(
        lines.reduce((sum, line) => sum + line.length + 2, 0),
        size,
      );
      taken.push(uidl);
    }
    return { taken, uidls };
  }

  test('CAPA, STLS, CAPA again; then USER without a domain', async () => {
    const clear = await service.connect();
    // It takes any line that begins with + or - for the greeting.
    assert.match(clear.greeting, /^[+-]/);
    const before = await clear.capabilities();
    assert.ok(before.includes('STLS') && before.includes('AUTH-RESP-CODE'));
    const client = await clear.startTls();
    assert.equal((await client.capabilities()).includes('STLS'), false);
    await client.login('eve', 'secret');
    assert.equal(service.logins.at(-1)?.identity, 'eve');
    await client.quit();
  });

  test('an account user@domain@host is split at the last @: the name keeps its domain', async () => {
    const client = await service.connect();
    await client.ok('USER eve@labo.example');
    await client.ok('PASS secret');
    assert.equal(service.logins.at(-1)?.identity, 'eve@labo.example');
  });

  test('mail left on the server: the second time nothing comes again, and what came new does', async () => {
    let client = await service.login('eve');
    const first = await check(client, new Set());
    assert.equal(first.taken.length, 5);
    await client.quit();
    service.deliver('eve', mail('a new one'));
    client = await again(service, 'eve');
    const second = await check(client, new Set(first.uidls.keys()));
    assert.equal(second.taken.length, 1);
    for (const uidl of first.uidls.keys()) assert.ok(second.uidls.has(uidl));
    // Older than N days, or thrown away there: DELE and QUIT.
    await client.ok(`DELE ${second.uidls.get(first.taken[0]!)}`);
    assert.match(await client.quit(), /^\+OK/);
    client = await again(service, 'eve');
    const third = await check(client, new Set(second.uidls.keys()));
    assert.deepEqual(third.taken, []);
    assert.deepEqual(
      [...third.uidls.keys()],
      [...second.uidls.keys()].filter((uidl) => uidl !== first.taken[0]),
    );
  });

  test('the table holds for years: imported messages keep the UIDL of the old server', async () => {
    const inbox = service.mailstore.state(accountOf('eve')).mailboxes.find(({ path }) => path === 'INBOX')!;
    const imported = new Map([
      [1, '000000014f3a1b2c'],
      [2, '1234567890.17'],
      [3, '000000014f3a1b2c'],
      [4, 'with blank'],
      [5, 'x'.repeat(80)],
    ]);
    service.mailstore.state(accountOf('eve')).uidls.set(inbox.id, imported);
    const client = await service.login('eve');
    const uidls = (await client.multi('UIDL')).map((line) => line.slice(2));
    assert.deepEqual(uidls.slice(0, 2), ['000000014f3a1b2c', '1234567890.17']);
    // Twice the same, or none that can be: its own.
    for (const uidl of uidls.slice(2)) assert.match(uidl, /^[0-9a-v]+\.[0-9a-v]+$/);
    assert.equal(new Set(uidls).size, 5);
    assert.equal(await client.ok('UIDL 3'), `3 ${uidls[2]}`);
  });

  test('not left on the server: RETR and DELE in turn, gone at QUIT', async () => {
    const client = await service.login('eve');
    for (let i = 1; i <= 5; i++) {
      await client.multi(`RETR ${i}`);
      await client.ok(`DELE ${i}`);
    }
    assert.match(await client.quit(), /^\+OK/);
    assert.equal(service.inbox('eve').length, 0);
  });

  test('big messages are skipped: TOP n 20, TOP n 1', async () => {
    const client = await service.login('eve');
    const header = 6;
    assert.equal((await client.multi('TOP 1 20')).length, header + 20);
    assert.equal((await client.multi('TOP 1 1')).length, header + 1);
    assert.equal(await client.ok('LAST'), '0');
  });

  test('a lost QUIT is harmless', async () => {
    let client = await service.login('eve');
    await client.multi('RETR 1');
    await client.ok('DELE 1');
    client.destroy();
    client = await again(service, 'eve');
    assert.equal((await client.multi('UIDL')).length, 5);
    await client.ok('DELE 1');
    client.send('QUIT\r\n');
    // The answer is lost: what was deleted is gone, and deleting it again finds nothing to do.
    client.destroy();
    client = await again(service, 'eve');
    assert.ok(service.inbox('eve').length >= 4);
    await client.quit();
  });

  test('"UsePOPLast": LAST is the highest message taken, also by the session before', async () => {
    let client = await service.login('eve');
    assert.equal(await client.ok('LAST'), '0');
    await client.multi('RETR 2');
    await client.multi('RETR 1');
    assert.equal(await client.ok('LAST'), '2');
    await client.ok('RSET');
    assert.equal(await client.ok('LAST'), '0');
    await client.quit();
    client = await again(service, 'eve');
    assert.equal(await client.ok('LAST'), '2');
  });

  test('"status": the first message without Status: R is found by TOP, whose RETR shows what is stored', async () => {
    let client = await service.login('eve');
    for (let i = 1; i <= 3; i++) await client.multi(`RETR ${i}`);
    await client.quit();
    client = await again(service, 'eve');
    const isOld = async (n: number) => (await client.multi(`TOP ${n} 0`)).some((line) => /^Status: R/.test(line));
    let [low, high] = [1, 6];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (await isOld(middle)) low = middle + 1;
      else high = middle;
    }
    assert.equal(low, 4);
    assert.equal(
      (await client.multi('RETR 1')).some((line) => line.startsWith('Status:')),
      false,
    );
    // Nobody else is shown a field that the message does not have.
    service.deliver('bob', mail('x'), ['$POP3']);
    const bob = await service.login('bob');
    assert.equal(
      (await bob.multi('TOP 1 0')).some((line) => line.startsWith('Status:')),
      false,
    );
  });

  test('XTND XLST: a field of every message, or of one', async () => {
    const client = await service.login('eve');
    await client.ok('DELE 2');
    assert.deepEqual(
      await client.multi('XTND XLST Message-Id'),
      [1, 3, 4, 5].map((n) => `${n} Message-Id: <letter.${n}@labo.example>`),
    );
    assert.deepEqual(await client.multi('XTND XLST Subject 3'), ['3 Subject: letter 3']);
    service.deliver('bob', mail('folded', 'x\r\n', 'X-Other: one\r\n two\r\nx-other: three\r\n'));
    const bob = await service.login('bob');
    assert.deepEqual(await bob.multi('XTND XLST X-Other'), ['1 X-Other: one two', '1 X-Other: three']);
    await client.refused('XTND XLST Subject 2');
    await client.refused('XTND XLST Subject 9');
    await client.refused('XTND XMIT');
  });

  test('APOP is refused with a reason, and the greeting does not invite it', async () => {
    const client = await service.connect();
    assert.doesNotMatch(client.greeting, /<[^>]*>/);
    assert.match(await client.refused('APOP eve c4c9334bac560ecc979e58001b3e22fb'), /password over SSL\/TLS/);
    await client.login('eve', 'secret');
  });

  test('it forgets its password at [AUTH] alone: every other refusal carries another code', async () => {
    const refusals: [MailError, RegExp][] = [
      [new MailError('authenticationFailed', 'The address or the password is wrong.'), /^\[AUTH\] /],
      [new MailError('authorizationFailed', 'Your account is read over IMAPS.'), /^\[SYS\/PERM\] /],
      [new MailError('expired', 'This account has reached its end date.'), /^\[SYS\/PERM\] /],
      [new MailError('throttled', 'Too many failed logins; try again in 4 seconds.'), /^\[SYS\/TEMP\] /],
      [new MailError('unavailable', 'Try again later'), /^\[SYS\/TEMP\] /],
      [maildropInUse(), /^\[IN-USE\] /],
      [maildropResting(4_000), /^\[LOGIN-DELAY\] /],
    ];
    for (const [error, answer] of refusals) {
      const refusing = await startPop3Service({ authenticator: { login: () => Promise.reject(error) } });
      const client = await refusing.connect();
      await client.ok('USER eve');
      assert.match(await client.refused('PASS secret'), answer);
      await refusing.close();
    }
    const broken = await startPop3Service({
      authenticator: { login: () => Promise.reject(new TypeError('secret.js:4')) },
    });
    const client = await broken.connect();
    await client.ok('USER eve');
    assert.match(await client.refused('PASS secret'), /^\[SYS\/TEMP\] Internal error, reference [0-9a-f]{12}$/);
    await broken.close();
  });

  test('LOGIN-DELAY is announced when there is one', async () => {
    const resting = await startPop3Service({ loginDelaySeconds: 30 });
    const client = await resting.connect();
    assert.ok((await client.capabilities()).includes('LOGIN-DELAY 30'));
    await resting.close();
  });

  test('by old TLS it is known as such at the door', async () => {
    const old = await startPop3Service({ legacy: true });
    const client = await old.login('eve');
    await client.quit();
    assert.equal(old.logins.at(-1)?.legacy, true);
    await old.close();
  });
});

async function again(service: Pop3TestService, name: string): Promise<Pop3Client> {
  for (let i = 0; i < 200; i++) {
    const client = await service.connect();
    await client.ok(`USER ${name}`);
    if ((await client.command('PASS secret')).startsWith('+OK')) return client;
    client.destroy();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the maildrop stays locked');
}
