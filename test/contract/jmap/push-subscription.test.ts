/** RFC 8620 7.2 over a socket, with a desk in place of the internet: who gets what pushed, and who gets nothing. */
import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { maxPushSubscriptions } from '@vaguemestre/server/kernel/limits';
import { silentLog } from '@vaguemestre/server/kernel/log';
import {
  type Answer,
  type Arguments,
  type JmapPerson,
  type JmapService,
  type Push,
  startJmapService,
} from '../../harness/jmap-service.js';
import { put } from '../../harness/mail-account.js';

const url = 'https://push.example/device';

let service: JmapService;
let anne: JmapPerson;
before(async () => {
  service = await startJmapService();
});
after(() => service.close());
beforeEach(async () => {
  anne = await service.person();
  service.push.posts.length = 0;
  service.push.answer = () => ({ kind: 'taken' });
});

async function call(person: JmapPerson, method: string, args: Arguments): Promise<Answer> {
  const { methodResponses } = await person.request([[`PushSubscription/${method}`, args, '0']]);
  return methodResponses[0]![1];
}

const create = async (person: JmapPerson, subscription: Arguments = {}): Promise<Answer> => {
  const done = await call(person, 'set', { create: { a: { deviceClientId: 'telephone', url, ...subscription } } });
  return done.created?.a ?? done.notCreated.a;
};
const update = async (person: JmapPerson, id: string, patch: Arguments): Promise<Answer> => {
  const done = await call(person, 'set', { update: { [id]: patch } });
  return done.notUpdated?.[id] ?? { updated: done.updated[id] };
};

