import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { searchFilterOf } from '@vaguemestre/shared/search-filter';
import { parseSearch, readSearch, type Term } from '@vaguemestre/shared/search-grammar';
import fc from 'fast-check';

const terms = (typed: string): Term[] => parseSearch(typed).map((one) => one.term);
const context = {
  mailbox: (name: string) => (name === 'Archives' ? 'm4' : undefined),
  keyword: (name: string) => name.toLowerCase(),
  now: new Date(2026, 10, 24, 12, 30, 15),
};
const filter = (typed: string) => searchFilterOf(terms(typed), context);

describe('the search grammar', () => {
  it('reads words, phrases and what must not be there', () => {
    assert.deepEqual(terms('faisceau "temps libre" -hélium'), [
      { kind: 'text', text: 'faisceau' },
      { kind: 'text', text: 'temps libre' },
      { kind: 'not', term: { kind: 'text', text: 'hélium' } },
    ]);
    assert.deepEqual(terms('« temps libre »'), [{ kind: 'text', text: 'temps libre' }]);
  });

  it('knows its operators in French and in English, with and without accents and spaces', () => {
    for (const typed of ['de:anna', 'from:anna', 'De : anna', 'FROM:anna', 'de:\u00a0anna', 'de\u00a0: anna']) {
      assert.deepEqual(terms(typed), [{ kind: 'field', field: 'from', text: 'anna' }], typed);
    }
    for (const typed of ['à:claire', 'a:claire', 'to:claire']) assert.deepEqual(filter(typed), { to: 'claire' }, typed);
    for (const typed of ['avec:fichier', 'has:file', 'avec:pièce'])
      assert.deepEqual(filter(typed), { hasAttachment: true });
    for (const typed of ['est:non-lu', 'is:unread']) assert.deepEqual(filter(typed), { notKeyword: '$seen' });
    for (const typed of ['étiquette:Thèse', 'label:Thèse']) assert.deepEqual(filter(typed), { hasKeyword: 'thèse' });
    for (const typed of ['plus-gros:5Mo', 'larger:5M', 'larger:5000k'])
      assert.deepEqual(filter(typed), { minSize: 5_000_000 });
  });

  it('reads dates and ages where the reader is', () => {
    const midnight = new Date(2026, 10, 3).toISOString().replace('.000Z', 'Z');
    for (const typed of ['avant:2026-11-03', 'before:03/11/2026', 'avant:3.11.2026']) {
      assert.deepEqual(filter(typed), { before: midnight }, typed);
    }
    const weekAgo = new Date(2026, 10, 17, 12, 30).toISOString().replace('.000Z', 'Z');
    for (const typed of ['plus-récent:7j', 'newer:1w', 'newer_than:7d'])
      assert.deepEqual(filter(typed), { after: weekAgo });
  });

  it('reads days by their names, and ages where a day is asked for', () => {
    const day = (date: number, month = 10): string => new Date(2026, month, date).toISOString().replace('.000Z', 'Z');
    // A Tuesday.
    const cases: readonly (readonly [typed: readonly string[], expected: object])[] = [
      [['depuis:aujourd’hui', "since:aujourd'hui", 'after:today'], { after: day(24) }],
      [['avant:hier', 'before:yesterday'], { before: day(23) }],
      [['après:lundi', 'after:monday'], { after: day(23) }],
      [['after:tuesday', 'depuis:mardi'], { after: day(17) }],
      [['after:wednesday'], { after: day(18) }],
      [['depuis:semaine', 'since:this-week'], { after: day(23) }],
      [['depuis:mois', 'after:month'], { after: day(1) }],
      [['depuis:année', 'after:year'], { after: day(1, 0) }],
      [['avant:7j', 'older:1w'], { before: new Date(2026, 10, 17, 12, 30).toISOString().replace('.000Z', 'Z') }],
    ];
    for (const [typed, expected] of cases) for (const one of typed) assert.deepEqual(filter(one), expected, one);
  });

  it('looks in the trash too when it is asked to', () => {
    for (const typed of ['dans:partout', 'in:anywhere']) assert.deepEqual(terms(typed), [{ kind: 'anywhere' }]);
    assert.deepEqual(filter('faisceau dans:partout'), { operator: 'AND', conditions: [{ text: 'faisceau' }, {}] });
  });

  it('says what it did not understand, and where', () => {
    const problems = (typed: string): string[] =>
      readSearch(typed).problems.map(({ kind, start, end, operator, value }) =>
        [kind, typed.slice(start, end), operator, value].join('|'),
      );
    assert.deepEqual(problems('faisceau avant:demain anna'), ['day|avant:demain|avant|demain']);
    assert.deepEqual(problems('(is:purple OR older:soon) larger:huge'), [
      'mark|is:purple|is|purple',
      'age|older:soon|older|soon',
      'size|larger:huge|larger|huge',
    ]);
    assert.deepEqual(problems('datte:hier'), ['operator|datte:hier|datte|hier']);
    assert.deepEqual(problems('de:'), ['empty|de:|de|']);
    assert.deepEqual(problems('"temps libre'), ['quote|"temps libre||']);
    assert.deepEqual(problems('(a OR b'), ['bracket|(a OR b||']);
    for (const typed of ['de:anna (a OR b) "c d"', 'http://labo.example', 'Re:', 'mailto:a@b', '10:42', 'doi:10.1/x']) {
      assert.deepEqual(problems(typed), [], typed);
    }
  });

  it('takes what makes no sense for words', () => {
    for (const typed of [
      'avant:demain',
      'has:nothing',
      'after:constructor',
      'older:soon',
      'larger:huge',
      'http://labo.example',
      '10:42',
    ]) {
      assert.deepEqual(terms(typed), [{ kind: 'text', text: typed }], typed);
    }
    assert.deepEqual(terms('from:'), [{ kind: 'text', text: 'from:' }]);
    assert.deepEqual(terms(')'), [{ kind: 'text', text: ')' }]);
    assert.deepEqual(terms('13/13/2026'), [{ kind: 'text', text: '13/13/2026' }]);
  });

  it('reads alternatives and brackets', () => {
    assert.deepEqual(filter('de:anna (hélium OU azote)'), {
      operator: 'AND',
      conditions: [{ from: 'anna' }, { operator: 'OR', conditions: [{ text: 'hélium' }, { text: 'azote' }] }],
    });
    assert.deepEqual(filter('a OR b c'), {
      operator: 'OR',
      conditions: [{ text: 'a' }, { operator: 'AND', conditions: [{ text: 'b' }, { text: 'c' }] }],
    });
  });

  it('finds nothing in a folder that is not there', () => {
    assert.deepEqual(filter('dans:Archives'), { inMailbox: 'm4' });
    assert.deepEqual(filter('in:Elsewhere'), {
      operator: 'AND',
      conditions: [{ hasKeyword: '$seen' }, { notKeyword: '$seen' }],
    });
  });

  it('tells where each term was typed', () => {
    const typed = 'de:anna  "temps libre" -x';
    assert.deepEqual(
      parseSearch(typed).map(({ start, end }) => typed.slice(start, end)),
      ['de:anna', '"temps libre"', '-x'],
    );
  });

  it('reads anything, in order, to its end', () => {
    const piece = fc.constantFrom(
      'de:',
      'a',
      '(',
      ')',
      '"',
      '-',
      ' ',
      'OR',
      'avant:',
      '2026',
      '«',
      '»',
      ':',
      'is:unread',
      '\u00a0',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const typed = pieces.join('');
        let end = 0;
        for (const one of parseSearch(typed)) {
          assert.ok(one.start >= end && one.end > one.start && one.end <= typed.length);
          end = one.end;
        }
        searchFilterOf(terms(typed), context);
      }),
    );
    assert.ok(parseSearch(`${'('.repeat(5000)}x`).length <= 50);
  });
});
