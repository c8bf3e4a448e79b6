import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imapErrorForms } from '@vaguemestre/server/codec/imap/error-codes';
import { createFetchWriter } from '@vaguemestre/server/codec/imap/fetch-writer';
import { createFlagFormatter } from '@vaguemestre/server/codec/imap/flag-format';
import { formatId } from '@vaguemestre/server/codec/imap/id';
import { stringOctets } from '@vaguemestre/server/codec/imap/octet-string';
import { createOctetWriter } from '@vaguemestre/server/codec/imap/octet-writer';
import { formatQuota, formatQuotaRoot } from '@vaguemestre/server/codec/imap/quota';
import {
  appendUidCode,
  copyUidCode,
  listLine,
  modifiedCode,
  namespaceLine,
  permanentFlagsCode,
  statusDataLine,
  statusLine,
  vanishedLine,
} from '@vaguemestre/server/codec/imap/response';
import { esearchLine, searchLine } from '@vaguemestre/server/codec/imap/search-response';
import { errorCodes } from '@vaguemestre/server/kernel/errors';
import fc from 'fast-check';

test('every error code has a form of its own choosing', () => {
  assert.deepEqual(Object.keys(imapErrorForms).sort(), [...errorCodes].sort());
  for (const [code, form] of Object.entries(imapErrorForms)) {
    if (form.code !== undefined) assert.match(form.code, /^[A-Z-]+( \([A-Z0-9 -]+\))?$/, code);
  }
});

test('status responses never break a line and never lack a text', () => {
  assert.equal(statusLine('A', 'OK', 'Done'), 'A OK Done\r\n');
  assert.equal(statusLine('*', 'NO', 'x', 'ALERT'), '* NO [ALERT] x\r\n');
  assert.equal(statusLine('A', 'NO', 'two\r\nlines\0'), 'A NO two  lines \r\n');
  assert.equal(statusLine('A', 'OK', ''), 'A OK Done\r\n');
  assert.equal(statusLine('A', 'OK', '\u00e9'), 'A OK \u00c3\u00a9\r\n');
});

test('response codes', () => {
  assert.equal(permanentFlagsCode(['\\Seen'], true), 'PERMANENTFLAGS (\\Seen \\*)');
  assert.equal(permanentFlagsCode([], false), 'PERMANENTFLAGS ()');
  assert.equal(appendUidCode(38505, [3955, 3956]), 'APPENDUID 38505 3955:3956');
  assert.equal(copyUidCode(38505, [304, 319, 320], [3956, 3957, 3958]), 'COPYUID 38505 304,319:320 3956:3958');
  assert.equal(modifiedCode([7, 9]), 'MODIFIED 7,9');
});

test('mailbox data', () => {
  assert.equal(
    listLine('LIST', { attributes: ['\\HasNoChildren'], path: 'a"b\\/\u00e9' }, true),
    '* LIST (\\HasNoChildren) "/" "a\\"b\\\\/\u00c3\u00a9"\r\n',
  );
  assert.equal(listLine('LSUB', { attributes: [], path: '\u00e9&' }, false), '* LSUB () "/" "&AOk-&-"\r\n');
  assert.equal(
    listLine('LIST', { attributes: [], path: 'new', childInfo: ['SUBSCRIBED'], oldName: 'old' }, true),
    '* LIST () "/" "new" ("CHILDINFO" ("SUBSCRIBED") "OLDNAME" ("old"))\r\n',
  );
  assert.equal(
    statusDataLine(
      'a',
      [
        ['messages', 3],
        ['mailboxId', 'F1'],
        ['appendLimit', undefined],
      ],
      true,
    ),
    '* STATUS "a" (MESSAGES 3 MAILBOXID (F1) APPENDLIMIT NIL)\r\n',
  );
  assert.equal(namespaceLine, '* NAMESPACE (("" "/")) NIL NIL\r\n');
  assert.equal(vanishedLine([[1, 3]], true), '* VANISHED (EARLIER) 1:3\r\n');
  assert.equal(vanishedLine([], true), '');
  assert.equal(formatQuota('', [{ name: 'STORAGE', usage: 10, limit: 512 }]), '* QUOTA "" (STORAGE 10 512)');
  assert.equal(formatQuotaRoot('INBOX', [''], false), '* QUOTAROOT "INBOX" ""');
  assert.equal(
    formatId([
      ['name', 'x'],
      ['v', null],
    ]),
    '* ID ("name" "x" "v" NIL)',
  );
  assert.equal(formatId(undefined), '* ID NIL');
});

test('strings: quoted where they can be, literals elsewhere', () => {
  assert.equal(stringOctets('a"b'), '"a\\"b"');
  assert.equal(stringOctets('\u00e9'), '{2}\r\n\u00c3\u00a9');
  assert.equal(stringOctets('a\nb'), '{3}\r\na\nb');
  assert.equal(stringOctets(''), '""');
});

