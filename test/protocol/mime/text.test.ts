import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAddressMatcher } from '@vaguemestre/server/codec/mime/address-search';
import { createFieldMatcher } from '@vaguemestre/server/codec/mime/field-search';
import { foldText } from '@vaguemestre/server/codec/mime/fold';
import { createHtmlTextDecoder } from '@vaguemestre/server/codec/mime/html-text';
import { messageFacts, withPrefix } from '@vaguemestre/server/codec/mime/message-facts';
import {
  createSignatureBuilder,
  maxNeedleBytes,
  maxSignatureParts,
  mayHold,
  needleBits,
  signatureBytes,
} from '@vaguemestre/server/codec/mime/signature';
import { createTextSearch, textMatches } from '@vaguemestre/server/codec/mime/text-search';
import { createTransferDecoder } from '@vaguemestre/server/codec/mime/transfer-encoding';
import fc from 'fast-check';
import { brokenMail } from './broken-mail.js';

const fold = (text: string): string => Buffer.from(foldText(text)).toString();

const folds: readonly (readonly [string, string, string])[] = [
  ['Été À Noël', 'ete a noel', 'accents and case'],
  ['e\u0301', 'e', 'combining marks'],
  ['Cœur Æsop Straße ÅØł', 'coeur aesop strasse aol', 'letters that do not come apart'],
  ['ﬁn Ⅳ ｆｕｌｌ x²', 'fin iv full x2', 'compatibility forms'],
  ['ΟΔΟΣ οδος', 'οδοσ οδοσ', 'both forms of sigma'],
  ['l\u2019\u00e9t\u00e9 \u2014 \u201ca\u201d', 'l\'ete - "a"', 'typographic signs'],
  ['so\u00adft\u200b zero', 'soft zero', 'what nobody sees'],
  ['a \t\r\n\u00a0 b', 'a b', 'white space'],
  [' a ', ' a ', 'white space at the ends of a needle'],
  ['İstanbul ISPARTA ı', 'istanbul isparta i', 'Turkish letters'],
  ['が \u304b\u3099', 'か\u3099 か\u3099', 'voicing marks stay'],
  ['𝔘 😀 \ud800', 'u 😀 \ufffd', 'beyond the basic plane, and half of a pair'],
  ['\0', '\u0001', 'NUL is no separator'],
];

for (const [text, expected, what] of folds) test(`folding: ${what}`, () => assert.equal(fold(text), expected));

test('folding a text is folding its pieces', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      (a, b) => {
        assert.equal(fold(`x${a}${b}`), fold(`x${a}${/\s$/.test(a) ? b.trimStart() : b}`));
        assert.equal(fold(fold(a)), fold(a));
      },
    ),
  );
});

const html = (text: string): string => {
  const decoder = createHtmlTextDecoder();
  return decoder.push(text) + decoder.end();
};

const pages: readonly (readonly [string, string, string])[] = [
  ['<p>a</p><p>b<br/>c</p>', '\na\n\nb\nc\n', 'blocks begin lines'],
  ['foo<b>bar</b><a href="x>y">z</a>', 'foobarz', 'inline elements join; > in quotes'],
  ['a<!-- b > <p> --- -->c<!---->d<!DOCTYPE html>e', 'acde', 'comments and declarations'],
  ['a<style>p > b {}</style>b<SCRIPT>if (a</b) </scripty></SCRIPT >c', 'a b c', 'hidden elements'],
  ['a<title>t</title>b', 'a b', 'the title'],
  ['&lt;&eacute;&#233;&#xE9;&nbsp;&amp;amp; &hellip;', '<ééé\u00a0&amp; …', 'entities'],
  ['&nope; &EACUTE; AT&T a & b &', '&nope; é AT&T a & b &', 'what is no entity stays'],
  ['&#0; &#99999999; &#xD800; &#150;', '&#0; &#99999999; &#xD800; –', 'numbers that are no characters'],
  ['1 < 2 <3 a<', '1 < 2 <3 a<', 'signs that begin no tag'],
  ['<p class=x', '', 'a tag that never ends'],
];

