/** RFC 8621 section 2 over a socket: every method of Mailbox, every error, and that IMAP and JMAP see one thing. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Mailbox } from '@vaguemestre/shared/jmap/mailbox';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { put } from '../../harness/mail-account.js';

let service: JmapService;
before(async () => {
  service = await startJmapService();
});
after(() => service.close());

async function all(person: JmapPerson): Promise<readonly Mailbox[]> {
  return (await person.call('Mailbox/get', { ids: null })).list;
}

async function create(person: JmapPerson, object: Answer): Promise<string> {
  const done = await person.call('Mailbox/set', { create: { new: object } });
  assert.equal(done.notCreated, null, JSON.stringify(done.notCreated));
  return done.created.new.id;
}

async function refusal(person: JmapPerson, object: Answer): Promise<Answer> {
  const done = await person.call('Mailbox/set', { create: { new: object } });
  assert.equal(done.created, null, JSON.stringify(object));
  return done.notCreated.new;
}

async function update(person: JmapPerson, id: string, patch: Answer): Promise<Answer> {
  const done = await person.call('Mailbox/set', { update: { [id]: patch } });
  return done.notUpdated?.[id] ?? { updated: done.updated[id] };
}

const idOf = (person: JmapPerson, path: string): string => person.account.mailbox(path)!.id;

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

describe('Mailbox/set', () => {
  it('creates, with defaults told back, and IMAP sees it', async () => {
    const ada = await service.person();
    const before = String(ada.account.modseq);
    const done = await ada.call('Mailbox/set', {
      create: {
        a: { name: 'Projets', sortOrder: 7 },
        b: { name: 'Été', parentId: '#a', isSubscribed: false },
        c: { name: 'Profond', parentId: '#b', role: 'important' },
      },
    });
    assert.equal(done.oldState, before);
    assert.equal(done.newState, String(ada.account.modseq));
    assert.equal(done.notCreated, null);
    assert.deepEqual(
      { ...done.created.a, id: 'x', myRights: null },
      {
        id: 'x',
        parentId: null,
        role: null,
        totalEmails: 0,
        unreadEmails: 0,
        totalThreads: 0,
        unreadThreads: 0,
        myRights: null,
        isSubscribed: true,
      },
    );
    assert.equal(ada.account.mailbox('Projets/Été/Profond')?.role, 'important');
    assert.equal(ada.account.mailbox('Projets')?.sortOrder, 7);
    assert.deepEqual(
      ada.account.subscriptions().filter((name) => name.startsWith('Projets')),
      ['Projets', 'Projets/Été/Profond'],
    );
  });

  it('creates children before parents are named, and resolves ids across calls', async () => {
    const ada = await service.person();
    const { methodResponses } = await ada.request([
      [
        'Mailbox/set',
        {
          accountId: ada.accountId,
          create: { child: { name: 'Child', parentId: '#parent' }, parent: { name: 'Parent' } },
        },
        '0',
      ],
      ['Mailbox/get', { accountId: ada.accountId, ids: ['#child'], properties: ['parentId'] }, '1'],
      ['Mailbox/set', { accountId: ada.accountId, update: { '#child': { name: 'Renamed' } }, destroy: [] }, '2'],
    ]);
    const created = methodResponses[0]![1] as Answer;
    assert.equal(created.notCreated, null);
    assert.equal((methodResponses[1]![1] as Answer).list[0].parentId, created.created.parent.id);
    assert.deepEqual((methodResponses[2]![1] as Answer).updated, { [created.created.child.id]: null });
    assert.ok(ada.account.mailbox('Parent/Renamed'));
  });

  it('refuses what no mailbox can be, naming every property', async () => {
    const ada = await service.person();
    const cases: [Answer, readonly string[]][] = [
      [{}, ['name']],
      [{ name: '' }, ['name']],
      [{ name: 'a/b' }, ['name']],
      [{ name: 'a\u0000b' }, ['name']],
      [{ name: 'x'.repeat(256) }, ['name']],
      [{ name: 1 }, ['name']],
      [{ name: 'x', role: 'nonsense' }, ['role']],
      [{ name: 'x', role: 'sent' }, ['role']],
      [{ name: 'x', role: 'inbox' }, ['role']],
      [{ name: 'x', parentId: 'nonexistent' }, ['parentId']],
      [{ name: 'x', parentId: '#nothing' }, ['parentId']],
      [{ name: 'x', sortOrder: -1 }, ['sortOrder']],
      [{ name: 'x', sortOrder: 2 ** 31 }, ['sortOrder']],
      [{ name: 'x', sortOrder: 'high' }, ['sortOrder']],
      [{ name: 'x', isSubscribed: null }, ['isSubscribed']],
      [{ name: 'x', id: 'mine', totalEmails: 3, nonsense: 1 }, ['id', 'totalEmails', 'nonsense']],
    ];
    for (const [object, properties] of cases) {
      const error = await refusal(ada, object);
      assert.equal(error.type, 'invalidProperties', JSON.stringify(object));
      assert.deepEqual(error.properties, properties, JSON.stringify(object));
    }
  });

  it('knows siblings of the same name, however they are written', async () => {
    const ada = await service.person();
    const id = await create(ada, { name: 'Caf\u00e9' });
    const again = await refusal(ada, { name: 'Cafe\u0301' });
    assert.equal(again.type, 'alreadyExists');
    assert.equal(again.existingId, id);
    assert.equal((await refusal(ada, { name: 'inBOX' })).type, 'alreadyExists');
    const other = await create(ada, { name: 'Other' });
    assert.equal((await update(ada, other, { name: 'Caf\u00e9' })).type, 'alreadyExists');
    await create(ada, { name: 'Caf\u00e9', parentId: id });
  });

  it('renames and moves with all below, and never below itself', async () => {
    const ada = await service.person();
    const a = await create(ada, { name: 'A' });
    const b = await create(ada, { name: 'B', parentId: a });
    const c = await create(ada, { name: 'C', parentId: b });
    const d = await create(ada, { name: 'D' });
    assert.deepEqual(await update(ada, b, { name: 'BB', parentId: d, sortOrder: 3, isSubscribed: false }), {
      updated: null,
    });
    assert.ok(ada.account.mailbox('D/BB/C'));
    assert.equal(idOf(ada, 'D/BB/C'), c);
    for (const parentId of [b, c]) {
      const error = await update(ada, b, { parentId });
      assert.deepEqual([error.type, error.properties], ['invalidProperties', ['parentId']]);
    }
    assert.deepEqual(await update(ada, b, { parentId: null }), { updated: null });
    assert.ok(ada.account.mailbox('BB/C'));
    assert.deepEqual(await update(ada, b, { name: 'E\u0301t\u00e9' }), { updated: { name: '\u00c9t\u00e9' } });
  });

  it('changes all of a mailbox or nothing', async () => {
    const ada = await service.person();
    const id = await create(ada, { name: 'Whole' });
    const state = ada.account.modseq;
    assert.equal((await update(ada, id, { name: 'Other', role: 'sent' })).type, 'invalidProperties');
    assert.equal((await update(ada, id, { sortOrder: 5, parentId: 'nonexistent' })).type, 'invalidProperties');
    assert.equal(ada.account.modseq, state);
    await update(ada, id, { name: 'Other', sortOrder: 5, role: 'flagged', isSubscribed: false });
    assert.equal(ada.account.modseq, state + 1, 'one entry');
  });

  it('takes whole objects back, and keeps what only the server sets', async () => {
    const ada = await service.person();
    const id = await create(ada, { name: 'Back' });
    const state = ada.account.modseq;
    const object = (await ada.call('Mailbox/get', { ids: [id] })).list[0];
    assert.deepEqual(await update(ada, id, object), { updated: null });
    assert.equal(ada.account.modseq, state, 'nothing changed');
    for (const patch of [{ totalEmails: 5 }, { id: 'x' }, { 'myRights/mayDelete': false }, { nonsense: 1 }]) {
      const error = await update(ada, id, patch);
      assert.equal(error.type, 'invalidProperties', JSON.stringify(patch));
      assert.deepEqual(error.properties, [Object.keys(patch)[0]!.split('/')[0]]);
    }
    assert.equal((await update(ada, id, { name: null })).type, 'invalidProperties');
    assert.deepEqual(await update(ada, id, { sortOrder: null, role: null }), { updated: null });
  });

  it('refuses patches that are none', async () => {
    const ada = await service.person();
    const id = await create(ada, { name: 'Patch' });
    for (const patch of [
      { 'myRights/none/x': 1 },
      { 'name/x': 1 },
      { 'nonsense/x': 1 },
      { myRights: {}, 'myRights/mayDelete': true },
      { name: 'x', 'name/y': 1 },
    ]) {
      assert.equal((await update(ada, id, patch)).type, 'invalidPatch', JSON.stringify(patch));
    }
  });

  it('leaves the inbox what it is', async () => {
    const ada = await service.person();
    const inbox = idOf(ada, 'INBOX');
    for (const patch of [{ name: 'x' }, { parentId: idOf(ada, 'Sent') }, { role: null }, { role: 'archive' }]) {
      assert.equal((await update(ada, inbox, patch)).type, 'forbidden', JSON.stringify(patch));
    }
    assert.deepEqual(await update(ada, inbox, { sortOrder: 1, name: 'Inbox' }), { updated: null });
    const done = await ada.call('Mailbox/set', { destroy: [inbox] });
    assert.equal(done.notDestroyed[inbox].type, 'forbidden');
  });

  it('hands a role on within one call', async () => {
    const ada = await service.person();
    const id = await create(ada, { name: 'New archive' });
    const old = idOf(ada, 'Archive');
    const done = await ada.call('Mailbox/set', { update: { [old]: { role: null }, [id]: { role: 'archive' } } });
    assert.equal(done.notUpdated, null);
    assert.equal(ada.account.mailboxByRole('archive')?.id, id);
  });

  it('lets mailboxes change names, places and roles with each other, in one entry', async () => {
    const ada = await service.person();
    const a = await create(ada, { name: 'A' });
    const b = await create(ada, { name: 'B' });
    await create(ada, { name: 'below', parentId: a });
    const state = ada.account.modseq;
    const done = await ada.call('Mailbox/set', { update: { [a]: { name: 'B', sortOrder: 1 }, [b]: { name: 'A' } } });
    assert.equal(done.notUpdated, null);
    assert.equal(ada.account.modseq, state + 1);
    assert.deepEqual([idOf(ada, 'A'), idOf(ada, 'B')], [b, a]);
    assert.ok(ada.account.mailbox('B/below'));
    // Upside down.
    await update(ada, b, { parentId: a });
    const turned = await ada.call('Mailbox/set', { update: { [a]: { parentId: b }, [b]: { parentId: null } } });
    assert.equal(turned.notUpdated, null);
    assert.ok(ada.account.mailbox('A/B/below'));
    const [sent, junk] = [idOf(ada, 'Sent'), idOf(ada, 'Junk')];
    const roles = await ada.call('Mailbox/set', { update: { [sent]: { role: 'junk' }, [junk]: { role: 'sent' } } });
    assert.equal(roles.notUpdated, null);
    assert.equal(ada.account.mailboxByRole('sent')?.path, 'Junk');
  });

  it('does what can be done of several updates, and says what cannot', async () => {
    const ada = await service.person();
    const a = await create(ada, { name: 'A' });
    const b = await create(ada, { name: 'B' });
    const done = await ada.call('Mailbox/set', {
      update: { [a]: { sortOrder: 4 }, [b]: { name: 'Sent' }, [idOf(ada, 'Trash')]: { parentId: a } },
    });
    assert.deepEqual(Object.keys(done.updated).sort(), [a, idOf(ada, 'A/Trash')].sort());
    assert.equal(done.notUpdated[b].type, 'alreadyExists');
    const circle = await ada.call('Mailbox/set', { update: { [a]: { parentId: b }, [b]: { parentId: a } } });
    assert.deepEqual(
      Object.values(circle.notUpdated).map((error: Answer) => error.properties),
      [['parentId']],
    );
  });

  it('destroys what is empty, and the rest only if told to', async () => {
    const ada = await service.person();
    const parent = await create(ada, { name: 'Parent' });
    const child = await create(ada, { name: 'Child', parentId: parent });
    await put(ada.account, 'Parent/Child', 'Subject: x\r\n\r\nx');
    const has = await ada.call('Mailbox/set', { destroy: [parent] });
    assert.equal(has.notDestroyed[parent].type, 'mailboxHasChild');
    assert.equal(has.destroyed, null);
    const full = await ada.call('Mailbox/set', { destroy: [child] });
    assert.equal(full.notDestroyed[child].type, 'mailboxHasEmail');
    // Parents may be named before their children.
    const done = await ada.call('Mailbox/set', { destroy: [parent, child], onDestroyRemoveEmails: true });
    assert.deepEqual([...done.destroyed].sort(), [parent, child].sort());
    assert.deepEqual(
      ada.account.subscriptions().filter((name) => name.startsWith('Parent')),
      [],
    );
    assert.equal(ada.account.quota().usedBytes, 0);
    const gone = await ada.call('Mailbox/set', { destroy: [child, 'nonexistent', child] });
    assert.deepEqual(gone.notDestroyed, { [child]: { type: 'notFound' }, nonexistent: { type: 'notFound' } });
  });

  it('takes a mailbox for empty when IMAP has marked all of it deleted', async () => {
    const ada = await service.person();
    const id = await create(ada, { name: 'Marked' });
    await put(ada.account, 'Marked', 'Subject: x\r\n\r\nx', ['\\Deleted']);
    assert.deepEqual((await ada.call('Mailbox/set', { destroy: [id] })).destroyed, [id]);
  });

  it('does not update what it destroys, nor what is not there', async () => {
    const ada = await service.person();
    const id = await create(ada, { name: 'Both' });
    const done = await ada.call('Mailbox/set', {
      update: { [id]: { name: 'x' }, nonexistent: { name: 'y' } },
      destroy: [id],
    });
    assert.equal(done.notUpdated[id].type, 'willDestroy');
    assert.equal(done.notUpdated.nonexistent.type, 'notFound');
    assert.deepEqual(done.destroyed, [id]);
    const other = await service.person();
    const theirs = await other.call('Mailbox/set', {
      destroy: [idOf(ada, 'Sent')],
      update: { [idOf(ada, 'Junk')]: {} },
    });
    assert.equal(theirs.notDestroyed[idOf(ada, 'Sent')].type, 'notFound');
    assert.equal(theirs.notUpdated[idOf(ada, 'Junk')].type, 'notFound');
  });

  it('asks for the state it is told, and for arguments that make sense', async () => {
    const ada = await service.person();
    const { state } = await ada.call('Mailbox/get', { ids: [] });
    assert.equal(
      await ada.errorOf('Mailbox/set', { ifInState: 'nonsense', create: { a: { name: 'x' } } }),
      'stateMismatch',
    );
    const done = await ada.call('Mailbox/set', { ifInState: state, create: { a: { name: 'x' } } });
    assert.ok(done.created.a.id);
    assert.equal(await ada.errorOf('Mailbox/set', { ifInState: state, destroy: [done.created.a.id] }), 'stateMismatch');
    for (const args of [
      { create: [] },
      { create: { a: 1 } },
      { update: { a: null } },
      { destroy: 'x' },
      { destroy: [null] },
      { onDestroyRemoveEmails: 'yes' },
      { ifInState: 1 },
      { nonsense: true },
    ]) {
      assert.equal(await ada.errorOf('Mailbox/set', args), 'invalidArguments', JSON.stringify(args));
    }
    const many = Array.from({ length: 1_001 }, (_, i) => `id${i}`);
    assert.equal(await ada.errorOf('Mailbox/set', { destroy: many }), 'requestTooLarge');
  });

  it('survives creation ids that are names of JavaScript', async () => {
    const ada = await service.person();
    const names = ['__proto__', 'constructor', 'toString'];
    const body = names.map((name) => `${JSON.stringify(name)}:{"name":"n ${name}"}`).join(',');
    const reply = await ada.fetch('/jmap/api', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"using":["urn:ietf:params:jmap:mail"],"methodCalls":[["Mailbox/set",{"accountId":"${ada.accountId}","create":{${body}}},"0"]]}`,
    });
    const text = await reply.text();
    for (const name of names) {
      assert.ok(ada.account.mailbox(`n ${name}`), name);
      assert.ok(text.includes(`"${name}":{`), name);
    }
  });
});

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