test('search responses', () => {
  assert.equal(searchLine([]).toString(), '* SEARCH\r\n');
  assert.equal(searchLine([2, 84, 882], 917162500).toString(), '* SEARCH 2 84 882 (MODSEQ 917162500)\r\n');
  assert.equal(
    esearchLine('A"', { uid: true, min: 1, max: 9, count: 3, all: [1, 2, 9], modseq: 4 }).toString(),
    '* ESEARCH (TAG "A\\"") UID MIN 1 MAX 9 COUNT 3 ALL 1:2,9 MODSEQ 4\r\n',
  );
});

test('numbers of any size, across the ends of the buffer', () => {
  const number = fc.oneof(
    fc.nat(),
    fc.integer({ min: 0, max: 2 ** 32 }),
    fc.maxSafeNat(),
    fc.constantFrom(0, 9, 10, 99, 100, 999_999_999, 1e9, 1e9 - 1, 4294967295, 4294967296, 2 ** 53 - 1),
  );
  fc.assert(
    fc.property(fc.array(number, { maxLength: 60 }), (numbers) => {
      const out = createOctetWriter(32);
      for (const value of numbers) {
        out.number(value);
        out.octet(0x20);
      }
      assert.equal(out.take().toString(), numbers.map((value) => `${value} `).join(''));
    }),
  );
});

test('what was taken from a writer is not written to again', () => {
  const out = createOctetWriter(64);
  const taken: [Buffer, string][] = [];
  for (let i = 0; i < 500; i++) {
    const text = `${i} `.repeat(1 + (i % 17));
    if (i % 3 === 0) out.bytes(Buffer.from(text));
    else out.ascii(text);
    assert.equal(out.length, text.length);
    taken.push([out.take(), text]);
  }
  for (const [octets, text] of taken) assert.equal(octets.toString(), text);
});

test('flags: every bit has its name, in the order of the words', () => {
  const keywords = Array.from({ length: 123 }, (_, i) => `k${i}`);
  const format = createFlagFormatter(keywords);
  const text = (...words: [number, number, number, number]): string => Buffer.from(format.format(...words)).toString();
  assert.equal(text(0, 0, 0, 0), '()');
  assert.equal(text(0b11111, 0, 0, 0), '(\\Answered \\Flagged \\Deleted \\Seen \\Draft)');
  assert.equal(text(1 << 5, 0, 0, 0), '(k0)');
  assert.equal(text(1 << 31, 1, 0, 0), '(k26 k27)');
  assert.equal(text(0, 1 << 31, 1, 1 << 31), '(k58 k59 k122)');
  assert.equal(text(-1, -1, -1, -1).split(' ').length, 128);
});

test('flags: a keyword that comes later is shown from then on', () => {
  const keywords = ['one'];
  const format = createFlagFormatter(keywords);
  assert.equal(Buffer.from(format.format(1 << 6, 0, 0, 0)).toString(), '()');
  keywords.push('two');
  assert.equal(Buffer.from(format.format(1 << 6, 0, 0, 0)).toString(), '(two)');
});

test('FETCH responses', () => {
  const out = createOctetWriter();
  const fetch = createFetchWriter(out);
  const flags = createFlagFormatter([]);
  fetch.begin(12);
  fetch.uid(34);
  fetch.flags(flags.format(8, 0, 0, 0));
  fetch.size(44827);
  fetch.internalDate(837_596_665);
  fetch.modseq(624140003);
  fetch.objectId('EMAILID', 'M1');
  fetch.raw('ENVELOPE', Buffer.from('(NIL)'));
  fetch.nil('BODY[9]');
  fetch.numberItem('BINARY.SIZE[1]', 3);
  fetch.literal('BINARY[1]', 2, true);
  out.ascii('ab');
  fetch.literal('BODY[]', 1);
  out.ascii('c');
  fetch.end();
  fetch.begin(13);
  fetch.uid(35);
  fetch.end();
  assert.equal(
    out.take().toString(),
    '* 12 FETCH (UID 34 FLAGS (\\Seen) RFC822.SIZE 44827 INTERNALDATE "17-Jul-1996 09:44:25 +0000" MODSEQ (624140003) ' +
      'EMAILID (M1) ENVELOPE (NIL) BODY[9] NIL BINARY.SIZE[1] 3 BINARY[1] ~{2}\r\nab BODY[] {1}\r\nc)\r\n* 13 FETCH (UID 35)\r\n',
  );
});

test('a row of a flag listing is what the steps write', () => {
  const byRow = createOctetWriter(64);
  const bySteps = createOctetWriter();
  const row = createFetchWriter(byRow);
  const steps = createFetchWriter(bySteps);
  const number = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(number, number, fc.string({ unit: 'grapheme-ascii', maxLength: 200 }), (sequence, uid, flags) => {
      const octets = Buffer.from(flags);
      row.flagRow(sequence, uid, octets);
      steps.begin(sequence);
      steps.uid(uid);
      steps.flags(octets);
      steps.end();
      assert.deepEqual(byRow.take(), bySteps.take());
    }),
  );
});
