import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { dayGroup, formatListTime, formatSize } from '@vaguemestre/webmail/i18n/format';
import { folderTree } from '@vaguemestre/webmail/model/folder-tree';
import { highlight } from '@vaguemestre/webmail/model/highlight';
import { isLabel, keywordOf } from '@vaguemestre/webmail/model/labels';
import { findHeadings, layoutList } from '@vaguemestre/webmail/model/list-layout';
import { initialsOf, nameOf, namesOf } from '@vaguemestre/webmail/model/people';
import { searchText, toChips } from '@vaguemestre/webmail/model/search-terms';
import { filterOf, type Place, pathOf, placeOf, sortOrders } from '@vaguemestre/webmail/model/view';
import fc from 'fast-check';

describe('the layout of a long list', () => {
  it('finds the row at any height, and the height of any row', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.constantFrom(32, 44, 64, 78),
        fc.uniqueArray(fc.nat(99_999), { maxLength: 6 }),
        fc.nat(),
        (count, rowHeight, indexes, pick) => {
          const headings = indexes
            .filter((index) => index < count)
            .sort((a, b) => a - b)
            .map((index) => ({ index, label: String(index) }));
          const layout = layoutList(count, rowHeight, headings, 34);
          const index = pick % count;
          const top = layout.topOf(index);
          assert.equal(layout.indexAt(top), index);
          assert.equal(layout.indexAt(top + rowHeight - 1), index);
          assert.equal(layout.topOf(count - 1) + rowHeight, layout.height);
          if (index > 0) assert.ok(top - layout.topOf(index - 1) >= rowHeight);
        },
      ),
    );
  });

  it('puts headings only where the rows are known without a gap', () => {
    const labels = ['a', 'a', 'b', undefined, 'c'];
    assert.deepEqual(
      findHeadings<string>(5, (index) => labels[index], 'z'),
      [
        { index: 0, label: 'a' },
        { index: 2, label: 'b' },
      ],
    );
    assert.deepEqual(findHeadings<string>(5, (index) => (index > 1 ? 'z' : 'a'), 'z').at(-1), { index: 2, label: 'z' });
  });
});

describe('the address of a view', () => {
  it('comes back as it was written', () => {
    const text = fc.string({ minLength: 1, maxLength: 30 });
    const view: fc.Arbitrary<Place['view']> = fc.oneof(
      fc.constantFrom('inbox', 'sent', 'trash').map((role) => ({ kind: 'role', role }) as const),
      text.map((id) => ({ kind: 'folder', id }) as const),
      text.map((keyword) => ({ kind: 'label', keyword }) as const),
      text.map((typed) => ({ kind: 'search', text: typed }) as const),
      fc.constantFrom('flagged', 'all', 'toMe', 'outbox').map((kind) => ({ kind }) as const),
    );
    const place = fc.record<Place>(
      {
        view,
        thread: fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), { nil: undefined }),
        show: fc.subarray(['unread', 'flagged', 'files', 'toMe'] as const),
        sort: fc.constantFrom(...sortOrders),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(place, (one) => {
        const url = new URL(pathOf(one), 'https://mail.example');
        assert.deepEqual(placeOf(url.pathname, url.search), one);
      }),
    );
  });

  it('is the inbox where none is named, and nothing where it names nothing', () => {
    for (const path of ['/', '/mail', '/mail/']) {
      assert.deepEqual(placeOf(path, '').view, { kind: 'role', role: 'inbox' }, path);
    }
    for (const path of ['/mail/nowhere', '/mail/folder:', '/mail/%E0%A4%A', '/settings/x', '/nowhere']) {
      assert.deepEqual(placeOf(path, '').view, { kind: 'unknown' }, path);
    }
  });

  it('with several filters asks for what fits them all', () => {
    const me = ['claire@labo.example', 'c.moreau@labo.example'];
    const inbox = { id: 'M1', role: 'inbox' } as Mailbox;
    const context = { mailboxes: [inbox], me, search: () => ({}) };
    const view = { kind: 'role', role: 'inbox' } as const;
    const toMe = { operator: 'OR', conditions: [{ to: `<${me[0]}>` }, { to: `<${me[1]}>` }] };
    assert.deepEqual(filterOf({ view, show: [] }, context), { inMailbox: 'M1' });
    assert.deepEqual(filterOf({ view, show: ['unread', 'toMe'] }, context), {
      operator: 'AND',
      conditions: [{ inMailbox: 'M1' }, { notKeyword: '$seen' }, toMe],
    });
    assert.deepEqual(filterOf({ view: { kind: 'toMe' }, show: [] }, context), {
      operator: 'AND',
      conditions: [{ inMailbox: 'M1' }, toMe],
    });
    assert.equal(filterOf({ view: { kind: 'outbox' }, show: [] }, context), undefined);
  });
});

