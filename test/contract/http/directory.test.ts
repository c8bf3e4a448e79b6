import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Principal } from '@vaguemestre/server/auth/authenticator';
import { createPeopleFinder } from '@vaguemestre/server/auth/people-finder';
import type { PersonDocument } from '@vaguemestre/server/database/accounts';
import type { Suggestion } from '@vaguemestre/server/http/directory/directory-routes';
import { createHttpApp } from '@vaguemestre/server/http/http-app';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { createCorrespondents, noted } from '@vaguemestre/server/outbox/correspondents';
import type { SenderFacts } from '@vaguemestre/shared/sender-facts';
import { memoryCorrespondents } from '../../harness/correspondents-memory.js';
import { movingClock } from '../../harness/moving-clock.js';
import { memoryPeople } from '../../harness/people-memory.js';
import { byHeader, webPeople } from '../../harness/web-people.js';

const peer = { address: '127.0.0.1', port: 0, unix: false, local: true };
const dayMs = 24 * 3600_000;
const unknown: SenderFacts = { inside: false, writtenTo: false, like: null, namesake: null };

async function open(people: readonly (Partial<PersonDocument> & Pick<PersonDocument, 'name' | 'address'>)[]) {
  const database = memoryPeople();
  const clock = movingClock();
  for (const person of people) {
    await database.accounts.insert({
      _id: newAccountId(),
      addresses: [person.address],
      role: 'permanent',
      lang: 'fr',
      admin: false,
      eudora: false,
      allow: [],
      deny: [],
      disabled: false,
      created: new Date(0),
      ...person,
    });
  }
  const correspondents = createCorrespondents(memoryCorrespondents(), clock);
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
  let known = true;
  const app = await createHttpApp({
    health: { check: async () => ({ status: 'ok' }) },
    info: () => assert.fail('not asked'),
    webmailFolder: '/nonexistent',
    auth: { ...webPeople({ database }).auth, moreWays: [byHeader(() => (known ? signedIn : undefined))] },
    directory: {
      finder: createPeopleFinder(database.accounts, clock),
      correspondents,
      domain: 'labo.example',
      clock,
    },
    log: silentLog,
  });
  const ask = (query: string, what?: 'sender') =>
    app.inject({ url: `/api/directory${what === undefined ? '' : `/${what}`}?${query}` });
  return {
    clock,
    app,
    ask,
    signOut: () => {
      known = false;
    },
    async sender(address: string, name: string) {
      const reply = await ask(new URLSearchParams({ address, name }).toString(), 'sender');
      assert.equal(reply.statusCode, 200, reply.body);
      return reply.json() as SenderFacts;
    },
    wrote: (...written: readonly { readonly address: string; readonly name: string }[]) =>
      correspondents.note(principal.account, written),
    async find(q: string, limit?: number) {
      const reply = await ask(`q=${encodeURIComponent(q)}${limit === undefined ? '' : `&limit=${limit}`}`);
      assert.equal(reply.statusCode, 200, reply.body);
      return (reply.json() as { list: Suggestion[] }).list;
    },
  };
}

const laboratory = [
  { name: 'Éléonore Lefèvre', address: 'elefevre@labo.example' },
  {
    name: 'Anne Martin',
    address: 'amartin@labo.example',
    addresses: ['amartin@labo.example', 'direction@labo.example'],
  },
  { name: 'Hélène Cœur-Marchand', address: 'helene.coeur@labo.example' },
  { name: 'Bruno Ancelin', address: 'bruno@labo.example' },
  { name: 'Parti Avant', address: 'parti@labo.example', expires: new Date(0) },
  { name: 'Banni', address: 'banni@labo.example', disabled: true },
  { name: 'Scanner', address: 'scanner@labo.example', role: 'service' },
] as const;

