import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hash } from '@node-rs/argon2';
import { createAuthService } from '@vaguemestre/server/auth/auth-service';
import type { PasswordLogin, Principal } from '@vaguemestre/server/auth/authenticator';
import { rightForMs } from '@vaguemestre/server/auth/login-proofs';
import { createPasswordHasher } from '@vaguemestre/server/auth/password-hash';
import { createPeople, type NewPerson } from '@vaguemestre/server/auth/people';
import { personCacheMs } from '@vaguemestre/server/auth/person-cache';
import { createWorkQueue, passwordWorkLimits } from '@vaguemestre/server/auth/work-queue';
import { type ErrorCode, MailError } from '@vaguemestre/server/kernel/errors';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { pino } from 'pino';
import { movingClock } from '../../harness/moving-clock.js';
import { memoryPeople } from '../../harness/people-memory.js';

const password = 'correct horse';
const anne: NewPerson = {
  address: 'anne@labo.example',
  role: 'permanent',
  password: Buffer.from(password),
  lang: 'en',
};

async function world(...everybody: NewPerson[]) {
  const clock = movingClock();
  const database = memoryPeople();
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const service = () =>
    createAuthService({
      database,
      domain: 'labo.example',
      zones: { laboratory: ['192.0.2.0/24'], vpn: [] },
      policy: { pop3Clear: 'off', internWebmail: true },
      clock,
      lifetime: new Lifetime(log),
      log,
    });
  const people = createPeople({
    database,
    mailboxes: { createAccount: async () => undefined, removeAccount: async () => undefined },
    hasher: createPasswordHasher(createWorkQueue(passwordWorkLimits)),
    domain: 'labo.example',
    clock,
  });
  for (const one of everybody) await people.add(one);
  const auth = service();
  const login = (more: Partial<PasswordLogin> & { from?: string; as?: string } = {}, at = auth): Promise<Principal> =>
    at.authenticator.login({
      identity: more.as ?? 'anne@labo.example',
      password: Buffer.from(password),
      protocol: 'imap',
      peer: { address: more.from ?? '192.0.2.1', port: 1, unix: false, local: false },
      secure: true,
      ...more,
    });
  return { clock, database, lines, auth, service, people, login };
}

async function refused(attempt: Promise<unknown>, code: ErrorCode, text?: RegExp): Promise<void> {
  await assert.rejects(attempt, (error: unknown) => {
    assert.ok(error instanceof MailError, String(error));
    assert.equal(error.code, code, error.public);
    if (text !== undefined) assert.match(error.public, text);
    return true;
  });
}

