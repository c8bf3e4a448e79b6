import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { textLanguage } from '@vaguemestre/webmail/compose/text-language';

describe('the language of a text', () => {
  it('is told by its small words, from a sentence on', () => {
    assert.equal(textLanguage('Bonjour Anna, voici les créneaux pour la semaine.'), 'fr');
    assert.equal(textLanguage('Hello Anna, these are the slots for next week.'), 'en');
  });

  it('is not guessed from too little, or from both at once', () => {
    for (const text of [
      '',
      'OK',
      'Planning S50',
      'Bonjour, the slots are in the table, et vous nous dites si cela va.',
    ]) {
      assert.equal(textLanguage(text), undefined, text);
    }
  });

  it('is that of what was written last', () => {
    assert.equal(
      textLanguage(`${'the slots are in this table '.repeat(200)}${'les créneaux sont dans ce tableau '.repeat(200)}`),
      'fr',
    );
  });
});
