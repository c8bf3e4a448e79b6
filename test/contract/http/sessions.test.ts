/** Web sessions: listed and ended by their owner, judged again at every request, known to every process within seconds. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownForm, type WebClient } from '../../harness/web-client.js';
import { webPassword, webPeople } from '../../harness/web-people.js';
import { openWebSite, type WebSite } from '../../harness/web-site.js';

interface Listed {
  readonly id: string;
  readonly current: boolean;
  readonly own: boolean;
  readonly agent: string;
  readonly address: string;
}

let site: WebSite;
/** Another worker on the same store. */
let other: WebSite;
let anne: WebClient;
let count = 0;
let name: string;

before(async () => {
  const people = webPeople();
  site = await openWebSite({ people });
  other = await openWebSite({ people: people.elsewhere() });
});
after(async () => {
  await other.close();
  await site.close();
  await other.people.close();
  await site.people.close();
});
beforeEach(async () => {
  name = `anne${++count}`;
  await site.people.add(name);
  anne = await signedIn();
});

async function signedIn(at = site, options: { readonly own?: boolean } = {}): Promise<WebClient> {
  const client = at.client({ headers: { 'user-agent': 'Test/1.0' } });
  await client.signIn(name, webPassword, options);
  return client;
}

/** The same browser, whose next request another worker gets. */
function atOther(client: WebClient): WebClient {
  const moved = other.client();
  for (const [cookie, value] of client.cookies) moved.cookies.set(cookie, value);
  return moved;
}

const status = async (client: WebClient): Promise<number> => (await client.get('/api/auth/session')).status;

const list = async (client: WebClient): Promise<readonly Listed[]> =>
  (await client.get('/api/auth/sessions')).json<{ sessions: readonly Listed[] }>().sessions;

/** Two looks of the other process. */
async function goneWithinSeconds(client: WebClient): Promise<void> {
  const until = performance.now() + 5_000;
  while ((await status(client)) !== 401) {
    assert.ok(performance.now() < until, 'still in');
    await sleep(100);
  }
}

describe('who is in', () => {
  it('is told who, and on an own computer has the key of what is kept there', async () => {
    const shared = (await anne.get('/api/auth/session')).json<Record<string, unknown>>();
    assert.equal(shared['address'], `${name}@labo.example`);
    assert.equal(shared['own'], false);
    assert.equal(anne.cookies.size, 1);
    const own = await signedIn(site, { own: true });
    const [token = ''] = [...own.cookies.values()];
    const key = own.cookies.get('vaguemestre-key') ?? '';
    assert.match(key, /^[A-Za-z0-9_-]{43}$/);
    assert.notEqual(token, key);
    // It is no way in.
    const thief = site.client();
    thief.cookies.set('vaguemestre', key);
    assert.equal(await status(thief), 401);
  });

  it('has the same key again where the browser lost it, and another in the next session', async () => {
    const own = await signedIn(site, { own: true });
    const key = own.cookies.get('vaguemestre-key') ?? '';
    own.cookies.delete('vaguemestre-key');
    await status(own);
    assert.equal(own.cookies.get('vaguemestre-key'), key);
    await own.signIn(name, webPassword, { own: true });
    assert.notEqual(own.cookies.get('vaguemestre-key'), key);
    assert.equal(own.cookies.get('vaguemestre-key-before'), key);
    await own.signIn(name, webPassword);
    assert.equal(own.cookies.size, 1);
  });

  it('keeps no key after signing out', async () => {
    const own = await signedIn(site, { own: true });
    await own.submit('/logout', {}, ownForm);
    assert.equal(own.cookies.size, 0);
  });

  it('sees every session, told apart, and none of anybody else', async () => {
    await signedIn(site, { own: true });
    const sessions = await list(anne);
    assert.equal(sessions.length, 2);
    assert.equal(sessions.filter(({ current }) => current).length, 1);
    assert.equal(sessions.filter(({ own }) => own).length, 1);
    assert.equal(sessions[0]?.agent, 'Test/1.0');
    assert.equal(sessions[0]?.address, '127.0.0.1');
    assert.ok(sessions.every(({ id }) => ![...anne.cookies.values()].includes(id)));
  });

  it('costs the store nothing at a request', async () => {
    await status(anne);
    const before = site.people.database.trips;
    for (let i = 0; i < 50; i++) assert.equal(await status(anne), 200);
    assert.ok(site.people.database.trips - before <= 3, 'one look at the most');
  });
});

