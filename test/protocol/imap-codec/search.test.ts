import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SearchCommand, SearchKey } from '@vaguemestre/server/codec/imap/search';
import { parse, rejection } from './parsing.js';

const search = (text: string | Buffer): SearchCommand =>
  parse(Buffer.concat([Buffer.from('SEARCH '), Buffer.from(text)])) as SearchCommand;
const key = (text: string | Buffer): SearchKey => search(text).key;
const day = (text: string): number => Date.parse(`${text}T00:00:00Z`) / 86_400_000;

test('every key', () => {
  const flag = (name: string, set: boolean): object => ({ kind: 'flag', flag: name, set });
  const header = (field: string, value: string): object => ({ kind: 'header', field, value });
  const written = (...ranges: number[][]): object => ({ kind: 'written', ranges });
  const cases: readonly (readonly [string, object])[] = [
    ['ALL', { kind: 'all' }],
    ['OLD', { kind: 'all' }],
    ['NEW', { kind: 'none' }],
    ['RECENT', { kind: 'none' }],
    ['ANSWERED', flag('\\Answered', true)],
    ['UNANSWERED', flag('\\Answered', false)],
    ['DELETED', flag('\\Deleted', true)],
    ['UNDELETED', flag('\\Deleted', false)],
    ['DRAFT', flag('\\Draft', true)],
    ['UNDRAFT', flag('\\Draft', false)],
    ['FLAGGED', flag('\\Flagged', true)],
    ['UNFLAGGED', flag('\\Flagged', false)],
    ['SEEN', flag('\\Seen', true)],
    ['unseen', flag('\\Seen', false)],
    ['KEYWORD $MDNSent', flag('$MDNSent', true)],
    ['UNKEYWORD foo', flag('foo', false)],
    ['BEFORE 1-Feb-1994', { kind: 'internalDate', is: 'before', day: day('1994-02-01') }],
    ['ON "01-FEB-1994"', { kind: 'internalDate', is: 'on', day: day('1994-02-01') }],
    ['SINCE 29-feb-2024', { kind: 'internalDate', is: 'since', day: day('2024-02-29') }],
    ['SENTBEFORE 31-Dec-1969', { kind: 'sentDate', is: 'before', day: -1 }],
    ['SENTON 1-Jan-1970', { kind: 'sentDate', is: 'on', day: 0 }],
    ['SENTSINCE 2-Jan-1970', { kind: 'sentDate', is: 'since', day: 1 }],
    ['BCC a', header('BCC', 'a')],
    ['CC "a b"', header('CC', 'a b')],
    ['FROM {3+}\r\na b', header('FROM', 'a b')],
    ['SUBJECT ""', header('SUBJECT', '')],
    ['TO a@b', header('TO', 'a@b')],
    ['HEADER X-Foo ""', header('X-Foo', '')],
    ['BODY a', { kind: 'body', value: 'a' }],
    ['TEXT "Ren\u00e9"', { kind: 'text', value: 'Ren\u00e9' }],
    ['LARGER 9000000000', { kind: 'larger', bytes: 9_000_000_000 }],
    ['SMALLER 0', { kind: 'smaller', bytes: 0 }],
    ['OLDER 60', { kind: 'older', seconds: 60 }],
    ['YOUNGER 60', { kind: 'younger', seconds: 60 }],
    ['1,3:*', { kind: 'sequence', set: written([1, 1], [3, 0]) }],
    ['*:3', { kind: 'sequence', set: written([0, 3]) }],
    ['$', { kind: 'sequence', set: { kind: 'saved' } }],
    ['UID 999:*', { kind: 'uid', set: written([999, 0]) }],
    ['UID $', { kind: 'uid', set: { kind: 'saved' } }],
    ['NOT SEEN', { kind: 'not', of: flag('\\Seen', true) }],
    ['NOT (SEEN)', { kind: 'not', of: flag('\\Seen', true) }],
    ['OR SEEN DRAFT', { kind: 'or', of: [flag('\\Seen', true), flag('\\Draft', true)] }],
    ['SEEN DRAFT', { kind: 'and', of: [flag('\\Seen', true), flag('\\Draft', true)] }],
    ['(SEEN (DRAFT))', { kind: 'and', of: [flag('\\Seen', true), flag('\\Draft', true)] }],
    ['EMAILID M123', { kind: 'emailId', id: 'M123' }],
    ['THREADID T1', { kind: 'threadId', id: 'T1' }],
    ['MODSEQ 620162338', { kind: 'modseq', since: 620162338 }],
    ['MODSEQ "/flags/\\\\draft" all 620162338', { kind: 'modseq', since: 620162338 }],
  ];
  for (const [text, expected] of cases) assert.deepEqual(key(text), expected, text);
});

