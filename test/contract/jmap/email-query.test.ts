import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { letter, stageMessage } from '../../harness/store-messages.js';

interface Mail {
  readonly name: string;
  readonly octets: Buffer;
  readonly boxes: readonly string[];
  readonly flags: readonly string[];
  readonly receivedAt: number;
}

const attached = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n';
const withPdf = Buffer.from(
  `From: Zoé <zoe@labo.example>\r\nTo: Émile <emile@labo.example>\r\nSubject: Re: Budget\r\nMessage-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\nDate: Sun, 1 Mar 2026 08:00:00 +0000\r\n${attached}\r\n--b\r\n\r\nle budget prévisionnel\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n`,
);

describe('Email/query', () => {
  let service: JmapService;
  let anne: JmapPerson;
  let box: Record<string, string>;
  const idOf = new Map<string, string>();
  const nameOf = new Map<string, string>();

  before(async () => {
    service = await startJmapService();
    anne = await service.person();
    const role = (name: 'inbox' | 'archive' | 'sent') => anne.account.mailboxByRole(name)!.id as string;
    box = { inbox: role('inbox'), archive: role('archive'), sent: role('sent') };
    const mails: readonly Mail[] = [
      {
        name: 'a',
        octets: letter('Budget', 'réunion générale à midi\r\n', [
          'Message-ID: <1@x>',
          'Cc: cc@labo.example',
          'X-Tag: one',
        ]),
        boxes: ['inbox'],
        flags: ['\\Seen'],
        receivedAt: 100,
      },
      { name: 'b', octets: withPdf, boxes: ['inbox', 'archive'], flags: ['\\Flagged', 'travail'], receivedAt: 300 },
      {
        name: 'c',
        octets: letter('[liste] Re: apéro', `${'long '.repeat(500)}budget\r\n`, [
          'Message-ID: <3@x>',
          'Bcc: bcc@labo.example',
        ]),
        boxes: ['archive'],
        flags: ['\\Seen', '\\Flagged'],
        receivedAt: 200,
      },
      {
        name: 'd',
        octets: letter('Re: Budget', 'oui\r\n', ['Message-ID: <4@x>', 'References: <1@x> <2@x>']),
        boxes: ['sent'],
        flags: ['\\Seen'],
        receivedAt: 400,
      },
      {
        name: 'e',
        octets: Buffer.from('Subject: sans auteur\r\n\r\nrien\r\n'),
        boxes: ['inbox'],
        flags: [],
        receivedAt: 300,
      },
    ];
    for (const { name, octets, boxes, flags, receivedAt } of mails) {
      const message = await stageMessage(anne.account, octets);
      const { created } = await anne.account.setEmails({
        creates: [{ message, mailboxes: boxes.map((each) => box[each] as never), flags, receivedAt }],
        updates: [],
        destroys: [],
      });
      const [made] = created;
      assert.ok(made !== undefined && 'id' in made);
      idOf.set(name, made.id);
      nameOf.set(made.id, name);
    }
  });
  after(() => service.close());

  const byId = (x: string, y: string): number => (idOf.get(x)! < idOf.get(y)! ? -1 : 1);
  const names = async (args: Record<string, unknown>): Promise<string> =>
    ((await anne.call('Email/query', args)) as Answer).ids.map((id: string) => nameOf.get(id)).join('');
  const sorted = async (args: Record<string, unknown>): Promise<string> => [...(await names(args))].sort().join('');

  it('filters by everything RFC 8621 4.4.1 names', async () => {
    const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
    const table: readonly [Record<string, unknown>, string][] = [
      [{}, 'abcde'],
      [{ inMailbox: box['inbox'] }, 'abe'],
      [{ inMailbox: box['archive'] }, 'bc'],
      [{ inMailbox: 'nosuchbox000' }, ''],
      [{ inMailboxOtherThan: [box['inbox']] }, 'bcd'],
      [{ inMailboxOtherThan: [box['inbox'], box['archive']] }, 'd'],
      [{ before: at(300) }, 'ac'],
      [{ after: at(300) }, 'bde'],
      [{ after: at(200), before: at(300) }, 'c'],
      [{ minSize: 2000 }, 'c'],
      [{ maxSize: 2000 }, 'abde'],
      [{ hasKeyword: '$seen' }, 'acd'],
      [{ notKeyword: '$seen' }, 'be'],
      [{ hasKeyword: 'TRAVAIL' }, 'b'],
      [{ hasKeyword: 'unknown' }, ''],
      [{ notKeyword: 'unknown' }, 'abcde'],
      [{ allInThreadHaveKeyword: '$seen' }, 'c'],
      [{ someInThreadHaveKeyword: '$flagged' }, 'abcd'],
      [{ noneInThreadHaveKeyword: '$flagged' }, 'e'],
      [{ hasAttachment: true }, 'b'],
      [{ hasAttachment: false }, 'acde'],
      [{ text: 'budget' }, 'abcd'],
      [{ text: 'BUDGET previsionnel' }, 'b'],
      [{ text: '"réunion générale"' }, 'a'],
      [{ text: '"générale réunion"' }, ''],
      [{ text: 'generale reunion' }, 'a'],
      [{ text: '' }, 'abcde'],
      [{ text: 'message-id' }, ''],
      [{ text: 'bcc@labo' }, 'c'],
      [{ from: 'zoe' }, 'b'],
      [{ from: 'Anne Martin' }, 'acd'],
      [{ to: 'emile' }, 'b'],
      [{ from: '<ZOE@labo.example>' }, 'b'],
      [{ from: '<oe@labo.example>' }, ''],
      [{ from: '<zoe@labo.exampl>' }, ''],
      [{ from: '<zoe>' }, ''],
      [{ cc: 'cc@' }, 'a'],
      [{ bcc: 'bcc@labo' }, 'c'],
      [{ subject: 'budget' }, 'abd'],
      [{ body: 'budget' }, 'bc'],
      [{ header: ['x-tag'] }, 'a'],
      [{ header: ['X-Tag', 'ONE'] }, 'a'],
      [{ header: ['X-Tag', 'two'] }, ''],
      [{ inMailbox: box['inbox'], subject: 'budget' }, 'ab'],
      [{ operator: 'AND', conditions: [{ hasKeyword: '$seen' }, { hasKeyword: '$flagged' }] }, 'c'],
      [{ operator: 'OR', conditions: [{ from: 'zoe' }, { subject: 'auteur' }] }, 'be'],
      [{ operator: 'NOT', conditions: [{ from: 'zoe' }, { subject: 'auteur' }] }, 'acd'],
      [{ operator: 'AND', conditions: [] }, 'abcde'],
      [
        {
          operator: 'AND',
          conditions: [
            { text: 'budget' },
            {
              operator: 'NOT',
              conditions: [{ operator: 'OR', conditions: [{ body: 'budget' }, { inMailbox: box['sent'] }] }],
            },
          ],
        },
        'a',
      ],
    ];
    for (const [filter, expected] of table) assert.equal(await sorted({ filter }), expected, JSON.stringify(filter));
  });

  it('sorts by everything RFC 8621 4.4.2 names', async () => {
    const tie = ['b', 'e'].sort(byId).join('');
    const by = (property: string, isAscending = true, more = {}) =>
      names({ sort: [{ property, isAscending, ...more }, { property: 'receivedAt' }] });
    const reversed = [...tie].reverse().join('');
    assert.equal(await names({}), `d${reversed}ca`, 'newest first');
    assert.equal(await names({ sort: [{ property: 'receivedAt' }] }), `ac${tie}d`);
    assert.equal(await names({ sort: [{ property: 'receivedAt', isAscending: false }] }), `d${reversed}ca`);
    assert.equal((await by('size')).at(-1), 'c');
    assert.equal((await by('size', false)).at(0), 'c');
    assert.equal(await by('from'), 'eacdb', 'no author first, then Anne, then Zoé');
    assert.equal(await by('to'), 'eacdb', 'bruno, then Émile');
    assert.equal(await by('subject'), 'cabde', 'the base subject');
    assert.equal(await by('sentAt'), `e${'bacd'}`, 'without a date the day it came');
    assert.equal(await by('hasKeyword', false, { keyword: '$flagged' }), 'cbaed');
    assert.equal((await by('hasKeyword', true, { keyword: '$flagged' })).slice(0, 3).split('').sort().join(''), 'ade');
    assert.equal((await by('allInThreadHaveKeyword', false, { keyword: '$seen' })).at(0), 'c');
    assert.equal((await by('someInThreadHaveKeyword', true, { keyword: '$flagged' })).at(0), 'e');
  });

  it('takes one of each thread, the first', async () => {
    const tie = ['b', 'e'].sort(byId);
    assert.equal(await names({ collapseThreads: true }), 'dec');
    assert.equal(await names({ collapseThreads: true, sort: [{ property: 'receivedAt' }] }), 'ace');
    assert.equal(await names({ collapseThreads: true, filter: { inMailbox: box['inbox'] } }), tie.reverse().join(''));
    const { total } = await anne.call('Email/query', { collapseThreads: true, calculateTotal: true });
    assert.equal(total, 3);
  });

  it('gives any window of the list', async () => {
    const all = await names({});
    assert.equal(await names({ position: 1, limit: 2 }), all.slice(1, 3));
    assert.equal(await names({ position: -2 }), all.slice(-2));
    assert.equal(await names({ position: 99 }), '');
    assert.equal(await names({ limit: 0 }), '');
    assert.equal(
      await names({ anchor: idOf.get('c'), anchorOffset: -1, limit: 2 }),
      all.slice(all.indexOf('c') - 1).slice(0, 2),
    );
    const budget = await names({ filter: { text: 'budget' } });
    assert.equal(await names({ filter: { text: 'budget' }, position: 1, limit: 2 }), budget.slice(1, 3));
    assert.equal(await anne.errorOf('Email/query', { anchor: 'f'.repeat(24) }), 'anchorNotFound');
    const { total, position, canCalculateChanges } = await anne.call('Email/query', {
      calculateTotal: true,
      position: -2,
    });
    assert.deepEqual([total, position, canCalculateChanges], [5, 3, true]);
  });

  it('refuses what it cannot answer', async () => {
    assert.equal(await anne.errorOf('Email/query', { filter: { colour: 'red' } }), 'unsupportedFilter');
    assert.equal(await anne.errorOf('Email/query', { sort: [{ property: 'colour' }] }), 'unsupportedSort');
    assert.equal(
      await anne.errorOf('Email/query', { sort: [{ property: 'from', collation: 'i;none' }] }),
      'unsupportedSort',
    );
    for (const filter of [
      { before: 'yesterday' },
      { minSize: -1 },
      { hasKeyword: '' },
      { header: [] },
      { inMailbox: 3 },
      { text: 3 },
      { operator: 'XOR', conditions: [] },
    ]) {
      assert.equal(await anne.errorOf('Email/query', { filter }), 'invalidArguments', JSON.stringify(filter));
    }
    assert.equal(await anne.errorOf('Email/query', { sort: [{ property: 'hasKeyword' }] }), 'invalidArguments');
    assert.equal(await anne.errorOf('Email/query', { sort: [{ property: 'from', keyword: 'x' }] }), 'invalidArguments');
  });

  it('tells what changed in a list, and nothing when nothing that matters did', async () => {
    const args = { filter: { inMailbox: box['inbox'] } };
    const { queryState } = await anne.call('Email/query', args);
    await anne.call('Email/set', { update: { [idOf.get('a')!]: { 'keywords/$flagged': true } } });
    const same = await anne.call('Email/queryChanges', { ...args, sinceQueryState: queryState });
    assert.deepEqual([same.removed, same.added], [[], []]);
    await anne.call('Email/set', {
      update: { [idOf.get('a')!]: { [`mailboxIds/${box['inbox']}`]: null, [`mailboxIds/${box['sent']}`]: true } },
    });
    const moved = await anne.call('Email/queryChanges', { ...args, sinceQueryState: queryState, calculateTotal: true });
    assert.deepEqual([moved.removed, moved.added, moved.total], [[idOf.get('a')], [], 2]);
    await anne.call('Email/set', { update: { [idOf.get('a')!]: { mailboxIds: { [box['inbox']!]: true } } } });
    assert.equal(
      await anne.errorOf('Email/queryChanges', { ...args, sinceQueryState: queryState, maxChanges: 1 }),
      'tooManyChanges',
    );
    assert.equal(await anne.errorOf('Email/queryChanges', { ...args, sinceQueryState: 'x' }), 'cannotCalculateChanges');
  });

  it('marks what was searched for', async () => {
    const snippets = async (filter: unknown, name: string): Promise<Answer> => {
      const { list, notFound } = await anne.call('SearchSnippet/get', { filter, emailIds: [idOf.get(name), 'nobody'] });
      assert.deepEqual(notFound, ['nobody']);
      assert.equal(list[0].emailId, idOf.get(name));
      return list[0];
    };
    const a = await snippets({ text: 'reunion BUDGET' }, 'a');
    assert.equal(a.subject, '<mark>Budget</mark>');
    assert.equal(a.preview, '<mark>réunion</mark> générale à midi');
    const c = await snippets(
      { operator: 'AND', conditions: [{ body: 'budget' }, { operator: 'NOT', conditions: [{ subject: 'apéro' }] }] },
      'c',
    );
    assert.equal(c.subject, null);
    assert.match(c.preview, /long <mark>budget<\/mark>$/);
    assert.ok(Buffer.byteLength(c.preview) <= 255);
    assert.deepEqual(await snippets({ inMailbox: box['inbox'] }, 'a'), {
      emailId: idOf.get('a'),
      subject: null,
      preview: null,
    });
    assert.deepEqual(await snippets(null, 'a'), { emailId: idOf.get('a'), subject: null, preview: null });
    assert.equal(await anne.errorOf('SearchSnippet/get', { filter: {} }), 'invalidArguments');
  });
});