for (const [page, expected, what] of pages) test(`html: ${what}`, () => assert.equal(html(page), expected));

const decode = (encoding: string, text: string): string => {
  const decoder = createTransferDecoder(encoding);
  return Buffer.concat([Buffer.from(decoder.push(Buffer.from(text, 'latin1'))), Buffer.from(decoder.end())]).toString(
    'latin1',
  );
};

test('quoted-printable: RFC 2045 6.7 and what is met', () => {
  assert.equal(decode('quoted-printable', 'a=3D=e9 b=\r\nc= \t\r\nd  \r\ne \t'), 'a=\xe9 bcd\r\ne');
  assert.equal(decode('quoted-printable', '=XY = x =4 ='), '=XY = x =4 =');
  assert.equal(decode('quoted-printable', 'a=\nb=\rc'), 'abc');
  assert.equal(decode('quoted-printable', `a${' '.repeat(2_500)}b`), `a${' '.repeat(2_500)}b`);
});

test('base64: padding, line ends, rubbish, runs one behind the other', () => {
  assert.equal(decode('base64', 'YWJj\r\nZGU=\r\n'), 'abcde');
  assert.equal(decode('base64', 'Y W!J\x80j'), 'abc');
  assert.equal(decode('base64', 'YQ==YmM=ZGVm'), 'abcdef');
  assert.equal(decode('base64', 'YWI'), 'ab');
  assert.equal(decode('base64', 'YQ'), 'a');
  assert.equal(decode('base64', ''), '');
});

test('what is encoded is decoded', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const lines = Buffer.from(octets)
        .toString('base64')
        .replace(/(.{76})/g, '$1\r\n');
      assert.equal(decode('base64', lines), Buffer.from(octets).toString('latin1'));
      const quoted = Array.from(octets, (octet) => `=${octet.toString(16).toUpperCase().padStart(2, '0')}`).join('');
      assert.equal(
        decode('quoted-printable', quoted.replace(/(.{72})/g, '$1=\r\n')),
        Buffer.from(octets).toString('latin1'),
      );
    }),
  );
});

const message = (head: string, body: string): Buffer => Buffer.from(`${head}\r\n\r\n${body}`.replace(/\r?\n/g, '\r\n'));

const mixed = message(
  'From: =?utf-8?Q?Andr=C3=A9?= <a@x>\nSubject: quarterly =?utf-8?B?csOpdW5pb24=?=\nContent-Type: multipart/mixed; boundary=b',
  `preamble words
--b
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<p>L'=E9t=E9 <b>der</b>nier, hyphen=
ation</p>
--b
Content-Type: text/plain; name*=utf-8''r%C3%A9sum%C3%A9.txt
Content-Disposition: attachment
Content-Transfer-Encoding: base64

${Buffer.from('attached secret').toString('base64')}
--b
Content-Type: application/pdf
Content-Transfer-Encoding: base64

${Buffer.from('invisible inside').toString('base64')}
--b
Content-Type: message/rfc822

Subject: inner subject

inner text
--b--
epilogue words`,
);

const text = (needle: string): boolean => textMatches(mixed, { text: needle, scope: 'text' });
const body = (needle: string): boolean => textMatches(mixed, { text: needle, scope: 'body' });

test('TEXT and BODY look at decoded, folded text', () => {
  for (const needle of [
    "L'ETE dernier",
    'hyphenation',
    'attached SECRET',
    'resume.txt',
    'inner subject',
    'inner text',
    'preamble',
    '',
  ]) {
    assert.ok(text(needle) && body(needle), needle);
  }
  for (const needle of ['andre', 'quarterly reunion', 'subject: quarterly']) {
    assert.ok(text(needle), needle);
    assert.ok(!body(needle), `${needle} is in the header only`);
  }
  for (const needle of ['invisible', '<b>', 'epilogue', 'hyphenation attached', 'zzz'])
    assert.ok(!text(needle), needle);
});

