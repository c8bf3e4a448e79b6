import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normaliseDomain, parseAddress } from '@vaguemestre/server/auth/address';
import fc from 'fast-check';

const parse = (text: string) => parseAddress(text, 'labo.example');

describe('addresses', () => {
  test('case, surrounding space and a final dot do not matter', () => {
    assert.equal(parse(' Anne.Durand@LABO.Example. ')?.address, 'anne.durand@labo.example');
  });

  test('a bare name is in the laboratory', () => {
    assert.equal(parse('Anne')?.address, 'anne@labo.example');
  });

  test('the detail is split off at the first plus, in its own spelling', () => {
    assert.deepEqual(parse('anne+Liste+Python@labo.example'), {
      address: 'anne@labo.example',
      local: 'anne',
      domain: 'labo.example',
      detail: 'Liste+Python',
    });
    assert.equal(parse('anne+@labo.example')?.detail, '');
    assert.equal(parse('anne@labo.example')?.detail, undefined);
    assert.equal(parse('+anne@labo.example')?.local, '+anne');
  });

  test('composed and decomposed letters are one person', () => {
    assert.equal(parse('rene\u0301@labo.example')?.address, parse('ren\u00e9@labo.example')?.address);
    assert.equal(parse('REN\u00c9@labo.example')?.address, 'ren\u00e9@labo.example');
  });

  test('a domain in letters and in its ASCII form are one domain', () => {
    assert.equal(parse('a@b\u00fccher.example')?.address, 'a@xn--bcher-kva.example');
    assert.equal(parse('a@xn--bcher-kva.example')?.address, 'a@xn--bcher-kva.example');
  });

  test('a quoted local part means what is inside', () => {
    assert.equal(parse('"anne"@labo.example')?.address, 'anne@labo.example');
    assert.equal(parse('"an\\ne"@labo.example')?.address, 'anne@labo.example');
  });

  test('what is no address is none', () => {
    const none = [
      '',
      ' ',
      '@',
      'anne@',
      '@labo.example',
      'an ne@labo.example',
      'a@b@labo.example',
      '"a b"@labo.example',
    ];
    none.push('a\r\n@labo.example', 'a\0@labo.example', 'a@[127.0.0.1]', 'a@labo.example/x', 'a@labo example', 'a@?.b');
    none.push(`${'a'.repeat(500)}@labo.example`, `a@${'b'.repeat(300)}`, '<anne@labo.example>', '""@labo.example');
    for (const text of none) assert.equal(parse(text), undefined, JSON.stringify(text));
    for (const text of ['', '.', 'a b', '[::1]', 'a:25', 'a/b', 'a%41']) assert.equal(normaliseDomain(text), undefined);
  });

  test('normalising twice changes nothing, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const once = parse(text);
        if (once === undefined) return;
        assert.equal(parse(once.address)?.address, once.address);
      }),
      { numRuns: 2000 },
    );
  });
});
