import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCommandAssembler, type FramingStep } from '@vaguemestre/server/codec/imap/framing';
import { literalAtEnd } from '@vaguemestre/server/codec/imap/literal';
import { parseCommand, tagOf } from '@vaguemestre/server/codec/imap/parse';
import { ImapSyntaxError } from '@vaguemestre/server/codec/imap/syntax-error';
import { frame, framingOptions } from './parsing.js';

const kinds = (steps: readonly FramingStep[]): string[] => steps.map((step) => step.kind);

function refusal(step: FramingStep | undefined): ImapSyntaxError {
  assert.equal(step?.kind, 'refused');
  const { error } = step as { error: Error };
  assert.ok(error instanceof ImapSyntaxError);
  return error;
}

test('a literal is what the end of a line announces', () => {
  const head = (text: string): unknown => {
    const found = literalAtEnd(Buffer.from(text));
    return found && [found.size, found.synchronizing, found.binary, found.start];
  };
  assert.deepEqual(head('{0}'), [0, true, false, 0]);
  assert.deepEqual(head('a {310}'), [310, true, false, 2]);
  assert.deepEqual(head('a {310+}'), [310, false, false, 2]);
  assert.deepEqual(head('~{5}'), [5, true, true, 0]);
  assert.deepEqual(head('(~{5+}'), [5, false, true, 1]);
  assert.deepEqual(head('x{007}'), [7, true, false, 1]);
  for (const none of [
    '',
    '}',
    '{}',
    '{+}',
    '{-1}',
    '{1',
    '1}',
    '{1} ',
    '{1+ }',
    '{1-}',
    '{ 1}',
    `{${'1'.repeat(20)}}`,
  ]) {
    assert.equal(head(none), undefined, none);
  }
});

test('an empty line before a command is nothing', () => {
  assert.deepEqual(kinds(frame('\r\n\r\nA NOOP')), ['blank', 'blank', 'command']);
});

test('literals are collected in order and may be empty', () => {
  const steps = frame('A LOGIN {4}\r\nanne {0+}\r\n');
  assert.deepEqual(kinds(steps), ['literal', 'literal', 'command']);
  assert.deepEqual(steps[0], { kind: 'literal', size: 4, synchronizing: true });
  assert.deepEqual(steps[1], { kind: 'literal', size: 0, synchronizing: false });
  const last = steps[2]!;
  assert.ok(last.kind === 'command');
  const { command } = parseCommand(last.text, { utf8: false });
  assert.deepEqual(command, { kind: 'login', user: 'anne', password: Buffer.alloc(0) });
});

test('a literal may hold what looks like a command or a literal', () => {
  const steps = frame('A LOGIN anne {13+}\r\nx\r\nB LOGOUT{3}\r\nB NOOP');
  assert.deepEqual(kinds(steps), ['literal', 'command']);
});

test('APPEND: the message is announced with what stands before it', () => {
  const [append, end] = frame('A APPEND "Sent" (\\Seen foo) " 1-Jan-2024 00:00:00 +0100" {5}\r\nhello\r\n');
  assert.deepEqual(append, {
    kind: 'append',
    start: {
      tag: 'A',
      mailbox: 'Sent',
      message: {
        flags: ['\\Seen', 'foo'],
        date: Date.parse('2023-12-31T23:00:00Z') / 1000,
        utf8: false,
        literal: { size: 5, synchronizing: true, binary: false, start: 57 },
      },
    },
  });
  assert.deepEqual(end, { kind: 'appendEnd' });
});

test('APPEND: flags and date may be missing, the name may be a literal, the message a literal8', () => {
  const bare = frame('A append a {1+}\r\nx\r\n');
  assert.deepEqual(kinds(bare), ['append', 'appendEnd']);
  const steps = frame('A APPEND {3+}\r\na b () ~{2+}\r\nxy\r\n');
  assert.deepEqual(kinds(steps), ['literal', 'append', 'appendEnd']);
  assert.ok(steps[1]!.kind === 'append');
  assert.equal(steps[1]!.start.mailbox, 'a b');
  assert.equal(steps[1]!.start.message.literal.binary, true);
});

test('APPEND: several messages', () => {
  const steps = frame('A APPEND a {1+}\r\nx (\\Seen) {2+}\r\nyz "17-Jul-1996 02:44:25 -0700" {0+}\r\n\r\n');
  assert.deepEqual(kinds(steps), ['append', 'appendNext', 'appendNext', 'appendEnd']);
});