describe('what is known of a sender', () => {
  it('tells whom one knows from whom one does not', async () => {
    const { sender, wrote, app } = await open(laboratory);
    assert.deepEqual(await sender('amartin@labo.example', 'Anne Martin'), { ...unknown, inside: true });
    await wrote({ name: 'Ana Alves', address: 'ana@ailleurs.example' });
    assert.deepEqual(await sender('ANA@ailleurs.example', 'x'), { ...unknown, writtenTo: true });
    assert.deepEqual(await sender('paul@ailleurs.example', 'Paul'), unknown);
    await app.close();
  });

  it('warns of an address made to be taken for another, and of a borrowed name', async () => {
    const { sender, wrote, app } = await open(laboratory);
    await wrote({ name: 'Ana Alves', address: 'ana@ailleurs.example' });
    const imitated = { name: 'Anne Martin', address: 'amartin@labo.example' };
    assert.deepEqual(await sender('amartin@1abo.example', 'A.'), { ...unknown, like: imitated });
    assert.deepEqual((await sender('ana@ailIeurs.example', 'Ana')).like, {
      name: 'Ana Alves',
      address: 'ana@ailleurs.example',
    });
    assert.deepEqual(await sender('x@poste.example', 'MARTIN Anne'), { ...unknown, namesake: imitated });
    // One word is nobody's name alone; those who left are nobody's to borrow from.
    for (const name of ['Anne', 'Parti Avant', '', 'Anne Martin Durand'])
      assert.equal((await sender('x@poste.example', name)).namesake, null, name);
    await app.close();
  });

  it('answers to what is asked, to those who are signed in', async () => {
    const { ask, app, signOut, clock } = await open(laboratory);
    for (const query of ['', 'name=x', `address=${'a'.repeat(321)}`, 'address=a&address=b'])
      assert.equal((await ask(query, 'sender')).statusCode, 400, query);
    for (let asked = 0; asked < 60; asked++) await ask('address=a@b.example', 'sender');
    assert.equal((await ask('address=a@b.example', 'sender')).statusCode, 429);
    clock.move(10_000);
    signOut();
    assert.equal((await ask('address=a@b.example', 'sender')).statusCode, 401);
    await app.close();
  });
});

describe('the directory', () => {
  it('finds by the beginning of any word, without accents, in any order', async () => {
    const { find, app } = await open(laboratory);
    const names = async (q: string) => (await find(q)).map(({ name }) => name);
    assert.deepEqual(await names('ele'), ['Éléonore Lefèvre']);
    assert.deepEqual(await names('LEFEV'), ['Éléonore Lefèvre']);
    assert.deepEqual(await names('lefèvre éléo'), ['Éléonore Lefèvre']);
    assert.deepEqual(await names('an'), ['Anne Martin', 'Bruno Ancelin']);
    assert.deepEqual(await names('mar'), ['Anne Martin', 'Hélène Cœur-Marchand']);
    assert.deepEqual(await names('coeur'), ['Hélène Cœur-Marchand']);
    assert.deepEqual(await names('direc'), ['Anne Martin'], 'by another address');
    assert.deepEqual(await names('bruno@la'), ['Bruno Ancelin']);
    for (const nobody of ['parti', 'banni', 'scan', 'labo', 'example', '@', '.*', 'elefevre@x']) {
      assert.deepEqual(await names(nobody), [], nobody);
    }
    assert.equal((await find('', 2)).length, 2);
    await app.close();
  });

  it('puts first whom one writes to, and knows who is outside', async () => {
    const { find, wrote, clock, app } = await open(laboratory);
    await wrote({ name: 'Ana Alves', address: 'ana@ailleurs.example' });
    await wrote({ name: '', address: 'bruno@labo.example' }, { name: 'Ana Alves', address: 'ANA@ailleurs.example' });
    assert.deepEqual(await find('an'), [
      { name: 'Ana Alves', address: 'ANA@ailleurs.example', inside: false },
      { name: 'Anne Martin', address: 'amartin@labo.example', inside: true },
      { name: 'Bruno Ancelin', address: 'bruno@labo.example', inside: true },
    ]);
    assert.deepEqual((await find('')).map(({ address }) => address).slice(0, 2), [
      'ANA@ailleurs.example',
      'bruno@labo.example',
    ]);
    clock.move(90 * dayMs);
    await wrote({ name: 'Bruno Ancelin', address: 'bruno@labo.example' });
    assert.equal((await find(''))[0]?.address, 'bruno@labo.example', 'lately counts more');
    await app.close();
  });

  it('answers nobody who is not signed in, and nobody without end', async () => {
    const { ask, clock, signOut, app } = await open(laboratory);
    for (let i = 0; i < 60; i++) assert.equal((await ask('q=a')).statusCode, 200);
    assert.equal((await ask('q=a')).statusCode, 429);
    clock.move(200);
    assert.equal((await ask('q=a')).statusCode, 200);
    clock.move(10_000);
    assert.equal((await ask(`q=${'a'.repeat(201)}`)).statusCode, 400);
    assert.equal((await ask('q=a&q=b')).statusCode, 400);
    signOut();
    assert.equal((await ask('q=a')).statusCode, 401);
    await app.close();
  });

  it('remembers five hundred addresses, and forgets those of longest ago', () => {
    const at = (day: number) => new Date(day * dayMs);
    let list: ReturnType<typeof noted> = [];
    for (let i = 0; i < 520; i++) list = noted(list, [{ address: `a${i}@x`, name: '' }], at(i));
    list = noted(list, [{ address: 'a20@x', name: 'Vingt' }], at(600));
    assert.equal(list.length, 500);
    assert.deepEqual(list.at(-1), { address: 'a20@x', name: 'Vingt', uses: 2, last: at(600) });
    assert.ok(list.every(({ address }) => address !== 'a19@x'));
  });
});
