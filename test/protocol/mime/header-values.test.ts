import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCharsetDecoder, decodeCharset } from '@vaguemestre/server/codec/mime/charset';
import { parseDate } from '@vaguemestre/server/codec/mime/dates';
import { decodeEncodedWords } from '@vaguemestre/server/codec/mime/encoded-words';
import { fieldValue, visitFields } from '@vaguemestre/server/codec/mime/header-fields';
import {
  baseSubject,
  hashMessageId,
  maxReferences,
  parseMessageIds,
  threadHashes,
} from '@vaguemestre/server/codec/mime/message-ids';
import fc from 'fast-check';

function fieldsOf(block: string): [string, string][] {
  const out: [string, string][] = [];
  visitFields(block, (name, _start, valueStart, end) => out.push([name, fieldValue(block, valueStart, end)]));
  return out;
}

test('fields: folding, blanks before the colon, lines that are none, the empty line', () => {
  assert.deepEqual(
    fieldsOf(
      'From alice Mon Jan 1 10:00:00 2024\r\nSubject : a\r\n\tb\r\nX:\r\nno field\r\n: none\r\n é: no\r\nTo:x\r\n \r\n\r\nLate: y\r\n',
    ),
    [
      ['subject', 'a\tb'],
      ['x', ''],
      ['to', 'x'],
    ],
  );
  assert.deepEqual(fieldsOf('A: 1\nB: 2\rC: 3\r\nD: 4'), [
    ['a', '1'],
    ['b', '2\rC: 3'],
    ['d', '4'],
  ]);
});

const words: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['=?utf-8?Q?Ren=C3=A9_Magritte?=', 'René Magritte'],
  ['=?UTF-8?b?UmVuw6k=?= x', 'René x'],
  ['a =?iso-8859-1?q?=E9?= b', 'a é b'],
  ['=?utf-8?Q?a?=  =?utf-8?Q?b?=', 'ab'],
  ['=?utf-8?Q?a?= x =?utf-8?Q?b?=', 'a x b'],
  ['=?utf-8?B?w6k=?==?iso-8859-1?Q?=E9?=', 'éé'],
  // A character cut in two by a careless mailer.
  ['=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=', 'é'],
  ['=?iso-2022-jp?B?GyRCRnwbKEI=?= =?iso-2022-jp?B?GyRCS1wbKEI=?=', '日本'],
  ['=?utf-8*fr?Q?=C3=A9?=', 'é'],
  ['=?utf-8?Q?a b?=', 'a b'],
  ['=?utf-8?X?a?=', '=?utf-8?X?a?='],
  ['=?utf-8?Q?never', '=?utf-8?Q?never'],
  ['=?=?utf-8?Q?=C3=A9?=', '=?é'],
  ['=?utf-8?Q?=zz=?=', '=zz='],
  ['=?no-such-charset?Q?=C3=A9?=', 'é'],
  ['=?no-such-charset?Q?=E9?=', 'é'],
  ['caf\xc3\xa9', 'café'],
  ['caf\xe9', 'café'],
  ['=?cp850?Q?=82?=', 'é'],
  ['=?utf-7?Q?+AOk-?=', 'é'],
];

for (const [raw, text] of words) test(`encoded words: ${raw}`, () => assert.equal(decodeEncodedWords(raw), text));

test('octets that a charset does not have become U+FFFD, never an error', () => {
  assert.equal(decodeCharset(Uint8Array.of(0x61, 0xff), 'utf-8'), 'a\ufffd');
  assert.equal(decodeCharset(Uint8Array.of(0xe9), 'us-ascii'), 'é');
  assert.equal(decodeCharset(Uint8Array.of(0xc3, 0xa9, 0x20, 0xe9, 0xc3, 0xa9), ''), 'é éÃ©');
  assert.equal(decodeCharset(Uint8Array.of(0xc3), ''), 'Ã');
  const decoder = createCharsetDecoder('x'.repeat(1_000));
  assert.equal(decoder.push(Buffer.from('ok')) + decoder.end(), 'ok');
});

test('UTF-7: RFC 2152', () => {
  const cases = {
    'A+ImIDkQ.': 'A\u2262\u0391.',
    'Hi Mom -+Jjo--!': 'Hi Mom -\u263a-!',
    '+ZeVnLIqe-': '\u65e5\u672c\u8a9e',
    '1 +- 1': '1 + 1',
    '+2D3eAA- x': '\u{1f600} x',
    '+AOk\r\n': '\u00e9\r\n',
    '+': '',
  };
  for (const [raw, text] of Object.entries(cases)) assert.equal(decodeCharset(Buffer.from(raw), 'utf-7'), text, raw);
});

test('UTF-8 without a charset is read as UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const octets = Buffer.from(text);
      assert.equal(decodeCharset(octets, ''), octets.toString());
    }),
  );
});

