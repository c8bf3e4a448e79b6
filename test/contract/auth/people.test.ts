import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthService } from '@vaguemestre/server/auth/auth-service';
import { createPasswordHasher } from '@vaguemestre/server/auth/password-hash';
import { createPeople } from '@vaguemestre/server/auth/people';
import { createWorkQueue, passwordWorkLimits } from '@vaguemestre/server/auth/work-queue';
import { openPeopleDatabase } from '@vaguemestre/server/database/people-database';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { type ErrorCode, MailError } from '@vaguemestre/server/kernel/errors';
import { type AccountId, newAccountId } from '@vaguemestre/server/kernel/ids';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { startTestDatabase, type TestDatabase } from '../../harness/mail-store.js';

/** One process with its own connection, caches and memory of logins. */
async function openProcess(database: TestDatabase) {
  const store = await database.open();
  const people = await openPeopleDatabase(store.connection);
  const auth = createAuthService({
    database: people,
    domain: 'labo.example',
    zones: { laboratory: [], vpn: [] },
    policy: { pop3Clear: 'off', internWebmail: true },
    clock: systemClock,
    lifetime: new Lifetime(silentLog),
    log: silentLog,
  });
  const hasher = createPasswordHasher(createWorkQueue(passwordWorkLimits));
  const life = createPeople({
    database: people,
    mailboxes: store.mailstore,
    hasher,
    domain: 'labo.example',
    clock: systemClock,
  });
  const login = async (identity: string, password: string, address = '192.0.2.1') =>
    (
      await auth.authenticator.login({
        identity,
        password: Buffer.from(password),
        protocol: 'imap',
        peer: { address, port: 1, unix: false, local: false },
        secure: true,
      })
    ).account;
  return { store, people, auth, life, login };
}

async function refused(attempt: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(attempt, (error) => error instanceof MailError && error.code === code);
}

const password = 'correct horse';
const permanent = { role: 'permanent', password: Buffer.from(password) } as const;

