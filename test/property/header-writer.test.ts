/** What is written is read again as it was given: by our own reader, and by another one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBinaryString } from '@vaguemestre/server/codec/mime/header-fields';
import {
  addressesForm,
  dateForm,
  groupedAddressesForm,
  messageIdsForm,
  textForm,
  urlsForm,
} from '@vaguemestre/server/codec/mime/header-forms';
import {
  addressesField,
  dateField,
  groupsField,
  messageIdsField,
  rawField,
  textField,
  urlsField,
} from '@vaguemestre/server/codec/mime/header-writer';
import fc from 'fast-check';

const strange = fc.string({
  unit: fc.constantFrom(
    'a',
    'é',
    ' ',
    '"',
    '\\',
    '(',
    ')',
    ',',
    ';',
    ':',
    '<',
    '>',
    '@',
    '=?',
    '?=',
    '\r',
    '\n',
    '\0',
    '😀',
    '.',
    '语',
  ),
  maxLength: 40,
});
const text = fc.oneof(strange, fc.string({ maxLength: 300 }), fc.constantFrom('', 'x'.repeat(3000), '=?utf-8?Q?x?='));
const name = fc.oneof(strange, fc.constantFrom('Anne Martin', 'Müller, Zoé', 'a "b" c'));
const local = fc.oneof(
  fc.constantFrom('anne', 'anne.martin', 'zoé', '"a b"'),
  fc.string({ unit: fc.constantFrom('a', '.', ' ', '"', '@', '\\', '<', '>', ','), minLength: 1, maxLength: 12 }),
);
const email = local.map((each) => `${each}@labo.example`);

/** Of the field as octets: its raw value. It is one field, and its lines are short. */
function rawValue(field: string): string {
  const octets = toBinaryString(Buffer.from(field));
  assert.ok(octets.endsWith('\r\n'));
  const lines = octets.slice(0, -2).split('\r\n');
  for (const [i, line] of lines.entries()) {
    assert.ok(line.length <= 998, 'no line is over 998 octets');
    assert.ok(!/[\r\n\0]/.test(line));
    if (i > 0) assert.match(line, /^ ./, 'what goes on begins with a space and is not empty');
  }
  return octets.slice(octets.indexOf(':') + 1, -2);
}

const spaces = (value: string): string =>
  [...value]
    .map((each) => (each < ' ' || each === '\x7f' ? ' ' : each))
    .join('')
    .normalize('NFC');
const collapsed = (value: string): string => value.replace(/ +/g, ' ').trim();

test('texts', () => {
  fc.assert(
    fc.property(text, (value) => {
      assert.equal(collapsed(textForm(rawValue(textField('Subject', value)))), collapsed(spaces(value)));
    }),
  );
});

test('addresses, whatever is in their names', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name: fc.option(name), email }), { minLength: 1, maxLength: 6 }), (list) => {
      const read = addressesForm(rawValue(addressesField('To', list)));
      assert.equal(read.length, list.length, 'no name makes an address of its own');
      for (const [i, { name: given }] of list.entries()) {
        const wanted = given === null ? '' : collapsed(spaces(given));
        assert.equal(collapsed(read[i]!.name ?? ''), wanted);
        assert.ok(read[i]!.email.endsWith('@labo.example'));
      }
    }),
  );
});

test('plain addresses come back as they are', () => {
  const list = [
    { name: null, email: 'anne@labo.example' },
    { name: 'Müller, Zoé', email: 'zoé@müller.example' },
    { name: 'O"Brien', email: '"a b"@labo.example' },
  ];
  assert.deepEqual(
    addressesForm(rawValue(addressesField('To', list))).map(({ name: each }) => each),
    list.map(({ name: each }) => each),
  );
  assert.equal(addressesField('To', list.slice(0, 1)), 'To: anne@labo.example\r\n');
  const groups = [
    { name: null, addresses: [list[0]!] },
    { name: 'Bureau', addresses: list.slice(0, 2) },
    { name: 'Personne', addresses: [] },
    { name: null, addresses: [list[0]!] },
  ];
  assert.deepEqual(groupedAddressesForm(rawValue(groupsField('To', groups))), groups);
});

test('ids, URLs and dates', () => {
  const ids = Array.from({ length: 30 }, (_, i) => `message-${i}@labo.example`);
  assert.deepEqual(messageIdsForm(rawValue(messageIdsField('References', ids))), ids);
  const urls = ['https://labo.example/?a=1,2', 'mailto:x@labo.example'];
  assert.deepEqual(urlsForm(rawValue(urlsField('List-Help', urls))), urls);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e9 }), fc.integer({ min: -14 * 60, max: 14 * 60 }), (seconds, zone) => {
      const read = dateForm(rawValue(dateField('Date', seconds * 1000, zone)));
      assert.equal(Date.parse(read!), seconds * 1000);
    }),
  );
});

test('a raw value goes in as it is, or not at all', () => {
  assert.equal(rawField('X-A', ' one\r\n two'), 'X-A: one\r\n two\r\n');
  for (const value of ['a\r\nBcc: b', 'a\nb', 'a\r\n', 'a\r\n \r\n b', 'a\0', 'x'.repeat(1000)]) {
    assert.equal(rawField('X-A', value), undefined);
  }
});