describe('login', () => {
  test('by address, alias, bare name, any case', async () => {
    const { login } = await world({
      ...anne,
      aliases: ['a.durand@labo.example'],
      name: 'Anne',
      quota: 1000,
      admin: true,
    });
    for (const as of ['anne@labo.example', 'ANNE', 'a.durand', 'Anne@LABO.EXAMPLE']) {
      const principal = await login({ as });
      const { account, ...rest } = principal;
      assert.match(account, /^[0-9a-z]{16}$/);
      assert.deepEqual(rest, {
        address: 'anne@labo.example',
        name: 'Anne',
        role: 'permanent',
        lang: 'en',
        admin: true,
        quotaBytes: 1000,
        eudora: false,
        takenMail: 'remove',
      });
    }
  });

  test('with the hash of another system, which is renewed at once', async () => {
    const { address, role } = { ...anne, address: 'eve@labo.example' };
    const passwordHash = '{CRYPT}$5$abcdefgh$ncLOJBvg09bA1Rdl92e760Kos6SYs15z.UX86XJdVd9';
    const { login, people, database, service } = await world({ address, role, passwordHash });
    await refused(login({ as: 'eve', password: Buffer.from('Motdepasse2') }), 'authenticationFailed');
    const { account } = await login({ as: 'eve', password: Buffer.from('Motdepasse1') });
    assert.match((await database.credentials.password(account))?.hash ?? '', /^\$argon2id\$/);
    await login({ as: 'eve', password: Buffer.from('Motdepasse1') }, service());
    await refused(people.setPasswordHash('eve', '{CRYPT}ab01FAX.bQRSU'), 'invalid', /8 characters only/);
    await people.setPasswordHash('eve', ' {SSHA}SuX8TDL0L5E70pWJOB/26wTnvNJV0qxL\n');
    await login({ as: 'eve', password: Buffer.from('Été à la montagne 1') }, service());
  });

  test('one text for every reason', async () => {
    const { login, people } = await world(anne, { ...anne, address: 'new@labo.example' });
    await people.remove('new');
    const { address, role } = { ...anne, address: 'empty@labo.example' };
    await people.add({ address, role });
    const wrong = Buffer.from('wrong wrong');
    const text = /^The address or the password is wrong\.$/;
    await refused(login({ password: wrong }), 'authenticationFailed', text);
    await refused(login({ as: 'nobody' }), 'authenticationFailed', text);
    await refused(login({ as: 'new' }), 'authenticationFailed', text);
    await refused(login({ as: 'empty' }), 'authenticationFailed', text);
    await refused(login({ as: '' }), 'authenticationFailed', text);
    await refused(login({ as: 'a b' }), 'authenticationFailed', text);
    await refused(login({ password: Buffer.alloc(0) }), 'authenticationFailed', text);
    await refused(login({ password: Buffer.alloc(2000, 'x') }), 'authenticationFailed', text);
  });

  test('an address that nobody has costs the same database and hash work as a wrong password', async () => {
    const { login, database, clock } = await world(anne);
    const cost = async (as: string): Promise<number> => {
      clock.move(personCacheMs);
      const before = database.trips;
      await refused(login({ as, password: Buffer.from(`wrong for ${as}`) }), 'authenticationFailed');
      return database.trips - before;
    };
    assert.equal(await cost('nobody'), await cost('anne'));
  });

  test('a returning client costs no round trip within two seconds, two afterwards, and no argon2', async () => {
    const { login, database, clock } = await world(anne);
    await login();
    const before = database.trips;
    for (let i = 0; i < 100; i++) await login();
    assert.equal(database.trips, before);
    clock.move(personCacheMs);
    await login();
    assert.equal(database.trips, before + 2);
    const started = performance.now();
    for (let i = 0; i < 500; i++) await login();
    assert.ok((performance.now() - started) / 500 < 2, 'argon2 would take 6 ms or more');
  });

  test('the proof ends after ten minutes', async () => {
    const { login, database, clock } = await world(anne);
    await login();
    clock.move(rightForMs - 1);
    await login();
    const before = database.trips;
    clock.move(1);
    await login();
    assert.ok(database.trips - before > 2, 'went the long way');
  });

  test('a new password ends the old one at once here, within two seconds elsewhere', async () => {
    const { login, people, auth, service, clock } = await world(anne);
    const elsewhere = service();
    await login();
    await login({}, elsewhere);
    const changed = Buffer.from('an other password');
    await people.setPassword('anne', changed);
    auth.forgetPeople();
    await refused(login(), 'authenticationFailed');
    await login({ password: changed });
    await login({ password: changed }, elsewhere);
    clock.move(personCacheMs);
    await refused(login({}, elsewhere), 'authenticationFailed');
  });

  test('a wrong password that becomes right is right', async () => {
    const { login, people, clock } = await world(anne);
    const changed = Buffer.from('an other password');
    await refused(login({ password: changed }), 'authenticationFailed');
    await people.setPassword('anne', changed);
    // This process still holds the old version for up to two seconds, under which it remembers the new one as wrong.
    clock.move(personCacheMs);
    await login({ password: changed });
  });

  test('a person disabled by another process is out within two seconds, and is told after the right password only', async () => {
    const { login, people, clock } = await world(anne);
    await login();
    await people.update('anne', { disabled: true });
    clock.move(personCacheMs);
    await refused(login(), 'authorizationFailed', /disabled/);
    await refused(login({ password: Buffer.from('wrong wrong') }), 'authenticationFailed');
  });

  test('the wrong door, in the language of the person', async () => {
    const expires = new Date(Date.UTC(2026, 2, 31));
    const intern = { role: 'intern', sponsor: 'anne', expires, password: Buffer.from(password) } as const;
    const { login, clock } = await world(
      anne,
      { ...intern, address: 'tom@labo.example', lang: 'fr' },
      { ...intern, address: 'ben@labo.example', lang: 'en' },
    );
    await refused(login({ as: 'tom' }), 'authorizationFailed', /Choisissez POP3 avec SSL/);
    await refused(login({ as: 'ben' }), 'authorizationFailed', /Choose POP3 with SSL/);
    await login({ as: 'ben', protocol: 'pop3' });
    clock.move(31 * 24 * 3600_000);
    await refused(login({ as: 'ben', protocol: 'pop3' }), 'expired', /sponsor/);
  });

  test('acting as somebody else', async () => {
    const { login } = await world(
      { ...anne, aliases: ['alias@labo.example'] },
      { ...anne, address: 'bob@labo.example' },
    );
    await login({ authorize: '' });
    await login({ authorize: 'ANNE' });
    await login({ authorize: 'alias' });
    await refused(login({ authorize: 'bob' }), 'authorizationFailed');
    await refused(login({ authorize: 'nobody' }), 'authorizationFailed');
  });

  test('a telephone that repeats an old password locks nobody out', async () => {
    const { login } = await world(anne);
    for (let i = 0; i < 50; i++) await refused(login({ password: Buffer.from('last year') }), 'authenticationFailed');
    await login();
  });

  test('ten connections at once with the right password are one verification', async () => {
    const { login } = await world(anne);
    const principals = await Promise.all(Array.from({ length: 10 }, () => login()));
    assert.equal(new Set(principals.map((one) => one.account)).size, 1);
  });

  test('guessing is slowed, whether the address exists or not, and the owner elsewhere comes in', async () => {
    const { login } = await world(anne);
    await login({ from: '192.0.2.99' });
    for (const as of ['anne', 'nobody']) {
      for (let i = 0; i < 5; i++) {
        await refused(login({ as, password: Buffer.from(`guess ${i}`) }), 'authenticationFailed');
      }
      await refused(login({ as, password: Buffer.from('guess 6') }), 'throttled', /try again in 1 second/);
    }
    await refused(login(), 'throttled');
    await login({ from: '192.0.2.99' });
  });

  test('the accents of every keyboard', async () => {
    const typed = 'Été à Orléans';
    const { login } = await world({ ...anne, password: Buffer.from(typed) });
    await login({ password: Buffer.from(typed.normalize('NFD')) });
    await login({ password: Buffer.from(typed, 'latin1') });
    await login({ password: Buffer.from(typed.replaceAll(' ', '\u00a0')) });
    await refused(login({ password: Buffer.from('Ete a Orleans') }), 'authenticationFailed');
  });

  test('an old hash is renewed at the next login, and stays valid', async () => {
    const { login, database } = await world(anne);
    const person = await database.accounts.findByAddress('anne@labo.example');
    assert.ok(person);
    const weak = await hash(password, { memoryCost: 1024, timeCost: 1, parallelism: 1 });
    await database.credentials.setPassword(person._id, { hash: weak, version: 'v', changed: new Date() });
    await login();
    const renewed = await database.credentials.password(person._id);
    assert.match(renewed?.hash ?? '', /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.equal(renewed?.version, 'v');
    await login();
  });

  test('an absent store is said to be absent', async () => {
    const { login, database, clock } = await world(anne);
    await login();
    clock.move(personCacheMs);
    database.away = true;
    await refused(login(), 'unavailable');
    database.away = false;
    await login();
  });

  test('every login leaves one line and no password', async () => {
    const { login, lines } = await world(anne);
    await login();
    await refused(login({ password: Buffer.from('not the one') }), 'authenticationFailed');
    await refused(login({ protocol: 'pop3' }), 'authorizationFailed');
    const results = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      results.map((line) => line['result']),
      ['ok', 'authenticationFailed', 'useImap'],
    );
    assert.equal(results[0]?.['zone'], 'laboratory');
    for (const line of lines) assert.ok(!line.includes('not the one') && !line.includes(password), line);
  });
});
