/** Search snippets: whatever is searched for in whatever text, only `<mark>` is markup, and what is marked is what was searched for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldText } from '@vaguemestre/server/codec/mime/fold';
import { searchWords } from '@vaguemestre/server/http/jmap/email/search-words';
import { excerpt, markAll } from '@vaguemestre/server/http/jmap/email/snippet';
import fc from 'fast-check';

const unit = fc.constantFrom(
  'a',
  'b',
  'é',
  'e\u0301',
  'E',
  ' ',
  '&',
  '<',
  '>',
  'ß',
  'ﬁ',
  'œ',
  '😀',
  '\u00ad',
  '語',
  'mark',
  '/',
  '"',
);
const text = fc.string({ unit, maxLength: 400 });
const words = fc.array(fc.string({ unit, minLength: 1, maxLength: 4 }), { maxLength: 3 });
const folded = (value: string): string => Buffer.from(foldText(value)).toString('latin1').trim();
const unescaped = (html: string): string =>
  html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Text and marked stretches of a snippet; fails on any other markup. */
function parts(html: string): { readonly text: string; readonly marks: readonly string[] } {
  const pieces = html.split(/<mark>|<\/mark>/u);
  assert.ok(
    pieces.every((piece) => !piece.includes('<') && !piece.includes('>')),
    html,
  );
  assert.ok(!/&(?!amp;|lt;|gt;)/u.test(html), html);
  return { text: unescaped(pieces.join('')), marks: pieces.filter((_, i) => i % 2 === 1).map(unescaped) };
}

test('a subject is itself, with the hits marked', () => {
  fc.assert(
    fc.property(text, words, (value, wanted) => {
      const needles = wanted.map(folded).filter((needle) => needle !== '');
      const html = markAll(value, wanted);
      if (html === undefined) {
        assert.ok(
          needles.every((needle) => !folded(value).includes(needle)),
          'what was found is marked',
        );
        return;
      }
      const { text: shown, marks } = parts(html);
      assert.equal(shown, value);
      for (const mark of marks)
        assert.ok(
          needles.some((needle) => folded(mark).includes(needle)),
          mark,
        );
    }),
  );
});

test('an excerpt is a piece of the text with a hit, of at most 255 octets', () => {
  fc.assert(
    fc.property(text, words, (value, wanted) => {
      const html = excerpt(value, wanted, 255);
      assert.equal(html === undefined, markAll(value, wanted) === undefined);
      if (html === undefined) return;
      assert.ok(Buffer.byteLength(html) <= 255);
      const { text: shown, marks } = parts(html);
      assert.ok(value.includes(shown));
      assert.ok(marks.length > 0 && marks[0] !== '');
    }),
  );
});

test('words and phrases of a filter', () => {
  assert.deepEqual(searchWords(' one  two '), ['one', 'two']);
  assert.deepEqual(searchWords('"one two" three'), ['one two', 'three']);
  assert.deepEqual(searchWords("'one two'"), ['one two']);
  assert.deepEqual(searchWords("l'été d'hier"), ["l'été", "d'hier"]);
  assert.deepEqual(searchWords('"open'), ['"open']);
  assert.deepEqual(searchWords('"a \\"b\\""'), ['a "b"']);
  assert.deepEqual(searchWords('""'), []);
});
