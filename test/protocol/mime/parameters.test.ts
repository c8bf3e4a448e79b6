import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseContentFields } from '@vaguemestre/server/codec/mime/content-fields';
import { parseStructuredValue } from '@vaguemestre/server/codec/mime/parameters';
import { decodeExtendedParameter, fileName } from '@vaguemestre/server/codec/mime/text';
import { maxMimeParameters } from '@vaguemestre/server/kernel/limits';

function show(value: string): string {
  const { head, parameters } = parseStructuredValue(value);
  return [head, ...parameters.map(({ name, value: text }) => `${name}=${text}`)].join('|');
}

const cases: readonly (readonly [string, string, string])[] = [
  ['text/plain', 'text/plain', 'no parameters'],
  ['text/plain; charset=utf-8; format=flowed', 'text/plain|charset=utf-8|format=flowed', 'tokens'],
  ['text/plain;charset="utf-8";', 'text/plain|charset=utf-8', 'a quoted value, a semicolon too many'],
  ['a/b; x="q \\"q\\" ; \\\\"; y=1', 'a/b|x=q "q" ; \\|y=1', 'quoted pairs and semicolons in quotes'],
  ['a (c; c) /b (d); x=1 (e)', 'a  /b|x=1', 'comments'],
  ['a/b; boundary=----=_Part (1) 2', 'a/b|boundary=----=_Part (1) 2', 'blanks and specials without quotes'],
  ['a/b; X = 1', 'a/b|x=1', 'blanks around the equals sign, names without case'],
  ['a/b; nonsense; y=2; =3', 'a/b|y=2', 'words that are no parameters'],
  ['a/b; x="never closed; y=2', 'a/b|x=never closed; y=2', 'a quote that never closes'],
  ['a/b; n*0=ab; n*1=cd', 'a/b|n=abcd', 'RFC 2231 3: continuations'],
  ['a/b; n*1=cd; n*0=ab; n*3=no', 'a/b|n=abcd', 'continuations out of order; a gap ends them'],
  ['a/b; n*0*=utf-8\'fr\'%C3%A9; n*1="x y"; n*2*=%20z', "a/b|n*=utf-8'fr'%C3%A9x%20y%20z", 'RFC 2231 4.1: mixed'],
  ["a/b; n*=utf-8''%C3%A9; n=e", "a/b|n*=utf-8''%C3%A9|n=e", 'both forms'],
];

for (const [value, expected, what] of cases) test(`parameters: ${what}`, () => assert.equal(show(value), expected));

test('a huge list is cut off', () => {
  const many = Array.from({ length: 5_000 }, (_, i) => `p*${i}=x`).join(';');
  assert.equal(parseStructuredValue(`a/b;${many}`).parameters[0]?.value.length, maxMimeParameters);
});

test('extended values are decoded by their charset', () => {
  assert.equal(decodeExtendedParameter('n*', "utf-8''%C3%A9t%c3%a9"), 'été');
  assert.equal(decodeExtendedParameter('n*', "iso-8859-1'fr'%E9t%E9.txt"), 'été.txt');
  assert.equal(decodeExtendedParameter('n*', '100%'), '100%');
  assert.equal(decodeExtendedParameter('n', 'x'), undefined);
});

const fields = (block: string, inDigest = false): ReturnType<typeof parseContentFields> =>
  parseContentFields(block, inDigest);

test('defaults of RFC 2045 5.2 and RFC 2046 5.1.5', () => {
  assert.deepEqual(
    [fields('').type, fields('').subtype, fields('').parameters],
    ['text', 'plain', [{ name: 'charset', value: 'us-ascii' }]],
  );
  assert.deepEqual([fields('', true).type, fields('', true).subtype], ['message', 'rfc822']);
  assert.equal(fields('').encoding, '7bit');
  for (const invalid of ['nothing', '/', 'text/', '/plain', 'te xt/plain', '"text/html"', 'a\x80/b']) {
    assert.equal(`${fields(`Content-Type: ${invalid}\r\n`).type}`, 'text', invalid);
    assert.equal(`${fields(`Content-Type: ${invalid}\r\n`).subtype}`, 'plain', invalid);
  }
});

test('the first field of a name counts; names and tokens have no case', () => {
  const found = fields(
    'CONTENT-TYPE: Image/PNG; Name=x\r\nContent-Type: text/html\r\nContent-transfer-encoding: BASE64 (c)\r\n',
  );
  assert.deepEqual(
    [found.type, found.subtype, found.encoding, found.parameters],
    ['image', 'png', 'base64', [{ name: 'name', value: 'x' }]],
  );
  assert.equal(fields('Content-Transfer-Encoding: 8 bit\r\n').encoding, '8bit');
});

test('the other fields', () => {
  const found = fields(
    'Content-ID: <1@x>\r\nContent-Description: a\r\n b\r\nContent-MD5: Q2hlY2s=\r\nContent-Disposition: Attachment; filename=a\r\nContent-Language: fr, en-GB\r\nContent-Location: http://x/\r\n y\r\n',
  );
  assert.deepEqual(found, {
    ...fields(''),
    id: '<1@x>',
    description: 'a b',
    md5: 'Q2hlY2s=',
    disposition: { head: 'attachment', parameters: [{ name: 'filename', value: 'a' }] },
    languages: ['fr', 'en-GB'],
    location: 'http://x/y',
  });
});

test('file names: disposition before type, extended before plain, encoded words too', () => {
  const name = (block: string): string | undefined => fileName(fields(block));
  assert.equal(
    name("Content-Disposition: attachment; filename=a; filename*=utf-8''%C3%A9\r\nContent-Type: a/b; name=c\r\n"),
    'é',
  );
  assert.equal(name('Content-Disposition: attachment; filename="=?utf-8?Q?=C3=A9?="\r\n'), 'é');
  assert.equal(name('Content-Disposition: attachment\r\nContent-Type: a/b; name=c\r\n'), 'c');
  assert.equal(name('Content-Type: a/b\r\n'), undefined);
});
