import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { parseSearch, readSearch } from '@vaguemestre/shared/search-grammar';
import { completionsOf, operators, soughtPerson } from '@vaguemestre/webmail/model/search-completion';
import { leftOutFilter, missingFolders, searchFilter } from '@vaguemestre/webmail/model/search-filter';
import { loosened } from '@vaguemestre/webmail/model/search-terms';

const names = {
  language: 'fr',
  folders: ['Boîte de réception', 'Archives', 'Projets / ANR'],
  labels: ['Urgent', 'ANR Mésophase'],
  now: new Date(2026, 10, 24),
} as const;
/** What the field would hold after each completion. */
const completed = (rest: string, language: 'fr' | 'en' = 'fr'): string[] =>
  completionsOf(rest, { ...names, language }).map(({ source, start }) => rest.slice(0, start) + source);

describe('completion of a search', () => {
  it('finds operators by their first letters, in the language they were begun in', () => {
    assert.deepEqual(completed('budget av'), ['budget avec:', 'budget avant:']);
    assert.deepEqual(completed('sub'), ['subject:']);
    assert.deepEqual(completed('-et'), ['-étiquette:']);
    assert.deepEqual(completed('ob', 'en'), ['objet:']);
    assert.deepEqual(completed('l', 'fr'), []);
    assert.deepEqual(completed('budget '), []);
  });

  it('finds folders, labels, days, marks and sizes for the operator that wants them', () => {
    assert.deepEqual(completed('dans:anr'), ['dans:"Projets / ANR" ']);
    assert.deepEqual(completed('dans:"boi'), ['dans:"Boîte de réception" ']);
    assert.deepEqual(completed('étiquette:meso'), ['étiquette:"ANR Mésophase" ']);
    assert.deepEqual(completed('avant : 2026'), ['avant:2026-11-24 ']);
    assert.deepEqual(completed('est:non'), ['est:non-lu ']);
    assert.equal(completed('plus-gros:').length, 3);
    assert.deepEqual(completed('dans:Archives'), [], 'what is complete is not offered again');
    assert.deepEqual(completed('http:'), []);
  });

  it('offers nothing that the grammar would not take', () => {
    for (const language of ['fr', 'en'] as const) {
      for (const operator of operators) {
        for (const source of completed(`${operator[language]}:`, language)) {
          assert.deepEqual(readSearch(source).problems, [], source);
          assert.equal(parseSearch(source)[0]?.term.kind === 'text', false, source);
        }
      }
    }
  });

  it('looks for a person after an operator that takes one, and else for the sender', () => {
    assert.deepEqual(soughtPerson('budget à:cla', 'fr'), { what: 'cla', start: 7, name: 'à' });
    assert.deepEqual(soughtPerson('ann', 'en'), { what: 'ann', start: 0, name: 'from' });
    assert.equal(soughtPerson('objet:bud', 'fr'), undefined);
    assert.equal(soughtPerson('budget ', 'fr'), undefined);
  });
});

const box = (id: string, name: string, role: string | null, parentId: string | null = null): Mailbox =>
  ({ id, name, role, parentId }) as Mailbox;
const context = {
  mailboxes: [
    box('i', 'INBOX', 'inbox'),
    box('t', 'Trash', 'trash'),
    box('j', 'Junk', 'junk'),
    box('p', 'Projets', null),
    box('a', 'ANR', null, 'p'),
  ],
  labels: [],
  nameOf: (one: Mailbox) => (one.role === 'trash' ? 'Corbeille' : one.name),
  now: new Date(2026, 10, 24),
};

describe('where a search looks', () => {
  it('leaves the trash and the junk out, and says what would be there', () => {
    assert.deepEqual(searchFilter('faisceau', context), {
      operator: 'AND',
      conditions: [{ text: 'faisceau' }, { inMailboxOtherThan: ['t', 'j'] }],
    });
    assert.deepEqual(leftOutFilter('faisceau', context), {
      operator: 'AND',
      conditions: [{ text: 'faisceau' }, { operator: 'OR', conditions: [{ inMailbox: 't' }, { inMailbox: 'j' }] }],
    });
    for (const typed of ['faisceau dans:partout', 'faisceau dans:corbeille', '']) {
      assert.equal(leftOutFilter(typed, context), undefined, typed);
    }
  });

  it('knows a folder by its path, and says which folder there is none of', () => {
    assert.deepEqual(searchFilter('dans:"Projets / ANR"', context), { inMailbox: 'a' });
    assert.deepEqual(searchFilter('dans:projets/anr', context), { inMailbox: 'a' });
    assert.deepEqual(missingFolders('dans:Nulle (dans:ANR OU -in:Part)', context), ['Nulle', 'Part']);
  });

  it('can be loosened by each of its terms', () => {
    assert.deepEqual(
      loosened('de:anna  "temps libre" -x').map(({ text }) => text),
      ['"temps libre" -x', 'de:anna -x', 'de:anna "temps libre"'],
    );
    assert.deepEqual(loosened('anna'), []);
  });
});
