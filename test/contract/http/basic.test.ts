/** JMAP clients that are no browser: name and password with every request (RFC 7617). */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { basicWay } from '@vaguemestre/server/http/auth/basic-way';
import { bearerWay } from '@vaguemestre/server/http/auth/bearer-way';
import { createHttpApp } from '@vaguemestre/server/http/http-app';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { Protocol, Zone } from '@vaguemestre/shared/people';
import { createMemoryMailstore } from '../../harness/memory-mailstore.js';
import { webClient } from '../../harness/web-client.js';
import { webPassword, webPeople } from '../../harness/web-people.js';

const none = new Uint8Array(0);
const people = webPeople();
let port = 0;
let close = async (): Promise<void> => {};

before(async () => {
  const app = await createHttpApp({
    health: { check: async () => ({ status: 'ok' }) },
    info: () => ({
      product: 'V',
      version: '0',
      domain: 'labo.example',
      host: 'h',
      selfSigned: true,
      doors: [],
      inside: [],
    }),
    webmailFolder: '/nonexistent',
    auth: {
      ...people.auth,
      moreWays: [basicWay(people.auth.authenticator, systemClock), bearerWay(people.tokens, systemClock)],
    },
    jmap: {
      mailstore: createMemoryMailstore(() => ({ envelope: none, bodyStructure: none, headers: none })),
      methods: new Map(),
      pushSources: [],
      maxUploadBytes: 1_000,
      maxDelayedSendSeconds: 0,
      log: silentLog,
    },
    log: silentLog,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  port = (app.server.address() as AddressInfo).port;
  close = async () => {
    app.server.closeAllConnections();
    await app.close();
    await people.close();
  };
  await people.add('anne');
  await people.add('service', { role: 'service' });
});
after(() => close());

const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});
const session = (headers: Readonly<Record<string, string>>) => webClient({ port }).get('/jmap/session', headers);

describe('a JMAP client with a password', () => {
  it('is let in, with the whole address or without the domain', async () => {
    for (const name of ['anne@labo.example', 'anne']) {
      const reply = await session(basic(name, webPassword));
      assert.equal(reply.status, 200);
      assert.equal(reply.json<{ username: string }>().username, 'anne@labo.example');
      assert.equal(reply.headers['set-cookie'], undefined);
    }
  });

  it('is refused with a wrong one, and not asked for it', async () => {
    const reply = await session(basic('anne', 'wrong'));
    assert.equal(reply.status, 401);
    assert.doesNotMatch(String(reply.headers['www-authenticate']), /basic/i);
  });

  it('is told when it may not come in', async () => {
    assert.equal((await session(basic('service', webPassword))).status, 403);
  });

  it('is out soon after the password changed', async () => {
    await people.add('paul');
    assert.equal((await session(basic('paul', webPassword))).status, 200);
    await people.people.setPassword('paul@labo.example', Buffer.from('Another horse 5 battery'));
    await new Promise((resolve) => setTimeout(resolve, 4_500));
    assert.equal((await session(basic('paul', webPassword))).status, 401);
  });

  it('sends what is no such thing, and is nobody', async () => {
    for (const authorization of ['Basic', 'Basic !!!', 'Basic OmFiYw==', `Basic ${'A'.repeat(5_000)}`, 'Bearer x']) {
      assert.equal((await session({ authorization })).status, 401, authorization.slice(0, 20));
    }
  });

  it('opens nothing but JMAP', async () => {
    const reply = await webClient({ port }).get('/api/auth/session', basic('anne', webPassword));
    assert.equal(reply.status, 401);
  });
});

describe('a JMAP client with a token', () => {
  const bearer = (token: string) => session({ authorization: `Bearer ${token}` });

  it('is let in by an app password for it, from where it may be used, until it is taken back', async () => {
    const { _id: account } = await people.add('claire');
    const { appPasswords } = people.auth;
    const add = (protocols: readonly Protocol[], zones: readonly Zone[]) =>
      appPasswords.add(account, { name: 'Program', protocols, zones });
    const { app, secret } = await add(['webmail'], ['laboratory', 'vpn', 'outside']);
    const reply = await bearer(secret);
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.json<{ username: string }>().username, 'claire@labo.example');
    assert.equal((await session({ authorization: `bEARER ${secret.replaceAll('-', '')}` })).status, 200);
    assert.equal((await appPasswords.list(account))[0]?.used?.protocol, 'webmail');
    assert.equal((await bearer((await add(['imap'], ['outside', 'laboratory'])).secret)).status, 403);
    assert.equal((await bearer((await add(['webmail'], ['vpn'])).secret)).status, 403);
    assert.equal(
      (await webClient({ port }).get('/api/auth/session', { authorization: `Bearer ${secret}` })).status,
      401,
    );
    await appPasswords.remove(account, app.id);
    const until = Date.now() + 20_000;
    while ((await bearer(secret)).status !== 401) assert.ok(Date.now() < until, 'it still opens');
  });

  it('is told that its token is wrong, and no more', async () => {
    for (const token of ['abcde-fghjk-mnpqr-stuvw', webPassword, 'x']) {
      const reply = await bearer(token);
      assert.equal(reply.status, 401);
      assert.match(String(reply.headers['www-authenticate']), /Bearer realm="vaguemestre", error="invalid_token"/);
    }
    const reply = await session({});
    assert.match(String(reply.headers['www-authenticate']), /Bearer realm="vaguemestre"$/);
  });

  it('is slowed down when it guesses', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 10; i++) statuses.push((await bearer(`guess-${i}`)).status);
    assert.equal(statuses.at(-1), 429);
    const { _id: account } = await people.add('neighbour');
    const app = { name: 'x', protocols: ['webmail'], zones: ['laboratory', 'outside'] } as const;
    const { secret } = await people.auth.appPasswords.add(account, app);
    assert.equal((await bearer(secret)).status, 200, 'its neighbour is not');
  });
});
