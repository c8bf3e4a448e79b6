/** The passwords of programs: made in a browser, good for what was chosen, gone when taken back. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { PasswordLogin } from '@vaguemestre/server/auth/authenticator';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { WebClient } from '../../harness/web-client.js';
import { webPassword, webPeople } from '../../harness/web-people.js';
import { openWebSite, type WebSite } from '../../harness/web-site.js';

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly protocols: readonly string[];
  readonly zones: readonly string[];
  readonly used?: { readonly protocol: string; readonly address: string };
}

let site: WebSite;
let anne: WebClient;
let count = 0;
let name: string;

before(async () => {
  site = await openWebSite({ people: webPeople({ laboratory: ['192.0.2.0/24'] }) });
});
after(async () => {
  await site.close();
  await site.people.close();
});
beforeEach(async () => {
  name = `anne${++count}`;
  await site.people.add(name);
  anne = site.client();
  await anne.signIn(name, webPassword);
});

const telephone = { current: webPassword, name: 'Téléphone', protocols: ['imap', 'submission'], zones: ['laboratory'] };

async function made(differences: object = {}): Promise<{ readonly id: string; readonly secret: string }> {
  const answer = await anne.post('/api/auth/apps', { ...telephone, ...differences });
  assert.equal(answer.status, 201, answer.text);
  const { app, secret } = answer.json<{ app: Listed; secret: string }>();
  return { id: app.id, secret };
}

const list = async (): Promise<readonly Listed[]> =>
  (await anne.get('/api/auth/apps')).json<{ apps: readonly Listed[] }>().apps;

const enter = (password: string, differences: Partial<PasswordLogin> & { readonly from?: string } = {}) =>
  site.people.auth.authenticator.login({
    identity: name,
    password: Buffer.from(password),
    protocol: 'imap',
    peer: { address: differences.from ?? '192.0.2.7', port: 1, unix: false, local: false },
    secure: true,
    ...differences,
  });

const refused = async (attempt: Promise<unknown>, code: string, refusal?: string): Promise<void> => {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof MailError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.details?.['refusal'], refusal);
    return true;
  });
};

describe('an app password', () => {
  it('opens what it was made for, however it is typed, and says when it was used', async () => {
    const { id, secret } = await made();
    assert.match(secret, /^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    for (const typed of [secret, secret.toUpperCase(), secret.replaceAll('-', ''), secret.replaceAll('-', ' ')]) {
      assert.equal((await enter(typed)).app, id);
    }
    const [listed] = await list();
    assert.equal(listed?.name, 'Téléphone');
    assert.deepEqual(listed?.protocols, ['imap', 'submission']);
    assert.equal(listed?.used?.protocol, 'imap');
    assert.equal(listed?.used?.address, '192.0.2.7');
    assert.ok(!JSON.stringify(listed).includes(secret));
  });

  it('opens nothing else: another protocol, another network, another person, the sign-in page', async () => {
    const { secret } = await made();
    await refused(enter(secret, { protocol: 'sieve' }), 'authorizationFailed', 'appElsewhere');
    await refused(enter(secret, { from: '203.0.113.9' }), 'authorizationFailed', 'appElsewhere');
    await refused(enter(secret, { protocol: 'pop3' }), 'authorizationFailed', 'useImap');
    await refused(enter(secret, { protocol: 'webmail', by: 'page' }), 'authenticationFailed');
    await site.people.add(`other${count}`);
    await refused(enter(secret, { identity: `other${count}` }), 'authenticationFailed');
    assert.equal((await enter(webPassword)).app, undefined, 'the own password goes on');
  });

  it('is taken back by its owner alone, and then is as wrong as any other', async () => {
    const { id, secret } = await made();
    await enter(secret);
    await site.people.add(`eve${count}`);
    const eve = site.client();
    await eve.signIn(`eve${count}`, webPassword);
    const gone = (client: WebClient) => client.request('DELETE', `/api/auth/apps/${id}`, { 'x-vaguemestre': '1' });
    assert.equal((await gone(eve)).status, 404);
    await enter(secret);
    assert.equal((await gone(anne)).status, 204);
    assert.deepEqual(await list(), []);
    await refused(enter(secret), 'authenticationFailed');
    assert.equal((await gone(anne)).status, 404);
  });

  it('is made with the password only, and only as something', async () => {
    const wrong = await anne.post('/api/auth/apps', { ...telephone, current: 'not the password' });
    assert.equal(wrong.status, 422, wrong.text);
    for (const differences of [{ name: ' ' }, { protocols: [] }, { zones: [] }, { name: 'x'.repeat(61) }]) {
      const answer = await anne.post('/api/auth/apps', { ...telephone, ...differences });
      assert.equal(answer.status, 400, JSON.stringify(differences));
    }
    assert.equal((await site.client().post('/api/auth/apps', telephone)).status, 401);
    for (let i = 0; i < 20; i++) await made({ name: `Device ${i}` });
    const full = await anne.post('/api/auth/apps', telephone);
    assert.match(full.text, /at most 20/);
    assert.equal((await list()).length, 20);
  });
});
