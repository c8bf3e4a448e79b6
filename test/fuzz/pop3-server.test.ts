/**
 * A running POP3 server under random input in each of its states: it answers every line with one that begins with + or -, ends
 * sessions in its own way alone, lets nobody in, loses nobody's mail, and never fails inside. The seed is printed on failure.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { mail } from '../harness/imap-service.js';
import { type Pop3TestService, startPop3Service } from '../harness/pop3-service.js';
import { chance } from '../harness/seeded-random.js';

const { seed, below, pick } = chance();
const seconds = Number(process.env['VAGUEMESTRE_FUZZ_SECONDS'] ?? 5);

const words = [
  'USER',
  'PASS',
  'AUTH PLAIN',
  'AUTH',
  'APOP',
  'STLS',
  'CAPA',
  'UTF8',
  'LANG',
  'STAT',
  'LIST',
  'UIDL',
  'RETR',
  'TOP',
  'DELE',
  'RSET',
  'NOOP',
  'LAST',
  'XTND XLST',
  'XTND',
  'GET / HTTP/1.1',
  'bob',
  'secret',
  'Subject',
  '=',
  '*',
  '.',
];
const numbers = ['0', '1', '2', '3', '4', '-1', '1.5', '99999999999', '0x1', '٣', '1e1', ''];

describe(`POP3 under random input, seed ${seed}`, { timeout: 60_000 + seconds * 1000 }, () => {
  let service: Pop3TestService;
  const faults: string[] = [];
  before(async () => {
    const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) });
    service = await startPop3Service({ log });
    for (let i = 1; i <= 3; i++) service.deliver('bob', mail(`letter ${i}`, '.\r\n..\r\nx\r\n'));
  });
  after(() => service.close());

  function line(): string {
    switch (below(6)) {
      case 0: {
        let octets = '';
        for (let i = below(60); i > 0; i--) octets += String.fromCharCode(below(256));
        return octets.replaceAll('\n', '');
      }
      case 1:
        return `${pick(words)} ${'x'.repeat(below(3_000))}`;
      case 2:
        return `${pick(words)} ${pick(words)} ${pick(numbers)}`;
      case 3:
        return pick(words);
      default:
        return `${pick(words)} ${pick(numbers)} ${below(2) === 0 ? pick(numbers) : ''}`;
    }
  }

  const isQuit = (text: string): boolean => text.toUpperCase().trim() === 'QUIT';

  it('before and after login, whole, in pieces, and all at once', async () => {
    const until = performance.now() + seconds * 1000;
    for (let round = 0; performance.now() < until; round++) {
      const inside = round % 3 !== 0;
      const client = await service.connect();
      if (inside) {
        await client.ok('USER bob');
        let answer = await client.command('PASS secret');
        for (let i = 0; answer.startsWith('-ERR [IN-USE]') && i < 200; i++) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          await client.ok('USER bob');
          answer = await client.command('PASS secret');
        }
        assert.match(answer, /^\+OK/, `round ${round}`);
      }
      const lines = Array.from({ length: 1 + below(20) }, line).filter((text) => !isQuit(text));
      const text = lines.map((one) => `${one}${below(8) === 0 ? '\n' : '\r\n'}`).join('');
      if (below(2) === 0) client.send(text);
      else {
        let at = 0;
        while (at < text.length) {
          const to = at + 1 + below(40);
          client.send(text.slice(at, to));
          at = to;
        }
      }
      // The end of what was sent: the server says all it has to say, and goes.
      client.lines.socket.end();
      const answers = (await client.lines.rest()).split('\r\n');
      const firsts = answers.filter((one) => /^[+-](OK|ERR)/.test(one));
      assert.ok(firsts.length <= lines.length + 1, `round ${round}: more answers than commands`);
      if (!inside)
        assert.equal(
          answers.some((one) => /messages, \d+ octets/.test(one)),
          false,
          'somebody was let in',
        );
      assert.equal(service.inbox('bob').length, 3, `round ${round}: mail is gone without QUIT`);
    }
    assert.deepEqual(faults, []);
    for (let i = 0; service.server.sessions > 0 && i < 200; i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(service.server.sessions, 0);
  });
});
