/** RFC 8621 section 3 and RFC 9425 over a socket. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { put } from '../../harness/mail-account.js';

let service: JmapService;
before(async () => {
  service = await startJmapService();
});
after(() => service.close());

const stateOf = async (person: JmapPerson, type: string): Promise<string> =>
  (await person.call(`${type}/get`, { ids: [] })).state;

async function threadOf(person: JmapPerson, subject: string): Promise<string> {
  const emails = await person.account.emails();
  const { ids } = await person.call('Email/query', { filter: { subject } });
  return emails.threadAt(emails.numberOf(ids[0]));
}

describe('Thread', () => {
  it('gives the emails of a conversation, oldest first, wherever they lie', async () => {
    const ada = await service.person();
    await put(ada.account, 'Sent', 'Message-ID: <2@x>\r\nReferences: <1@x>\r\nSubject: answer\r\n\r\n2', [], 2_000);
    await put(ada.account, 'INBOX', 'Message-ID: <1@x>\r\nSubject: question\r\n\r\n1', [], 1_000);
    await put(ada.account, 'INBOX', 'Subject: other\r\n\r\n3');
    const id = await threadOf(ada, 'question');
    const other = await threadOf(ada, 'other');
    const answer = await ada.call('Thread/get', { ids: [id, 'nonexistent', id] });
    assert.equal(answer.state, String(ada.account.modseq));
    assert.deepEqual(answer.notFound, ['nonexistent']);
    assert.equal(answer.list.length, 1);
    const { list } = await ada.call('Email/get', { ids: answer.list[0].emailIds, properties: ['subject'] });
    assert.deepEqual(
      list.map(({ subject }: Answer) => subject),
      ['question', 'answer'],
    );
    const all = await ada.call('Thread/get', { ids: null, properties: ['id'] });
    assert.deepEqual(all.list.map((thread: Answer) => thread.id).sort(), [id, other].sort());
    const bob = await service.person();
    assert.deepEqual((await bob.call('Thread/get', { ids: [id] })).notFound, [id]);
    assert.equal(await ada.errorOf('Thread/get', { properties: ['subject'] }), 'invalidArguments');
  });

  it('tells which conversations came, changed and went', async () => {
    const ada = await service.person();
    await put(ada.account, 'INBOX', 'Message-ID: <1@x>\r\nSubject: question\r\n\r\n1');
    await put(ada.account, 'INBOX', 'Subject: passing\r\n\r\n1');
    const since = await stateOf(ada, 'Thread');
    const emails = await ada.account.emails();
    const passing = emails.threadAt(1);
    const nothing = await ada.call('Thread/changes', { sinceState: since });
    assert.deepEqual([nothing.created, nothing.updated, nothing.destroyed, nothing.newState], [[], [], [], since]);
    await put(ada.account, 'Sent', 'Message-ID: <2@x>\r\nReferences: <1@x>\r\nSubject: answer\r\n\r\n2');
    await put(ada.account, 'INBOX', 'Subject: new one\r\n\r\n3');
    const inbox = ada.account.mailbox('INBOX')!.id;
    await ada.account.storeFlags(inbox, { uids: Uint32Array.of(2), mode: 'add', flags: ['\\Deleted'] });
    await ada.account.expunge(inbox);
    const changes = await ada.call('Thread/changes', { sinceState: since });
    assert.deepEqual(changes.created, [await threadOf(ada, 'new one')]);
    assert.deepEqual(changes.updated, [await threadOf(ada, 'question')]);
    assert.deepEqual(changes.destroyed, [passing]);
    assert.equal(changes.newState, await stateOf(ada, 'Thread'));
    const step = await ada.call('Thread/changes', { sinceState: since, maxChanges: 1 });
    assert.equal(step.hasMoreChanges, true);
    assert.equal(step.created.length + step.updated.length + step.destroyed.length, 1);
  });
});

describe('Quota', () => {
  it('is there when there is a limit, and says what is used', async () => {
    const ada = await service.person({ quotaBytes: 1_000_000 });
    await put(ada.account, 'INBOX', `Subject: x\r\n\r\n${'x'.repeat(1_000)}`);
    const { list, state } = await ada.call('Quota/get', { ids: null });
    assert.deepEqual(list, [
      {
        id: 'storage',
        resourceType: 'octets',
        used: ada.account.quota().usedBytes,
        hardLimit: 1_000_000,
        scope: 'account',
        name: 'Mail storage',
        types: ['Email'],
        warnLimit: 900_000,
        softLimit: null,
        description: 'Space for all mail of the account',
      },
    ]);
    const same = await ada.call('Quota/changes', { sinceState: state });
    assert.deepEqual([same.updated, same.newState], [[], state]);
    await put(ada.account, 'INBOX', 'Subject: y\r\n\r\ny');
    const changes = await ada.call('Quota/changes', { sinceState: state });
    assert.deepEqual([changes.created, changes.updated, changes.destroyed], [[], ['storage'], []]);
    assert.deepEqual(changes.updatedProperties, ['used']);
    const french = await service.person({ quotaBytes: 5, lang: 'fr' });
    assert.equal((await french.call('Quota/get', {})).list[0].name, 'Espace de courrier');
  });

  it('is none without a limit', async () => {
    const ada = await service.person();
    const { list, notFound, state } = await ada.call('Quota/get', { ids: ['storage'] });
    assert.deepEqual([list, notFound], [[], ['storage']]);
    assert.deepEqual((await ada.call('Quota/changes', { sinceState: state })).updated, []);
  });

  it('tells of a limit that came or went', async () => {
    const ada = await service.person({ quotaBytes: 100 });
    assert.deepEqual((await ada.call('Quota/changes', { sinceState: 'none' })).created, ['storage']);
    assert.equal(await ada.errorOf('Quota/changes', { sinceState: 'nonsense' }), 'cannotCalculateChanges');
    const other = await ada.call('Quota/changes', { sinceState: '0-99' });
    assert.deepEqual([other.updated, other.updatedProperties], [['storage'], null]);
    const bob = await service.person();
    assert.deepEqual((await bob.call('Quota/changes', { sinceState: '0-99' })).destroyed, ['storage']);
  });

  it('is found by its properties', async () => {
    const ada = await service.person({ quotaBytes: 100 });
    const cases: [Answer, number][] = [
      [{}, 1],
      [{ name: 'mail' }, 1],
      [{ scope: 'account', resourceType: 'octets', type: 'Email' }, 1],
      [{ scope: 'domain' }, 0],
      [{ resourceType: 'count' }, 0],
      [{ type: 'Calendar' }, 0],
    ];
    for (const [filter, count] of cases) {
      const answer = await ada.call('Quota/query', { filter, sort: [{ property: 'used' }], calculateTotal: true });
      assert.equal(answer.ids.length, count, JSON.stringify(filter));
      assert.equal(answer.total, count);
    }
    const { queryState } = await ada.call('Quota/query', {});
    await put(ada.account, 'INBOX', 'x: y\r\n\r\n');
    const delta = await ada.call('Quota/queryChanges', { sinceQueryState: queryState });
    assert.deepEqual([delta.removed, delta.added], [['storage'], [{ id: 'storage', index: 0 }]]);
    assert.equal(await ada.errorOf('Quota/query', { filter: { nonsense: 1 } }), 'unsupportedFilter');
    assert.equal(await ada.errorOf('Quota/query', { sort: [{ property: 'scope' }] }), 'unsupportedSort');
  });
});
