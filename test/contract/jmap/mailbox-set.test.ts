/** RFC 8621 2.5 over a socket: what can be made of mailboxes, every refusal, and that IMAP sees the same. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createMailbox as create, mailboxIdOf as idOf, updateMailbox as update } from '../../harness/jmap-mailboxes.js';
import { type Answer, type JmapPerson, type JmapService, startJmapService } from '../../harness/jmap-service.js';
import { put } from '../../harness/mail-account.js';

let service: JmapService;
before(async () => {
  service = await startJmapService();
});
after(() => service.close());

async function refusal(person: JmapPerson, object: Answer): Promise<Answer> {
  const done = await person.call('Mailbox/set', { create: { new: object } });
  assert.equal(done.created, null, JSON.stringify(object));
  return done.notCreated.new;
}

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

  it('holds to the state it is told while others change things, and names states between which only it did', async () => {
    const ada = await service.person();
    const { state } = await ada.call('Mailbox/get', { ids: [] });
    const create = (name: string, more = {}) =>
      ada.request([['Mailbox/set', { accountId: ada.accountId, create: { a: { name } }, ...more }, '0']]);
    const racing = await Promise.all(
      Array.from({ length: 6 }, (_, i) => create(`r${i}`, { ifInState: state })).map(
        async (each) => (await each).methodResponses[0]!,
      ),
    );
    assert.equal(racing.filter(([name]) => name === 'Mailbox/set').length, 1, 'one of them is first');
    for (const [name, answer] of racing) if (name === 'error') assert.equal(answer['type'], 'stateMismatch');
    const free = await Promise.all(
      Array.from({ length: 6 }, (_, i) => create(`f${i}`)).map(async (each) => (await each).methodResponses[0]![1]),
    );
    for (const { oldState, newState, created } of free as Answer[]) {
      const changes = await ada.call('Mailbox/changes', { sinceState: oldState });
      const until = changes.created.filter((id: string) => id === created.a.id);
      assert.equal(until.length, 1);
      assert.equal(Number(newState) - Number(oldState), 1, 'its own entry alone');
    }
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