test('MODSEQ anywhere is noticed', () => {
  assert.equal(search('OR SEEN NOT (MODSEQ 0)').usesModseq, true);
  assert.equal(search('SEEN').usesModseq, false);
});

test('result options', () => {
  const none = { min: false, max: false, all: false, count: false, save: false };
  assert.equal(search('SEEN').return, undefined);
  assert.deepEqual(search('RETURN () SEEN').return, { ...none, all: true });
  assert.deepEqual(search('return (min MAX) SEEN').return, { ...none, min: true, max: true });
  assert.deepEqual(search('RETURN (SAVE COUNT) CHARSET UTF-8 SEEN').return, { ...none, save: true, count: true });
  assert.match(rejection('SEARCH RETURN (FOO) SEEN').text, /FOO/);
});

test('charsets', () => {
  assert.deepEqual(key(Buffer.from('CHARSET ISO-8859-1 SUBJECT "Ren\u00e9"', 'latin1')), {
    kind: 'header',
    field: 'SUBJECT',
    value: 'Ren\u00e9',
  });
  assert.deepEqual(key('CHARSET "utf-8" BODY "\u20ac"'), { kind: 'body', value: '\u20ac' });
  assert.deepEqual(key(Buffer.from([...Buffer.from('CHARSET ISO-8859-15 BODY '), 0x22, 0xa4, 0x22])), {
    kind: 'body',
    value: '\u20ac',
  });
  const unknown = rejection('SEARCH CHARSET X-KLINGON SEEN');
  assert.equal(unknown.status, 'NO');
  assert.equal(unknown.code, 'BADCHARSET (US-ASCII UTF-8 ISO-8859-1 ISO-8859-15 WINDOWS-1252)');
  assert.match(rejection('SEARCH CHARSET US-ASCII BODY "\u00e9"').text, /US-ASCII/);
  assert.match(rejection(Buffer.from('SEARCH BODY "\u00e9"', 'latin1')).text, /UTF-8/);
});

test('rejects what is no program', () => {
  for (const text of [
    '',
    'NOT ()',
    '()',
    'NOT',
    'OR SEEN',
    'OR SEEN ',
    'FOO',
    'FROM',
    'HEADER X',
    'BEFORE 30-Feb-2024',
    'BEFORE 1-Foo-2024',
    'BEFORE 1-Feb-24',
    'BEFORE "1-Feb-2024',
    'ON 001-Feb-2024',
    'LARGER -1',
    'OLDER 0',
    'UID',
    'KEYWORD \\Seen',
    'MODSEQ "/foo" all 1',
    'MODSEQ "/flags/a" some 1',
    '1:2:3',
    '(SEEN',
    'SEEN)',
    'SEEN  DRAFT',
    'CHARSET',
    'CHARSET UTF-8',
    'RETURN SEEN',
    'RETURN (MIN)',
  ]) {
    assert.equal(rejection(`SEARCH ${text}`).status, 'BAD', text);
  }
});

test('nests a hundred deep and no deeper', () => {
  const or = (depth: number): string => `${'OR '.repeat(depth)}ALL${' ALL'.repeat(depth)}`;
  const not = (depth: number): string => `${'NOT '.repeat(depth)}ALL`;
  const parens = (depth: number): string => `${'('.repeat(depth)}ALL${')'.repeat(depth)}`;
  for (const nest of [or, not, parens]) {
    assert.ok(key(nest(100)));
    assert.equal(rejection(`SEARCH ${nest(101)}`).code, 'LIMIT');
  }
});

test('takes a thousand keys and no more', () => {
  assert.ok(key(`${'ALL '.repeat(999)}ALL`));
  const error = rejection(`SEARCH (${'ALL '.repeat(1000)}ALL)`);
  assert.deepEqual([error.status, error.code], ['NO', 'LIMIT']);
});
