import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEncodedWords } from '@vaguemestre/server/codec/mime/encoded-words';
import { createFieldMatcher } from '@vaguemestre/server/codec/mime/field-search';
import { type MessageFacts, messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import { baseSubject } from '@vaguemestre/server/codec/mime/message-ids';
import type { MimePart } from '@vaguemestre/server/codec/mime/part';
import { bodyOfStructure } from '@vaguemestre/server/codec/mime/plain-body';
import { MimeScanner, scanMessage } from '@vaguemestre/server/codec/mime/scanner';
import {
  maxBoundaryBytes,
  maxEnvelopeAddresses,
  maxHeaderBytes,
  maxMimeDepth,
  maxMimeHeaderBytes,
  maxMimeParts,
} from '@vaguemestre/server/kernel/limits';
import { parseImapValue } from './imap-values.js';

/**
 * Mail made to cost time or memory. Each case is run at one size and at four times that size: what is linear takes about four times as
 * long, what is quadratic sixteen times. CPU time of this process counts, so that a busy machine changes nothing; the
 * bound is generous, a quadratic case misses it by far at these sizes.
 */
function cpuMs(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const used = process.cpuUsage(before);
  return (used.user + used.system) / 1000;
}

const cases: readonly (readonly [string, (size: number) => string])[] = [
  ['bare CRs', (n) => `A: b\r\n\r\n${'\r'.repeat(n)}`],
  ['bare CRs in a header', (n) => `A: ${'\r'.repeat(n)}\r\n\r\n`],
  ['empty lines', (n) => `A: b\r\n${'\r\n'.repeat(n / 2)}`],
  ['thousands of parts', (n) => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\n'.repeat(n / 7)}`],
  [
    'deep multiparts',
    (n) =>
      Array.from({ length: n / 60 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`).join(
        '',
      ),
  ],
  ['deep messages', (n) => 'Content-Type: message/rfc822\r\n\r\n'.repeat(n / 32)],
  [
    'boundaries that nearly match',
    (n) =>
      `Content-Type: multipart/mixed; boundary=${'b'.repeat(400)}\r\n\r\n${`--${'b'.repeat(399)}c\r\n`.repeat(n / 404)}`,
  ],
  ['lines of hyphens', (n) => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--\r\n'.repeat(n / 4)}`],
  ['one line of hyphens', (n) => `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'-'.repeat(n)}`],
  [
    'a delimiter with endless padding',
    (n) => `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b${' '.repeat(n)}\r\n`,
  ],
  ['parameters', (n) => `Content-Type: a/b${';p=1'.repeat(n / 4)}\r\n\r\n`],
  [
    'continuations',
    (n) => `Content-Type: a/b${Array.from({ length: n / 12 }, (_, i) => `;n*${i}*=x%20y`).join('')}\r\n\r\n`,
  ],
  ['addresses', (n) => `To: ${'a@b,'.repeat(n / 4)}\r\n\r\n`],
  ['address fields', (n) => `${'To: a@b\r\n'.repeat(n / 9)}\r\n`],
  ['open comments', (n) => `From: ${'('.repeat(n)}\r\n\r\n`],
  ['open quotes', (n) => `From: ${'"'.repeat(n)}\r\n\r\n`],
  ['open brackets', (n) => `From: ${'<'.repeat(n)}\r\n\r\n`],
  ['domain literals', (n) => `From: a@${'['.repeat(n)}\r\n\r\n`],
  ['dots and words', (n) => `From: ${'a . '.repeat(n / 4)}@b\r\n\r\n`],
  ['encoded words that never end', (n) => `Subject: ${'=?utf-8?q?'.repeat(n / 10)}\r\n\r\n`],
  ['encoded words', (n) => `Subject: ${'=?utf-8?q?a?= '.repeat(n / 14)}\r\n\r\n`],
  ['folded lines', (n) => `Subject: ${'\r\n a'.repeat(n / 4)}\r\n\r\n`],
  ['references', (n) => `References: ${'<a@b>'.repeat(n / 5)}\r\n\r\n`],
  ['open references', (n) => `References: ${'<'.repeat(n)}\r\n\r\n`],
  ['quotes in references', (n) => `References: ${'<"'.repeat(n / 2)}\r\n\r\n`],
  ['subject prefixes', (n) => `Subject: ${'Re: [x] '.repeat(n / 8)}\r\n\r\n`],
  ['open brackets in a subject', (n) => `Subject: ${'['.repeat(n)}\r\n\r\n`],
  ['fields', (n) => `${'a:\r\n'.repeat(n / 4)}\r\n`],
  ['lines that are no fields', (n) => `${'aaaa bbbb\r\n'.repeat(n / 11)}\r\n`],
  ['languages', (n) => `Content-Language: ${'a,'.repeat(n / 2)}\r\n\r\n`],
  ['soft line breaks', (n) => `Content-Transfer-Encoding: quoted-printable\r\n\r\n${'=\r\n'.repeat(n / 3)}`],
  ['blanks at the end of a line', (n) => `Content-Transfer-Encoding: quoted-printable\r\n\r\n${' '.repeat(n)}`],
  ['equals signs', (n) => `Content-Transfer-Encoding: quoted-printable\r\n\r\n${'= '.repeat(n / 2)}`],
  ['open tags', (n) => `Content-Type: text/html\r\n\r\n${'<a '.repeat(n / 3)}`],
  ['open comments in HTML', (n) => `Content-Type: text/html\r\n\r\n${'<!--'.repeat(n / 4)}`],
  ['quotes in HTML', (n) => `Content-Type: text/html\r\n\r\n${'<a b="'.repeat(n / 6)}`],
  ['ampersands', (n) => `Content-Type: text/html\r\n\r\n${'&a'.repeat(n / 2)}`],
  ['scripts that never end', (n) => `Content-Type: text/html\r\n\r\n<script>${'</scrip'.repeat(n / 7)}`],
  ['broken UTF-8', (n) => `Content-Type: text/plain; charset=utf-8\r\n\r\n${'\xc3'.repeat(n)}`],
  ['8-bit octets of no charset', (n) => `\r\n${'\xe9\xc3\xa9'.repeat(n / 3)}`],
  ['UTF-7 on one line', (n) => `Content-Type: text/plain; charset=utf-7\r\n\r\n${'+AOk-'.repeat(n / 5)}`],
];

for (const [what, make] of cases) {
  test(`linear: ${what}`, () => {
    const small = Buffer.from(make(200_000), 'latin1');
    const large = Buffer.from(make(800_000), 'latin1');
    messageFacts(small); // warm
    const one = cpuMs(() => messageFacts(small));
    let four = cpuMs(() => messageFacts(large));
    // Once more when it looks bad: a collection of garbage may have fallen into the run.
    if (four > 8 * one + 60) four = cpuMs(() => messageFacts(large));
    assert.ok(four <= 8 * one + 60, `${one.toFixed(1)} ms, four times the size ${four.toFixed(1)} ms`);
    assert.ok(four < 1_500, `${four.toFixed(0)} ms for 800 KB`);
    const scanner = new MimeScanner();
    for (let i = 0; i < small.length; i += 1_000) scanner.push(small.subarray(i, i + 1_000));
    assert.equal(scanner.end().end, small.length);
  });
}

test('linear: encoded words and subjects on their own', () => {
  const time = cpuMs(() => {
    decodeEncodedWords('=?'.repeat(500_000));
    decodeEncodedWords('=?a?q?'.repeat(200_000));
    baseSubject('[a'.repeat(500_000));
    baseSubject('Re: '.repeat(250_000));
    createFieldMatcher('x', 'y')(Buffer.from('x: \r\n'.repeat(200_000)));
  });
  assert.ok(time < 1_500, `${time} ms`);
});

function count(part: MimePart): { readonly parts: number; readonly depth: number } {
  let parts = 1;
  let depth = 0;
  for (const child of part.children) {
    const below = count(child);
    parts += below.parts;
    depth = Math.max(depth, below.depth);
  }
  return { parts, depth: depth + 1 };
}

/** Facts whose structure another parser reads too. */
function checked(text: string): MessageFacts {
  const facts = messageFacts(Buffer.from(text, 'latin1'));
  parseImapValue(facts.bodyStructure);
  return facts;
}

test('limit: parts; the last one holds the rest', () => {
  const text = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(5_000)}--b--\r\n`;
  const { root } = checked(text);
  assert.equal(count(root).parts, maxMimeParts);
  const last = root.children.at(-1)!;
  assert.deepEqual([last.kind, last.end], ['leaf', text.length - '\r\n--b--\r\n'.length]);
});

test('limit: parts of outer multiparts go on, one each', () => {
  const inner = `Content-Type: multipart/mixed; boundary=i\r\n\r\n${'--i\r\n\r\nx\r\n'.repeat(5_000)}--i--\r\n`;
  const { root } = checked(
    `Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n${inner}--o\r\n\r\n1\r\n--o\r\n\r\n2\r\n--o--\r\n`,
  );
  assert.deepEqual(
    root.children.map((child) => child.children.length),
    [maxMimeParts - 2, 0],
  );
});

test('limit: depth; what is deeper is one opaque leaf', () => {
  for (const level of [
    'Content-Type: message/rfc822\r\n\r\n',
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n',
  ]) {
    const { root, bodyStructure } = messageFacts(Buffer.from(level.repeat(500)));
    assert.ok(bodyOfStructure(bodyStructure).length > 0); // the other parser has a lower limit of its own
    assert.equal(count(root).depth, maxMimeDepth);
    let part: MimePart | undefined = root;
    while (part.children[0] !== undefined) part = part.children[0];
    assert.deepEqual([part.kind, part.content.type, part.content.subtype], ['leaf', 'application', 'octet-stream']);
  }
});

test('limit: a header ends where its limit does', () => {
  const fields = 'X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'.repeat(40_000);
  for (const text of [
    `Subject: early\r\n${fields}Subject: late\r\n\r\nbody`,
    `Subject: early\r\nX: ${'a'.repeat(3_000_000)}\r\n\r\nbody`,
  ]) {
    const octets = Buffer.from(text);
    const facts = messageFacts(octets);
    assert.ok(facts.root.bodyStart <= maxHeaderBytes);
    assert.equal(facts.subject, 'early');
    const scanner = new MimeScanner();
    for (let i = 0; i < octets.length; i += 4_001) scanner.push(octets.subarray(i, i + 4_001));
    assert.deepEqual(scanner.end(), scanMessage(octets));
  }
});

test('limit: headers of all parts together', () => {
  const part = `--b\r\nX: ${'a'.repeat(500_000)}\r\nContent-Type: text/html\r\n\r\n`;
  const { root } = checked(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(20)}--b--\r\n`);
  const kept = root.children.reduce((sum, child) => sum + child.bodyStart - child.headerStart, 0);
  assert.equal(root.children.length, 20);
  assert.ok(kept <= maxMimeHeaderBytes && kept > maxMimeHeaderBytes / 2, `${kept}`);
});

test('limit: addresses in ENVELOPE', () => {
  const facts = checked(`To: ${'a@b,'.repeat(16_000)}\r\n\r\n`);
  assert.equal(Buffer.from(facts.envelope).toString().split('(NIL NIL "a" "b")').length - 1, maxEnvelopeAddresses);
});

test('limit: a boundary longer than allowed is none', () => {
  const boundary = 'b'.repeat(maxBoundaryBytes + 1);
  assert.equal(
    scanMessage(Buffer.from(`Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n--${boundary}\r\n`)).kind,
    'leaf',
  );
  const longest = 'b'.repeat(maxBoundaryBytes);
  assert.equal(
    scanMessage(Buffer.from(`Content-Type: multipart/mixed; boundary=${longest}\r\n\r\n--${longest}\r\n`)).kind,
    'multipart',
  );
});

test('memory: a large message leaves nothing behind but its tree', () => {
  const scanner = new MimeScanner();
  scanner.push(Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n'));
  const chunk = Buffer.alloc(64 * 1024, 'a');
  const before = process.memoryUsage();
  for (let i = 0; i < 2_000; i++) scanner.push(chunk); // 125 MB on one line
  const after = process.memoryUsage();
  const grown = after.heapUsed - before.heapUsed + after.external - before.external;
  assert.ok(grown < 24 * 1024 * 1024, `${grown} octets`);
  assert.equal(scanner.end().end, 2_000 * chunk.length + 52);
});
