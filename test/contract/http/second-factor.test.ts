/** A code as well as the password: switched on by proving one, asked for without script, good once, and recovery codes. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { movingClock } from '../../harness/moving-clock.js';
import type { WebClient } from '../../harness/web-client.js';
import { webPassword, webPeople } from '../../harness/web-people.js';
import { openWebSite, type WebSite } from '../../harness/web-site.js';

const clock = movingClock();
let site: WebSite;
let anne: WebClient;
let count = 0;
let name: string;

before(async () => {
  site = await openWebSite({ people: webPeople({ clock }) });
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

/** RFC 6238 with its defaults, written anew: an oracle. */
function codeOf(secret: string, atMs = clock.nowMs()): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const letter of secret) bits += alphabet.indexOf(letter).toString(2).padStart(5, '0');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function switchedOn(): Promise<{ readonly secret: string; readonly recovery: readonly string[] }> {
  const started = await anne.post('/api/auth/code/start', { current: webPassword });
  assert.equal(started.status, 200, started.text);
  const { secret } = started.json<{ secret: string }>();
  const confirmed = await anne.post('/api/auth/code/confirm', { code: codeOf(secret) });
  assert.equal(confirmed.status, 200, confirmed.text);
  return { secret, recovery: confirmed.json<{ recovery: string[] }>().recovery };
}

const status = async (client: WebClient): Promise<number> => (await client.get('/api/auth/session')).status;

async function withPassword(): Promise<WebClient> {
  const client = site.client();
  const reply = await client.submit('/login', { username: name, password: webPassword, to: '/mail/x?y=1' });
  assert.equal(reply.status, 303);
  assert.equal(reply.headers.location, '/login/code?to=%2Fmail%2Fx%3Fy%3D1');
  assert.equal(await status(client), 401, 'the password alone opens nothing');
  return client;
}

describe('the vectors of RFC 6238', () => {
  it('are what the oracle here says', () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    assert.equal(codeOf(secret, 59_000), '287082');
    assert.equal(codeOf(secret, 1_111_111_109_000), '081804');
    assert.equal(codeOf(secret, 20_000_000_000_000), '353130');
  });
});

