import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient } from '@vaguemestre/webmail/jmap/client';
import { JmapFailure } from '@vaguemestre/webmail/jmap/failure';
import type { EmailQuery, QuerySpec } from '@vaguemestre/webmail/jmap/store/email-query';
import { createMailStore, type MailStore } from '@vaguemestre/webmail/jmap/store/mail-store';
import fc from 'fast-check';
import { createMemoryJmap, type MemoryJmap } from '../../../harness/memory-jmap.js';

const noWait = async (): Promise<void> => {};
const newest = [{ property: 'receivedAt', isAscending: false }] as const;
const inboxSpec: QuerySpec = { filter: { inMailbox: 'inbox' }, sort: newest, collapseThreads: false };
const isIn = (...ids: string[]): Record<string, true> => Object.fromEntries(ids.map((id) => [id, true as const]));

async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}

interface Page {
  readonly server: MemoryJmap;
  readonly store: MailStore;
  readonly list: EmailQuery;
}

async function openPage(count: number, spec: QuerySpec = inboxSpec, server = createMemoryJmap()): Promise<Page> {
  for (let index = 0; index < count; index++) server.deliver({ mailboxIds: isIn('inbox') });
  const store = createMailStore(createClient(server.session, server.post, noWait));
  await store.open();
  const list = store.query(spec);
  store.use(list);
  list.show(0, 20);
  await settled();
  return { server, store, list };
}

const serverList = (server: MemoryJmap): string[] =>
  server
    .rows()
    .filter((row) => row.mailboxIds['inbox'])
    .sort((a, b) => (a.receivedAt > b.receivedAt ? -1 : 1))
    .map((row) => row.id);

