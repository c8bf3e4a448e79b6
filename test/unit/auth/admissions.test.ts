import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdmissions, type Visit } from '@vaguemestre/server/auth/admissions';
import type { PersonChange, PersonDocument } from '@vaguemestre/server/database/accounts';
import type { MailError } from '@vaguemestre/server/kernel/errors';
import { newAccountId } from '@vaguemestre/server/kernel/ids';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { movingClock } from '../../harness/moving-clock.js';
import { memoryPeople } from '../../harness/people-memory.js';

const dayMs = 24 * 3600_000;

describe('who is in', () => {
  const lifetime = new Lifetime(silentLog);
  after(() => lifetime.close());
  const clock = movingClock();
  const database = memoryPeople();
  const admissions = createAdmissions({
    accounts: database.accounts,
    zoneOf: ({ address }) => (address === '192.0.2.1' ? 'laboratory' : 'outside'),
    settings: { pop3Clear: 'off', internWebmail: true },
    clock,
    lifetime,
    log: silentLog,
    everyMs: 5,
  });

  async function enter(more: Partial<PersonDocument> = {}, protocol: Visit['protocol'] = 'imap') {
    const _id = newAccountId();
    const address = `${_id}@labo.example`;
    await database.accounts.insert({
      _id,
      address,
      addresses: [address],
      name: '',
      role: 'permanent',
      lang: 'en',
      admin: false,
      eudora: false,
      allow: [],
      deny: [],
      disabled: false,
      created: new Date(),
      ...more,
    });
    const reasons: MailError[] = [];
    const peer = { address: '198.51.100.1', port: 1, unix: false, local: false };
    const leave = admissions.watch({ account: _id, protocol, peer, secure: true }, (reason) => reasons.push(reason));
    const change = (to: PersonChange) => database.accounts.change(_id, to);
    return { account: _id, reasons, leave, change };
  }
  const until = async (reasons: readonly MailError[]): Promise<MailError> => {
    for (let i = 0; reasons.length === 0; i++) {
      assert.ok(i < 500, 'nobody was told');
      await sleep(5);
    }
    return reasons[0]!;
  };

  it('stays while nothing is against it', async () => {
    const visit = await enter();
    await sleep(40);
    assert.deepEqual(visit.reasons, []);
    visit.leave();
  });

  it('goes when disabled, once, and nobody else does', async () => {
    const visit = await enter();
    const other = await enter();
    await visit.change({ disabled: true });
    assert.match((await until(visit.reasons)).public, /disabled/);
    await sleep(30);
    assert.equal(visit.reasons.length, 1);
    assert.deepEqual(other.reasons, []);
    other.leave();
  });

  it('goes at the end date, when the door is closed, and when removed', async () => {
    const ends = await enter({ expires: new Date(clock.nowMs() + dayMs) });
    clock.move(2 * dayMs);
    assert.equal((await until(ends.reasons)).code, 'expired');
    const denied = await enter();
    await denied.change({ deny: ['imap'] });
    assert.equal((await until(denied.reasons)).code, 'authorizationFailed');
    const removing = await enter();
    await removing.change({ removing: new Date() });
    await until(removing.reasons);
    const removed = await enter();
    await database.accounts.delete(removed.account);
    assert.match((await until(removed.reasons)).public, /no longer here/);
  });

  it('stays while the people cannot be looked at, and is judged afterwards', async () => {
    const visit = await enter();
    database.away = true;
    await sleep(30);
    assert.deepEqual(visit.reasons, []);
    database.away = false;
    await visit.change({ disabled: true });
    await until(visit.reasons);
  });

  it('is not told after leaving', async () => {
    const visit = await enter();
    visit.leave();
    await visit.change({ disabled: true });
    await sleep(30);
    assert.deepEqual(visit.reasons, []);
  });
});
