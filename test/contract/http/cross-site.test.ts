/** What other sites, neighbours under the same domain, proxies and thieves can do with a browser that is signed in: nothing. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { temporaryTls } from '../../harness/temporary-tls.js';
import { type Headers, ownCall, ownForm, type WebClient } from '../../harness/web-client.js';
import { webPassword } from '../../harness/web-people.js';
import { openWebSite, type WebSite } from '../../harness/web-site.js';

let site: WebSite;
let anne: WebClient;
before(async () => {
  site = await openWebSite({ proxies: ['127.0.0.9'] });
  await site.people.add('anne');
  anne = site.client();
  await anne.signIn('anne', webPassword);
});
after(() => site.close());

/** Nothing of what a script of ours or a form of ours would add. */
const bare: Headers = Object.fromEntries(Object.keys({ ...ownCall, ...ownForm }).map((name) => [name, undefined]));
const fields = { username: 'anne', password: webPassword };

describe('a call that changes something', () => {
  const revoke = async (headers: Headers) =>
    (await anne.post('/api/auth/sessions/revoke', { id: 'web/none' }, { ...bare, origin: undefined, ...headers }))
      .status;

  it('is taken from our own script', async () => {
    // 404: it was taken, and there is no such session.
    assert.equal(await revoke({ ...ownCall, origin: anne.origin }), 404);
    assert.equal(await revoke({ 'x-vaguemestre': '1', origin: anne.origin }), 404);
    assert.equal(await revoke({ 'x-vaguemestre': '1' }), 404);
  });

  it('is refused from any other page, whatever else it carries', async () => {
    const pages: readonly Headers[] = [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'cross-site', origin: anne.origin },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: anne.origin.replace('http:', 'https:') },
      { origin: `${anne.origin}0` },
      { origin: `${anne.origin}.evil.example` },
    ];
    for (const page of pages) assert.equal(await revoke({ ...page, 'x-vaguemestre': '1' }), 403, JSON.stringify(page));
  });

  it('is refused without our header, though the browser says it is ours', async () => {
    assert.equal(await revoke({ 'sec-fetch-site': 'same-origin', origin: anne.origin }), 403);
    assert.equal(await revoke({}), 403);
  });

  it('cannot be a form', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'x-vaguemestre': '1' };
    const reply = await anne.request('POST', '/api/auth/sessions/revoke', { ...ownCall, ...form }, 'id=x');
    assert.equal(reply.status, 415);
    const text = await anne.request('POST', '/api/auth/password', { ...ownCall, 'content-type': 'text/plain' }, '{}');
    assert.ok(text.status >= 400 && text.status < 500);
  });

  it('never answers a question whether another site may ask', async () => {
    const asks = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const reply = await anne.request('OPTIONS', '/api/auth/password', asks);
    for (const name of Object.keys(reply.headers)) assert.doesNotMatch(name, /^access-control/);
  });
});

describe('the sign-in form', () => {
  const login = async (headers: Headers) =>
    (await site.client().submit('/login', fields, { ...bare, origin: undefined, accept: 'text/html', ...headers }))
      .status;

  it('cannot be sent by another site, to sign somebody in as somebody else', async () => {
    assert.equal(await login({ 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await login({ 'sec-fetch-site': 'same-site' }), 403);
    assert.equal(await login({ origin: 'https://evil.example' }), 403);
    assert.equal(await login({ origin: 'null' }), 403);
  });

  it('is taken from an old browser that says only Origin, and from no browser at all', async () => {
    assert.equal(await login({ origin: anne.origin }), 303);
    assert.equal(await login({}), 303);
  });

  it('does not sign anybody out for another site', async () => {
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}] as Headers[]) {
      const reply = await anne.submit('/logout', {}, { ...bare, origin: undefined, ...headers });
      assert.equal(reply.status, 403);
      assert.equal(reply.headers['clear-site-data'], undefined);
    }
    assert.equal((await anne.get('/logout')).status, 404);
    assert.equal((await anne.get('/api/auth/session')).status, 200);
  });

  it('gives a new token whatever the browser brought, and ends what it brought', async () => {
    const client = site.client();
    client.cookies.set('vaguemestre', 'A'.repeat(43));
    await client.submit('/login', fields);
    const planted = client.cookies.get('vaguemestre');
    assert.notEqual(planted, 'A'.repeat(43));
    const before = new Map(client.cookies);
    await client.submit('/login', fields);
    assert.notEqual(client.cookies.get('vaguemestre'), planted);
    const thief = site.client();
    for (const [name, value] of before) thief.cookies.set(name, value);
    assert.equal((await thief.get('/api/auth/session')).status, 401);
  });

  it('takes no body that is too large or no form', async () => {
    const large = await site.client().submit('/login', { ...fields, to: 'x'.repeat(20_000) });
    assert.ok(large.status >= 400, `${large.status}`);
    const json = await site.client().post('/login', fields);
    assert.equal(json.status, 401);
  });
});