test('several needles in one pass, and an early end', () => {
  const search = createTextSearch([
    { text: 'reunion', scope: 'text' },
    { text: 'nowhere', scope: 'text' },
    { text: 'reunion', scope: 'body' },
  ]);
  search.push(mixed);
  assert.ok(!search.done);
  assert.deepEqual(search.end(), [true, false, false]);
  const early = createTextSearch([{ text: 'andre', scope: 'text' }]);
  early.push(mixed);
  assert.ok(early.done);
});

test('a needle over the borders of chunks and buffers is found', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_000 }), fc.integer({ min: 1, max: 300 }), (before, step) => {
      const octets = message('A: b', `${'x'.repeat(before)}needle in hay${'y'.repeat(500)}`);
      const search = createTextSearch([{ text: 'needle in hay', scope: 'body' }]);
      for (let i = 0; i < octets.length; i += step) search.push(octets.subarray(i, i + step));
      assert.deepEqual(search.end(), [true]);
    }),
    { numRuns: 60 },
  );
});

test('header fields are searched decoded, by name', () => {
  const block = Buffer.from(
    'Subject: =?utf-8?Q?R=C3=A9union?= demain\r\nSubject-X: other\r\nTo: Caf\xe9 <C@X.org>\r\nEmpty:\r\n\r\nsubject: body\r\n',
    'latin1',
  );
  const matches = (name: string, needle: string): boolean => createFieldMatcher(name, needle)(block);
  assert.ok(matches('Subject', 'REUNION DEMAIN') && matches('to', 'cafe <c@x.ORG>') && matches('EMPTY', ''));
  assert.ok(
    !matches('subject', 'other') && !matches('subject', 'body') && !matches('sub', '') && !matches('empty', 'x'),
  );
});

test('an address is found whole, wherever the list has it', () => {
  const block = Buffer.from(
    'From: anne@labo.example\r\nTo: "anne@labo.example" <other@labo.example>, Zo\xc3\xa9\r\n <Marianne@labo.example>,\r\n\tx: Paul <@relay:PAUL@Labo.Example>;\r\nCc: anne@labo.example.org, (note) r\xc3\xa9mi@labo.example\r\nTo: last@labo.example\r\n\r\nTo: body@labo.example\r\n',
    'latin1',
  );
  const names = (field: string, address: string): boolean => createAddressMatcher(field, address)(block);
  for (const [field, address] of [
    ['From', 'ANNE@labo.example'],
    ['to', 'marianne@LABO.example'],
    ['to', 'paul@labo.example'],
    ['to', 'last@labo.example'],
    ['cc', 'r\u00e9mi@labo.example'],
  ] as const) {
    assert.ok(names(field, address), address);
  }
  for (const [field, address] of [
    ['to', 'anne@labo.example'],
    ['cc', 'anne@labo.example'],
    ['from', 'nne@labo.example'],
    ['to', 'body@labo.example'],
    ['x', 'paul@labo.example'],
  ] as const) {
    assert.ok(!names(field, address), `${field} ${address}`);
  }
});

test('a field is found by whatever its decoded text contains', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
      fc.nat(30),
      fc.nat(30),
      (value, from, length) => {
        const block = Buffer.from(`X: =?utf-8?B?${Buffer.from(value).toString('base64')}?=\r\n`);
        const needle = [...value]
          .slice(from, from + length)
          .join('')
          .trim();
        assert.ok(createFieldMatcher('x', needle)(block));
      },
    ),
  );
});

const signatureOf = (octets: Uint8Array): readonly Uint8Array[] | undefined => {
  const builder = createSignatureBuilder();
  builder.push(octets);
  return builder.finish();
};

test('no needle that is in a text is missed by its signature', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 300, max: 40_000 }),
      fc.nat(),
      fc.integer({ min: 3, max: maxNeedleBytes }),
      (seed, size, at, length) => {
        let state = seed | 1;
        const octets = Uint8Array.from({ length: size }, () => {
          state = Math.imul(state, 1_103_515_245) + 12_345;
          return 97 + ((state >>> 16) % 26);
        });
        const start = at % (size - 1);
        const bits = needleBits(octets.subarray(start, start + length));
        const parts = signatureOf(octets);
        assert.ok(parts?.some((part) => mayHold(part, bits)));
      },
    ),
    { numRuns: 200 },
  );
});

