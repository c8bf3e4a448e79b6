/** What outlives a request ends with what its owner came in with. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { createHeldCredentials } from '@vaguemestre/server/auth/held-credentials';
import type { Person } from '@vaguemestre/server/auth/people';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { type WebPeople, webPeople } from '../../harness/web-people.js';

const peer = { address: '127.0.0.1', port: 0, unix: false, local: true };

let people: WebPeople;
let anne: Person;
before(async () => {
  people = webPeople();
  anne = await people.add('anne');
});
after(() => people.close());

const held = () => createHeldCredentials(people.database, { pop3Clear: 'off', internWebmail: true }, systemClock);

async function browser(): Promise<string> {
  const { token } = await people.sessions.open(anne._id, { own: true, agent: 'x', peer });
  return (await people.sessions.enter(token, peer))!.session.id;
}

it('a session of a browser stands until it ends, an app password until it is taken back, the password until it changes', async () => {
  const { nameOf, holder } = held();
  const session = await browser();
  const byBrowser = await nameOf({ account: anne._id }, session);
  const { app } = await people.auth.appPasswords.add(anne._id, {
    name: 'x',
    protocols: ['webmail'],
    zones: ['laboratory', 'vpn', 'outside'],
  });
  const byApp = await nameOf({ account: anne._id, app: app.id }, 'basic-1');
  const byPassword = await nameOf({ account: anne._id }, 'basic-2');
  assert.equal(new Set([byBrowser, byApp, byPassword]).size, 3);
  assert.equal(await nameOf({ account: anne._id }, 'basic-3'), byPassword, 'the same whenever it is used');
  for (const name of [byBrowser, byApp, byPassword]) {
    assert.equal((await holder(anne._id, name))?.address, anne.address, name);
    assert.equal(await holder('ffffffffffffffffffffffff', name), undefined);
  }
  for (const name of ['', 'x', 'web/none', 'app/none', 'password/', 'basic-2']) {
    assert.equal(await holder(anne._id, name), undefined, name);
  }
  await people.auth.appPasswords.remove(anne._id, app.id);
  assert.equal(await holder(anne._id, byApp), undefined);
  await people.sessions.end(anne._id, session);
  assert.equal(await holder(anne._id, byBrowser), undefined);
  const another = await browser();
  await people.people.setPassword(anne.address, Buffer.from('another horse 5 battery'));
  for (const name of [byPassword, another]) assert.equal(await holder(anne._id, name), undefined, name);
});

it('none stands for somebody who may not come in any more', async () => {
  const { nameOf, holder } = held();
  const bruno = await people.add('bruno');
  const name = await nameOf({ account: bruno._id }, 'basic-1');
  assert.ok(await holder(bruno._id, name));
  await people.people.update(bruno.address, { disabled: true });
  assert.equal(await holder(bruno._id, name), undefined);
});
