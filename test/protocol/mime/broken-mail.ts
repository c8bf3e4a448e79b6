import fc from 'fast-check';

/**
 * Mail that is wrong in every way at once, made of the pieces that scanners trip over. Used by the property tests: whatever it
 * is, it must be read the same way however it is cut.
 */
const pieces = [
  'From: Jürgen <j@example.org>\r\n',
  'From: =?utf-8?Q?Ren=C3=A9?= <r@example.org>, "x, y" (c (d)) <@a,@b:q@z>\r\n',
  'Subject: un\r\n deux\r\n\ttrois\r\n',
  'Subject: =?iso-8859-1?B?6eg=?= =?iso-8859-1?Q?_=E0?=\r\n',
  'Content-Type: multipart/mixed; boundary=a\r\n',
  'Content-Type: multipart/mixed; boundary="ab"\r\n',
  'Content-Type: multipart/digest; boundary="a b"\r\n',
  'Content-Type: multipart/alternative\r\n',
  'Content-Type: message/rfc822\r\n',
  'Content-Type: text/html; charset=utf-8\r\n',
  "Content-Type: text/plain; charset*0*=us-; charset*1=ascii; name*=utf-8''%C3%A9\r\n",
  'Content-Type: image/png; name="=?utf-8?B?w6k=?="\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n',
  'Content-Disposition: attachment; filename="a\\"b"\r\n',
  'Message-ID: <1@x> <2@y\r\n',
  '\r\n',
  '\r\n\r\n',
  '\n',
  '\r',
  '\0',
  '--a\r\n',
  '--a--\r\n',
  '--ab\r\n',
  '--ab-- \t\r\n',
  '--a b\r\n',
  '--a \r\n',
  '-',
  '--',
  '--a',
  'text with words and caf\xc3\xa9\r\n',
  'latin \xe9\xe8\r\n',
  'soft=\r\nbreak =3D =C3=A9 = \r\n',
  'YWJjZGVmZ2hpamts\r\nbW5vcA==\r\n',
  '<p>html &eacute;&#233;<b>bold</b><!-- no --><style>x</style> &amp</p>\r\n',
  '.\r\n',
  'x'.repeat(90),
] as const;

const rubble = fc
  .array(fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 12 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));
const fields = fc
  .array(
    fc.constantFrom(
      ...pieces.filter((piece) => piece.includes(': ') && !piece.includes('multipart') && !piece.includes('rfc822')),
    ),
    {
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(''));

/** Mail as it should be, nested, now and then with rubble inside or without its end. */
const { message } = fc.letrec<{ message: string; multipart: string; encapsulated: string; leaf: string }>((tie) => ({
  message: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('multipart'), tie('encapsulated')),
  leaf: fc.tuple(fields, rubble).map(([head, body]) => `${head}\r\n${body}`),
  multipart: fc
    .record({
      head: fields,
      subtype: fc.constantFrom('mixed', 'alternative', 'digest'),
      boundary: fc.constantFrom('a', 'ab', 'a b', 'a--'),
      preamble: fc.oneof(fc.constant(''), rubble),
      parts: fc.array(tie('message'), { maxLength: 3 }),
      padding: fc.constantFrom('', '', ' ', '\t \t'),
      end: fc.constantFrom('close', 'close', 'none', 'epilogue'),
    })
    .map(({ head, subtype, boundary, preamble, parts, padding, end }) => {
      const body = parts.map((part) => `\r\n--${boundary}${padding}\r\n${part}`).join('');
      const close = end === 'none' ? '' : `\r\n--${boundary}--${padding}\r\n`;
      return `${head}Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\n${preamble}${body}${close}${end === 'epilogue' ? 'bye\r\n' : ''}`;
    }),
  encapsulated: fc
    .tuple(fields, tie('message'))
    .map(([head, inner]) => `${head}Content-Type: message/rfc822\r\n\r\n${inner}`),
}));

/** Octets as a latin1 string is understood by Buffer. */
export const brokenMail: fc.Arbitrary<Buffer> = fc
  .oneof({ weight: 1, arbitrary: rubble }, { weight: 4, arbitrary: message })
  .map((text) => Buffer.from(text, 'latin1'));

/** Octets with the places to cut them at, any number of times, also into pieces of one octet. */
export const brokenMailWithCuts: fc.Arbitrary<{ readonly octets: Buffer; readonly chunks: Buffer[] }> =
  brokenMail.chain((octets) =>
    fc
      .oneof(
        fc.array(fc.nat({ max: octets.length }), { maxLength: 20 }),
        fc.constant(Array.from({ length: octets.length }, (_, i) => i)),
      )
      .map((cuts) => {
        const at = [...new Set([0, ...cuts, octets.length])].sort((a, b) => a - b);
        return { octets, chunks: at.slice(1).map((end, i) => octets.subarray(at[i], end)) };
      }),
  );
