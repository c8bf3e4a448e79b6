import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FetchCommand } from '@vaguemestre/server/codec/imap/fetch';
import { parse, rejection } from './parsing.js';

function items(text: string): FetchCommand['items'] {
  const command = parse(`FETCH 1 ${text}`);
  assert.equal(command.kind, 'fetch');
  return (command as FetchCommand).items;
}

const section = (part: number[], text: string, name: string, more: object = {}): object => ({
  kind: 'section',
  section: { part, text },
  peek: false,
  partial: undefined,
  name,
  ...more,
});

test('macros stand for their items', () => {
  assert.deepEqual(items('FAST'), [{ kind: 'flags' }, { kind: 'internalDate' }, { kind: 'size' }]);
  assert.deepEqual(items('all').at(-1), { kind: 'envelope' });
  assert.deepEqual(items('Full').at(-1), { kind: 'body' });
  // RFC 9051 6.4.5: a macro is used alone.
  assert.match(rejection('FETCH 1 (ALL)').text, /Unknown FETCH data item ALL/);
  assert.match(rejection('FETCH 1 FAST FLAGS').text, /'\('/);
});

test('every plain item', () => {
  const text = '(UID FLAGS INTERNALDATE RFC822.SIZE MODSEQ ENVELOPE BODY BODYSTRUCTURE EMAILID THREADID UID)';
  assert.deepEqual(
    items(text).map((item) => item.kind),
    ['uid', 'flags', 'internalDate', 'size', 'modseq', 'envelope', 'body', 'bodyStructure', 'emailId', 'threadId'],
  );
});

test('sections, as they are asked for and as the answer names them', () => {
  const cases: readonly (readonly [string, object])[] = [
    ['BODY[]', section([], 'all', 'BODY[]')],
    ['body.peek[]<0.2048>', section([], 'all', 'BODY[]<0>', { peek: true, partial: { offset: 0, count: 2048 } })],
    ['BODY[1.2]', section([1, 2], 'all', 'BODY[1.2]')],
    ['BODY[header]', section([], 'header', 'BODY[HEADER]')],
    ['BODY[TEXT]<5.1>', section([], 'text', 'BODY[TEXT]<5>', { partial: { offset: 5, count: 1 } })],
    ['BODY[1.MIME]', section([1], 'mime', 'BODY[1.MIME]')],
    ['BODY[4.1.header]', section([4, 1], 'header', 'BODY[4.1.HEADER]')],
    ['RFC822', section([], 'all', 'RFC822')],
    ['RFC822.HEADER', section([], 'header', 'RFC822.HEADER', { peek: true })],
    ['RFC822.TEXT', section([], 'text', 'RFC822.TEXT')],
    ['BINARY[1]', { kind: 'binary', part: [1], peek: false, partial: undefined, name: 'BINARY[1]' }],
    [
      'BINARY.PEEK[]<1.2>',
      { kind: 'binary', part: [], peek: true, partial: { offset: 1, count: 2 }, name: 'BINARY[]<1>' },
    ],
    ['BINARY.SIZE[2.1]', { kind: 'binarySize', part: [2, 1], name: 'BINARY.SIZE[2.1]' }],
  ];
  for (const [text, expected] of cases) assert.deepEqual(items(text), [expected], text);
});

test('header fields, whatever their spelling', () => {
  assert.deepEqual(items('BODY.PEEK[HEADER.FIELDS (From "To" {2+}\r\nCc "a b")]'), [
    {
      kind: 'section',
      section: { part: [], text: 'headerFields', fields: ['From', 'To', 'Cc', 'a b'] },
      peek: true,
      partial: undefined,
      name: 'BODY[HEADER.FIELDS (From To Cc "a b")]',
    },
  ]);
  assert.deepEqual(items('(BODY[2.header.fields.not (X)])'), [
    {
      kind: 'section',
      section: { part: [2], text: 'headerFieldsNot', fields: ['X'] },
      peek: false,
      partial: undefined,
      name: 'BODY[2.HEADER.FIELDS.NOT (X)]',
    },
  ]);
});

test('an item that is repeated is answered once; of two that differ in peek the one that sets the flag stays', () => {
  assert.equal(items('(FLAGS BODY.PEEK[] FLAGS BODY[])').length, 2);
  assert.deepEqual(items('(BODY[] BODY.PEEK[])'), [section([], 'all', 'BODY[]')]);
  assert.equal(items('(BODY[]<0.1> BODY[]<0.2>)').length, 2);
});

test('modifiers', () => {
  const command = parse('UID FETCH 1:* FLAGS (CHANGEDSINCE 12345 VANISHED)') as FetchCommand;
  assert.deepEqual([command.uid, command.changedSince, command.vanished], [true, 12345, true]);
  // iOS sends 0, which the grammar does not have.
  assert.equal((parse('FETCH 1 FLAGS (CHANGEDSINCE 0)') as FetchCommand).changedSince, 0);
  assert.match(rejection('FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)').text, /VANISHED/);
  assert.match(rejection('UID FETCH 1 FLAGS (VANISHED)').text, /VANISHED/);
  assert.match(rejection('FETCH 1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)').text, /repeated/);
  assert.match(rejection('FETCH 1 FLAGS ()').text, /CHANGEDSINCE/);
});

test('rejects what is no item', () => {
  for (const text of [
    '',
    '()',
    '(FLAGS',
    '(FLAGS )',
    '(FLAGS  UID)',
    'FOO',
    'BODY[',
    'BODY[0]',
    'BODY[1.]',
    'BODY[.1]',
    'BODY[1.0]',
    'BODY[MIME]',
    'BODY[1.FOO]',
    'BODY[1TEXT]',
    'BODY[HEADER.FIELDS]',
    'BODY[HEADER.FIELDS ()]',
    'BODY[HEADER.FIELDS (\u00e9)]',
    'BODY[TEXT]<0>',
    'BODY[TEXT]<0.0>',
    'BODY[TEXT]<0.01>',
    'BODY[01]',
    'BODY[TEXT]<.5>',
    'BODY[]x',
    'BODY.PEEK',
    'BINARY[TEXT]',
    'BINARY[1.MIME]',
    'BINARY.SIZE[1]<0.1>',
    'RFC822.FOO',
    'RFC822.SIZE[]',
  ]) {
    assert.equal(rejection(`FETCH 1 ${text}`).status, 'BAD', text);
  }
});