const dates: readonly (readonly [string, string | undefined, number?])[] = [
  ['Mon, 24 Nov 2025 09:10:11 +0100', '2025-11-24T08:10:11Z', 60],
  ['24 Nov 2025 09:10 -0330', '2025-11-24T12:40:00Z', -210],
  ['Mon, 24 Nov 2025 09:10:11 GMT', '2025-11-24T09:10:11Z', 0],
  ['Thu, 1 Aug 02 05:32:48 EDT', '2002-08-01T09:32:48Z', -240],
  ['1 Aug 99 05:32:48 Z', '1999-08-01T05:32:48Z'],
  ['Wed, 4 Feb 102 16:27:08 -0900', '2002-02-05T01:27:08Z', -540],
  ['Mon, 4 Feb 0102 16:27:08 -0900', '2002-02-05T01:27:08Z', -540],
  ['Mon Feb  4 16:27:08 2002', '2002-02-04T16:27:08Z'],
  ['Mon Feb 4 16:27:08 CET 2002', '2002-02-04T15:27:08Z', 60],
  ['Mon (day), 24 (x (y)) Nov 2025 (z) 09:10:11 +0000 (UTC)', '2025-11-24T09:10:11Z'],
  ['24-Nov-2025 09:10:11 +0000', '2025-11-24T09:10:11Z'],
  ['24 Nov 2025', '2025-11-24T00:00:00Z'],
  ['Mon, 24 Nov 2025 09.10.11 +0000', '2025-11-24T09:10:11Z'],
  ['Mon, 24 Nov 2025 09:10:60 +0000', '2025-11-24T09:11:00Z'],
  ['31 Feb 2025 09:10:11 +0000', undefined],
  ['tomorrow', undefined],
  ['', undefined],
  ['1 2 3', undefined],
  ['Mon, 24 Nov 2025 25:10:11 +0000', undefined],
];

for (const [text, iso, zone] of dates) {
  test(`dates: ${text === '' ? 'nothing' : text}`, () => {
    const found = parseDate(text);
    assert.equal(
      found === undefined ? undefined : new Date(found.seconds * 1000).toISOString().replace('.000', ''),
      iso,
    );
    if (zone !== undefined) assert.equal(found?.zoneMinutes, zone);
  });
}

test('dates that the service or anybody prints are read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      assert.equal(parseDate(new Date(seconds * 1000).toUTCString())?.seconds, seconds);
    }),
  );
});

test('message ids', () => {
  assert.deepEqual(parseMessageIds('<a@b> (c) <"d"@e>\t<f@ g>'), ['a@b', 'd@e', 'f@g']);
  assert.deepEqual(parseMessageIds('<a <b@c> <d@e'), ['b@c']);
  assert.deepEqual(parseMessageIds('no brackets'), []);
});

test('the hash of a message id never changes: it is stored', () => {
  assert.deepEqual(
    [hashMessageId(''), hashMessageId('a@b'), hashMessageId('CAF+x=1@mail.example.org')],
    [1201652411556618479n, -1058383407050955801n, -4017078650826244023n],
  );
});

test('different ids, different hashes', () => {
  const seen = new Set<bigint>();
  for (let i = 0; i < 100_000; i++) seen.add(hashMessageId(`${i}.${i % 7}@example.org`));
  assert.equal(seen.size, 100_000);
});

test('thread hashes: own id first, none twice, the ends of a long list', () => {
  const [own, a, b] = [hashMessageId('own'), hashMessageId('a'), hashMessageId('b')];
  assert.deepEqual(threadHashes('<own>', '<b>', '<a> <b> <a>'), [own, a, b]);
  assert.deepEqual(threadHashes(undefined, '<b>', undefined), [b]);
  const many = Array.from({ length: 500 }, (_, i) => `<${i}>`).join(' ');
  const hashes = threadHashes('<own>', undefined, many);
  assert.equal(hashes.length, maxReferences + 1);
  assert.deepEqual([hashes[1], hashes.at(-1)], [hashMessageId('0'), hashMessageId('499')]);
});

const subjects: readonly (readonly [string, string])[] = [
  ['Re: Re: hello', 'hello'],
  ['RE[2]: hello', 'hello'],
  ['Fwd: [list] Re: hello (fwd) (FWD)', 'hello'],
  ['[list] hello', 'hello'],
  ['[list]', '[list]'],
  ['[fwd: Re: hello]', 'hello'],
  ['Re : hello', 'hello'],
  ['[a] [b] Re: [c] hello', 'hello'],
  ['TR: Rép: bonjour  à\ttous', 'bonjour à tous'],
  ['Regarding: x', 'Regarding: x'],
  ['re:', ''],
  ['', ''],
];

for (const [subject, base] of subjects)
  test(`base subject: ${subject}`, () => assert.equal(baseSubject(subject), base));