describe('a session', () => {
  it('is ended by its owner, at once here and within seconds elsewhere', async () => {
    const phone = await signedIn();
    const phoneElsewhere = atOther(phone);
    assert.equal(await status(phoneElsewhere), 200);
    const id = (await list(phone)).find(({ current }) => current)?.id;
    assert.equal((await anne.post('/api/auth/sessions/revoke', { id })).status, 204);
    assert.equal(await status(phone), 401);
    await goneWithinSeconds(phoneElsewhere);
    assert.equal(await status(anne), 200);
    assert.equal((await anne.post('/api/auth/sessions/revoke', { id })).status, 404);
  });

  it('is not ended by anybody else', async () => {
    const [{ id } = { id: '' }] = await list(anne);
    await site.people.add(`bob${count}`);
    const bob = site.client();
    await bob.signIn(`bob${count}`, webPassword);
    assert.equal((await bob.post('/api/auth/sessions/revoke', { id })).status, 404);
    assert.equal((await bob.post('/api/auth/sessions/revoke', { others: true })).status, 204);
    assert.equal(await status(anne), 200);
  });

  it('stays when all others are ended', async () => {
    const others = [await signedIn(), await signedIn()];
    assert.equal((await anne.post('/api/auth/sessions/revoke', { others: true })).status, 204);
    for (const one of others) assert.equal(await status(one), 401);
    assert.equal(await status(anne), 200);
    assert.equal((await list(anne)).length, 1);
  });

  it('ends with the end of the person: disabled, past the date, no longer allowed, removed', async () => {
    const ends: readonly ((address: string) => Promise<unknown>)[] = [
      (address) => site.people.people.update(address, { disabled: true }),
      (address) => site.people.people.update(address, { expires: new Date(0) }),
      (address) => site.people.people.update(address, { deny: ['webmail'] }),
      (address) => site.people.people.remove(address),
    ];
    for (const [i, end] of ends.entries()) {
      name = `leaver${i}`;
      await site.people.add(name);
      const client = await signedIn();
      assert.equal(await status(client), 200);
      await end(`${name}@labo.example`);
      await goneWithinSeconds(client);
    }
  });

  it('makes room when somebody opens them without end', async () => {
    const person = await site.people.people.find(name);
    const peer = { address: '192.0.2.1', port: 1, unix: false, local: false };
    for (let i = 0; i < 60; i++) await site.people.sessions.open(person._id, { own: false, agent: 'script', peer });
    assert.equal((await site.people.sessions.list(person._id)).length, 50);
  });

  it('is open in no way that was made up', async () => {
    const [[cookie = '', token = ''] = []] = [...anne.cookies];
    const thief = site.client();
    const [{ id } = { id: '' }] = await list(anne);
    const tries = [
      '',
      'x',
      'x'.repeat(43),
      token.slice(1),
      `${token}x`,
      token.toLowerCase(),
      id,
      id.slice(4),
      '../../',
      '\u0000',
    ];
    for (const made of tries) {
      thief.cookies.set(cookie, encodeURIComponent(made));
      assert.equal(await status(thief), 401, made);
    }
  });
});

describe('another password', () => {
  const next = 'Another horse 5 battery';

  it('ends every session but the one it was changed in, in every process', async () => {
    const phone = await signedIn();
    const elsewhere = await signedIn(other);
    assert.equal(await status(atOther(anne)), 200);
    const reply = await anne.post('/api/auth/password', { current: webPassword, next });
    assert.equal(reply.status, 204, reply.text);
    assert.equal(await status(phone), 401);
    await goneWithinSeconds(elsewhere);
    assert.equal(await status(anne), 200);
    assert.equal(await status(atOther(anne)), 200);
    await site.client().signIn(name, next);
    const old = await site.client().submit('/login', { username: name, password: webPassword });
    assert.equal(old.status, 401);
  });

  it('set by an administrator ends them all', async () => {
    await site.people.people.setPassword(`${name}@labo.example`, Buffer.from(next));
    await goneWithinSeconds(anne);
  });

  it('needs the current one, and says so without saying that nobody is in', async () => {
    const wrong = await anne.post('/api/auth/password', { current: 'wrong horse', next });
    assert.equal(wrong.status, 422);
    assert.equal(wrong.json<{ code: string }>().code, 'cannot');
    const short = await anne.post('/api/auth/password', { current: webPassword, next: 'short' });
    assert.equal(short.status, 400);
    assert.equal((await anne.post('/api/auth/password', { current: webPassword })).status, 400);
    assert.equal(await status(anne), 200);
  });
});

describe('a store that does not answer', () => {
  it('lets nobody in on an old answer, and signs nobody out', async () => {
    site.people.database.away = true;
    try {
      const fresh = atOther(anne);
      other.people.database.away = true;
      const reply = await fresh.get('/api/auth/session');
      assert.equal(reply.status, 503);
      assert.equal(reply.json<{ code: string }>().code, 'unavailable');
      // The page holds nothing personal: the webmail shows what it keeps, and says that it cannot ask.
      assert.match((await fresh.get('/')).text, /this is index\.html/);
      assert.equal((await site.client().submit('/login', { username: name, password: webPassword })).status, 503);
    } finally {
      site.people.database.away = false;
    }
    assert.equal(await status(anne), 200);
  });
});