async function next(is: (push: Push) => boolean, withinMs = 5_000): Promise<Push> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const index = service.push.posts.findIndex(is);
    if (index >= 0) return service.push.posts.splice(index, 1)[0]!;
    if (performance.now() > deadline) throw new Error(`not pushed: ${JSON.stringify(service.push.posts)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const aboutChanges = ({ message }: Push): boolean => message['@type'] === 'StateChange';
const quiet = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(service.push.posts.filter(aboutChanges), []);
};
const receive = (person: JmapPerson): Promise<unknown> =>
  put(person.account, 'INBOX', 'From: a@labo.example\r\nSubject: x\r\n\r\nx\r\n');

/** Verified as a client does it. */
async function subscribed(person: JmapPerson, subscription: Arguments = {}): Promise<string> {
  const { id } = await create(person, subscription);
  const { message } = await next((push) => push.message.pushSubscriptionId === id);
  assert.deepEqual(await update(person, id, { verificationCode: message.verificationCode }), { updated: null });
  return id;
}

describe('a push subscription', () => {
  it('is told its code, and of changes once the code came back', async () => {
    const made = await create(anne);
    assert.match(made.id, /^[0-9a-f]{24}$/);
    assert.deepEqual(Object.keys(made).sort(), ['expires', 'id', 'types', 'verificationCode']);
    const days = (Date.parse(made.expires) - Date.now()) / (24 * 3600_000);
    assert.ok(days > 6.9 && days <= 7, made.expires);
    const verification = await next(() => true);
    const code = verification.message.verificationCode;
    assert.deepEqual(verification, {
      url,
      urgent: true,
      message: { '@type': 'PushVerification', pushSubscriptionId: made.id, verificationCode: code },
    });
    assert.ok(code.length >= 32);
    await receive(anne);
    await quiet();
    const wrong = await update(anne, made.id, { verificationCode: `${code}x` });
    assert.deepEqual([wrong.type, wrong.properties], ['invalidProperties', ['verificationCode']]);
    await receive(anne);
    await quiet();
    assert.deepEqual(await update(anne, made.id, { verificationCode: code }), { updated: null });
    const missed = await next(aboutChanges);
    assert.equal(missed.url, url);
    await receive(anne);
    const { message, urgent } = await next(aboutChanges);
    assert.equal(urgent, true, 'new mail may wake a telephone');
    const { state } = await anne.call('Email/get', { ids: [] });
    assert.deepEqual(message, {
      '@type': 'StateChange',
      changed: { [anne.accountId]: { Mailbox: state, Email: state, Thread: state, EmailDelivery: state } },
    });
  });

  it('is told of its types only, and of none that are the same', async () => {
    const id = await subscribed(anne, { types: ['Mailbox', 'Nonsense'] });
    const made = await anne.call('Mailbox/set', { create: { a: { name: 'new' } } });
    const { message, urgent } = await next(aboutChanges);
    assert.equal(urgent, false);
    assert.deepEqual(message.changed, { [anne.accountId]: { Mailbox: made.newState } });
    assert.deepEqual(await update(anne, id, { types: ['EmailSubmission'] }), { updated: null });
    await receive(anne);
    await quiet();
    assert.deepEqual(await update(anne, id, { types: [] }), { updated: null });
    await receive(anne);
    await quiet();
  });

  it('gets a burst as one, and again what could not be handed over', async () => {
    await subscribed(anne);
    for (let i = 0; i < 5; i++) await receive(anne);
    await next(aboutChanges);
    const { state } = await anne.call('Email/get', { ids: [] });
    let refused = 0;
    service.push.answer = () => {
      refused += 1;
      return { kind: 'later' };
    };
    await receive(anne);
    while (refused === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    service.push.posts.length = 0;
    service.push.answer = () => ({ kind: 'taken' });
    const { message } = await next(aboutChanges, 15_000);
    assert.notEqual(message.changed[anne.accountId].Email, state);
  });

  it('is forgotten when its address says it is gone, and after it was destroyed nothing comes', async () => {
    const id = await subscribed(anne);
    service.push.answer = () => ({ kind: 'gone' });
    await receive(anne);
    await next(aboutChanges);
    const deadline = performance.now() + 3_000;
    while ((await call(anne, 'get', { ids: [id] })).list.length > 0) assert.ok(performance.now() < deadline);
    service.push.answer = () => ({ kind: 'taken' });
    const other = await subscribed(anne);
    assert.deepEqual((await call(anne, 'set', { destroy: [other] })).destroyed, [other]);
    await receive(anne);
    await quiet();
    assert.deepEqual((await call(anne, 'get', { ids: [other] })).notFound, [other]);
  });

  it('ends with what its client came in with', async () => {
    const id = await subscribed(anne);
    anne.signOut();
    await receive(anne);
    await quiet();
    assert.equal(await service.push.collection.get(anne.accountId, id), undefined);
  });

  it('is taken over by another process, which tells what was missed', async () => {
    const id = await subscribed(anne);
    const document = await service.push.collection.get(anne.accountId, id);
    const lifetime = new Lifetime(silentLog);
    // As if the process that watched it had died some time ago.
    const lease = { owner: 'nobody', leaseUntil: new Date(0) };
    assert.ok(await service.push.collection.change(anne.accountId, id, lease));
    service.push.start(lifetime);
    const { message } = await next(aboutChanges);
    assert.ok(message.changed[anne.accountId].Mailbox !== undefined);
    const now = await service.push.collection.get(anne.accountId, id);
    assert.ok(now !== undefined && now.owner !== document?.owner && now.leaseUntil.getTime() > Date.now());
    await receive(anne);
    await next(aboutChanges);
    await quiet();
    await lifetime.close();
    assert.equal((await service.push.collection.get(anne.accountId, id))?.leaseUntil.getTime(), 0, 'let go');
  });
});

describe('PushSubscription/get and set', () => {
  it('have no account and no states, and never tell address and keys', async () => {
    const { id, expires } = await create(anne, { types: ['Email'] });
    const told = { id, deviceClientId: 'telephone', verificationCode: null, expires, types: ['Email'] };
    assert.deepEqual(await call(anne, 'get', { ids: null }), { list: [told], notFound: [] });
    assert.deepEqual(await call(anne, 'get', { ids: [id, 'x'], properties: ['types'] }), {
      list: [{ id, types: ['Email'] }],
      notFound: ['x'],
    });
    for (const property of ['url', 'keys']) {
      const error = await call(anne, 'get', { ids: [id], properties: ['id', property] });
      assert.equal(error.type, 'forbidden', property);
    }
    assert.equal((await call(anne, 'get', { properties: ['nonsense'] })).type, 'invalidArguments');
    const nothing = await call(anne, 'set', {});
    assert.deepEqual(Object.keys(nothing).sort(), [
      'created',
      'destroyed',
      'notCreated',
      'notDestroyed',
      'notUpdated',
      'updated',
    ]);
    assert.equal((await call(anne, 'set', { ifInState: 'x' })).type, 'invalidArguments');
    assert.equal((await call(anne, 'set', { accountId: anne.accountId })).type, 'invalidArguments');
  });

  it('are about one’s own only', async () => {
    const { id } = await create(anne);
    const bruno = await service.person();
    assert.deepEqual((await call(bruno, 'get', {})).list, []);
    assert.deepEqual((await call(bruno, 'get', { ids: [id] })).notFound, [id]);
    assert.equal((await update(bruno, id, { types: null })).type, 'notFound');
    assert.equal((await call(bruno, 'set', { destroy: [id] })).notDestroyed[id].type, 'notFound');
  });

  it('refuse what cannot be', async () => {
    const point = createECDH('prime256v1');
    point.generateKeys();
    const p256dh = point.getPublicKey('base64url');
    const auth = Buffer.alloc(16).toString('base64url');
    assert.ok((await create(anne, { keys: { p256dh, auth } })).id, 'keys that are some');
    const wrong: readonly [Arguments, string][] = [
      [{ url: 'http://push.example/' }, 'url'],
      [{ url: 'https://push.example:25/' }, 'url'],
      [{ url: 'https://a:b@push.example/' }, 'url'],
      [{ url: 'no address' }, 'url'],
      [{ url: null }, 'url'],
      [{ deviceClientId: '' }, 'deviceClientId'],
      [{ deviceClientId: 5 }, 'deviceClientId'],
      [{ keys: {} }, 'keys'],
      [{ keys: { p256dh, auth: 'x' } }, 'keys'],
      [{ keys: { p256dh: auth, auth } }, 'keys'],
      [{ keys: { p256dh, auth, more: 1 } }, 'keys'],
      [{ verificationCode: 'x' }, 'verificationCode'],
      [{ expires: 'tomorrow' }, 'expires'],
      [{ expires: '2020-01-01T00:00:00Z' }, 'expires'],
      [{ types: 'Email' }, 'types'],
      [{ types: [1] }, 'types'],
      [{ id: 'x' }, 'id'],
      [{ nonsense: 1 }, 'nonsense'],
    ];
    for (const [more, property] of wrong) {
      const error = await create(anne, more);
      assert.deepEqual([error.type, error.properties], ['invalidProperties', [property]], JSON.stringify(more));
    }
    const { id } = await create(anne);
    for (const patch of [{ url: 'https://push.example/other' }, { deviceClientId: 'x' }, { keys: { p256dh, auth } }]) {
      assert.equal((await update(anne, id, patch)).type, 'invalidProperties', JSON.stringify(patch));
    }
    assert.deepEqual(await update(anne, id, { url, types: null }), { updated: null }, 'what it is already');
  });

  it('shorten what would last too long, and lengthen again', async () => {
    const soon = `${new Date(Date.now() + 3600_000).toISOString().slice(0, 19)}Z`;
    const { id, ...set } = await create(anne, { expires: soon });
    assert.equal('expires' in set, false, 'as it was asked for');
    assert.equal((await call(anne, 'get', { ids: [id] })).list[0].expires, soon);
    const { updated } = await update(anne, id, { expires: '2099-01-01T00:00:00Z' });
    assert.ok(Date.parse(updated.expires) < Date.now() + 7 * 24 * 3600_000 + 1);
    assert.ok(Date.parse((await update(anne, id, { expires: null })).updated.expires) > Date.parse(soon));
  });

  it('bound how many there are, and how many are made one after the other', async () => {
    for (let i = 0; i < maxPushSubscriptions; i++) assert.ok((await create(anne)).id);
    assert.equal((await create(anne)).type, 'overQuota');
    let made = maxPushSubscriptions;
    for (; made < 100; made++) {
      const [{ id }] = (await call(anne, 'get', {})).list;
      await call(anne, 'set', { destroy: [id] });
      const one = await create(anne);
      if (one.type === 'rateLimit') break;
      assert.ok(one.id);
    }
    assert.equal(made, 40);
  });
});
