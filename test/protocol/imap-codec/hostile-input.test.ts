/**
 * What a stranger may send: the parser's time is bounded by the length of what it reads, and it throws nothing but
 * ImapSyntaxError. The fuzz is seeded; its seed is in the message of a failure, and VAGUEMESTRE_FUZZ_SEED repeats it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandText } from '@vaguemestre/server/codec/imap/framing';
import { compileListPattern } from '@vaguemestre/server/codec/imap/list-pattern';
import { parseCommand } from '@vaguemestre/server/codec/imap/parse';
import { ImapSyntaxError } from '@vaguemestre/server/codec/imap/syntax-error';
import { frame, framingOptions } from './parsing.js';

const megabyte = 1 << 20;

/** Parses a line and gives the milliseconds it took, whatever came of it. */
function parseTime(text: CommandText): number {
  const started = performance.now();
  try {
    parseCommand(text, { utf8: false });
  } catch (error) {
    assert.ok(error instanceof ImapSyntaxError, String(error));
  }
  return performance.now() - started;
}

const one = (line: string): CommandText => ({ lines: [Buffer.from(line, 'latin1')], literals: [] });
const fill = (piece: string, length = megabyte): string => piece.repeat(Math.ceil(length / piece.length));

test('a megabyte of anything is read in the time of a megabyte', () => {
  const lines: readonly string[] = [
    fill('('),
    `A ${fill('(')}`,
    `A SEARCH ${fill('(')}`,
    `A SEARCH ${fill('NOT ')}`,
    `A SEARCH ${fill('OR ')}`,
    `A SEARCH ${fill('ALL ')}ALL`,
    `A SEARCH ${fill('TEXT "a" ')}ALL`,
    `A SEARCH (${fill('(ALL) ')}ALL)`,
    `A FETCH 1 (${fill('FLAGS ')}UID)`,
    `A FETCH 1 (${fill('BODY[HEADER.FIELDS (A B)] ')}UID)`,
    `A FETCH 1 BODY[HEADER.FIELDS (${fill('From ')}To)]`,
    `A FETCH 1 BODY[${fill('1.')}1]`,
    `A FETCH ${fill('1,')}1 FLAGS`,
    `A FETCH ${fill('1')} FLAGS`,
    `A STORE 1 FLAGS (${fill('a ')}b)`,
    `A STORE 1 FLAGS (${Array.from({ length: 100_000 }, (_, i) => `k${i}`).join(' ')})`,
    `A LOGIN "${fill('\\"')}" x`,
    `A LOGIN "${fill('a')}`,
    `A LOGIN ${fill('a')} x`,
    `A SELECT "${fill('&AOk-')}"`,
    `A SELECT "${fill('&')}"`,
    `A SELECT "${fill('a/')}"`,
    `A LIST "" "${fill('*%')}"`,
    `A LIST "" (${fill('* ')}*)`,
    `A ID (${fill('"a" NIL ')}"b" NIL)`,
    `A ENABLE ${fill('A ')}A`,
    `A AUTHENTICATE PLAIN ${fill('AAAA')}`,
    `A SETQUOTA "" (${fill('A 1 ')}A 1)`,
    `A STATUS a (${fill('UIDNEXT ')}UIDNEXT)`,
    `A SELECT a (QRESYNC (1 1 ${fill('1,')}1))`,
    `A CREATE a (USE (${fill('\\A ')}\\B))`,
    `A NOOP${fill(' ')}`,
    `A NOOP${fill(' ')}x`,
    `A ${fill('\u00ff')}`,
    fill('A'),
    `A ${fill('A')}`,
    fill('\0'),
    `A LIST "" {${fill('1')}}`,
  ];
  for (const line of lines) {
    const time = parseTime(one(line));
    // Most take 5 ms; quadratic ones take a minute.
    assert.ok(time < 1500, `${line.slice(0, 40)}: ${Math.round(time)} ms`);
  }
});

test('many small literals cost no more than their sum', () => {
  const pieces: string[] = [];
  for (let i = 0; i < 20_000; i++) pieces.push('{1+}\r\nx ');
  const started = performance.now();
  const steps = frame(`A FETCH 1 BODY[HEADER.FIELDS (${pieces.join('')}y)]`);
  const last = steps.at(-1)!;
  assert.ok(last.kind === 'command');
  assert.equal(parseCommand(last.text, { utf8: false }).command.kind, 'fetch');
  assert.ok(performance.now() - started < 2000);
});

test('wildcards cannot be made to explode', () => {
  const path = 'a'.repeat(1000);
  const started = performance.now();
  for (const pattern of [
    '*a'.repeat(500),
    '%a'.repeat(500),
    '*%'.repeat(500_000),
    `${'*a'.repeat(499)}b`,
    '%'.repeat(megabyte),
  ]) {
    compileListPattern('', pattern).matches(`${path}c`);
  }
  assert.ok(performance.now() - started < 1000);
});

/** mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seeds: readonly string[] = [
  'A CAPABILITY',
  'A ID ("name" "x" "version" NIL)',
  'A LOGIN anne "se\\"cret"',
  'A LOGIN {4+}\r\nanne {6}\r\nsecret',
  'A AUTHENTICATE PLAIN AGEAYg==',
  'A ENABLE CONDSTORE IMAP4rev2',
  'A SELECT "INBOX" (CONDSTORE QRESYNC (67890007 20050715194045000 41,43:211,214:541 (1:5 7,9)))',
  'A CREATE "a/b/" (USE (\\Sent))',
  'A RENAME a "&AOk-t&AOk-"',
  'A LIST (SUBSCRIBED RECURSIVEMATCH) "" ("INBOX" "a/%") RETURN (CHILDREN STATUS (UNSEEN SIZE))',
  'A LSUB "" *',
  'A STATUS {5}\r\nINBOX (MESSAGES UIDNEXT)',
  'A APPEND "Sent" (\\Seen foo) " 1-Jan-2024 00:00:00 +0100" {5+}\r\nhello (\\Seen) ~{3}\r\nabc\r\n',
  'A APPEND "Sent" UTF8 (~{5+}\r\nhello)\r\n',
  'A SEARCH RETURN (MIN MAX SAVE) CHARSET UTF-8 OR (FROM "a" 1:*) NOT UID 3,5:9 SINCE 1-Feb-1994',
  'A UID SEARCH HEADER "X-Foo" {3}\r\na b MODSEQ "/flags/\\\\seen" all 12 $',
  'A FETCH 2:4,* (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (From "To" {2}\r\nCc)]<0.100> BINARY.SIZE[1]) (CHANGEDSINCE 1)',
  'A UID FETCH 1:* (UID RFC822.SIZE ENVELOPE BODYSTRUCTURE) (CHANGEDSINCE 12 VANISHED)',
  'A STORE 1:3 (UNCHANGEDSINCE 12) +FLAGS.SILENT (\\Deleted $Junk)',
  'A UID COPY $ "a b"',
  'A UID EXPUNGE 1:3',
  'A SETQUOTA "" (STORAGE 512 MESSAGE 3)',
];
const spice: readonly string[] = [
  '(',
  ')',
  ' ',
  '"',
  '\\',
  '{',
  '}',
  '{3+}\r\n',
  '{9}\r\n',
  '~',
  '*',
  '%',
  '$',
  ',',
  ':',
  '0',
  '4294967296',
  '\0',
  '\u00ff',
  '\u00c3\u00a9',
  '\r\n',
  '[',
  ']',
  '<',
  '>',
  '+',
  '-',
  '&',
  '/',
  'NIL',
  'INBOX',
  '',
];

function mutate(text: string, random: () => number): string {
  let result = text;
  const changes = 1 + Math.floor(random() * 4);
  for (let i = 0; i < changes; i++) {
    const at = Math.floor(random() * (result.length + 1));
    const kind = random();
    const piece = spice[Math.floor(random() * spice.length)]!;
    if (kind < 0.35) result = result.slice(0, at) + piece + result.slice(at);
    else if (kind < 0.6) result = result.slice(0, at) + result.slice(at + 1 + Math.floor(random() * 4));
    else if (kind < 0.8) result = result.slice(0, at) + piece + result.slice(at + piece.length);
    else {
      const other = seeds[Math.floor(random() * seeds.length)]!;
      result = result.slice(0, at) + other.slice(Math.floor(random() * other.length));
    }
  }
  return result;
}

test('a seeded fuzz: nothing but ImapSyntaxError, no time lost', () => {
  const seed = Number(process.env['VAGUEMESTRE_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  const rounds = Number(process.env['VAGUEMESTRE_FUZZ_ROUNDS'] ?? 30_000);
  const random = randomOf(seed);
  let parsed = 0;
  for (let round = 0; round < rounds; round++) {
    const text = mutate(seeds[round % seeds.length]!, random);
    const about = `seed ${seed}, round ${round}: ${JSON.stringify(text)}`;
    const started = performance.now();
    try {
      for (const step of frame(Buffer.from(text, 'latin1'), { ...framingOptions, utf8: random() < 0.5 })) {
        if (step.kind === 'refused') assert.ok(step.error instanceof ImapSyntaxError, about);
        if (step.kind !== 'command') continue;
        const { tag, command } = parseCommand(step.text, { utf8: random() < 0.5 });
        assert.ok(tag.length > 0 && typeof command.kind === 'string', about);
        parsed++;
      }
    } catch (error) {
      assert.ok(error instanceof ImapSyntaxError, `${about}\n${(error as Error).stack}`);
      assert.ok(!/[\r\n\0]/.test(error.text) && error.text.length < 200, about);
    }
    assert.ok(performance.now() - started < 500, about);
  }
  // A fuzz that never gets past the first word proves nothing.
  assert.ok(parsed > rounds / 50, `only ${parsed} of ${rounds} parsed`);
});