describe('people in the store, seen by two processes', () => {
  let database: TestDatabase;
  let here: Awaited<ReturnType<typeof openProcess>>;
  let there: Awaited<ReturnType<typeof openProcess>>;
  before(async () => {
    database = await startTestDatabase();
    here = await openProcess(database);
    there = await openProcess(database);
  });
  after(() => database.close());

  test('an address belongs to one person, whoever is asked and however many ask at once', async () => {
    const same = [here, there, here, there].map((one) =>
      one.life.add({ ...permanent, address: 'ANNE@labo.example', aliases: ['a.durand'] }),
    );
    const outcomes = await Promise.allSettled(same);
    assert.equal(outcomes.filter((one) => one.status === 'fulfilled').length, 1);
    for (const one of outcomes) if (one.status === 'rejected') assert.equal(one.reason.code, 'alreadyExists');
    await refused(there.life.add({ ...permanent, address: 'other', aliases: ['a.durand'] }), 'alreadyExists');
    await there.life.add({ ...permanent, address: 'bob' });
    await refused(here.life.update('bob', { aliases: ['anne'] }), 'alreadyExists');
    assert.equal((await here.life.list()).length, 2);
    const roots = here.store.connection.db.collection('roots');
    assert.equal(await roots.countDocuments({}), 2, 'those who came too late left no mailboxes');
  });

  test('the directory knows addresses, details, postmaster, and who is gone', async () => {
    const entry = await there.auth.directory.resolve('A.Durand+Liste@LABO.example');
    const anne = await here.life.find('anne');
    assert.deepEqual(entry, {
      account: anne._id,
      address: 'anne@labo.example',
      detail: 'Liste',
      quotaBytes: undefined,
    });
    assert.equal(await there.auth.directory.resolve('nobody@labo.example'), undefined);
    assert.equal(await there.auth.directory.resolve('anne@elsewhere.example'), undefined);
    assert.equal(await there.auth.directory.resolve('postmaster'), undefined);
    await here.life.update('bob', { admin: true, quota: 1000 });
    assert.equal((await there.auth.directory.resolve('Postmaster'))?.address, 'bob@labo.example');
    await here.life.add({ ...permanent, address: 'gone' });
    assert.ok(await here.auth.directory.resolve('gone'));
    await here.life.remove('gone');
    here.auth.forgetPeople();
    assert.equal(await here.auth.directory.resolve('gone'), undefined);
    await here.life.update('anne', { disabled: true });
    here.auth.forgetPeople();
    assert.ok(await here.auth.directory.resolve('anne'), 'mail for somebody disabled is still taken');
    await here.life.update('anne', { disabled: false });
  });

  test('a new person has mailboxes before they can log in; a removed one leaves nothing', async () => {
    const account = await there.login('anne', password);
    const handle = await there.store.mailstore.openAccount(account, { by: 'test' });
    assert.ok(handle.mailbox('INBOX'));
    handle.release();
    const person = await here.life.add({ ...permanent, address: 'short' });
    await here.life.remove('short');
    await refused(here.life.remove('short'), 'nonexistent');
    assert.equal(await here.people.credentials.password(person._id), undefined);
    await assert.rejects(here.store.mailstore.openAccount(person._id, { by: 'test' }));
  });

  test('a removal that was interrupted is finished by removing again', async () => {
    const person = await here.life.add({ ...permanent, address: 'half' });
    await here.people.accounts.change(person._id, { disabled: true, removing: new Date() });
    await refused(here.login('half', password), 'authenticationFailed');
    assert.equal(await there.auth.directory.resolve('half'), undefined);
    await here.life.remove('half');
    await refused(here.life.find('half'), 'nonexistent');
  });

  test('a password changed or a person disabled elsewhere counts here within about two seconds', async () => {
    await here.login('bob', password);
    await there.login('bob', password);
    await here.life.setPassword('bob', Buffer.from('the second one'));
    await there.login('bob', 'the second one');
    await sleep(2_050);
    await refused(there.login('bob', password), 'authenticationFailed');
    await here.life.update('bob', { disabled: true });
    await sleep(2_050);
    await refused(there.login('bob', 'the second one'), 'authorizationFailed');
  });

  test('guesses made through one process slow the other, and what was learnt is pruned', async () => {
    const stranger = '198.51.100.7';
    for (let i = 0; i < 5; i++) await refused(here.login('anne', `guess ${i}`, stranger), 'authenticationFailed');
    // The first wait is a second, and doubles: a slow machine lets some of them pass.
    let code: ErrorCode | undefined;
    for (let i = 5; code !== 'throttled'; i++) {
      assert.ok(i < 15, 'never throttled');
      code = await there.login('anne', `guess ${i}`, stranger).then(
        () => undefined,
        (error: MailError) => error.code,
      );
      assert.ok(code !== undefined, 'a guess was right');
    }
    await there.login('anne', password, '192.0.2.1');
    await here.auth.prune();
    const records = await here.store.connection.db.collection<{ _id: string; n: number }>('logins').find({}).toArray();
    assert.ok(records.some(({ _id, n }) => _id.startsWith('pair|') && n >= 5));
    assert.ok(records.some(({ _id }) => _id === 'net|198.51.100.7'));
  });

  test('a process that starts anew knows of the guesses before it', async () => {
    const stranger = '203.0.113.77';
    const guess = (at: typeof here, n: string) =>
      at.login('anne', n, stranger).then(
        () => assert.fail('a guess was right'),
        (error: MailError) => error.code,
      );
    for (let i = 0; i < 5; i++) await guess(here, `first ${i}`);
    const pair = (await here.people.history.read([await pairOf(stranger)]))[0];
    assert.equal(pair?.n, 5);
    // As if the last one were a minute from now: no machine is so slow that the wait is over.
    await here.people.history.count(pair._id, new Date(Date.now() + 60_000), false);
    const anew = await openProcess(database);
    assert.equal(await guess(anew, 'after the start'), 'throttled');
    await assert.rejects(anew.login('anne', password, stranger), { code: 'throttled' });
    await anew.login('anne', password, '192.0.2.1');

    async function pairOf(network: string): Promise<string> {
      const logins = here.store.connection.db.collection<{ _id: string }>('logins');
      const all = await logins.find({}).toArray();
      return all.find(({ _id }) => _id.startsWith('pair|') && _id.endsWith(`|${network}`))?._id ?? assert.fail();
    }
  });

  test('app passwords: a bounded list beside their secrets, gone with the person', async () => {
    const { accounts, credentials } = here.people;
    const { _id: id } = await here.life.add({ ...permanent, address: 'programs' });
    const app = (n: number) =>
      ({ id: `app${n}`, name: 'x', protocols: ['imap'], zones: ['vpn'], made: new Date(n) }) as const;
    const added = await Promise.all([1, 2, 3, 4].map((n) => accounts.addApp(id, app(n), 3)));
    assert.equal(added.filter(Boolean).length, 3);
    const [first, ...rest] = (await accounts.get(id))?.apps ?? [];
    assert.ok(first !== undefined && rest.length === 2);
    assert.equal(await accounts.removeApp(id, first.id), true);
    assert.equal(await accounts.removeApp(id, first.id), false);
    assert.deepEqual((await accounts.get(id))?.apps, rest);
    assert.equal(await accounts.addApp(newAccountId(), app(5), 3), false);
    await credentials.addApp(id, 'app1', { digest: 'digest' });
    const used = { at: new Date(7), protocol: 'imap', address: '192.0.2.1' } as const;
    await credentials.noteApp(id, 'app1', used);
    const secrets = await credentials.ofAccount(id);
    assert.deepEqual(secrets.apps, [{ _id: `${id}/app/app1`, a: id, digest: 'digest', used }]);
    assert.match(secrets.password?.hash ?? '', /^\$argon2id/);
    await credentials.removeApp(id, 'app1');
    assert.deepEqual((await credentials.ofAccount(id)).apps, []);
    await credentials.addApp(id, 'app2', { digest: 'digest' });
    await here.life.remove('programs');
    assert.deepEqual(await credentials.ofAccount(id), { password: undefined, apps: [] });
  });

  test('the key of salts is one for all, and a challenge is spent once, by whomever', async () => {
    const { credentials, sessions } = here.people;
    const keys = await Promise.all([1, 2, 3].map(() => credentials.saltKey()));
    assert.equal(new Set(keys.map((key) => key.toString('hex'))).size, 1);
    assert.equal(keys[0]?.length, 32);
    const spend = (id: string) => sessions.spend(id, 'nobody' as AccountId, new Date(1_000));
    assert.deepEqual((await Promise.all([spend('challenge/x'), spend('challenge/x')])).sort(), [false, true]);
    assert.equal(await spend('challenge/y'), true);
    await sessions.prune(new Date(2_000));
    assert.equal(await spend('challenge/x'), true);
  });

  test('passkeys and recovery codes: kept apart, used once, gone with the person', async () => {
    const { passkeys, recovery, credentials } = here.people;
    const { _id: id } = await here.life.add({ ...permanent, address: 'keys' });
    const passkey = (credential: string, made: number) => ({
      ...{ credential, key: 'k', counter: 3, transports: ['usb'], copies: true, copied: false, name: 'x' },
      made: new Date(made),
    });
    // As long as one can be: a kilobyte, in base64url.
    const long = 'A'.repeat(1364);
    assert.equal(await passkeys.add(id, passkey(long, 2)), true);
    assert.equal(await passkeys.add(id, passkey(long, 2)), false);
    assert.equal(await passkeys.add(id, passkey('other', 1)), true);
    assert.deepEqual(
      (await passkeys.ofAccount(id)).map(({ credential }) => credential),
      ['other', long],
    );
    assert.equal(await passkeys.find(newAccountId(), long), undefined);
    const found = await passkeys.find(id, long);
    assert.ok(found);
    const used = { at: new Date(9), address: '192.0.2.1' };
    assert.equal(await passkeys.use(found, { counter: 4, copied: true, used }), true);
    assert.equal(await passkeys.use(found, { counter: 4, copied: true, used }), false, 'used meanwhile');
    const kept = await passkeys.find(id, long);
    assert.deepEqual([kept?.counter, kept?.copied, kept?.copies, kept?.used], [4, true, true, used]);
    await recovery.put(id, ['a', 'b']);
    assert.deepEqual(await Promise.all([recovery.use(id, 'a'), recovery.use(id, 'c')]), [true, false]);
    assert.equal(await recovery.use(id, 'a'), false);
    assert.deepEqual(await recovery.of(id), ['b']);
    const { password, apps } = await credentials.ofAccount(id);
    assert.ok(password !== undefined && apps.length === 0, 'neither is a password');
    await here.life.remove('keys');
    assert.deepEqual([await passkeys.ofAccount(id), await recovery.of(id)], [[], undefined]);
  });

  test('a second factor: proved once, each code once, gone when taken off', async () => {
    const { totp, accounts } = here.people;
    const { _id: id } = await here.life.add({ ...permanent, address: 'telephone' });
    await totp.start(id, 'AAAA');
    await totp.start(id, 'BBBB');
    const proved = { secret: 'BBBB', confirmed: new Date(5), last: 7, recovery: ['x', 'y'] };
    assert.equal(await totp.confirm(id, { ...proved, secret: 'AAAA' }), false);
    assert.equal(await totp.confirm(id, proved), true);
    assert.equal(await totp.confirm(id, proved), false);
    assert.deepEqual(await Promise.all([7, 8, 8].map((step) => totp.use(id, step))).then((all) => all.sort()), [
      false,
      false,
      true,
    ]);
    assert.deepEqual(
      [await totp.useRecovery(id, 'x'), await totp.useRecovery(id, 'x'), await totp.useRecovery(id, 'z')],
      [true, false, false],
    );
    assert.deepEqual(await totp.of(id), { _id: `${id}/totp`, a: id, ...proved, last: 8, recovery: ['y'] });
    await accounts.change(id, { totp: new Date(5) });
    await there.life.removeSecondFactor('telephone');
    assert.equal((await accounts.get(id))?.totp, undefined);
    assert.equal(await totp.of(id), undefined);
  });

  test('fields come and go', async () => {
    const id = newAccountId();
    const { accounts } = here.people;
    const created = new Date(0);
    const base = { name: '', role: 'service', lang: 'fr', admin: false, eudora: false, disabled: false } as const;
    const lists = { addresses: ['s@labo.example'], allow: [], deny: [] };
    await accounts.insert({
      _id: id,
      address: 's@labo.example',
      ...base,
      ...lists,
      created,
      quota: 5,
      expires: created,
    });
    assert.equal(await accounts.change(id, { quota: undefined, expires: undefined, allow: ['submission'] }), true);
    const after = await accounts.get(id);
    assert.deepEqual([after?.quota, after?.expires, after?.allow], [undefined, undefined, ['submission']]);
    assert.equal(await accounts.change(id, {}), true);
    assert.equal(await accounts.change(newAccountId(), { name: 'x' }), false);
  });
});