describe('the mail store', () => {
  it('knows how long a list is and loads only what is looked at', async () => {
    const { list, store } = await openPage(1000);
    assert.equal(list.total, 1000);
    assert.ok(list.ids().length <= 40);
    list.show(600, 620);
    await settled();
    const id = list.idAt(610);
    assert.ok(id !== undefined && store.emails.get(id) !== undefined);
    assert.ok(list.ids().length <= 120);
  });

  it('sees new mail, and what another program did, by asking what changed', async () => {
    const { server, store, list } = await openPage(5);
    server.deliver({ mailboxIds: isIn('inbox'), subject: 'New' });
    server.destroy('e2');
    server.mark('e3', isIn('$seen'));
    await store.sync();
    assert.deepEqual(list.ids(), serverList(server));
    assert.equal(store.emails.get('e3')?.keywords['$seen'], true);
    assert.equal(store.emails.get('e2'), undefined);
    assert.equal(store.mailboxOf('inbox')?.unreadEmails, 4);
  });

  it('shows a move before the server has it, and it does not come back when the answer arrives', async () => {
    const { store, list } = await openPage(5);
    const seen: (readonly string[])[] = [];
    const { outcome } = store.change(new Map([['e4', { mailboxes: { inbox: false, archive: true } }]]));
    seen.push(list.ids());
    assert.equal(store.mailboxOf('inbox')?.totalEmails, 4);
    assert.equal(store.mailboxOf('archive')?.totalEmails, 1);
    for (let turn = 0; turn < 60; turn++) {
      await Promise.resolve();
      seen.push(list.ids());
      assert.equal(store.mailboxOf('inbox')?.totalEmails, 4);
    }
    await outcome;
    seen.push(list.ids());
    for (const ids of seen) assert.deepEqual(ids, ['e5', 'e3', 'e2', 'e1']);
  });

  it('takes a move back to where the row was, before and after the server has confirmed it', async () => {
    const { server, store, list } = await openPage(5);
    const all = list.ids();
    const early = store.change(new Map([['e4', { mailboxes: { inbox: false, archive: true } }]]));
    const undone = store.change(early.inverse);
    assert.deepEqual(list.ids(), all);
    await Promise.all([early.outcome, undone.outcome]);
    assert.deepEqual(list.ids(), all);
    const late = store.change(new Map([['e2', { mailboxes: { inbox: false, trash: true } }]]));
    await late.outcome;
    assert.equal(list.ids().length, 4);
    const back = store.change(late.inverse);
    assert.deepEqual(list.ids(), all);
    await back.outcome;
    assert.deepEqual(list.ids(), all);
    assert.deepEqual(list.ids(), serverList(server));
  });

  it('sends what is done to a message after what was done to it before: a request may overtake another', async () => {
    const server = createMemoryJmap();
    const slow: (() => void)[] = [];
    const post: typeof server.post = async (request) => {
      // The first change is a long time on its way; everything after it is fast.
      if (slow.length === 0 && request.methodCalls.some(([name]) => name === 'Email/set')) {
        await new Promise<void>((resolve) => slow.push(resolve));
      }
      return server.post(request);
    };
    for (let index = 0; index < 5; index++) server.deliver({ mailboxIds: isIn('inbox') });
    const store = createMailStore(createClient(server.session, post, noWait));
    await store.open();
    const list = store.query(inboxSpec);
    store.use(list);
    list.show(0, 20);
    await settled();
    const before = serverList(server);
    const [id] = list.ids();
    const moved = store.change(new Map([[id!, { mailboxes: { inbox: false, archive: true } }]]));
    await settled();
    const undone = store.change(moved.inverse);
    await settled();
    assert.equal(list.idAt(0), id, 'shown at once');
    slow[0]?.();
    await Promise.all([moved.outcome, undone.outcome]);
    assert.deepEqual(serverList(server), before);
    assert.equal(list.idAt(0), id);
  });

  it('puts back what the server refused, and says which', async () => {
    const { server, store, list } = await openPage(4);
    server.refusing.add('e2');
    const { outcome } = store.change(
      new Map([
        ['e2', { mailboxes: { inbox: false, trash: true } }],
        ['e3', { mailboxes: { inbox: false, trash: true } }],
      ]),
    );
    assert.deepEqual(list.ids(), ['e4', 'e1']);
    const { refused, changed } = await outcome;
    assert.deepEqual([...refused.keys()], ['e2']);
    assert.deepEqual(changed, ['e3']);
    assert.deepEqual(list.ids(), ['e4', 'e2', 'e1']);
    assert.equal(store.emails.get('e2')?.mailboxIds['inbox'], true);
  });

  it('keeps a change while nobody answers, and sends it when somebody does', async () => {
    const { server } = await openPage(3);
    // Four tries of one request fail; the change waits, and goes with the next.
    let away = 5;
    let goOnline = (): void => {};
    const online = new Promise<void>((resolve) => {
      goOnline = resolve;
    });
    const answer = server.post;
    const stubborn = createMailStore(
      createClient(
        server.session,
        (request) => (away-- > 0 ? Promise.reject(new JmapFailure('offline', 'offline', '')) : answer(request)),
        noWait,
      ),
      { whenOnline: () => online },
    );
    stubborn.emails.put(server.rows());
    const { outcome } = stubborn.change(new Map([['e1', { keywords: { $flagged: true } }]]));
    await settled();
    assert.equal(stubborn.waiting.value, 1);
    assert.equal(stubborn.emails.get('e1')?.keywords['$flagged'], true);
    goOnline();
    await outcome;
    assert.equal(stubborn.waiting.value, 0);
    assert.equal(server.rows().find((row) => row.id === 'e1')?.keywords['$flagged'], true);
  });

  it('leaves in an unread list what was just read there, until the list is left', async () => {
    const unread: QuerySpec = {
      filter: { operator: 'AND', conditions: [{ inMailbox: 'inbox' }, { notKeyword: '$seen' }] },
      sort: newest,
      collapseThreads: false,
    };
    const { store, list } = await openPage(4, unread);
    await store.change(new Map([['e3', { keywords: { $seen: true } }]])).outcome;
    assert.deepEqual(list.ids(), ['e4', 'e3', 'e2', 'e1']);
    list.release();
    assert.deepEqual(list.ids(), ['e4', 'e2', 'e1']);
  });

  it('brings the conversations of its rows in the same request', async () => {
    const server = createMemoryJmap();
    server.deliver({ mailboxIds: isIn('inbox'), threadId: 't1' });
    server.deliver({ mailboxIds: isIn('sent'), threadId: 't1' });
    server.deliver({ mailboxIds: isIn('inbox'), threadId: 't1' });
    const { list, store } = await openPage(1, { ...inboxSpec, collapseThreads: true }, server);
    assert.deepEqual(list.ids(), ['e4', 'e3']);
    assert.deepEqual(store.threads.get('t1')?.emailIds, ['e1', 'e2', 'e3']);
    assert.equal(store.emails.get('e2')?.mailboxIds['sent'], true);
    assert.equal(server.requests.length, 2);
  });

  it('starts anew when the server cannot say what changed', async () => {
    const { server } = await openPage(3);
    const answer = server.post;
    const blind = createMailStore(
      createClient(server.session, async (request) => {
        const response = await answer(request);
        return {
          ...response,
          methodResponses: response.methodResponses.map(([name, args, id]) =>
            name.endsWith('hanges') ? ['error', { type: 'cannotCalculateChanges' }, id] : [name, args, id],
          ),
        };
      }),
    );
    await blind.open();
    const own = blind.query(inboxSpec);
    blind.use(own);
    own.show(0, 10);
    await settled();
    server.deliver({ mailboxIds: isIn('inbox') });
    server.destroy('e1');
    await blind.sync();
    await settled();
    assert.deepEqual(own.ids(), serverList(server));
  });

  it('opens from what was kept, and then catches up', async () => {
    const { server, store } = await openPage(30);
    const kept = JSON.parse(JSON.stringify(store.snapshot()));
    server.deliver({ mailboxIds: isIn('inbox') });
    const again = createMailStore(createClient(server.session, server.post, noWait));
    again.restore(kept);
    const list = again.query(inboxSpec);
    again.use(list);
    assert.equal(list.total, 30);
    assert.ok(again.emails.get(list.idAt(0) ?? '') !== undefined);
    await again.sync();
    assert.equal(list.total, 31);
  });

  it('after any doings here and elsewhere shows what the server has', async () => {
    const act = fc.record({
      what: fc.constantFrom(
        'deliver',
        'move',
        'mark',
        'destroy',
        'archive',
        'undo',
        'read',
        'sync',
        'scroll',
        'refuse',
      ),
      which: fc.nat(60),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 30 }), async (acts) => {
        const { server, store, list } = await openPage(90);
        const pending: Promise<unknown>[] = [];
        let inverse = new Map() as ReturnType<MailStore['change']>['inverse'];
        for (const { what, which } of acts) {
          const id = server.rows()[which]?.id ?? 'e1';
          if (what === 'deliver') server.deliver({ mailboxIds: isIn('inbox') });
          if (what === 'move') server.move(id, isIn(which % 2 ? 'inbox' : 'archive'));
          if (what === 'mark') server.mark(id, isIn('$seen'));
          if (what === 'destroy') server.destroy(id);
          if (what === 'refuse') server.refusing.add(id);
          if (what === 'sync') await store.sync();
          if (what === 'scroll') list.show(which, which + 20);
          const row = list.idAt(which);
          if (what === 'archive' && row !== undefined) {
            const done = store.change(new Map([[row, { mailboxes: { inbox: false, archive: true } }]]));
            inverse = done.inverse;
            pending.push(done.outcome);
          }
          if (what === 'read' && row !== undefined) {
            pending.push(store.change(new Map([[row, { keywords: { $seen: true } }]])).outcome);
          }
          if (what === 'undo') pending.push(store.change(inverse).outcome);
        }
        await Promise.all(pending);
        await store.sync();
        await settled();
        const there = serverList(server);
        assert.equal(list.total, there.length);
        for (let index = 0; index < there.length; index++) {
          const id = list.idAt(index);
          if (id !== undefined) assert.equal(id, there[index], `row ${index}`);
        }
        for (const row of server.rows()) {
          const known = store.emails.get(row.id);
          if (known !== undefined) assert.deepEqual([known.keywords, known.mailboxIds], [row.keywords, row.mailboxIds]);
        }
      }),
      { numRuns: 150 },
    );
  });
});
