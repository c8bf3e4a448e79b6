import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileListPattern } from '@vaguemestre/server/codec/imap/list-pattern';
import { formatMailboxName, nameFault, parseMailboxName } from '@vaguemestre/server/codec/imap/mailbox-name';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '@vaguemestre/server/codec/imap/modified-utf7';
import fc from 'fast-check';

const decode = (text: string): string | undefined => decodeModifiedUtf7(Buffer.from(text, 'latin1'));

test('modified UTF-7: the examples of RFC 3501 5.1.3 and some French', () => {
  for (const [encoded, text] of [
    ['~peter/mail/&U,BTFw-/&ZeVnLIqe-', '~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e'],
    ['&Jjo-!', '\u263a!'],
    ['&U,BTF2XlZyyKng-', '\u53f0\u5317\u65e5\u672c\u8a9e'],
    ['Envoy&AOk-s', 'Envoy\u00e9s'],
    ['&AMk-l&AOk-ments supprim&AOk-s', '\u00c9l\u00e9ments supprim\u00e9s'],
    ['a&-b', 'a&b'],
    ['&-&-', '&&'],
    ['&2D3eAA-', '\ud83d\ude00'],
    ['&AOk-&-', '\u00e9&'],
    ['', ''],
  ] as const) {
    assert.equal(decode(encoded), text);
    assert.equal(encodeModifiedUtf7(text), encoded);
  }
});

test('modified UTF-7: one spelling a name', () => {
  for (const bad of [
    '&', // left open
    '&AOk', // left open
    'a&b', // not base64
    '&AGE-', // printable ASCII in base64
    '&U,BTFw-&ZeVnLIqe-', // two shifts for one
    '&AA-', // half a character
    '&AOl-', // spare bits
    '&AOkA-', // six bits too many
    '&2D0-', // half a pair
    '&3gA-', // the other half
    '&2D0AYQ-', // a pair that is none
    '&AOk=-', // padding
    '&A/k-', // the wrong alphabet
    '\u00e9', // 8 bit
    '\t',
  ]) {
    assert.equal(decode(bad), undefined, bad);
  }
});

test('modified UTF-7: round trip of any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const encoded = encodeModifiedUtf7(text);
      assert.ok(Buffer.from(encoded).every((octet) => octet >= 0x20 && octet <= 0x7e));
      assert.equal(decode(encoded), text);
    }),
  );
});

test('modified UTF-7: what decodes, encodes to the same octets', () => {
  const piece = fc.constantFrom('&', '-', 'A', 'O', 'k', 'AOk', ',', '2D3eAA', '/', 'x');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      const decoded = decode(text);
      if (decoded !== undefined) assert.equal(encodeModifiedUtf7(decoded), text);
    }),
    { numRuns: 3000 },
  );
});

test('rules of names', () => {
  for (const good of ['a', 'INBOX', 'a/b c', '\u00e9', '"\\', 'a*b', '&'])
    assert.equal(nameFault(good), undefined, good);
  for (const bad of ['', '/', 'a/', '/a', 'a//b', 'a\tb', 'a\u007f', '\u0085', '\u2028', '\uffff', 'x'.repeat(1001)]) {
    assert.notEqual(nameFault(bad), undefined, JSON.stringify(bad));
  }
});

test('INBOX is without case as whole name and as first level', () => {
  const name = (text: string): string => parseMailboxName(Buffer.from(text), false);
  assert.equal(name('inbox'), 'INBOX');
  assert.equal(name('iNbOx/Sub'), 'INBOX/Sub');
  assert.equal(name('inboxes'), 'inboxes');
  assert.equal(name('a/inbox'), 'a/inbox');
});

test('names go out as they come in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), fc.boolean(), (text, utf8) => {
      const path = text.normalize('NFC');
      if (nameFault(path) !== undefined || path.toUpperCase().startsWith('INBOX')) return;
      const written = formatMailboxName(path, utf8);
      const octets = Buffer.from(written.slice(1, -1).replaceAll(/\\(.)/g, '$1'), 'latin1');
      assert.equal(parseMailboxName(octets, utf8), path);
    }),
  );
});

test('patterns', () => {
  const matches = (pattern: string, path: string, reference = ''): boolean =>
    compileListPattern(reference, pattern).matches(path);
  for (const [pattern, path, reference] of [
    ['*', 'a/b/c'],
    ['%', 'a'],
    ['%/%', 'a/b'],
    ['a*c', 'a/b/c'],
    ['a%c', 'abbc'],
    ['*b%', 'a/bc'],
    ['%%%', 'a'],
    ['**%*', 'a/b'],
    ['', '', 'x'.slice(1)],
    ['inbox', 'INBOX'],
    ['InB%', 'INBOX'],
    ['inbox/*', 'INBOX/a'],
    ['%', 'a/b', 'a/'],
    ['*', 'a', 'a'],
    ['a*', 'a'],
    ['a*b*c', 'axbxbxc'],
    ['%*c', 'a/b/c'],
  ] as const) {
    assert.equal(matches(pattern, path, reference), true, `${pattern} ${path}`);
  }
  for (const [pattern, path] of [
    ['%', 'a/b'],
    ['a', 'A'],
    ['a%c', 'a/c'],
    ['inbox', 'INBOXES'],
    ['Inboxes', 'INBOXES'],
    ['inbox/a', 'INBOX/A'],
    ['a%', 'ba'],
    ['a/%', 'a'],
    ['\uffff', 'a'],
    ['abc', 'ab'],
  ] as const) {
    assert.equal(matches(pattern, path), false, `${pattern} ${path}`);
  }
});

test('one reading tells of the parents too', () => {
  const levels = (pattern: string, path: string): readonly number[] => compileListPattern('', pattern).levels(path);
  assert.deepEqual(levels('*', 'a/bc/d'), [1, 4, 6]);
  assert.deepEqual(levels('%', 'a/bc/d'), [1]);
  assert.deepEqual(levels('%/b%', 'a/bc/d'), [4]);
  assert.deepEqual(levels('inbox', 'INBOX/a'), [5]);
  assert.deepEqual(levels('x', 'a/b'), []);
});

test('patterns agree with the definition', () => {
  function slow(pattern: string, path: string): boolean {
    if (pattern === '') return path === '';
    const wild = pattern[0] === '*' || pattern[0] === '%';
    if (!wild) return path[0] === pattern[0] && slow(pattern.slice(1), path.slice(1));
    if (slow(pattern.slice(1), path)) return true;
    return path !== '' && !(pattern[0] === '%' && path[0] === '/') && slow(pattern, path.slice(1));
  }
  const letters = fc.constantFrom('a', 'b', '/');
  fc.assert(
    fc.property(
      fc.array(fc.oneof(letters, fc.constantFrom('*', '%')), { maxLength: 8 }),
      fc.array(letters, { maxLength: 8 }),
      (pattern, path) => {
        const whole = pattern.join('');
        assert.equal(compileListPattern('', whole).matches(path.join('')), slow(whole, path.join('')));
      },
    ),
    { numRuns: 3000 },
  );
});
