/** Signing in and out over a real socket: what is shown, which cookie is given, who is refused and how. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ownForm } from '../../harness/web-client.js';
import { webPassword } from '../../harness/web-people.js';
import { openWebSite, type WebSite } from '../../harness/web-site.js';

let site: WebSite;
before(async () => {
  site = await openWebSite();
  await site.people.add('anne');
  await site.people.add('service', { role: 'service' });
  await site.people.add('pop', { role: 'intern', deny: ['webmail'], sponsor: 'anne', expires: new Date('2030-01-01') });
  await site.people.add('gone', { expires: new Date('2020-01-01') });
});
after(() => site.close());

const login = (name: string, password: string, more: Readonly<Record<string, string>> = {}) =>
  site.client().submit('/login', { username: name, password, ...more });

describe('the sign-in page', () => {
  it('is a form without script, for nobody to keep', async () => {
    const page = await site.client().get('/', ownForm);
    assert.equal(page.status, 200);
    assert.match(page.text, /<form[^>]+method="post" action="\/login"/);
    assert.doesNotMatch(page.text, /<script|\son\w+=|style=/);
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
    assert.doesNotMatch(String(page.headers['content-security-policy']), /script-src|unsafe/);
  });

  it('speaks the language that was chosen, else that of the browser', async () => {
    const client = site.client();
    const lang = async (path: string, accept: string) =>
      /<html lang="(\w+)"/.exec((await client.get(path, { 'accept-language': accept })).text)?.[1];
    assert.equal(await lang('/', 'de, en-GB;q=0.8, fr;q=0.3'), 'en');
    assert.equal(await lang('/', 'fr-CH'), 'fr');
    assert.equal(await lang('/', 'tlh'), 'fr');
    assert.equal(await lang('/?lang=en', 'fr'), 'en');
    assert.equal(await lang('/', 'fr'), 'en');
    assert.equal(await lang('/?lang=<x>', 'fr'), 'en');
  });

  it('says when the mailboxes do not answer', async () => {
    site.health = { status: 'unavailable', reason: 'away' };
    assert.match((await site.client().get('/', { 'accept-language': 'en' })).text, /Your mail is safe/);
    site.health = { status: 'ok' };
  });

  it('shows what was typed as text, whatever it was', async () => {
    const reply = await login('"><script>x()</script>\r\nset-cookie: a=b', 'x', { to: '/mail/"><b>' });
    assert.equal(reply.status, 401);
    assert.doesNotMatch(reply.text, /<script|<b>/);
    assert.equal(reply.headers['set-cookie'], undefined);
  });
});

describe('the right password', () => {
  it('opens the webmail, by a cookie that scripts and other sites do not get', async () => {
    const reply = await login('anne@labo.example', webPassword);
    assert.equal(reply.status, 303);
    assert.equal(reply.headers.location, '/');
    const [cookie = ''] = reply.headers['set-cookie'] ?? [];
    assert.match(cookie, /^vaguemestre=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    assert.equal(reply.headers['cache-control'], 'no-store');
  });

  it('gives a cookie that outlasts the browser on an own computer only', async () => {
    const [cookie = ''] = (await login('anne', webPassword, { own: '1' })).headers['set-cookie'] ?? [];
    assert.match(cookie, /; Max-Age=15552000;/);
  });

  it('leads to the page that was asked for, and to no other site', async () => {
    const { headers } = await site.client().get('/mail/inbox/t1?q=a%20b', ownForm);
    assert.equal(headers.location, '/?to=%2Fmail%2Finbox%2Ft1%3Fq%3Da%2520b');
    assert.match((await site.client().get(String(headers.location))).text, /value="\/mail\/inbox\/t1\?q=a%20b"/);
    const to = async (path: string) => (await login('anne', webPassword, { to: path })).headers.location;
    assert.equal(await to('/mail/inbox/t1?q=a%20b'), '/mail/inbox/t1?q=a%20b');
    const elsewhere = [
      'https://evil.example/mail/',
      '//evil.example/mail/x',
      '/\\evil.example/mail',
      '/\t/evil.example/mail',
      '/mail/../../..//evil.example',
      '/mail/..//evil.example',
      '/.//evil.example/mail',
      'javascript:alert(1)',
      '/mail@evil.example',
      '/logout',
      '/mail\r\nset-cookie: a=b',
      `/mail/${'x'.repeat(3000)}`,
      '',
    ];
    for (const path of elsewhere) {
      const location = await to(path);
      assert.ok(location === '/' || /^\/mail(\/|set)/.test(String(location)), `${path} -> ${location}`);
      assert.equal(new URL(String(location), 'http://here.example').host, 'here.example', path);
    }
  });

  it('shows every page of the webmail to who is in, and 404 for what is none', async () => {
    const client = site.client();
    await client.signIn('anne', webPassword);
    for (const path of ['/', '/mail/inbox', '/mail', '/compose/new', '/settings/security', '/contacts', '/q/abc']) {
      const page = await client.get(path);
      assert.match(page.text, /this is index\.html/, path);
      assert.equal(page.headers['cache-control'], 'no-store');
      assert.match(String(page.headers['content-security-policy']), /require-trusted-types-for 'script'/);
    }
    assert.equal((await client.get('/mailx')).status, 404);
    assert.equal((await client.get('/?to=/mail/inbox')).headers.location, '/mail/inbox');
  });

  it('answers a script in JSON', async () => {
    const fields = { username: 'anne', password: webPassword };
    const reply = await site.client().submit('/login', fields, { accept: 'application/json' });
    assert.equal(reply.json<{ address: string }>().address, 'anne@labo.example');
    const wrong = await site.client().submit('/login', { ...fields, password: 'x' }, { accept: 'application/json' });
    assert.equal(wrong.status, 401);
    assert.equal(wrong.json<{ code: string }>().code, 'authenticationFailed');
    assert.ok(wrong.headers['www-authenticate']);
  });
});

describe('a wrong door', () => {
  it('is one and the same text for a wrong password and a name nobody has', async () => {
    const shown = async (name: string) => {
      const reply = await login(name, 'wrong horse');
      assert.equal(reply.status, 401);
      return reply.text.replaceAll(name, 'NAME');
    };
    assert.equal(await shown('anne'), await shown('nobody'));
  });

  it('takes one and the same time', async () => {
    const names = ['known0', 'known1', 'known2', 'known3', 'known4', 'known5'];
    for (const name of names) await site.people.add(name);
    const medianMs = async (tried: readonly string[]): Promise<number> => {
      const times: number[] = [];
      for (const name of tried) {
        const started = performance.now();
        assert.equal((await login(name, `wrong ${name}`)).status, 401);
        times.push(performance.now() - started);
      }
      return times.sort((x, y) => x - y)[Math.floor(times.length / 2)] ?? 0;
    };
    const known = await medianMs(names);
    const unknown = await medianMs(names.map((name) => `un${name}`));
    // One password hash each; without it an answer takes a tenth.
    assert.ok(unknown > known / 3 && known > unknown / 3, `known ${known} ms, unknown ${unknown} ms`);
  });

  it('is named with the right one, after the right password only', async () => {
    const pop = await login('pop', webPassword, {});
    assert.equal(pop.status, 403);
    assert.match(pop.text, /par POP3/);
    assert.match(pop.text, /href="\/setup"/);
    assert.equal((await login('pop', 'wrong horse')).status, 401);
    assert.equal((await login('service', webPassword)).status, 403);
    const gone = await login('gone', webPassword);
    assert.equal(gone.status, 403);
    assert.match(gone.text, /date de fin/);
  });

  it('slows guessing, and says for how long', async () => {
    await site.people.add('guessed');
    let last = await login('guessed', 'wrong 0');
    for (let i = 1; i < 8 && last.status === 401; i++) last = await login('guessed', `wrong ${i}`);
    assert.equal(last.status, 429);
    assert.match(String(last.headers['retry-after']), /^\d+$/);
    assert.match(last.text, /Attendez/);
    const script = { accept: 'application/json' };
    const json = await site.client().submit('/login', { username: 'guessed', password: 'wrong 9' }, script);
    assert.equal(json.status, 429);
    assert.match(String(json.headers['retry-after']), /^\d+$/);
  });
});

describe('signing out', () => {
  it('ends the session in the store, and leaves nothing in the browser', async () => {
    const client = site.client();
    await client.signIn('anne', webPassword);
    const stolen = new Map(client.cookies);
    const reply = await client.submit('/logout', {});
    assert.equal(reply.status, 303);
    assert.equal(reply.headers['clear-site-data'], '"cache", "storage"');
    assert.equal(client.cookies.size, 0);
    assert.match((await client.get(String(reply.headers.location))).text, /role="status"/);
    const thief = site.client();
    for (const [name, value] of stolen) thief.cookies.set(name, value);
    assert.equal((await thief.get('/api/auth/session')).status, 401);
  });

  it('is for scripts too, and for who is not in', async () => {
    const client = site.client();
    await client.signIn('anne', webPassword);
    assert.equal((await client.post('/logout', {})).status, 204);
    assert.equal((await client.post('/logout', {})).status, 204);
  });
});