describe('names', () => {
  const isMe = (email: string): boolean => email === 'claire@labo.example';
  it('of a conversation name each person once, the last to speak last', () => {
    const anna = { name: 'Anna Weber', email: 'anna@uni-x.example' };
    const claire = { name: 'Claire', email: 'claire@labo.example' };
    assert.equal(namesOf([anna, claire, anna], isMe, 'moi'), 'moi, Anna Weber');
    const hugo = { name: 'Hugo Lemarchand', email: 'hugo@labo.example' };
    assert.equal(namesOf([anna, claire, hugo], isMe, 'moi'), 'Anna, moi, Hugo');
  });

  it('cannot turn the direction of a line, or fill it', () => {
    assert.equal(nameOf({ name: '\u202egro.elpmaxe', email: 'x@y.example' }), 'gro.elpmaxe');
    assert.equal(nameOf({ name: 'A'.repeat(9999), email: 'x@y.example' }).length, 120);
    assert.equal(nameOf({ name: ' ', email: 'anna.weber@y.example' }), 'anna.weber');
  });

  it('have initials', () => {
    assert.equal(initialsOf('Inès Delorme'), 'ID');
    assert.equal(initialsOf('Secrétariat'), 'S');
    assert.equal(initialsOf('« ? »'), '?');
  });
});

describe('what is written on the page', () => {
  const now = new Date(2026, 10, 24, 12, 0);
  const at = (...parts: [number, number, number, number]): string => new Date(...parts, 42).toISOString();
  it('gives a time as near as it matters', () => {
    const words = { yesterday: 'hier' };
    assert.equal(formatListTime('fr', at(2026, 10, 24, 10), now, words), '10:42');
    assert.equal(formatListTime('fr', at(2026, 10, 23, 23), now, words), 'hier');
    assert.equal(formatListTime('fr', at(2026, 10, 20, 9), now, words), 'ven. 20');
    assert.match(formatListTime('fr', at(2026, 6, 3, 9), now, words), /^3 juil/);
    assert.match(formatListTime('en', at(2024, 6, 3, 9), now, words), /^3 Jul 2024/);
    assert.equal(formatListTime('en', 'no date', now, words), '');
  });

  it('groups days by the calendar, with weeks from Monday', () => {
    const group = (day: number, hour = 9): string => dayGroup(new Date(2026, 10, day, hour), now);
    assert.deepEqual(
      [group(24, 0), group(23, 23), group(22), group(16), group(15), group(1)],
      ['today', 'yesterday', 'lastWeek', 'lastWeek', 'month', 'month'],
    );
    assert.equal(dayGroup(new Date(2025, 10, 20), now), 'older');
  });

  it('gives sizes in the units of the language', () => {
    assert.equal(formatSize('fr', 80_000), '80\u00a0Ko');
    assert.equal(formatSize('fr', 1_240_000), '1,2\u00a0Mo');
    assert.equal(formatSize('en', 1_400_000_000), '1.4\u00a0GB');
    assert.equal(formatSize('en', 12), '12\u00a0B');
  });
});

describe('labels', () => {
  it('are keywords that no program means something by', () => {
    assert.ok(isLabel('urgent') && isLabel('anr_mesophase'));
    for (const one of ['$seen', '$label', 'NonJunk', '\\Seen']) assert.ok(!isLabel(one), one);
    assert.equal(keywordOf('ANR Mésophase'), 'anr_mesophase');
    assert.equal(keywordOf('(%*"\\'), '');
  });
});

describe('the folder tree', () => {
  const box = (id: string, parentId: string | null, role: Mailbox['role'] = null): Mailbox =>
    ({ id, name: id, parentId, role, sortOrder: 0 }) as Mailbox;
  it('keeps children under their parents, and survives a circle', () => {
    const boxes = [
      box('B', null),
      box('A', null),
      box('a1', 'A'),
      box('x', 'y'),
      box('y', 'x'),
      box('inbox', null, 'inbox'),
    ];
    const tree = folderTree(boxes, () => false, 'fr').map(({ box: one, depth }) => `${one.id}${depth}`);
    assert.deepEqual(tree, ['A0', 'a11', 'B0']);
    assert.deepEqual(
      folderTree(boxes, (id) => id === 'A', 'fr').map(({ box: one }) => one.id),
      ['A', 'B'],
    );
  });
});

describe('the search field', () => {
  it('makes a chip of an operator once it is complete', () => {
    const typing = toChips({ chips: [], rest: 'de:ann' }, false);
    assert.equal(typing.chips.length, 0);
    const typed = toChips({ chips: [], rest: 'avant de:anna fais' }, false);
    assert.deepEqual(
      typed.chips.map((chip) => chip.source),
      ['de:anna'],
    );
    assert.equal(typed.rest, 'avant fais');
    assert.equal(searchText(typed), 'de:anna avant fais');
    assert.equal(toChips({ chips: [], rest: 'is:unread' }, true).chips.length, 1);
  });

  it('shows where the words stand, whatever their accents', () => {
    const marked = (text: string, ...words: string[]): string =>
      highlight(text, words)
        .map((part) => (part.hit ? `[${part.text}]` : part.text))
        .join('');
    assert.equal(marked('Fuite d’hélium', 'HELIUM'), 'Fuite d’[hélium]');
    assert.equal(marked('Temps de faisceau', 'fais', 'temps'), '[Temps] de [fais]ceau');
    assert.equal(marked('e\u0301te\u0301', 'ete'), '[e\u0301te\u0301]');
    assert.equal(marked('a', ''), 'a');
  });

  it('never loses or adds a letter', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
        (text, words) => {
          assert.equal(
            highlight(text, words)
              .map((part) => part.text)
              .join(''),
            text,
          );
        },
      ),
    );
  });
});
