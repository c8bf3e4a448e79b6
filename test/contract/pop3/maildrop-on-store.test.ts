/** POP3 on the real store: what folds, other processes and the days that pass do to a maildrop. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { leasedMaildrops, leaseMs } from '@vaguemestre/server/auth/leased-maildrops';
import { createMaildropLocks } from '@vaguemestre/server/auth/maildrop-locks';
import { createBulletinsCollection } from '@vaguemestre/server/database/bulletins';
import { createMaildropLeases } from '@vaguemestre/server/database/maildrop-leases';
import { createMaildropNotes } from '@vaguemestre/server/database/maildrop-notes';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { type AccountId, newAccountId } from '@vaguemestre/server/kernel/ids';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { Account } from '@vaguemestre/server/mailstore/account';
import { deliverLetter } from '@vaguemestre/server/main/deliver-letter';
import { createBulletins } from '@vaguemestre/server/outbox/bulletins';
import { forgetTaken } from '@vaguemestre/server/pop3/forget-taken';
import { hiddenKeyword, type Maildrop, openMaildrop, takenKeyword } from '@vaguemestre/server/pop3/maildrop';
import { startTestDatabase, type TestDatabase, type TestStore } from '../../harness/mail-store.js';
import { movingClock } from '../../harness/moving-clock.js';
import { appendOctets, inboxOf, letter, stageMessage } from '../../harness/store-messages.js';

const dayMs = 24 * 3_600_000;

describe('a maildrop on the store', () => {
  let database: TestDatabase;
  let store: TestStore;
  before(async () => {
    database = await startTestDatabase();
    store = await database.open({ foldEntries: 8 });
  });
  after(() => database.close());

  const handle = (id: AccountId, by = 'test', at = store): Promise<Account> => at.mailstore.openAccount(id, { by });

  async function newAccount(messages: number): Promise<AccountId> {
    const id = newAccountId();
    await store.mailstore.createAccount(id, { lang: 'en' });
    const account = await handle(id);
    for (let i = 1; i <= messages; i++) await appendOctets(account, inboxOf(account), letter(`letter ${i}`));
    account.release();
    return id;
  }

  const maildropOf = async (id: AccountId, at = store): Promise<Maildrop> => openMaildrop(await handle(id, 'pop3', at));

  async function uidlsOf(id: AccountId, at = store): Promise<string[]> {
    const maildrop = await maildropOf(id, at);
    const uidlOf = await maildrop.uidls();
    const uidls = Array.from({ length: maildrop.numbers }, (_, i) => uidlOf(i + 1));
    maildrop.close();
    return uidls;
  }

  async function folded(id: AccountId): Promise<void> {
    const account = await handle(id);
    const wanted = account.modseq;
    const deadline = performance.now() + 60_000;
    for (let i = 0; (await store.database.roots.get(id))!.n < wanted; i++) {
      assert.ok(performance.now() < deadline, 'folded in time');
      await account.subscribe(`filler-${wanted}-${i}`, true);
    }
    account.release();
  }

  it('has the same UIDLs before and after a fold, here and in another process, imported ones too', async () => {
    const id = await newAccount(3);
    const account = await handle(id);
    for (const uidl of ['0000000a4f3a1b2c', '1234567890.17']) {
      await account.append(inboxOf(account), [{ message: await stageMessage(account, letter(uidl)), flags: [], uidl }]);
    }
    await appendOctets(account, inboxOf(account), letter('after'));
    const before = await uidlsOf(id);
    assert.equal(new Set(before).size, 6);
    assert.deepEqual(before.slice(3, 5), ['0000000a4f3a1b2c', '1234567890.17']);
    await folded(id);
    assert.deepEqual(await uidlsOf(id), before);
    const other = await database.open();
    assert.deepEqual(await uidlsOf(id, other), before);
    await other.close();
    // COPY is another message: the UIDL stays with the first.
    await account.copy(inboxOf(account), Uint32Array.of(4), inboxOf(account));
    const copied = await uidlsOf(id);
    assert.deepEqual(copied.slice(0, 6), before);
    assert.notEqual(copied[6], before[3]);
    account.release();
  });

  it('ends in one entry: what was deleted goes, what was taken is marked', async () => {
    const id = await newAccount(5);
    const maildrop = await maildropOf(id);
    const start = maildrop.account.modseq;
    for (const number of [1, 2, 3]) maildrop.taken(number);
    for (const number of [2, 5]) maildrop.delete(number);
    await maildrop.update('remove');
    assert.equal(maildrop.account.modseq, start + 1);
    maildrop.close();
    const account = await handle(id);
    const cursor = await account.open(inboxOf(account));
    assert.deepEqual([...cursor.view.uid.subarray(0, cursor.view.count)], [1, 3, 4]);
    const taken = await account.search(cursor.view, { kind: 'flag', flag: takenKeyword, set: true });
    assert.deepEqual([...taken], [0, 1]);
    assert.equal(account.mailbox('INBOX')?.exists, 3);
    assert.equal(account.mailbox('INBOX')?.unseen, 3);
    cursor.close();
    account.release();
  });

  it('goes without what another program removed meanwhile', async () => {
    const id = await newAccount(4);
    const maildrop = await maildropOf(id);
    const account = await handle(id);
    await account.storeFlags(inboxOf(account), { uids: Uint32Array.of(2), mode: 'add', flags: ['\\Deleted'] });
    await account.expunge(inboxOf(account));
    assert.equal(maildrop.count, 4);
    maildrop.delete(2);
    maildrop.delete(3);
    maildrop.taken(1);
    await maildrop.update('remove');
    maildrop.close();
    await account.refresh();
    assert.equal(account.mailbox('INBOX')?.exists, 2);
    account.release();
  });

  it('shows what a policy keeps to everybody but POP3, and removes it N days later', async () => {
    const id = await newAccount(4);
    const clock = movingClock();
    const notes = createMaildropNotes(store.connection.db);
    const upkeep = () => forgetTaken({ mailstore: store.mailstore, notes, clock }, { account: id, days: 3 });
    const exists = async (): Promise<number> => {
      const account = await handle(id);
      await account.refresh();
      const { exists: count } = account.mailbox('INBOX')!;
      account.release();
      return count;
    };
    const hide = async (number: number): Promise<void> => {
      const maildrop = await maildropOf(id);
      maildrop.delete(number);
      await maildrop.update(3);
      maildrop.close();
    };
    assert.equal(await upkeep(), 0);
    await hide(1);
    const next = await maildropOf(id);
    assert.equal(next.numbers, 3);
    assert.ok(next.account.keywords.includes(hiddenKeyword));
    next.close();
    const gone: number[] = [];
    for (let day = 1; day <= 6; day++) {
      clock.move(dayMs);
      gone.push(await upkeep());
      // The chore comes more than once a day.
      clock.move(3_600_000);
      assert.equal(await upkeep(), 0);
      clock.move(-3_600_000);
      if (day === 2) await hide(1);
    }
    // The first was hidden before the note of day 1, the second before that of day 3: three days after those they go.
    assert.deepEqual(gone, [0, 0, 0, 1, 0, 1]);
    assert.equal(await exists(), 2);
    // The notes do not grow.
    assert.ok(((await notes.get(id)).days ?? []).length <= 5);
  });

  it('tells each person of a bulletin once, and nobody after its last day', async () => {
    const clock = movingClock();
    const notes = createMaildropNotes(store.connection.db);
    const bulletins = createBulletins({
      collection: createBulletinsCollection(store.connection.db),
      notes,
      deliver: deliverLetter(store.mailstore, 'labo.example'),
      domain: 'labo.example',
      clock,
      log: silentLog,
    });
    const [anne, tom] = [await newAccount(0), await newAccount(0)];
    await bulletins.tell(anne, undefined);
    const posted = await bulletins.post({
      from: 'postmaster@labo.example',
      subject: 'Coupure électrique samedi',
      text: 'Le courrier sera arrêté de 8 h à 10 h.\n.\n',
      until: new Date(clock.nowMs() + dayMs),
    });
    for (let i = 0; i < 3; i++) await bulletins.tell(anne, undefined);
    const maildrop = await maildropOf(anne);
    assert.equal(maildrop.count, 1);
    const octets = await maildrop.read(1);
    assert.match(Buffer.from(octets!.first).toString(), /^From: .*\r\nSubject: =\?utf-8\?/i);
    // Deleted is not told again.
    maildrop.delete(1);
    await maildrop.update('remove');
    maildrop.close();
    await bulletins.tell(anne, undefined);
    assert.deepEqual(await uidlsOf(anne), []);
    clock.move(2 * dayMs);
    await bulletins.tell(tom, undefined);
    assert.deepEqual(await uidlsOf(tom), []);
    assert.deepEqual(
      (await bulletins.list()).map(({ id, subject }) => [id, subject]),
      [[posted.id, posted.subject]],
    );
    assert.equal(await bulletins.remove(posted.id), true);
    assert.equal(await bulletins.remove(posted.id), false);
    await assert.rejects(
      bulletins.post({ from: 'a@b', subject: 'x', text: 'y'.repeat(100_000), until: undefined }),
      MailError,
    );
  });

  it('is leased to one machine at a time; a dead one loses it within the lease', async () => {
    const id = newAccountId();
    const clock = movingClock();
    const leases = createMaildropLeases(store.connection.db);
    const lifetime = new Lifetime(silentLog);
    const machine = (restMs = 0) =>
      leasedMaildrops({ locks: createMaildropLocks(), leases, restMs, clock, lifetime, log: silentLog });
    const [one, two] = [machine(), machine()];
    const code = (wanted: string) => (error: unknown) => error instanceof MailError && error.code === wanted;
    const release = await one.take(id);
    await assert.rejects(two.take(id), code('inUse'));
    release();
    await settled(() => two.take(id).then((give) => give()));
    await settled(() => one.take(id));
    // Its machine is gone: nobody renews.
    await assert.rejects(two.take(id), code('inUse'));
    clock.move(leaseMs + 1);
    (await two.take(id))();
    const other = newAccountId();
    const resting = machine(10_000);
    (await resting.take(other))();
    await settled(async () =>
      assert.rejects(
        machine(10_000).take(other),
        (error: unknown) => error instanceof MailError && error.details?.['loginDelay'] === true,
      ),
    );
    clock.move(10_001);
    await settled(() => machine(10_000).take(other));
    await lifetime.close();
  });
});

/** A lease is given back behind the back of whoever gives it. */
async function settled(action: () => Promise<unknown>): Promise<void> {
  for (let i = 0; ; i++) {
    try {
      await action();
      return;
    } catch (error) {
      if (i === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
