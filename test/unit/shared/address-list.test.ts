/** Addresses as people type and paste them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAddress, parseAddressList } from '@vaguemestre/shared/address-list';
import fc from 'fast-check';

const read = (text: string) =>
  parseAddressList(text).addresses.map(({ name, email }) => (name === null ? email : `${name}|${email}`));

describe('addresses as people type them', () => {
  for (const [text, expected] of [
    ['anna@x.example', ['anna@x.example']],
    ['Anna Weber <anna@x.example>', ['Anna Weber|anna@x.example']],
    ['"Weber, Anna" <anna@x.example>; paul@y.example', ['Weber, Anna|anna@x.example', 'paul@y.example']],
    ['a@x.example\nb@x.example\r\n\r\nc@x.example,', ['a@x.example', 'b@x.example', 'c@x.example']],
    ['a@x.example b@x.example', ['a@x.example', 'b@x.example']],
    ['Anna Weber anna@x.example', ['Anna Weber|anna@x.example']],
    ['mailto:a@x.example', ['a@x.example']],
    ['<mailto:a@x.example>', ['a@x.example']],
    ['"L\\"outil" <a@x.example>', ['L"outil|a@x.example']],
    ['Team: Anna <a@x.example>, b@x.example;', ['Anna|a@x.example', 'b@x.example']],
    ['Élodie  Façade <é@labo.example>', ['Élodie Façade|é@labo.example']],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(read(text), expected));
  }

  it('gives back what it cannot read', () => {
    assert.deepEqual(parseAddressList('paul, a@x.example, <b@>'), {
      addresses: [{ name: null, email: 'a@x.example' }],
      rest: ['paul', '<b@>'],
    });
    assert.deepEqual(parseAddressList('"open <a@x.example>\nb@x.example').addresses.at(-1)?.email, 'b@x.example');
  });

  it('knows an address when it sees one', () => {
    for (const good of ['a@b', 'jean.dupont+x@sub.labo.example', 'é@labo.example'])
      assert.equal(isAddress(good), true, good);
    for (const bad of ['a', '@b', 'a@', 'a b@c', 'a@b.', 'a@.b', 'a@b..c', '<a@b>', 'a@b,c', 'a@b_c']) {
      assert.equal(isAddress(bad), false, bad);
    }
  });

  it('loses nothing, whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a@x.example', 'Anna', '"', '<', '>', ',', ';', '\n', ' ', '\\', ':', '@', 'é')),
        (parts) => {
          const text = parts.join('');
          const { addresses, rest } = parseAddressList(text);
          const typed = text.split('a@x.example').length - 1;
          const kept = addresses.length + rest.join(' ').split('a@x.example').length - 1;
          assert.ok(addresses.every(({ email }) => isAddress(email)));
          assert.ok(kept <= typed || addresses.some(({ email }) => email !== 'a@x.example'));
          if (addresses.length === 0 && rest.length === 0) assert.equal(text.replace(/[\s,;]/g, ''), '');
        },
      ),
    );
  });

  it('takes a time that grows with the text alone', () => {
    const started = performance.now();
    for (const text of [
      '<'.repeat(200_000),
      '"\\'.repeat(100_000),
      'a@x.example,'.repeat(20_000),
      'a '.repeat(100_000),
      ':'.repeat(200_000),
    ]) {
      parseAddressList(text);
    }
    assert.ok(performance.now() - started < 1_000);
  });
});
