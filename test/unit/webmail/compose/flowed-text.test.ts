/** RFC 3676: what is written comes back as it was, whatever its lines look like, and every line fits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeFlowed, encodeFlowed } from '@vaguemestre/webmail/compose/flowed-text';
import { moveRecipient } from '@vaguemestre/webmail/compose/recipient-moves';
import { readPlainText } from '@vaguemestre/webmail/html/plain-text';
import fc from 'fast-check';

const flowed = { flowed: true, deleteSpace: false };
const long =
  'Le temps de faisceau de la semaine cinquante est partagé entre quatre équipes, voici comment nous ferons.';

describe('plain text as format=flowed', () => {
  it('breaks paragraphs where they flow again', () => {
    const encoded = encodeFlowed(`${long}\n\nBien à vous`);
    const lines = encoded.split('\n');
    assert.equal(lines.length, 4);
    assert.ok(lines.every((line) => line.length <= 78));
    assert.ok(lines[0]?.endsWith(' '));
    assert.equal(decodeFlowed(encoded, flowed), `${long}\n\nBien à vous`);
  });

  it('keeps quotes at their depth, and the signature on its line', () => {
    const text = `Oui.\n\n> ${long}\n>> Non.\n>\n> Si.\n-- \nClaire\nBureau B 214`;
    const encoded = encodeFlowed(text);
    assert.ok(encoded.split('\n').filter((line) => line.startsWith('> ')).length >= 3);
    assert.equal(decodeFlowed(encoded, flowed), text);
    const blocks = readPlainText(encoded, flowed);
    assert.deepEqual(
      blocks.map(({ depth, kind }) => `${depth} ${kind}`),
      ['0 text', '1 text', '2 text', '1 text', '0 signature'],
    );
  });

  it('stuffs what would be taken for something else (RFC 3676 4.4)', () => {
    assert.equal(encodeFlowed(' indented\nFrom here on'), '  indented\n From here on');
    assert.equal(decodeFlowed('  indented\n From here on', flowed), ' indented\nFrom here on');
  });

  it('reads DelSp of others, and leaves text alone that is not flowed', () => {
    assert.equal(decodeFlowed('un \nmot \nde', { flowed: true, deleteSpace: true }), 'unmotde');
    assert.equal(decodeFlowed('a \nb\r\n> c ', { flowed: false, deleteSpace: false }), 'a \nb\n> c ');
  });

  it('brings anything back, but for spaces at the ends of lines', () => {
    const piece = fc.oneof(
      fc.constantFrom('>', '> ', ' ', '-- ', '--', '\n', 'From ', 'un mot ', `${'x'.repeat(90)} `, 'é', '-- x'),
      fc.string({ maxLength: 30 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('').replace(/\r\n?/g, '\n');
        const kept = text
          .split('\n')
          .map((line) => {
            const [, marks = '', rest = ''] = /^(>*)(.*)$/.exec(line) ?? [];
            const content = marks !== '' && rest.startsWith(' ') ? rest.slice(1) : rest;
            const end = content === '-- ' ? content : content.replace(/ +$/, '');
            return marks === '' || end === '' ? marks + end : `${marks} ${end}`;
          })
          .join('\n');
        const encoded = encodeFlowed(text);
        assert.equal(decodeFlowed(encoded, flowed), kept);
        assert.equal(encodeFlowed(decodeFlowed(encoded, flowed)), encoded);
      }),
    );
  });
});

describe('people between address fields', () => {
  const [a, b, c] = ['a@x.example', 'b@x.example', 'c@x.example'].map((email) => ({ name: null, email }));
  const draft = { to: [a!, b!], cc: [c!], bcc: [] };

  it('move along a field and between fields, and stand in one', () => {
    assert.deepEqual(moveRecipient(draft, 'A@x.example', 'to', 2), { to: [b, a], cc: [c], bcc: [] });
    assert.deepEqual(moveRecipient(draft, 'b@x.example', 'to', 0), { to: [b, a], cc: [c], bcc: [] });
    assert.deepEqual(moveRecipient(draft, 'a@x.example', 'bcc', 0), { to: [b], cc: [c], bcc: [a] });
    assert.deepEqual(moveRecipient(draft, 'c@x.example', 'to', 1), { to: [a, c, b], cc: [], bcc: [] });
    assert.deepEqual(moveRecipient(draft, 'nobody@x.example', 'to', 0), draft);
  });
});
