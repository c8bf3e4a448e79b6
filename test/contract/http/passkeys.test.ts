/** Passkeys: made in a browser with the password, signed in with alone or after it, and everything that is no proof. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { challengeMs } from '@vaguemestre/server/auth/challenges';
import { type AuthenticatorOptions, type SoftPasskey, softPasskey } from '../../harness/authenticator.js';
import { movingClock } from '../../harness/moving-clock.js';
import { ownCall, type WebClient, type WebReply } from '../../harness/web-client.js';
import { webPassword, webPeople } from '../../harness/web-people.js';
import { openWebSite, type WebSite } from '../../harness/web-site.js';

const clock = movingClock();
let site: WebSite;
let anne: WebClient;
let account: string;
let count = 0;
let name: string;
let origin: string;

before(async () => {
  site = await openWebSite({ people: webPeople({ clock }) });
});
after(async () => {
  await site.close();
  await site.people.close();
});
beforeEach(async () => {
  name = `anne${++count}`;
  account = (await site.people.add(name))._id;
  anne = site.client();
  origin = anne.origin.replace('127.0.0.1', 'localhost');
  await anne.signIn(name, webPassword);
});

/** As the browser names the service: an address of the machine has no passkeys. */
const host = () => ({ host: new URL(origin).host, origin, 'accept-language': 'en' });
const post = (client: WebClient, path: string, body: unknown): Promise<WebReply> => client.post(path, body, host());
const challengeOf = (reply: WebReply): string => {
  assert.equal(reply.status, 200, reply.text);
  return reply.json<{ challenge: string }>().challenge;
};
const status = async (client: WebClient): Promise<number> => (await client.get('/api/auth/session')).status;

const startAdding = async (): Promise<string> =>
  challengeOf(await post(anne, '/api/auth/passkeys/start', { current: webPassword }));

async function added(options: Partial<AuthenticatorOptions> = {}, called = 'Laptop') {
  const passkey = softPasskey({ origin, userHandle: account, ...options });
  const made = await post(anne, '/api/auth/passkeys', { name: called, response: passkey.make(await startAdding()) });
  assert.equal(made.status, 201, made.text);
  const answer = made.json<{ passkey: { id: string }; recovery?: string[] }>();
  return { passkey, id: answer.passkey.id, recovery: answer.recovery };
}

const challenge = async (client: WebClient): Promise<string> =>
  challengeOf(await post(client, '/login/passkey/start', {}));

const bring = (client: WebClient, response: object): Promise<WebReply> =>
  post(client, '/login/passkey', { own: false, to: '/mail/x?y=1', response });

async function alone(passkey: SoftPasskey, options: Partial<AuthenticatorOptions> = {}): Promise<WebReply> {
  const client = site.client();
  return await bring(client, passkey.sign(options.challenge ?? (await challenge(client)), options));
}

