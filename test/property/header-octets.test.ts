/** What is read from octets for speed is the same as what the string readers and the scanner say, for any octets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFieldSelector } from '@vaguemestre/server/codec/mime/field-selector';
import { bodyStartOf } from '@vaguemestre/server/codec/mime/header-end';
import { toBinaryString, visitFields } from '@vaguemestre/server/codec/mime/header-fields';
import { scanMessage } from '@vaguemestre/server/codec/mime/scanner';
import { maxHeaderBytes } from '@vaguemestre/server/kernel/limits';
import fc from 'fast-check';

const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'Subject',
      'subject',
      'FROM',
      'To',
      'X-Odd',
      ':',
      ': ',
      ' ',
      '\t',
      'value',
      '\r\n',
      '\r\n ',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('\n', '\r', '\r\n\r\n', '\r\r\n', '\0', '\u00e9', 'Subject: x\r\n', 'To : y\r\n\tz\r\n'),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
);
const block = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(''), 'latin1'));
const names = fc.uniqueArray(fc.constantFrom('subject', 'from', 'to', 'x-odd', 'value', 'cc'), { maxLength: 4 });

describe('header octets', () => {
  it('selects the fields that the string reader sees', () => {
    fc.assert(
      fc.property(block, names, fc.boolean(), (octets, fields, not) => {
        const text = toBinaryString(octets);
        let expected = '';
        visitFields(text, (name, start, _valueStart, end) => {
          if (fields.includes(name as 'to') !== not) expected += text.slice(start, end);
        });
        if (expected !== '' && !expected.endsWith('\n')) expected += '\r\n';
        assert.equal(toBinaryString(createFieldSelector(fields, not)(octets)), `${expected}\r\n`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds the body where the scanner finds it', () => {
    fc.assert(
      fc.property(block, (octets) => {
        const found = bodyStartOf(octets);
        if (found !== undefined) assert.equal(found, scanMessage(octets).bodyStart);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves headers past their limit to the scanner', () => {
    const long = Buffer.from(`${'X: y\r\n'.repeat(Math.ceil(maxHeaderBytes / 6))}\r\nbody`);
    assert.equal(bodyStartOf(long), undefined);
  });
});
