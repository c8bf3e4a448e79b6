import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDateTime, parseDate, parseDateTime } from '@vaguemestre/server/codec/imap/date-time';
import fc from 'fast-check';

test('date-time in all its spellings', () => {
  const seconds = Date.parse('1996-07-17T09:44:25Z') / 1000;
  for (const text of ['17-Jul-1996 02:44:25 -0700', '17-JUL-1996 09:44:25 +0000', '17-jul-1996 09:44:25 -0000']) {
    assert.equal(parseDateTime(text), seconds, text);
  }
  const first = Date.parse('2024-01-01T00:00:00Z') / 1000;
  for (const text of [' 1-Jan-2024 00:00:00 +0000', '01-Jan-2024 00:00:00 +0000', '1-Jan-2024 05:45:00 +0545']) {
    assert.equal(parseDateTime(text), first, text);
  }
  assert.equal(parseDateTime('31-Dec-2016 23:59:60 +0000'), Date.parse('2017-01-01T00:00:00Z') / 1000);
});

test('dates that cannot be stored become the nearest that can', () => {
  assert.equal(parseDateTime('01-Jan-0001 00:00:00 +0000'), 0);
  assert.equal(parseDateTime('31-Dec-1969 23:59:59 +0000'), 0);
  assert.equal(parseDateTime('31-Dec-9999 23:59:59 +0000'), 0xffff_ffff);
});

test('what is no date-time', () => {
  for (const text of [
    '',
    '17-Jul-1996',
    '17-Jul-96 02:44:25 -0700',
    '32-Jul-1996 02:44:25 -0700',
    '00-Jul-1996 02:44:25 -0700',
    '30-Feb-1996 02:44:25 -0700',
    '17-Foo-1996 02:44:25 -0700',
    '17-Jul-1996 24:00:00 -0700',
    '17-Jul-1996 02:60:25 -0700',
    '17-Jul-1996 02:44:61 -0700',
    '17-Jul-1996 02:44:25',
    '17-Jul-1996 02:44:25 0700',
    '17-Jul-1996 02:44:25 -07000',
    '17-Jul-1996 02:44:25 GMT00',
    '17-Jul-1996  2:44:25 -0700',
    '17 Jul 1996 02:44:25 -0700',
    'xx-Jul-1996 02:44:25 -0700',
  ]) {
    assert.equal(parseDateTime(text), undefined, text);
  }
});

test('any moment goes out and comes back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (seconds) => {
      const text = formatDateTime(seconds);
      assert.equal(text.length, 28);
      assert.equal(parseDateTime(text.slice(1, -1)), seconds);
      assert.equal(Date.parse(text.slice(1, -1).trim()), seconds * 1000);
    }),
  );
});

test('days', () => {
  assert.equal(parseDate('1-Jan-1970'), 0);
  assert.equal(parseDate('01-mar-2000'), Date.parse('2000-03-01') / 86_400_000);
  assert.equal(parseDate('31-Dec-1969'), -1);
  assert.equal(parseDate('29-Feb-1900'), undefined);
});
