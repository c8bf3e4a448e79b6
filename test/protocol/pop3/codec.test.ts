import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsePop3Command } from '@vaguemestre/server/codec/pop3/command';
import { DotStuffing } from '@vaguemestre/server/codec/pop3/dot-stuffing';
import { pop3ErrorCodes } from '@vaguemestre/server/codec/pop3/error-codes';
import { MessageTop } from '@vaguemestre/server/codec/pop3/message-top';
import { errorCodes } from '@vaguemestre/server/kernel/errors';
import fc from 'fast-check';

const parse = (text: string) => parsePop3Command(Buffer.from(text, 'latin1'));

/** Cuts octets where the numbers say. */
function cut(octets: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (octets.length + 1)))].sort((x, y) => x - y);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const to of [...at, octets.length]) {
    pieces.push(octets.subarray(from, to));
    from = to;
  }
  return pieces;
}

/** Text in which dots, CRs and line ends are frequent; no LF but behind a CR, as in the store. */
const mail = fc
  .array(fc.constantFrom('.', '..', '\r\n', '\r\n.', '\r\n\r\n', 'a', 'Header: value', '\r', '\0', 'é'), {
    maxLength: 40,
  })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));
const places = fc.array(fc.nat(500), { maxLength: 8 });

function stuffed(pieces: readonly Buffer[]): string {
  const out: Uint8Array[] = [];
  const stuffing = new DotStuffing();
  for (const piece of pieces) stuffing.push(piece, (octets) => out.push(octets));
  stuffing.end((octets) => out.push(octets));
  return Buffer.concat(out).toString('latin1');
}

describe('commands of POP3', () => {
  test('keywords in any case, spaces around arguments', () => {
    assert.deepEqual(parse('stat'), { kind: 'stat' });
    assert.deepEqual(parse('Retr  7 '), { kind: 'retr', number: 7 });
    assert.deepEqual(parse('TOP 1 20'), { kind: 'top', number: 1, lines: 20 });
    assert.deepEqual(parse('LIST '), { kind: 'list', number: undefined });
    assert.deepEqual(parse('XTND XLST Message-Id: 3'), { kind: 'xlst', field: 'Message-Id', number: 3 });
    assert.deepEqual(parse('USER anne@labo.example@host'), { kind: 'user', name: 'anne@labo.example@host' });
  });

  test('a password is what stands behind PASS, blanks and all', () => {
    for (const password of ['secret', ' secret ', 'two words', 'caf\xe9', 'tab\there']) {
      assert.deepEqual(parse(`PASS ${password}`), { kind: 'pass', password: Buffer.from(password, 'latin1') });
    }
    assert.equal(parse('PASS').kind, 'bad');
    assert.equal(parse('PASS a\0b').kind, 'bad');
  });

  test('numbers are digits, and wrong arguments are named', () => {
    for (const number of ['1.5', '-1', '+1', '0x1', '1e3', 'one', '99999999999', '1,2']) {
      for (const command of [
        `RETR ${number}`,
        `DELE ${number}`,
        `LIST ${number}`,
        `UIDL ${number}`,
        `TOP ${number} 1`,
      ]) {
        assert.deepEqual(
          [command, parse(command)],
          [command, { kind: 'bad', verb: command.slice(0, command.indexOf(' ')), why: 'number' }],
        );
      }
    }
    for (const command of [
      'RETR',
      'DELE',
      'TOP 1',
      'TOP',
      'LIST 1 2',
      'UIDL 1 2',
      'STAT 1',
      'USER',
      'XTND XLST',
      'AUTH a b c',
    ]) {
      assert.deepEqual(
        [command, 'why' in parse(command) && parse(command)],
        [command, { ...parse(command), why: 'usage' }],
      );
    }
    assert.deepEqual(parse('GET / HTTP/1.1'), { kind: 'bad', verb: 'GET', why: 'unknown' });
    assert.deepEqual(parse('XTND XMIT'), { kind: 'bad', verb: 'XTND', why: 'unknown' });
    assert.deepEqual(parse('STAT\r'), { kind: 'bad', verb: 'STAT\r', why: 'control' });
  });

  test('whatever comes is a command or a bad one', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => void parsePop3Command(Buffer.from(octets))));
  });

  test('every error has a response code or none', () => {
    assert.deepEqual(Object.keys(pop3ErrorCodes).sort(), [...errorCodes].sort());
    // RFC 3206: [AUTH] makes Eudora forget its password.
    const asAuth = errorCodes.filter((code) => pop3ErrorCodes[code] === 'AUTH');
    assert.deepEqual(asAuth, ['authenticationFailed']);
  });
});

describe('a message as a multi-line response', () => {
  test('is the same message after unstuffing, however it is cut', () => {
    fc.assert(
      fc.property(mail, places, (octets, where) => {
        const text = stuffed(cut(octets, where));
        assert.ok(text.endsWith('.\r\n'));
        const body = text.slice(0, -3);
        const whole = octets.toString('latin1');
        const wanted = whole === '' || whole.endsWith('\r\n') ? whole : `${whole}\r\n`;
        const lines = body.split('\n').map((line) => {
          assert.notEqual(line, '.\r', 'the message would end here');
          return line.startsWith('.') ? line.slice(1) : line;
        });
        assert.equal(lines.join('\n'), wanted);
      }),
    );
  });

  test('copies nothing where there is nothing to stuff', () => {
    const octets = Buffer.from('a\r\nb\r\n');
    const out: Uint8Array[] = [];
    new DotStuffing().push(octets, (some) => out.push(some));
    assert.equal(out[0], octets);
  });
});

describe('the top of a message', () => {
  function topOf(pieces: readonly Buffer[], lines: number, field?: string): string {
    const top = new MessageTop(lines, field);
    const out: Uint8Array[] = [];
    let more = true;
    for (const piece of pieces) {
      more = top.push(piece, (octets) => out.push(octets));
      if (!more) break;
    }
    if (more) top.end((octets) => out.push(octets));
    return Buffer.concat(out).toString('latin1');
  }

  /** RFC 1939 7, the slow way. */
  function expected(text: string, lines: number, field = ''): string {
    const all = text.split('\n');
    const end = all.findIndex((line, i) => (line === '\r' || line === '') && i < all.length - 1);
    if (end < 0) return text;
    const taken = all.slice(end + 1, end + 1 + lines);
    const isAll = end + 1 + lines >= all.length;
    const head = all
      .slice(0, end)
      .map((line) => `${line}\n`)
      .join('');
    return `${head}${field}${all[end]}\n${taken.join('\n')}${isAll || lines === 0 ? '' : '\n'}`;
  }

  test('is the header and so many lines, however it is cut', () => {
    fc.assert(
      fc.property(
        mail,
        places,
        fc.nat(5),
        fc.constantFrom(undefined, 'Status: RO\r\n'),
        (octets, where, lines, field) => {
          const text = octets.toString('latin1');
          assert.equal(topOf(cut(octets, where), lines, field), expected(text, lines, field));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('reads no more than it needs', () => {
    const top = new MessageTop(1);
    assert.equal(
      top.push(Buffer.from('A: b\r\n\r\none\r\ntwo\r\n'), () => undefined),
      false,
    );
  });
});
