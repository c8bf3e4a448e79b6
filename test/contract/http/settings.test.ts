/** Settings of a person, kept in the store and changed over HTTP from several computers. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Principal } from '@vaguemestre/server/auth/authenticator';
import { createPersonSettings, type PersonSettings } from '@vaguemestre/server/auth/person-settings';
import { preferences } from '@vaguemestre/server/database/preferences';
import { createHttpApp } from '@vaguemestre/server/http/http-app';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import { maxSettings, maxSettingValueBytes } from '@vaguemestre/server/kernel/limits';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { startTestDatabase, type TestDatabase } from '../../harness/mail-store.js';
import { byHeader, webPeople } from '../../harness/web-people.js';

const peer = { address: '127.0.0.1', port: 0, unix: false, local: true };

describe('settings', () => {
  let database: TestDatabase;
  let here: PersonSettings;
  let there: PersonSettings;

  before(async () => {
    database = await startTestDatabase();
    const open = async (): Promise<PersonSettings> => {
      const collection = preferences((await database.open()).connection);
      await collection.ensureIndexes();
      return createPersonSettings(collection);
    };
    here = await open();
    there = await open();
  });
  after(() => database.close());

  it('are found again by another process, value by value', async () => {
    const account = newAccountId();
    assert.deepEqual(await here.get(account), { version: 0, values: {} });
    await here.change(account, { theme: 'dark', 'label:a.$b': { name: 'Été', hue: 3 }, undoSeconds: 5 });
    const changed = await there.change(account, { theme: 'light', undoSeconds: null });
    assert.deepEqual(changed, { version: 2, values: { theme: 'light', 'label:a.$b': { name: 'Été', hue: 3 } } });
    assert.deepEqual(await here.get(account), changed);
    assert.deepEqual((await here.get(newAccountId())).values, {});
    await here.removeAccount(account);
    assert.deepEqual(await there.get(account), { version: 0, values: {} });
  });

  it('changed from two computers at once keep both changes', async () => {
    const account = newAccountId();
    const changes = Array.from({ length: 6 }, (_, index) =>
      (index % 2 ? here : there).change(account, { [`label:l${index}`]: { order: index } }),
    );
    await Promise.all(changes);
    const { version, values } = await here.get(account);
    assert.equal(version, 6);
    assert.deepEqual(Object.keys(values).sort(), [
      'label:l0',
      'label:l1',
      'label:l2',
      'label:l3',
      'label:l4',
      'label:l5',
    ]);
  });

  it('are bounded in names, sizes and number', async () => {
    const account = newAccountId();
    for (const key of ['', 'Theme', '__proto__', 'a b', 'label:', 'label:é', `label:${'x'.repeat(201)}`]) {
      await assert.rejects(here.change(account, Object.fromEntries([[key, 1]])), { code: 'invalid' }, key);
    }
    await assert.rejects(here.change(account, { note: 'x'.repeat(maxSettingValueBytes) }), { code: 'invalid' });
    const many = Object.fromEntries(Array.from({ length: maxSettings + 1 }, (_, index) => [`label:${index}`, 1]));
    await assert.rejects(here.change(account, many), { code: 'limit' });
    const large = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`label:${index}`, 'x'.repeat(8000)]));
    await assert.rejects(here.change(account, large), { code: 'limit' });
    assert.deepEqual(await here.get(account), { version: 0, values: {} });
  });

  it('are read and changed by who is signed in, and nobody else', async () => {
    const principal: Principal = {
      account: newAccountId(),
      address: 'moi@labo.example',
      name: 'Moi',
      role: 'permanent',
      lang: 'fr',
      admin: false,
      quotaBytes: undefined,
      eudora: false,
      takenMail: 'remove',
    };
    const signedIn = { principal, session: 'web', peer, signal: new AbortController().signal };
    const app = await createHttpApp({
      health: { check: async () => ({ status: 'ok' }) },
      info: () => assert.fail('not asked'),
      webmailFolder: '/nonexistent',
      auth: { ...webPeople().auth, moreWays: [byHeader((key) => (key === 'me' ? signedIn : undefined))] },
      settings: { personSettings: here },
      log: silentLog,
    });
    const ask = (method: 'GET' | 'PATCH', payload?: object | string, who = 'me') =>
      app.inject({
        method,
        url: '/api/settings',
        headers: { 'x-person': who, 'x-vaguemestre': '1', 'content-type': 'application/json' },
        ...(payload === undefined ? {} : { payload }),
      });
    assert.equal((await ask('GET', undefined, 'nobody')).statusCode, 401);
    assert.equal((await ask('PATCH', { theme: 'dark' }, 'nobody')).statusCode, 401);
    const changed = await ask('PATCH', { theme: 'dark' });
    assert.equal(changed.statusCode, 200, changed.body);
    assert.deepEqual(changed.json(), { version: 1, values: { theme: 'dark' } });
    const read = await ask('GET');
    assert.deepEqual(read.json(), changed.json());
    assert.equal(read.headers['cache-control'], 'no-store');
    for (const bad of ['[]', '1', '{', '{"Bad":1}']) assert.equal((await ask('PATCH', bad)).statusCode, 400, bad);
    await app.close();
  });
});
