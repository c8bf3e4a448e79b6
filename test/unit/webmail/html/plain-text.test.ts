import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readPlainText, textFormat, trailingQuoteStart } from '@vaguemestre/webmail/html/plain-text';
import fc from 'fast-check';

const fixed = { flowed: false, deleteSpace: false };
const flowed = { flowed: true, deleteSpace: false };

describe('the format of plain text', () => {
  it('is read from the Content-Type, however it is written', () => {
    assert.deepEqual(textFormat('text/plain; charset=utf-8; Format="Flowed"; DelSp=yes'), {
      flowed: true,
      deleteSpace: true,
    });
    assert.deepEqual(textFormat('text/plain; charset=utf-8'), fixed);
    assert.deepEqual(textFormat(null), fixed);
  });
});

describe('reading plain text', () => {
  it('puts flowed lines together at the same depth only (RFC 3676 4.5)', () => {
    const text = '> Thursday \n> works. \n>> Which day? \nFine. \nSee you.\n';
    assert.deepEqual(readPlainText(text, flowed), [
      { depth: 1, kind: 'text', text: 'Thursday works.' },
      { depth: 2, kind: 'text', text: 'Which day?' },
      { depth: 0, kind: 'text', text: 'Fine. See you.' },
    ]);
  });

  it('takes away the stuffed space and no other', () => {
    assert.deepEqual(readPlainText(' > not a quote\n  indented\n From me', flowed), [
      { depth: 0, kind: 'text', text: '> not a quote\n indented\nFrom me' },
    ]);
  });

  it('deletes the space that only broke the line when DelSp says so', () => {
    const text = '東京 \n都';
    assert.equal(readPlainText(text, { flowed: true, deleteSpace: true })[0]?.text, '東京都');
    assert.equal(readPlainText(text, flowed)[0]?.text, '東京 都');
  });

  it('never joins the mark of a signature, and sets the signature apart', () => {
    assert.deepEqual(readPlainText('Bye \n-- \nAnna \nUni X', flowed), [
      { depth: 0, kind: 'text', text: 'Bye' },
      { depth: 0, kind: 'signature', text: '-- \nAnna Uni X' },
    ]);
  });

  it('leaves fixed text as it stands, and reads the spaced marks of other programs', () => {
    assert.deepEqual(readPlainText('> > one\n>> two\r\n> three\n  > four', fixed), [
      { depth: 2, kind: 'text', text: 'one\ntwo' },
      { depth: 1, kind: 'text', text: 'three' },
      { depth: 0, kind: 'text', text: '  > four' },
    ]);
  });

  it('finds where the repeated text begins', () => {
    const blocks = readPlainText('Yes.\n\n> Thursday?\n> Anna\n\n-- \nPaul', fixed);
    assert.equal(trailingQuoteStart(blocks), 1);
    assert.equal(trailingQuoteStart(readPlainText('> Thursday?\nYes.', fixed)), 2);
    assert.equal(trailingQuoteStart(readPlainText('> only a quote', fixed)), 1);
  });

  it('sets the line apart that introduces a quote, also from a signature above it', () => {
    const text = 'Yes.\n\n-- \nAnna\n\nOn Monday, Paul Arnal\nwrote:\n> Thursday?';
    const blocks = readPlainText(text, fixed);
    assert.deepEqual(
      blocks.map(({ kind, text: shown }) => [kind, shown]),
      [
        ['text', 'Yes.'],
        ['signature', '-- \nAnna'],
        ['attribution', 'On Monday, Paul Arnal\nwrote:'],
        ['text', 'Thursday?'],
      ],
    );
    assert.equal(trailingQuoteStart(blocks), 2);
    assert.deepEqual(
      readPlainText('Look here:\nnot a quote', fixed).map(({ kind }) => kind),
      ['text'],
    );
  });

  it('keeps every word of every text, in order', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '>', '-', '\r', 'é') });
    fc.assert(
      fc.property(fc.array(line), fc.boolean(), (lines, isFlowed) => {
        const words = (text: string): string => text.replace(/[\s>]/g, '');
        const blocks = readPlainText(lines.join('\n'), isFlowed ? flowed : fixed);
        assert.equal(words(blocks.map((block) => block.text).join('')), words(lines.join('')));
      }),
    );
  });

  it('reads ten megabytes of quote marks without a pause one would notice', () => {
    const began = performance.now();
    readPlainText('>'.repeat(5_000_000) + '\n> '.repeat(1_000_000), flowed);
    assert.ok(performance.now() - began < 3_000);
  });
});