describe('passkeys', () => {
  it('open the webmail alone, and lead on to where one was going', async () => {
    const { passkey, recovery } = await added();
    assert.equal(recovery?.length, 10);
    const client = site.client();
    const reply = await bring(client, passkey.sign(await challenge(client)));
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(reply.json(), { to: '/mail/x?y=1' });
    assert.equal(await status(client), 200);
    const { passkeys, possible } = (await anne.get('/api/auth/passkeys', host())).json<{
      possible: boolean;
      passkeys: { name: string; used?: { address: string } }[];
    }>();
    assert.equal(possible, true);
    assert.deepEqual(
      passkeys.map((one) => [one.name, one.used?.address]),
      [['Laptop', '127.0.0.1']],
    );
  });

  it('end the sessions elsewhere with the first, and make programs need an app password', async () => {
    const elsewhere = site.client();
    await elsewhere.signIn(name, webPassword);
    await added();
    assert.equal(await status(elsewhere), 401);
    assert.equal(await status(anne), 200);
    const login = site.people.auth.authenticator.login({
      identity: name,
      password: Buffer.from(webPassword),
      protocol: 'imap',
      peer: { address: '192.0.2.1', port: 1, unix: false, local: false },
      secure: true,
    });
    await assert.rejects(login, (error: { details?: { refusal?: string } }) => {
      assert.equal(error.details?.refusal, 'useAppPassword');
      return true;
    });
  });

  it('are asked for after the password, where a recovery code will do once', async () => {
    const { passkey, recovery = [] } = await added();
    assert.equal((await added({}, 'Telephone')).recovery, undefined);
    const client = site.client();
    const reply = await client.submit('/login', { username: name, password: webPassword, to: '/mail/x' });
    assert.equal(reply.headers.location, '/login/passkey?to=%2Fmail%2Fx');
    assert.equal(await status(client), 401, 'the password alone opens nothing');
    const other = softPasskey({ origin, userHandle: account });
    assert.equal((await bring(client, other.sign(await challenge(client)))).status, 401);
    // What was verified by the password needs the device only.
    const right = await bring(client, passkey.sign(await challenge(client), { verified: false }));
    assert.equal(right.status, 200, right.text);
    assert.equal(await status(client), 200);

    const lost = site.client();
    await lost.submit('/login', { username: name, password: webPassword });
    const page = await lost.get('/login/code', { accept: 'text/html', ...host() });
    assert.match(page.text, /recovery codes/);
    assert.doesNotMatch(page.text, /<script/);
    assert.equal((await lost.submit('/login/code', { code: '123456' })).status, 401);
    assert.equal((await lost.submit('/login/code', { code: recovery[0] ?? '' })).status, 303);
    const again = site.client();
    await again.submit('/login', { username: name, password: webPassword });
    assert.equal((await again.submit('/login/code', { code: recovery[0] ?? '' })).status, 401);
    assert.equal((await anne.get('/api/auth/passkeys')).json<{ recoveryLeft: number }>().recoveryLeft, 9);
  });

  it('are no proof: for another page, another name, another purpose, unverified, unsigned', async () => {
    const { passkey } = await added();
    const wrongs: Partial<AuthenticatorOptions>[] = [
      { origin: 'https://evil.example' },
      { rpId: 'evil.example' },
      { verified: false },
      { type: 'webauthn.create' },
      { copies: true },
      { userHandle: 'nobody' },
      { challenge: Buffer.alloc(40).toString('base64url') },
      { challenge: await startAdding() },
    ];
    for (const wrong of wrongs) {
      const reply = await alone(passkey, wrong);
      assert.equal(reply.status, 401, `${JSON.stringify(wrong)}: ${reply.text}`);
      assert.match(reply.json<{ notice: string }>().notice, /opens nothing here/);
      clock.move(60_000);
    }
    const client = site.client();
    const { response, ...rest } = passkey.sign(await challenge(client));
    for (const spoilt of [{}, { ...response, signature: 'AAAA' }, { ...response, authenticatorData: 'AAAA' }]) {
      clock.move(60_000);
      assert.equal((await bring(client, { ...rest, response: spoilt })).status, 401);
    }
    clock.move(60_000);
    assert.equal((await alone(passkey)).status, 200);
  });

  it('take each challenge once, and for five minutes', async () => {
    const { passkey } = await added();
    const client = site.client();
    const first = passkey.sign(await challenge(client));
    assert.equal((await bring(client, first)).status, 200);
    assert.equal((await bring(site.client(), first)).status, 401, 'a second time');
    const late = passkey.sign(await challenge(client));
    clock.move(challengeMs);
    assert.equal((await bring(site.client(), late)).status, 401, 'too late');
    const started = await startAdding();
    const made = { name: 'Other', response: softPasskey({ origin }).make(started) };
    assert.equal((await post(anne, '/api/auth/passkeys', made)).status, 201);
    const repeated = { name: 'Again', response: softPasskey({ origin }).make(started) };
    assert.equal((await post(anne, '/api/auth/passkeys', repeated)).status, 422);
  });

  it('a counter that went back is a copied key', async () => {
    const { passkey } = await added({ counter: 7 });
    assert.equal((await alone(passkey, { counter: 8 })).status, 200);
    assert.equal((await alone(passkey, { counter: 8 })).status, 401);
    assert.equal((await alone(passkey, { counter: 3 })).status, 401);
    assert.equal((await alone(passkey, { counter: 9 })).status, 200);
  });

  it('are made with the password, for oneself, verified, once', async () => {
    assert.equal((await post(anne, '/api/auth/passkeys/start', { current: 'wrong wrong' })).status, 422);
    assert.equal((await anne.post('/api/auth/passkeys/start', { current: webPassword })).status, 422, 'an IP address');
    const passkey = softPasskey({ origin });
    for (const wrong of [{ verified: false }, { origin: 'https://evil.example' }, { rpId: 'evil.example' }]) {
      const response = passkey.make(await startAdding(), wrong);
      assert.equal(
        (await post(anne, '/api/auth/passkeys', { name: 'x', response })).status,
        422,
        JSON.stringify(wrong),
      );
    }
    const response = passkey.make(await startAdding());
    assert.equal((await post(anne, '/api/auth/passkeys', { name: ' ', response })).status, 400);
    assert.equal(
      (await post(anne, '/api/auth/passkeys', { name: 'x', response: { id: 'x', response: {} } })).status,
      422,
    );
    assert.equal((await post(site.client(), '/api/auth/passkeys', { name: 'x', response })).status, 401);
    await added();
  });

  it('go with the password, and the last takes the factor with it', async () => {
    const { passkey, id } = await added();
    const remove = (current: string) => post(anne, '/api/auth/passkeys/remove', { id, current });
    assert.equal((await remove('wrong wrong')).status, 422);
    assert.equal((await remove(webPassword)).status, 204);
    assert.equal((await remove(webPassword)).status, 404);
    const told = site.people.acts.filter((act) => act.account === account);
    assert.deepEqual(
      told.map(({ what, detail }) => [what, detail]),
      [
        ['passkey made', { name: 'Laptop', from: '127.0.0.1' }],
        ['passkey removed', { passkey: id, from: '127.0.0.1' }],
      ],
    );
    assert.equal((await alone(passkey)).status, 401);
    await site.client().signIn(name, webPassword);
  });

  it('an administrator takes them off', async () => {
    const { passkey } = await added();
    await site.people.people.removeSecondFactor(name);
    assert.equal((await alone(passkey)).status, 401);
    assert.deepEqual((await anne.get('/api/auth/passkeys', host())).json(), { possible: true, passkeys: [] });
  });

  it('open nothing for whoever may not come in', async () => {
    const { passkey } = await added();
    await site.people.people.update(name, { disabled: true });
    const reply = await alone(passkey);
    assert.equal(reply.status, 403);
    assert.match(reply.json<{ notice: string }>().notice, /account is disabled/);
  });

  it('are asked for by our own page only', async () => {
    const { passkey } = await added();
    const client = site.client();
    const response = passkey.sign(await challenge(client));
    const foreign = { ...ownCall, ...host(), 'sec-fetch-site': 'cross-site' };
    const body = JSON.stringify({ own: false, to: '', response });
    const json = { ...foreign, 'content-type': 'application/json' };
    assert.equal((await client.request('POST', '/login/passkey', json, body)).status, 403);
    const bare = { ...host(), 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
    assert.equal((await client.request('POST', '/login/passkey', bare, body)).status, 403);
    assert.equal((await bring(client, response)).status, 200);
  });
});
