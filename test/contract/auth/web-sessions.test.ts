/** Web sessions in the store, seen by two processes. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWebSessions, type WebSessions } from '@vaguemestre/server/auth/web-sessions';
import { createZones } from '@vaguemestre/server/auth/zones';
import { openPeopleDatabase, type PeopleDatabase } from '@vaguemestre/server/database/people-database';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { startTestDatabase, type TestDatabase } from '../../harness/mail-store.js';
import { type MovingClock, movingClock } from '../../harness/moving-clock.js';

const peer = { address: '192.0.2.1', port: 1, unix: false, local: false };
const hour = 3600_000;

describe('web sessions in the store', () => {
  let database: TestDatabase;
  let people: PeopleDatabase;
  let here: WebSessions;
  let there: WebSessions;
  let clock: MovingClock;
  const lifetime = new Lifetime(silentLog);

  const open = (on: PeopleDatabase): WebSessions =>
    createWebSessions({
      database: on,
      zoneOf: createZones({ laboratory: [], vpn: [] }),
      settings: { pop3Clear: 'off', internWebmail: true },
      clock,
      lifetime,
      log: silentLog,
    });

  before(async () => {
    database = await startTestDatabase();
    clock = movingClock();
    const stores = [await database.open(), await database.open()] as const;
    people = await openPeopleDatabase(stores[0].connection);
    here = open(people);
    there = open(await openPeopleDatabase(stores[1].connection));
  });
  after(async () => {
    await lifetime.close();
    await database.close();
  });

  async function person() {
    const _id = newAccountId();
    const address = `${_id}@labo.example`;
    const made = { role: 'permanent', lang: 'fr', admin: false, eudora: false, allow: [], deny: [] } as const;
    const dates = { disabled: false, created: new Date(0) };
    await people.accounts.insert({ _id, address, addresses: [address], name: '', ...made, ...dates });
    await people.credentials.setPassword(_id, { hash: '-', version: 'v1', changed: new Date(0) });
    return _id;
  }

  it('are entered from either, and stored without what opens them', async () => {
    const account = await person();
    const { token } = await here.open(account, { own: false, agent: 'Test', peer });
    const entered = await there.enter(token, peer);
    assert.equal(entered?.principal.account, account);
    assert.equal((await here.enter(token, peer))?.session.id, entered?.session.id);
    assert.ok(!JSON.stringify(await people.sessions.ofAccount(account)).includes(token));
    entered?.leave();
  });

  it('abort what hangs on them in the other process when they end', async () => {
    const account = await person();
    const { token } = await here.open(account, { own: false, agent: 'Test', peer });
    const stream = await there.enter(token, peer);
    assert.ok(stream);
    const aborted = new Promise<number>((resolve) => {
      const started = performance.now();
      stream.signal.addEventListener('abort', () => resolve(performance.now() - started));
    });
    assert.ok(await here.end(account, stream.session.id));
    assert.equal(await here.enter(token, peer), undefined);
    const ms = await Promise.race([aborted, sleep(6_000, Number.POSITIVE_INFINITY, { ref: false })]);
    assert.ok(ms < 4_000, `${ms} ms`);
    stream.leave();
  });

  it('abort what hangs on them when their person is no longer let in', async () => {
    const account = await person();
    const { token } = await here.open(account, { own: false, agent: 'Test', peer });
    const stream = await there.enter(token, peer);
    assert.ok(stream);
    const aborted = new Promise<string>((resolve) => stream.signal.addEventListener('abort', () => resolve('aborted')));
    await people.accounts.change(account, { disabled: true });
    assert.equal(await Promise.race([aborted, sleep(6_000, 'still open', { ref: false })]), 'aborted');
    stream.leave();
  });

  it('last four hours unused on a shared computer, and sixteen at most', async () => {
    const account = await person();
    const { token } = await here.open(account, { own: false, agent: 'Test', peer });
    const enter = async () => {
      const entered = await here.enter(token, peer);
      entered?.leave();
      return entered !== undefined;
    };
    for (let i = 0; i < 5; i++) {
      clock.move(3 * hour);
      assert.ok(await enter(), `${3 * (i + 1)} hours`);
      // The note of the use is written in the background.
      while (+(await people.sessions.ofAccount(account))[0]!.used < clock.nowMs()) await sleep(5);
    }
    clock.move(hour + 1_000);
    assert.ok(!(await enter()), 'after sixteen hours');
    const idle = await here.open(account, { own: false, agent: 'Test', peer });
    clock.move(4 * hour + 1_000);
    assert.equal(await here.enter(idle.token, peer), undefined);
    assert.deepEqual(await here.list(account), []);
    await here.prune();
    assert.deepEqual(await people.sessions.ofAccount(account), []);
  });

  it('are held as used last, also while the note of the use is still being written', async () => {
    const account = await person();
    let write = (): void => undefined;
    const written = new Promise<void>((resolve) => {
      write = resolve;
    });
    const use = async (...args: Parameters<PeopleDatabase['sessions']['use']>) => {
      await written;
      await people.sessions.use(...args);
    };
    const slow = open({ ...people, sessions: { ...people.sessions, use } });
    const { token } = await slow.open(account, { own: false, agent: 'Test', peer });
    clock.move(3 * hour);
    const first = await slow.enter(token, peer);
    // Looked at every two seconds.
    await sleep(2_500);
    clock.move(3 * hour);
    const second = await slow.enter(token, peer);
    write();
    assert.ok(second, 'six hours later, three after the last use');
    first?.leave();
    second.leave();
  });

  it('last a month unused on an own computer', async () => {
    const account = await person();
    const { token } = await here.open(account, { own: true, agent: 'Test', peer });
    clock.move(29 * 24 * hour);
    const entered = await here.enter(token, peer);
    assert.ok(entered?.session.own);
    entered.leave();
  });

  it('end for all with one command, or all but one, and for no other account', async () => {
    const [anne, bob] = [await person(), await person()];
    const opened = await Promise.all([1, 2, 3].map(() => here.open(anne, { own: false, agent: 'Test', peer })));
    const { token } = await here.open(bob, { own: false, agent: 'Test', peer });
    const kept = await here.enter(opened[0]!.token, peer);
    assert.ok(kept);
    assert.equal(await here.end(bob, kept.session.id), false);
    await here.endOthers(anne, kept.session.id);
    assert.deepEqual(
      (await here.list(anne)).map(({ id }) => id),
      [kept.session.id],
    );
    assert.ok(await here.enter(token, peer));
    kept.leave();
  });
});