describe('what another site loads into its page', () => {
  it('is what a stranger gets, also for a neighbour to whom the browser sends the cookie', async () => {
    for (const dest of ['image', 'script', 'iframe', 'empty', 'style', 'object']) {
      const loads = {
        'sec-fetch-site': 'same-site',
        'sec-fetch-dest': dest,
        'sec-fetch-mode': dest === 'iframe' ? 'navigate' : 'no-cors',
      };
      const reply = await anne.get('/api/auth/session', { ...bare, ...loads });
      assert.equal(reply.status, 401, dest);
      assert.equal(reply.headers['cross-origin-resource-policy'], 'same-origin');
    }
  });

  it('does not hide that somebody is in from a person who follows a link', async () => {
    const stranger = site.client();
    const follows = { ...ownForm, 'sec-fetch-site': 'cross-site' };
    for (const path of ['/', '/mail/inbox?q=%22%3E%3Cb%3E']) {
      const reply = await stranger.get(path, { ...bare, ...follows });
      assert.equal(reply.status, 200);
      assert.match(reply.text, /http-equiv="refresh" content="0;url=\//);
      assert.doesNotMatch(reply.text, /<b>|<script/);
      const again = await stranger.get(path, { ...bare, ...ownForm });
      assert.doesNotMatch(again.text, /refresh/);
    }
  });

  it('is never a page in a frame, but for the empty frame of messages in our own', async () => {
    for (const path of ['/', '/mail/inbox', '/setup', '/assets/a-1.js', '/api/service', '/healthz', '/nothing']) {
      const { headers } = await anne.get(path);
      assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/, path);
      assert.equal(headers['x-frame-options'], 'DENY', path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path);
      assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|https?:|\*/, path);
    }
    const frame = await anne.get('/frame');
    assert.match(
      String(frame.headers['content-security-policy']),
      /script-src 'none'.*frame-ancestors 'self'; sandbox/,
    );
    assert.equal(frame.headers['x-frame-options'], 'SAMEORIGIN');
    assert.doesNotMatch(frame.text, /anne/);
  });
});

describe('the way to the browser', () => {
  it('is TLS for a password from another machine', async () => {
    const far = { 'x-forwarded-for': '192.0.2.7' };
    const clear = await site.client().submit('/login', fields, far);
    assert.equal(clear.status, 403);
    assert.match(clear.text, /https/);
    assert.equal(clear.headers['set-cookie'], undefined);
    const safe = { ...far, 'x-forwarded-proto': 'https', 'x-forwarded-host': 'mail.labo.example' };
    const proxied = await site.client().submit('/login', fields, safe);
    assert.equal(proxied.status, 303);
    assert.match(
      String(proxied.headers['set-cookie']),
      /^__Host-vaguemestre=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    );
  });

  it('is told by a proxy for the last of its hops, not for what the browser made up before', async () => {
    const client = site.client();
    await client.signIn('anne', webPassword);
    await client.get('/api/auth/session');
    const list = async (chain: string) => {
      const reply = await site.client().submit('/login', fields, {
        'x-forwarded-for': chain,
        'x-forwarded-proto': 'https',
        origin: site.client().origin.replace('http:', 'https:'),
      });
      assert.equal(reply.status, 303);
      const sessions = (await anne.get('/api/auth/sessions')).json<{ sessions: { address: string; made: string }[] }>();
      return sessions.sessions.sort((x, y) => y.made.localeCompare(x.made))[0]?.address;
    };
    assert.equal(await list('1.2.3.4, 198.51.100.7'), '198.51.100.7');
    assert.equal(await list('1.2.3.4, 198.51.100.8, 127.0.0.9'), '198.51.100.8');
  });

  it('has over TLS a cookie that nobody else can set', async () => {
    const tls = await temporaryTls();
    const safe = await openWebSite({ people: site.people, tls: tls.files });
    try {
      const client = safe.client({ tls: true });
      const reply = await client.submit('/login', fields);
      const [cookie = ''] = reply.headers['set-cookie'] ?? [];
      assert.match(cookie, /^__Host-vaguemestre=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
      assert.equal((await client.get('/api/auth/session')).status, 200);
      // The name without the prefix, which a neighbour under the domain could set, opens nothing here.
      const planted = safe.client({ tls: true });
      planted.cookies.set('vaguemestre', String(client.cookies.get('__Host-vaguemestre')));
      assert.equal((await planted.get('/api/auth/session')).status, 401);
    } finally {
      await safe.close();
      await tls.remove();
    }
  });
});

describe('headers and forms that make no sense', () => {
  it('are refused or passed over, and never a fault of ours', async () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
      maxLength: 80,
    });
    const names = [
      'cookie',
      'origin',
      'sec-fetch-site',
      'sec-fetch-mode',
      'x-forwarded-for',
      'x-forwarded-proto',
      'x-forwarded-host',
      'accept-language',
      'accept',
      'user-agent',
      'authorization',
    ];
    const headers = fc.dictionary(fc.constantFrom(...names), printable, { maxKeys: 6 });
    const paths = [
      '/',
      '/login',
      '/logout',
      '/mail/x',
      '/api/auth/session',
      '/api/auth/sessions/revoke',
      '/media/x',
      '/frame',
      '/setup',
    ];
    const bodies = fc.oneof(
      printable,
      fc.constant('{'),
      fc.constant('{"id":{}}'),
      fc.constant('username=%zz&password=%ff&to=%00'),
    );
    const types = [
      'application/json',
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'DELETE'),
        headers,
        bodies,
        fc.constantFrom(...types),
        async (path, method, more, body, type) => {
          const post = method === 'POST' || method === 'PUT';
          const all = { ...more, ...(post ? { 'content-type': type } : {}) };
          const reply = await site.client().request(method, path, all, post ? body : undefined);
          assert.ok(reply.status < 500, `${method} ${path} ${reply.status} ${reply.text}`);
          assert.ok(reply.headers['content-security-policy']);
        },
      ),
      { numRuns: 300 },
    );
  });
});