test('APPEND: UTF8 (~{n}...)', () => {
  const steps = frame('A APPEND "Sent" (\\Seen) UTF8 (~{5+}\r\nhello)\r\n');
  assert.deepEqual(kinds(steps), ['append', 'appendEnd']);
  const several = frame('A APPEND "Sent" UTF8 (~{1}\r\nh) UTF8 (~{1}\r\ni) {1}\r\nj\r\n');
  assert.deepEqual(kinds(several), ['append', 'appendNext', 'appendNext', 'appendEnd']);
  assert.match(refusal(frame('A APPEND "Sent" UTF8 (~{1}\r\nh\r\n').at(-1)).text, /'\)'/);
  assert.match(refusal(frame('A APPEND "Sent" UTF8 ({1}\r\n').at(-1)).text, /literal8/);
});

test('what is wrong in an APPEND is said with its tag, and unasked octets are read past', () => {
  const bad = refusal(frame('A1 APPEND a (\\Foo) {5}').at(-1));
  assert.equal(bad.tag, 'A1');
  const steps = frame('A2 APPEND a "no date" {9+}\r\nB LOGOUT\r {3+}\r\nabc\r\n');
  assert.deepEqual(kinds(steps), ['discard', 'discard', 'refused']);
  assert.deepEqual(steps[0], { kind: 'discard', size: 9 });
  assert.equal(refusal(steps[2]).tag, 'A2');
  assert.equal(refusal(frame('A3 APPEND "a//b" {5}').at(-1)).code, 'CANNOT');
  assert.match(refusal(frame('A4 APPEND a {1+}\r\nx garbage\r\n').at(-1)).text, /end of the command/);
});

test('the session may refuse an APPEND before or after its octets', () => {
  const error = new Error('no such mailbox');
  const line = (text: string): Buffer => Buffer.from(text);
  const assembler = createCommandAssembler();
  assert.equal(assembler.line(line('A APPEND a {5}'), framingOptions).kind, 'append');
  assert.deepEqual(assembler.refuse(error), { kind: 'refused', error });
  assert.equal(assembler.idle, true);

  assert.equal(assembler.line(line('A APPEND a {5+}'), framingOptions).kind, 'append');
  assert.deepEqual(assembler.refuse(error), { kind: 'discard', size: 5 });
  assert.equal(assembler.idle, false);
  assert.deepEqual(assembler.line(line(' {7+}'), framingOptions), { kind: 'discard', size: 7 });
  assert.deepEqual(assembler.line(line(''), framingOptions), { kind: 'refused', error });
  assert.equal(assembler.idle, true);

  assert.equal(assembler.line(line('A APPEND a {5+}'), framingOptions).kind, 'append');
  assembler.fail(error);
  assert.deepEqual(assembler.line(line(' {7}'), framingOptions), { kind: 'refused', error });
  assert.equal(assembler.line(line('B NOOP'), framingOptions).kind, 'command');
});

test('limits: a literal, and the sum of all', () => {
  const options = { utf8: false, maxCommandBytes: 100, maxLiteralBytes: 60 };
  const waiting = refusal(frame('A LOGIN {61}', options).at(-1));
  assert.deepEqual([waiting.tag, waiting.code], ['A', 'TOOBIG']);
  assert.deepEqual(frame(`A LOGIN {61+}\r\n${'x'.repeat(61)} y`, options)[0], { kind: 'discard', size: 61 });
  const many = frame(`A LOGIN {50+}\r\n${'x'.repeat(50)} {50+}\r\n${'x'.repeat(50)}`, options);
  assert.deepEqual(kinds(many), ['literal', 'discard', 'refused']);
  // A message is no literal of the command: it is streamed.
  assert.equal(frame('A APPEND a {50000000}', options)[0]!.kind, 'append');
});

test('tags', () => {
  assert.equal(tagOf(Buffer.from('A1.b] x')), 'A1.b]');
  for (const none of ['', 'A1', '+A x', '* x', ' x', '"a" x', '\u00e9 x'])
    assert.equal(tagOf(Buffer.from(none)), undefined);
  for (const line of ['+ NOOP', '(', '"A" NOOP']) {
    const step = frame(line).at(-1)!;
    assert.ok(step.kind === 'command');
    assert.throws(
      () => parseCommand(step.text, { utf8: false }),
      (error) => error instanceof ImapSyntaxError && error.tag === undefined,
    );
  }
});