describe('a second factor', () => {
  it('is asked for by a page without script, and leads on to where one was going', async () => {
    const { secret } = await switchedOn();
    clock.move(31_000);
    const client = await withPassword();
    const page = await client.get('/login/code', { accept: 'text/html' });
    assert.match(page.text, /<form class="card" method="post" action="\/login\/code">/);
    assert.doesNotMatch(page.text, /<script/);
    const wrong = await client.submit('/login/code', { code: '000000' });
    assert.equal(wrong.status, 401);
    assert.match(wrong.text, /action="\/login\/code"/);
    const right = await client.submit('/login/code', {
      code: ` ${codeOf(secret).replace(/^.../, '$& ')}`,
      to: '/mail/x',
    });
    assert.equal(right.status, 303, right.text);
    assert.equal(right.headers.location, '/mail/x');
    assert.equal(await status(client), 200);
    assert.equal((await client.submit('/login/code', { code: codeOf(secret) })).status, 404, 'the step is over');
  });

  it('counts once proved, ends the sessions elsewhere, and is told nobody again', async () => {
    const elsewhere = site.client();
    await elsewhere.signIn(name, webPassword);
    const started = await anne.post('/api/auth/code/start', { current: webPassword });
    const { secret, uri } = started.json<{ secret: string; uri: string }>();
    assert.match(uri, new RegExp(`^otpauth://totp/labo.example:${name}%40labo.example\\?.*secret=${secret}`));
    const qr = await anne.get('/api/auth/code/qr.svg');
    assert.match(qr.text, /^<svg /);
    await site.client().signIn(name, webPassword);
    assert.equal((await anne.post('/api/auth/code/confirm', { code: '000000' })).status, 422);
    assert.deepEqual((await anne.get('/api/auth/code')).json(), { on: false });
    assert.equal((await anne.post('/api/auth/code/confirm', { code: codeOf(secret) })).status, 200);
    assert.deepEqual((await anne.get('/api/auth/code')).json(), { on: true, recoveryLeft: 10 });
    assert.equal((await anne.get('/api/auth/code/qr.svg')).status, 404);
    assert.equal(await status(elsewhere), 401);
    assert.equal((await anne.post('/api/auth/code/start', { current: webPassword })).status, 422);
  });

  it('takes a code once, early or late by one step and no more', async () => {
    const { secret } = await switchedOn();
    clock.move(120_000);
    const late = codeOf(secret, clock.nowMs() - 60_000);
    const first = await withPassword();
    assert.equal((await first.submit('/login/code', { code: late })).status, 401);
    const code = codeOf(secret, clock.nowMs() + 30_000);
    assert.equal((await first.submit('/login/code', { code })).status, 303);
    const second = await withPassword();
    assert.equal((await second.submit('/login/code', { code })).status, 401, 'a second time');
    assert.equal((await second.submit('/login/code', { code: codeOf(secret) })).status, 401, 'one before it');
  });

  it('takes each recovery code once', async () => {
    const { recovery } = await switchedOn();
    assert.equal(new Set(recovery).size, 10);
    const [one = ''] = recovery;
    assert.equal((await (await withPassword()).submit('/login/code', { code: one.toUpperCase() })).status, 303);
    assert.equal((await (await withPassword()).submit('/login/code', { code: one })).status, 401);
    assert.deepEqual((await anne.get('/api/auth/code')).json(), { on: true, recoveryLeft: 9 });
  });

  it('slows guessing, in whatever browser', async () => {
    await switchedOn();
    let throttled = 0;
    for (let i = 0; i < 8; i++) {
      const reply = await (await withPassword()).submit('/login/code', { code: String(100_000 + i) });
      if (reply.status === 429) throttled++;
    }
    assert.ok(throttled >= 2, `${throttled}`);
  });

  it('gives a browser ten minutes, and none once the password is another', async () => {
    const { secret } = await switchedOn();
    clock.move(60_000);
    const slow = await withPassword();
    clock.move(10 * 60_000);
    assert.equal((await slow.submit('/login/code', { code: codeOf(secret) })).status, 404);
    const moved = await withPassword();
    await site.people.people.setPassword(name, Buffer.from('another password'));
    assert.equal((await moved.submit('/login/code', { code: codeOf(secret) })).status, 404);
  });

  it('makes programs need an app password', async () => {
    await switchedOn();
    const login = (password: string) =>
      site.people.auth.authenticator.login({
        identity: name,
        password: Buffer.from(password),
        protocol: 'imap',
        peer: { address: '192.0.2.1', port: 1, unix: false, local: false },
        secure: true,
      });
    await assert.rejects(login(webPassword), (error) => {
      assert.ok(error instanceof MailError);
      assert.equal(error.details?.['refusal'], 'useAppPassword');
      return true;
    });
    await assert.rejects(login('wrong wrong'), { code: 'authenticationFailed' });
    const app = { current: webPassword, name: 'Telephone', protocols: ['imap'], zones: ['outside'] };
    const { secret } = (await anne.post('/api/auth/apps', app)).json<{ secret: string }>();
    assert.equal((await login(secret)).address, `${name}@labo.example`);
  });

  it('is switched off with password and code', async () => {
    const { secret } = await switchedOn();
    clock.move(60_000);
    const off = (current: string, code: string) => anne.post('/api/auth/code/off', { current, code });
    assert.equal((await off(webPassword, '000000')).status, 422);
    assert.equal((await off('wrong wrong', codeOf(secret))).status, 422);
    assert.equal((await off(webPassword, codeOf(secret))).status, 204);
    await site.client().signIn(name, webPassword);
    assert.deepEqual((await anne.get('/api/auth/code')).json(), { on: false });
  });
});
