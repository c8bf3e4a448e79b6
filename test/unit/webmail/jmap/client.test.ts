import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient, packRequests } from '@vaguemestre/webmail/jmap/client';
import { JmapFailure } from '@vaguemestre/webmail/jmap/failure';
import { createMemoryJmap } from '../../../harness/memory-jmap.js';

const noWait = async (): Promise<void> => {};
const inInbox = { inbox: true } as const;

describe('the JMAP client', () => {
  it('sends the calls of one turn in one request, with references between them', async () => {
    const server = createMemoryJmap();
    server.deliver({ mailboxIds: inInbox });
    const client = createClient(server.session, server.post, noWait);
    const query = client.call('Email/query', { filter: { inMailbox: 'inbox' } });
    const rows = client.call('Email/get', { '#ids': query.ref('/ids') });
    assert.deepEqual(
      (await rows.result).list.map((row) => row.id),
      ['e1'],
    );
    assert.equal(server.requests.length, 1);
  });

  it('tells a method that failed from the others of its request', async () => {
    const server = createMemoryJmap();
    const client = createClient(server.session, server.post, noWait);
    const bad = client.call('Email/queryChanges', { sinceQueryState: 'never' });
    const good = client.call('Mailbox/get', { ids: null });
    await assert.rejects(bad.result, (error: JmapFailure) => error.type === 'cannotCalculateChanges');
    assert.ok((await good.result).list.length > 0);
  });

  it('reads again when nobody answered, and does not write again unless told that it may', async () => {
    const server = createMemoryJmap();
    const client = createClient(server.session, server.post, noWait);
    server.failNext(new JmapFailure('offline', 'offline', ''));
    assert.ok((await client.call('Mailbox/get', { ids: null }).result).list.length > 0);
    server.failNext(new JmapFailure('offline', 'offline', ''));
    await assert.rejects(client.call('Email/set', { update: {} }).result, JmapFailure);
    server.failNext(new JmapFailure('offline', 'offline', ''));
    await client.call('Email/set', { update: {} }, { repeatable: true }).result;
  });

  it('does not try again what was refused, or when the session is over', async () => {
    const server = createMemoryJmap();
    const client = createClient(server.session, server.post, noWait);
    server.failNext(new JmapFailure('signedOut', 'signedOut', ''));
    await assert.rejects(client.call('Mailbox/get', { ids: null }).result, { kind: 'signedOut' });
    assert.equal(server.requests.length, 1);
  });

  it('rejects an aborted call at once, and leaves the others of the request alone', async () => {
    const server = createMemoryJmap();
    const client = createClient(server.session, server.post, noWait);
    const abort = new AbortController();
    const first = client.call('Mailbox/get', { ids: null }, { signal: abort.signal });
    const second = client.call('Mailbox/get', { ids: null });
    abort.abort();
    await assert.rejects(first.result, { name: 'AbortError' });
    assert.ok((await second.result).list.length > 0);
    assert.equal(server.requests[0]?.methodCalls.length, 1);
  });

  it('gives responses of implicit calls to whoever asked', async () => {
    const server = createMemoryJmap();
    const client = createClient(server.session, async (request) => {
      const id = request.methodCalls[0]?.[2] ?? '';
      return {
        sessionState: '1',
        methodResponses: [
          ['EmailSubmission/set', { created: {} }, id],
          ['Email/set', { updated: { e1: null } }, id],
        ],
      };
    });
    const implicit: string[] = [];
    await client.call('EmailSubmission/set', {}, { onImplicit: (name) => implicit.push(name) }).result;
    assert.deepEqual(implicit, ['Email/set']);
  });

  it('keeps calls that refer to each other in one request, in their order', () => {
    const call = (id: string, to?: string) => ({ id, args: to ? { '#ids': { resultOf: to } } : {} });
    const calls = [call('a'), call('b'), call('c', 'a'), call('d', 'c'), call('e'), call('f', 'b')];
    const packed = packRequests(calls, 3).map((request) => request.map((one) => one.id));
    assert.deepEqual(packed, [
      ['a', 'c', 'd'],
      ['b', 'f', 'e'],
    ]);
  });
});
