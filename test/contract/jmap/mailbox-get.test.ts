/** RFC 8621 2.1 and 2.2 over a socket: Mailbox/get, changes and queryChanges, of what IMAP and JMAP did. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { createMailbox as create, mailboxIdOf as idOf, updateMailbox as update } from '../../harness/jmap-mailboxes.js';
import { type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { put } from '../../harness/mail-account.js';

let service: JmapService;
before(async () => {
  service = await startJmapService();
});
after(() => service.close());

async function all(person: JmapPerson): Promise<readonly Mailbox[]> {
  return (await person.call('Mailbox/get', { ids: null })).list;
}

describe('Mailbox/get', () => {
  it('gives all mailboxes with all properties', async () => {
    const ada = await service.person();
    const list = await all(ada);
    assert.deepEqual(list.map(({ name }) => name).sort(), ['Archive', 'Drafts', 'Inbox', 'Junk', 'Sent', 'Trash']);
    const inbox = list.find(({ role }) => role === 'inbox')!;
    assert.deepEqual(inbox, {
      id: idOf(ada, 'INBOX'),
      name: 'Inbox',
      parentId: null,
      role: 'inbox',
      sortOrder: 0,
      isSubscribed: true,
      totalEmails: 0,
      unreadEmails: 0,
      totalThreads: 0,
      unreadThreads: 0,
      myRights: {
        mayReadItems: true,
        mayAddItems: true,
        mayRemoveItems: true,
        maySetSeen: true,
        maySetKeywords: true,
        mayCreateChild: true,
        mayRename: false,
        mayDelete: false,
        maySubmit: true,
      },
    });
  });

  it('gives what is asked for, each once and in order, and says what is not there', async () => {
    const ada = await service.person();
    const bob = await service.person();
    const [inbox, sent] = [idOf(ada, 'INBOX'), idOf(ada, 'Sent')];
    const answer = await ada.call('Mailbox/get', {
      ids: [sent, 'nonexistent', inbox, sent, idOf(bob, 'INBOX'), '#none'],
      properties: ['name'],
    });
    assert.deepEqual(answer.list, [
      { id: sent, name: 'Sent' },
      { id: inbox, name: 'Inbox' },
    ]);
    assert.deepEqual(answer.notFound, ['nonexistent', idOf(bob, 'INBOX'), '#none']);
    assert.equal(answer.accountId, ada.accountId);
    assert.equal(answer.state, String(ada.account.modseq));
    assert.deepEqual((await ada.call('Mailbox/get', { ids: [] })).list, []);
  });

  it('counts as RFC 8621 says', async () => {
    const ada = await service.person();
    await put(ada.account, 'INBOX', 'Message-ID: <1@x>\r\nSubject: a\r\n\r\n1');
    await put(ada.account, 'INBOX', 'Message-ID: <2@x>\r\nReferences: <1@x>\r\nSubject: a\r\n\r\n2', ['\\Seen']);
    await put(ada.account, 'INBOX', 'Subject: draft\r\n\r\n3', ['\\Draft']);
    await put(ada.account, 'Sent', 'Message-ID: <3@x>\r\nReferences: <1@x>\r\nSubject: a\r\n\r\n4', ['\\Seen']);
    const counts = async (path: string) => {
      const { list } = await ada.call('Mailbox/get', { ids: [idOf(ada, path)] });
      const { totalEmails, unreadEmails, totalThreads, unreadThreads } = list[0];
      return [totalEmails, unreadEmails, totalThreads, unreadThreads];
    };
    assert.deepEqual(await counts('INBOX'), [3, 1, 2, 1]);
    assert.deepEqual(await counts('Sent'), [1, 0, 1, 1]);
  });

  it('does not count what IMAP has marked deleted, and tells of it as gone', async () => {
    const ada = await service.person();
    await put(ada.account, 'INBOX', 'Subject: x\r\n\r\nx');
    const { ids } = await ada.call('Email/query');
    const inbox = idOf(ada, 'INBOX');
    const total = async () => (await ada.call('Mailbox/get', { ids: [inbox] })).list[0].totalEmails;
    const mark = (mode: 'add' | 'remove') =>
      ada.account.storeFlags(ada.account.mailbox('INBOX')!.id, { uids: Uint32Array.of(1), mode, flags: ['\\Deleted'] });
    const seen = String(ada.account.modseq);
    await mark('add');
    assert.equal(await total(), 0);
    assert.deepEqual((await ada.call('Email/query')).ids, []);
    assert.deepEqual((await ada.call('Email/get', { ids })).notFound, ids);
    assert.deepEqual((await ada.call('Email/changes', { sinceState: seen })).destroyed, ids);
    const boxes = await ada.call('Mailbox/changes', { sinceState: seen });
    assert.deepEqual([boxes.updated, boxes.updatedProperties?.length], [[inbox], 4]);
    const hidden = String(ada.account.modseq);
    await mark('remove');
    assert.equal(await total(), 1);
    assert.deepEqual((await ada.call('Email/changes', { sinceState: hidden })).created, ids);
    assert.deepEqual((await ada.call('Email/get', { ids, properties: ['keywords'] })).list, [
      { id: ids[0], keywords: {} },
    ]);
  });

  it('refuses wrong arguments', async () => {
    const ada = await service.person();
    for (const args of [
      { ids: 'x' },
      { ids: [1] },
      { properties: 'name' },
      { properties: ['nonsense'] },
      { nonsense: 1 },
      { ids: {} },
      { accountId: 7 },
    ]) {
      assert.equal(await ada.errorOf('Mailbox/get', args), 'invalidArguments', JSON.stringify(args));
    }
    const many = Array.from({ length: 1_001 }, (_, i) => `id${i}`);
    assert.equal(await ada.errorOf('Mailbox/get', { ids: many }), 'requestTooLarge');
    const other = await service.person();
    for (const accountId of [other.accountId, 'nobody']) {
      assert.equal(await ada.errorOf('Mailbox/get', { accountId }), 'accountNotFound');
    }
  });
});

describe('Mailbox/changes and queryChanges', () => {
  it('tell what came, changed and went, and whether it was more than counts', async () => {
    const ada = await service.person();
    const since = (await ada.call('Mailbox/get', { ids: [] })).state;
    const nothing = await ada.call('Mailbox/changes', { sinceState: since });
    assert.deepEqual(
      { ...nothing, accountId: '' },
      {
        accountId: '',
        oldState: since,
        newState: since,
        hasMoreChanges: false,
        created: [],
        updated: [],
        destroyed: [],
        updatedProperties: null,
      },
    );
    await put(ada.account, 'INBOX', 'Subject: x\r\n\r\nx');
    const counted = await ada.call('Mailbox/changes', { sinceState: since });
    assert.deepEqual(counted.updated, [idOf(ada, 'INBOX')]);
    assert.deepEqual(counted.updatedProperties, ['totalEmails', 'unreadEmails', 'totalThreads', 'unreadThreads']);
    const made = await create(ada, { name: 'Made' });
    const passing = await create(ada, { name: 'Passing' });
    await update(ada, idOf(ada, 'Sent'), { sortOrder: 4 });
    const old = idOf(ada, 'Junk');
    await ada.call('Mailbox/set', { destroy: [passing, old] });
    const changes = await ada.call('Mailbox/changes', { sinceState: since });
    assert.deepEqual(changes.created, [made]);
    assert.deepEqual([...changes.updated].sort(), [idOf(ada, 'INBOX'), idOf(ada, 'Sent')].sort());
    assert.deepEqual(changes.destroyed, [old]);
    assert.equal(changes.updatedProperties, null);
    assert.equal(changes.newState, (await ada.call('Mailbox/get', { ids: [] })).state);
  });

  it('go in steps of maxChanges that add up', async () => {
    const ada = await service.person();
    let since = (await ada.call('Mailbox/get', { ids: [] })).state;
    for (let i = 0; i < 7; i++) await create(ada, { name: `Box ${i}` });
    const created = new Set<string>();
    for (let steps = 0; ; steps++) {
      assert.ok(steps < 10);
      const step = await ada.call('Mailbox/changes', { sinceState: since, maxChanges: 2 });
      const told = [...step.created, ...step.updated, ...step.destroyed];
      assert.ok(told.length > 0 && told.length <= 2);
      for (const id of step.created) created.add(id);
      since = step.newState;
      if (!step.hasMoreChanges) break;
    }
    assert.equal(created.size, 7);
    assert.equal(since, String(ada.account.modseq));
  });

  it('know only states that they gave', async () => {
    const ada = await service.person();
    const ahead = String(ada.account.modseq + 1_000);
    for (const sinceState of ['nonsense', '', '-1', '1.5', '01', ahead, '99999999999999999999']) {
      assert.equal(await ada.errorOf('Mailbox/changes', { sinceState }), 'cannotCalculateChanges', sinceState);
      assert.equal(
        await ada.errorOf('Mailbox/queryChanges', { sinceQueryState: sinceState }),
        'cannotCalculateChanges',
        sinceState,
      );
    }
    assert.equal(await ada.errorOf('Mailbox/changes', {}), 'invalidArguments');
    assert.equal(await ada.errorOf('Mailbox/changes', { sinceState: 1 }), 'invalidArguments');
    const sinceState = String(ada.account.modseq);
    for (const maxChanges of [0, -1, 'x']) {
      assert.equal(await ada.errorOf('Mailbox/changes', { sinceState, maxChanges }), 'invalidArguments');
    }
  });

  it('turn an old query into the new one', async () => {
    const ada = await service.person();
    const args = { sort: [{ property: 'name' }], filter: { role: null } };
    const before = await ada.call('Mailbox/query', args);
    const b = await create(ada, { name: 'b' });
    const a = await create(ada, { name: 'a' });
    await put(ada.account, 'INBOX', 'Subject: x\r\n\r\nx');
    const delta = await ada.call('Mailbox/queryChanges', {
      ...args,
      sinceQueryState: before.queryState,
      calculateTotal: true,
    });
    assert.equal(delta.oldQueryState, before.queryState);
    assert.equal(delta.total, 2);
    assert.deepEqual(delta.added, [
      { id: a, index: 0 },
      { id: b, index: 1 },
    ]);
    assert.equal(
      await ada.errorOf('Mailbox/queryChanges', { ...args, sinceQueryState: before.queryState, maxChanges: 1 }),
      'tooManyChanges',
    );
    const now = await ada.call('Mailbox/query', args);
    const none = await ada.call('Mailbox/queryChanges', { ...args, sinceQueryState: now.queryState });
    assert.deepEqual([none.removed, none.added, none.total], [[], [], undefined]);
  });
});