test('a signature excludes most words that are not there', () => {
  const parts = signatureOf(foldText('the quick brown fox jumps over the lazy dog and runs away into the forest'));
  assert.deepEqual(
    parts?.map((part) => part.length),
    [signatureBytes],
  );
  const absent = ['zyxquorum', 'quarterly', 'laboratoire', 'prefecture', 'dossier 4711'];
  for (const word of absent) assert.ok(!mayHold(parts![0]!, needleBits(foldText(word))), word);
  assert.ok(mayHold(parts![0]!, needleBits(foldText('Lazy Dog'))));
});

test('needles too short to tell have no bits; a separator is in no trigram', () => {
  assert.deepEqual(needleBits(Buffer.from('ab')), []);
  assert.deepEqual(
    signatureOf(Buffer.from('ab\0cd')),
    [new Uint8Array(signatureBytes)].map((part) => Buffer.from(part)),
  );
});

test('a text of too many parts, or too long, has no signature', () => {
  let state = 7;
  const random = Uint8Array.from({ length: 400_000 }, () => {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    return 1 + ((state >>> 16) % 255);
  });
  assert.equal(signatureOf(random), undefined);
  assert.ok(signatureOf(random.subarray(0, 100_000))!.length <= maxSignatureParts);
  const builder = createSignatureBuilder();
  for (let i = 0; i < 9 && !builder.full; i++) builder.push(new Uint8Array(1024 * 1024).fill(97));
  assert.equal(builder.finish(), undefined);
});

test('the format of a signature never changes: it is stored', () => {
  assert.deepEqual(needleBits(Buffer.from('vaguemestre')), [433, 2123, 2184, 5108, 6038, 6060, 6304, 6345, 7120]);
});

test('whatever the signature excludes, the search does not find', () => {
  fc.assert(
    fc.property(
      brokenMail,
      fc.constantFrom('texte', 'bold', 'words', 'cafe', 'subject', 'html', 'break', 'jurgen', 'deux', 'abcdef'),
      (octets, needle) => {
        const { signature } = messageFacts(octets);
        const bits = needleBits(foldText(needle));
        if (signature !== undefined && !signature.some((part) => mayHold(part, bits))) {
          assert.ok(!textMatches(octets, { text: needle, scope: 'text' }));
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('facts with a prefix are the facts of prefix and content together, but for the tree', () => {
  const prefix = Buffer.from('Return-Path: <a@b>\r\nDelivered-To: zebra@labo.example\r\nReceived: from x\r\n');
  fc.assert(
    fc.property(fc.oneof(fc.constant(mixed), brokenMail), (octets) => {
      const added = withPrefix(messageFacts(octets), prefix);
      const whole = messageFacts(Buffer.concat([prefix, octets]));
      for (const key of [
        'size',
        'envelope',
        'bodyStructure',
        'headers',
        'from',
        'to',
        'subject',
        'sent',
        'messageId',
        'references',
        'preview',
      ] as const) {
        assert.deepEqual(added[key], whole[key], key);
      }
      const bits = needleBits(foldText('zebra@labo'));
      assert.ok(added.signature?.some((part) => mayHold(part, bits)));
    }),
  );
});

const preview = (octets: Buffer): string => messageFacts(octets).preview;

test('preview: 200 characters of what a reader sees first', () => {
  assert.equal(preview(mixed), "L'été dernier, hyphenation");
  assert.equal(preview(message('A: b', `${'mot '.repeat(100)}`)), 'mot '.repeat(50).trim());
  assert.equal(preview(message('Content-Type: text/plain; charset=utf-8', '\ufeff😀'.repeat(300))), '😀'.repeat(200));
  assert.equal(preview(message('Content-Type: multipart/mixed; boundary=b', 'only a preamble')), 'only a preamble');
  assert.equal(preview(message('Content-Type: image/png', 'x')), '');
  assert.equal(
    preview(
      message(
        'Content-Type: multipart/alternative; boundary=b',
        '--b\n\n \n--b\nContent-Type: text/html\n\n<p>Salut\n--b--',
      ),
    ),
    'Salut',
  );
});
