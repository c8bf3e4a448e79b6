/** RFC 8621 2.3 over a socket: filters, sorts, trees and windows. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { createMailbox as create, mailboxIdOf as idOf } from '../../harness/jmap-mailboxes.js';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';

let service: JmapService;
before(async () => {
  service = await startJmapService();
});
after(() => service.close());

describe('Mailbox/query', () => {
  async function prepared(): Promise<JmapPerson> {
    const ada = await service.person();
    const a = await create(ada, { name: 'alpha', sortOrder: 2 });
    await create(ada, { name: 'Child B', parentId: a, sortOrder: 2 });
    const c = await create(ada, { name: 'child a', parentId: a, sortOrder: 9, isSubscribed: false });
    await create(ada, { name: 'Été', parentId: c });
    await create(ada, { name: 'Beta', sortOrder: 1 });
    return ada;
  }

  async function names(person: JmapPerson, args: Answer): Promise<readonly string[]> {
    const { ids } = await person.call('Mailbox/query', args);
    const { list } = await person.call('Mailbox/get', { ids, properties: ['name'] });
    return list.map(({ name }: Mailbox) => name);
  }

  it('filters by every condition, and by operators', async () => {
    const ada = await prepared();
    const alpha = idOf(ada, 'alpha');
    const sort = [{ property: 'name' }];
    const cases: [Answer, readonly string[]][] = [
      [{ parentId: alpha }, ['child a', 'Child B']],
      [{ parentId: 'nonexistent' }, []],
      [{ parentId: null, hasAnyRole: false }, ['alpha', 'Beta']],
      [{ name: 'CHILD' }, ['child a', 'Child B']],
      [{ name: 'E\u0301t' }, ['Été']],
      [{ role: 'inbox' }, ['Inbox']],
      [{ role: null, isSubscribed: false }, ['child a']],
      [{ hasAnyRole: true }, ['Archive', 'Drafts', 'Inbox', 'Junk', 'Sent', 'Trash']],
      [{ operator: 'OR', conditions: [{ name: 'beta' }, { role: 'sent' }] }, ['Beta', 'Sent']],
      [{ operator: 'AND', conditions: [{ parentId: alpha }, { isSubscribed: true }] }, ['Child B']],
      [
        { operator: 'NOT', conditions: [{ hasAnyRole: true }, { parentId: alpha }, { name: 'Été' }] },
        ['alpha', 'Beta'],
      ],
      [{ operator: 'AND', conditions: [] }, [...(await names(ada, { sort }))]],
      [{ operator: 'OR', conditions: [] }, []],
    ];
    for (const [filter, expected] of cases) {
      assert.deepEqual(await names(ada, { filter, sort }), expected, JSON.stringify(filter));
    }
    assert.equal((await names(ada, { filter: {} })).length, 11);
    assert.equal((await names(ada, { filter: null })).length, 11);
  });

  it('sorts, and by tree if asked', async () => {
    const ada = await prepared();
    const filter = { role: null };
    const by = (...sort: Answer[]) => ({ filter, sort });
    assert.deepEqual(await names(ada, by({ property: 'name' })), ['alpha', 'Beta', 'child a', 'Child B', 'Été']);
    assert.deepEqual(await names(ada, by({ property: 'name', isAscending: false })), [
      'Été',
      'Child B',
      'child a',
      'Beta',
      'alpha',
    ]);
    assert.deepEqual(
      await names(
        ada,
        by({ property: 'sortOrder', isAscending: false }, { property: 'name', collation: 'i;unicode-casemap' }),
      ),
      ['child a', 'alpha', 'Child B', 'Beta', 'Été'],
    );
    assert.deepEqual(await names(ada, { filter, sort: [{ property: 'name' }], sortAsTree: true }), [
      'alpha',
      'child a',
      'Été',
      'Child B',
      'Beta',
    ]);
    assert.deepEqual(
      await names(ada, {
        filter: { role: null, isSubscribed: true },
        sort: [{ property: 'name' }],
        filterAsTree: true,
      }),
      ['alpha', 'Beta', 'Child B'],
    );
    assert.deepEqual(await names(ada, { filter: { name: 'Été' }, sortAsTree: true, filterAsTree: true }), []);
  });

  it('gives the window that is asked for', async () => {
    const ada = await prepared();
    const sort = [{ property: 'name' }];
    const whole = (await ada.call('Mailbox/query', { sort })).ids as string[];
    const window = async (args: Answer) => {
      const { ids, position } = await ada.call('Mailbox/query', { sort, ...args });
      return [position, ids];
    };
    const n = whole.length;
    assert.deepEqual(await window({ position: 2, limit: 3 }), [2, whole.slice(2, 5)]);
    assert.deepEqual(await window({ position: -2 }), [n - 2, whole.slice(-2)]);
    assert.deepEqual(await window({ position: -100, limit: 1 }), [0, whole.slice(0, 1)]);
    assert.deepEqual((await window({ position: 100 }))[1], []);
    assert.deepEqual(await window({ limit: 0 }), [0, []]);
    assert.deepEqual(await window({ anchor: whole[4], limit: 2 }), [4, whole.slice(4, 6)]);
    assert.deepEqual(await window({ anchor: whole[4], anchorOffset: -2, limit: 2, position: 9 }), [
      2,
      whole.slice(2, 4),
    ]);
    assert.deepEqual(await window({ anchor: whole[1], anchorOffset: -20, limit: 1 }), [0, whole.slice(0, 1)]);
    assert.deepEqual((await window({ anchor: whole[1], anchorOffset: 20 }))[1], []);
    assert.deepEqual(await window({ anchorOffset: 3, limit: 1 }), [0, whole.slice(0, 1)]);
    assert.equal(await ada.errorOf('Mailbox/query', { anchor: 'nonexistent' }), 'anchorNotFound');
    assert.equal(await ada.errorOf('Mailbox/query', { anchor: whole[0], filter: { name: 'zzz' } }), 'anchorNotFound');
  });

  it('says the total only when it is asked to', async () => {
    const ada = await prepared();
    const without = await ada.call('Mailbox/query', {});
    assert.deepEqual(Object.keys(without).sort(), [
      'accountId',
      'canCalculateChanges',
      'ids',
      'position',
      'queryState',
    ]);
    assert.equal(without.canCalculateChanges, true);
    const counted = await ada.call('Mailbox/query', { calculateTotal: true, limit: 2 });
    assert.equal(counted.total, 11);
    assert.equal(counted.ids.length, 2);
  });

  it('refuses what it cannot do', async () => {
    const ada = await service.person();
    const deep = (levels: number): Answer =>
      levels === 0 ? { role: null } : { operator: 'NOT', conditions: [deep(levels - 1)] };
    const cases: [Answer, string][] = [
      [{ filter: { nonsense: 1 } }, 'unsupportedFilter'],
      [{ filter: { constructor: 1 } }, 'unsupportedFilter'],
      [{ filter: deep(40) }, 'unsupportedFilter'],
      [{ filter: { operator: 'AND', conditions: Array(1_001).fill({}) } }, 'unsupportedFilter'],
      [{ filter: { operator: 'XOR', conditions: [] } }, 'invalidArguments'],
      [{ filter: { operator: 'AND' } }, 'invalidArguments'],
      [{ filter: { operator: 'AND', conditions: [1] } }, 'invalidArguments'],
      [{ filter: 'x' }, 'invalidArguments'],
      [{ filter: { name: 1 } }, 'invalidArguments'],
      [{ filter: { hasAnyRole: 'yes' } }, 'invalidArguments'],
      [{ sort: [{ property: 'nonsense' }] }, 'unsupportedSort'],
      [{ sort: [{ property: 'name', collation: 'i;nonsense' }] }, 'unsupportedSort'],
      [{ sort: 'name' }, 'invalidArguments'],
      [{ sort: [{}] }, 'invalidArguments'],
      [{ sort: [{ property: 'name', isAscending: 1 }] }, 'invalidArguments'],
      [{ limit: -1 }, 'invalidArguments'],
      [{ limit: 1.5 }, 'invalidArguments'],
      [{ position: 'x' }, 'invalidArguments'],
      [{ calculateTotal: 'x' }, 'invalidArguments'],
      [{ sortAsTree: 1 }, 'invalidArguments'],
      [{ nonsense: 1 }, 'invalidArguments'],
    ];
    for (const [args, expected] of cases) {
      assert.equal(await ada.errorOf('Mailbox/query', args), expected, JSON.stringify(args).slice(0, 80));
    }
  });
});
