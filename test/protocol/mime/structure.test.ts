import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBodyStructure } from '@vaguemestre/server/codec/mime/body-structure';
import { formatEnvelope, readEnvelopeFields } from '@vaguemestre/server/codec/mime/envelope';
import { createFieldSelector } from '@vaguemestre/server/codec/mime/field-selector';
import { toOctets } from '@vaguemestre/server/codec/mime/header-fields';
import { canAnswerFromCard, listHeaders } from '@vaguemestre/server/codec/mime/listed-headers';
import { messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import type { MimePart } from '@vaguemestre/server/codec/mime/part';
import { bodyOfStructure } from '@vaguemestre/server/codec/mime/plain-body';
import { scanMessage } from '@vaguemestre/server/codec/mime/scanner';
import { createBinaryDecoder, partAt, sectionRange } from '@vaguemestre/server/codec/mime/sections';
import { MailError } from '@vaguemestre/server/kernel/errors';
import fc from 'fast-check';
import { brokenMail } from './broken-mail.js';
import { asText, parseImapValue } from './imap-values.js';

const mail = (text: string): Buffer => Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1');

/** A tree in one line: type, [lines] of leaves, children in brackets. */
function shape(part: MimePart): string {
  const name = `${part.content.type}/${part.content.subtype}`;
  if (part.kind === 'leaf') return `${name}:${part.lines}`;
  return `${name}(${part.children.map(shape).join(' ')})`;
}

const shapeOf = (text: string): string => shape(scanMessage(mail(text)));

const trees: readonly (readonly [string, string, string])[] = [
  ['a text', 'A: b\n\none\ntwo\n', 'text/plain:2'],
  ['a last line without an end', 'A: b\n\none\ntwo', 'text/plain:1'],
  ['a header alone', 'A: b\n', 'text/plain:0'],
  ['nothing at all', '', 'text/plain:0'],
  ['a body alone', '\nbody\n', 'text/plain:1'],
  [
    'a multipart; the line end before a delimiter is not body',
    'Content-Type: multipart/mixed; boundary=b\n\nx\n--b\n\none\n--b\nContent-Type: text/html\n\none\n\n--b--\nx\n',
    'multipart/mixed(text/plain:0 text/html:1)',
  ],
  [
    'padding after delimiters',
    'Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\n1\n--b  \n\n2\n--b-- \n',
    'multipart/mixed(text/plain:0 text/plain:0)',
  ],
  [
    'no close delimiter',
    'Content-Type: multipart/mixed; boundary=b\n\n--b\n\n1\n--b\n\n2\n',
    'multipart/mixed(text/plain:0 text/plain:1)',
  ],
  [
    'what follows the close delimiter is nothing',
    'Content-Type: multipart/mixed; boundary=b\n\n--b\n\n1\n--b--\n--b\n\n2\n',
    'multipart/mixed(text/plain:0)',
  ],
  [
    'a boundary that another begins with',
    'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\n1\n--bb--\n--b\n\n2\n--b--\n',
    'multipart/mixed(multipart/mixed(text/plain:0) text/plain:0)',
  ],
  [
    'a line that only begins like a delimiter',
    'Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--bx\n--b x\n--b-\n --b\n--b--\n',
    'multipart/mixed(text/plain:3)',
  ],
  [
    'an outer delimiter ends inner parts that were not closed',
    'Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\n1\n--o\n\n2\n--o--\n',
    'multipart/mixed(multipart/mixed(text/plain:0) text/plain:0)',
  ],
  [
    'an outer close delimiter ends all',
    'Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n\nA: b\n--o--\nx',
    'multipart/mixed(message/rfc822(text/plain:0))',
  ],
  [
    'the same boundary twice: the inner one counts',
    'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n1\n--b--\n--b\n\n2\n--b--\n',
    'multipart/mixed(multipart/mixed(text/plain:0) text/plain:0)',
  ],
  [
    'a part without an empty line',
    'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png\n--b--\n',
    'multipart/mixed(image/png:0)',
  ],
  [
    'no delimiter: the text is there to be read',
    'Content-Type: multipart/mixed; boundary=b\n\nhello\n',
    'multipart/mixed(text/plain:1)',
  ],
  ['a multipart without a boundary is text', 'Content-Type: multipart/mixed\n\n--b\n\n1\n', 'text/plain:3'],
  [
    'a boundary in quotes, with blanks',
    'Content-Type: multipart/mixed; boundary="a b:c "\n\n--a b:c\n\n1\n--a b:c--\n',
    'multipart/mixed(text/plain:0)',
  ],
  [
    'digest: parts are messages when they do not say',
    'Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\n1\n--b\nContent-Type: text/plain\n\n2\n--b--\n',
    'multipart/digest(message/rfc822(text/plain:0) text/plain:0)',
  ],
  [
    'a message in a message in a message',
    'Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nA: b\n\nx\n',
    'message/rfc822(message/rfc822(text/plain:1))',
  ],
  [
    'message/global is a message (RFC 6532 3.7)',
    'Content-Type: message/global\n\nA: b\n\nx\n',
    'message/global(text/plain:1)',
  ],
  ['other messages are leaves', 'Content-Type: message/partial; number=1\n\nA: b\n\nx\n', 'message/partial:3'],
  [
    'an encoded message is not looked into',
    'Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA0KDQp5\n',
    'message/rfc822(text/plain:1)',
  ],
];

for (const [what, text, expected] of trees) test(`tree: ${what}`, () => assert.equal(shapeOf(text), expected));

test('a lone CR ends nothing', () => {
  const octets = Buffer.from('A: b\rC: d\r\n\r\none\rtwo\r\n\r');
  const root = scanMessage(octets);
  assert.deepEqual([root.bodyStart, root.end, root.lines], [13, octets.length, 1]);
});

const nested = mail(`From: A <a@x>
Subject: outer
Content-Type: multipart/mixed; boundary=o

preamble
--o
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

h=C3=A9
--o
Content-Type: message/rfc822

Subject: inner
Content-Type: multipart/alternative; boundary=i

--i

one
--i
Content-Type: text/html

<p>
--i--
--o
Content-Type: image/gif
Content-Transfer-Encoding: x-strange

GIF
--o--
`);

test('sections: RFC 9051 6.4.5.1', () => {
  const root = scanMessage(nested);
  const section = (part: number[], text: Parameters<typeof sectionRange>[1]['text'] = 'all'): string | undefined => {
    const range = sectionRange(root, { part, text });
    return range === undefined ? undefined : nested.toString('latin1', range.start, range.end);
  };
  assert.equal(section([]), nested.toString('latin1'));
  assert.equal(
    section([], 'header'),
    'From: A <a@x>\r\nSubject: outer\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n',
  );
  assert.ok(section([], 'text')?.startsWith('preamble\r\n--o') && section([], 'text')?.endsWith('--o--\r\n'));
  assert.equal(section([1]), 'h=C3=A9');
  assert.equal(
    section([1], 'mime'),
    'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n',
  );
  assert.equal(section([1], 'header'), undefined);
  assert.equal(section([2], 'mime'), 'Content-Type: message/rfc822\r\n\r\n');
  assert.ok(section([2])?.startsWith('Subject: inner\r\n'));
  assert.equal(section([2], 'header'), 'Subject: inner\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n');
  assert.equal(section([2], 'text'), '--i\r\n\r\none\r\n--i\r\nContent-Type: text/html\r\n\r\n<p>\r\n--i--');
  assert.equal(section([2, 1]), 'one');
  assert.equal(section([2, 1], 'mime'), '\r\n');
  assert.equal(section([2, 2]), '<p>');
  for (const none of [[4], [1, 1], [2, 3], [2, 1, 1], [0]]) assert.equal(section(none), undefined, none.join('.'));
  const plain = scanMessage(mail('A: b\n\nbody'));
  assert.equal(partAt(plain, [1]), plain);
  assert.equal(partAt(plain, [1, 1]), undefined);
  const forwarded = scanMessage(mail('Content-Type: message/rfc822\n\nA: b\n\nbody'));
  assert.equal(partAt(forwarded, [1]), forwarded);
  assert.equal(partAt(forwarded, [1, 1]), forwarded.children[0]);
});

test('BINARY: decoded octets, and UNKNOWN-CTE', () => {
  const root = scanMessage(nested);
  const decoder = createBinaryDecoder(partAt(root, [1])!);
  assert.deepEqual(Buffer.from(decoder.push(Buffer.from('h=C3=A9'))).toString(), 'hé');
  assert.throws(
    () => createBinaryDecoder(partAt(root, [3])!),
    (error) => error instanceof MailError && error.code === 'unknownEncoding',
  );
});

test('ENVELOPE: fallbacks, NIL and empty, groups, repeated fields, octets', () => {
  const envelope = (header: string): unknown => parseImapValue(toOctets(formatEnvelope(readEnvelopeFields(header))));
  const a = [['A', null, 'a', 'x']];
  assert.deepEqual(envelope('From: A <a@x>\r\nReply-To:\r\nSubject:\r\n'), [
    null,
    '',
    a,
    a,
    a,
    null,
    null,
    null,
    null,
    null,
  ]);
  assert.deepEqual(
    envelope('From: A <a@x>\r\nSender: b@y\r\nReply-To: c@z\r\nIn-Reply-To: <1>\r\nMessage-ID: <2>\r\nDate: d\r\n'),
    ['d', null, a, [[null, null, 'b', 'y']], [[null, null, 'c', 'z']], null, null, null, '<1>', '<2>'],
  );
  assert.deepEqual(envelope('To: G: a@x;, b\r\nTo: c@z\r\nSubject: one\r\nSubject: two\r\n'), [
    null,
    'one',
    null,
    null,
    null,
    [
      [null, null, 'G', null],
      [null, null, 'a', 'x'],
      [null, null, null, null],
      [null, null, 'b', ''],
      [null, null, 'c', 'z'],
    ],
    null,
    null,
    null,
    null,
  ]);
  assert.equal(
    formatEnvelope(readEnvelopeFields('Subject: a "b" \\ =?utf-8?Q?c?=\r\n d\r\n')),
    '(NIL "a \\"b\\" \\\\ =?utf-8?Q?c?= d" NIL NIL NIL NIL NIL NIL NIL NIL)',
  );
  assert.equal(
    formatEnvelope(readEnvelopeFields('Subject: \xe9\0\r\n')),
    '(NIL {2}\r\n\xe9? NIL NIL NIL NIL NIL NIL NIL NIL)',
  );
});

test('BODYSTRUCTURE and BODY of a nested message', () => {
  const root = scanMessage(nested);
  const inner = '(NIL "inner" NIL NIL NIL NIL NIL NIL NIL NIL)';
  assert.equal(
    formatBodyStructure(root, true),
    `(("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "QUOTED-PRINTABLE" 7 0 NIL NIL NIL NIL)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 121 ${inner} (("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 3 0 NIL NIL NIL NIL)("TEXT" "HTML" NIL NIL NIL "7BIT" 3 0 NIL NIL NIL NIL) "ALTERNATIVE" ("BOUNDARY" "i") NIL NIL NIL) 10 NIL NIL NIL NIL)("IMAGE" "GIF" NIL NIL NIL "X-STRANGE" 3 NIL NIL NIL NIL) "MIXED" ("BOUNDARY" "o") NIL NIL NIL)`,
  );
  assert.equal(
    formatBodyStructure(root, false),
    `(("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "QUOTED-PRINTABLE" 7 0)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 121 ${inner} (("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 3 0)("TEXT" "HTML" NIL NIL NIL "7BIT" 3 0) "ALTERNATIVE") 10)("IMAGE" "GIF" NIL NIL NIL "X-STRANGE" 3) "MIXED")`,
  );
});

test('BODYSTRUCTURE carries every field', () => {
  const root = scanMessage(
    mail(
      'Content-Type: application/x; a=b; c="d \\" e"\nContent-ID: <i>\nContent-Description: d\nContent-MD5: m\nContent-Disposition: attachment; filename=f\nContent-Language: fr, en\nContent-Location: l\n\nx',
    ),
  );
  assert.equal(
    formatBodyStructure(root, true),
    '("APPLICATION" "X" ("A" "b" "C" "d \\" e") "<i>" "d" "7BIT" 1 "m" ("ATTACHMENT" ("FILENAME" "f")) ("fr" "en") "l")',
  );
});

test('every message has an envelope and structures that another parser reads, and BODY is derived from BODYSTRUCTURE', () => {
  fc.assert(
    fc.property(brokenMail, (octets) => {
      const facts = messageFacts(octets);
      assert.equal((parseImapValue(facts.envelope) as unknown[]).length, 10);
      assert.ok(Array.isArray(parseImapValue(facts.bodyStructure)));
      const body = bodyOfStructure(facts.bodyStructure);
      assert.equal(asText(body), formatBodyStructure(facts.root, false));
      assert.ok(Array.isArray(parseImapValue(body)));
    }),
    { numRuns: 1_500 },
  );
});

test('a damaged structure is told, not believed', () => {
  for (const damaged of [
    '',
    '(',
    '("TEXT")',
    '("TEXT" "PLAIN" NIL NIL NIL "7BIT" 1 1 NIL',
    '() x',
    '("a" {99}\r\nx)',
  ]) {
    assert.throws(
      () => bodyOfStructure(Buffer.from(damaged)),
      (error) => error instanceof MailError && error.code === 'internal',
    );
  }
});

test('cards keep the listed fields as they stand and answer HEADER.FIELDS from them', () => {
  const header = 'Received: from x\r\n\tby y\r\nSUBJECT:  a\r\n b\r\nX-Other: z\r\nfrom : c\r\nSubject: again\r\n';
  const listed = listHeaders(header);
  assert.equal(listed, 'SUBJECT:  a\r\n b\r\nfrom : c\r\nSubject: again\r\n');
  assert.equal(listHeaders('Subject: cut'), 'Subject: cut\r\n');
  assert.ok(canAnswerFromCard(['from', 'subject', 'references']));
  assert.ok(!canAnswerFromCard(['from', 'received']));
  const from = (block: string): string =>
    asText(createFieldSelector(new Set(['subject', 'missing']), false)(Buffer.from(block)));
  assert.equal(from(listed), 'SUBJECT:  a\r\n b\r\nSubject: again\r\n\r\n');
  assert.equal(from(`${header}\r\n`), from(listed));
  assert.equal(
    asText(createFieldSelector(new Set(['subject', 'received']), true)(Buffer.from(header))),
    'X-Other: z\r\nfrom : c\r\n\r\n',
  );
  assert.equal(asText(createFieldSelector(new Set(['a']), false)(Buffer.from(''))), '\r\n');
});

test('facts of a message', () => {
  const facts = messageFacts(nested);
  assert.deepEqual(
    [
      facts.size,
      facts.from,
      facts.subject,
      facts.sent,
      facts.messageId,
      facts.references,
      facts.preview,
      facts.hasAttachment,
    ],
    [nested.length, [{ name: 'A', address: 'a@x' }], 'outer', undefined, undefined, [], 'hé', true],
  );
});
