/** SCRAM over people in memory: who gets in, who does not, and what nobody can tell from it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { createAuthService } from '@vaguemestre/server/auth/auth-service';
import type { Principal } from '@vaguemestre/server/auth/authenticator';
import { createPasswordHasher } from '@vaguemestre/server/auth/password-hash';
import { createPeople } from '@vaguemestre/server/auth/people';
import { personCacheMs } from '@vaguemestre/server/auth/person-cache';
import { createWorkQueue, passwordWorkLimits } from '@vaguemestre/server/auth/work-queue';
import type { ScramMechanism } from '@vaguemestre/server/codec/sasl/scram';
import { Lifetime } from '@vaguemestre/server/kernel/lifetime';
import { pino } from 'pino';
import { movingClock } from '../../harness/moving-clock.js';
import { memoryPeople } from '../../harness/people-memory.js';
import { type ScramClientOptions, scramClient } from '../../harness/scram-client.js';

const own = 'correct horse battery';
const wrong = { code: 'authenticationFailed', public: 'The address or the password is wrong.' } as const;

async function world() {
  const clock = movingClock();
  const database = memoryPeople();
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const options = {
    database,
    domain: 'labo.example',
    zones: { laboratory: ['192.0.2.0/24'], vpn: [] },
    policy: { pop3Clear: 'off', internWebmail: true },
    clock,
    log,
  } as const;
  const auth = createAuthService({ ...options, lifetime: new Lifetime(log) });
  const people = createPeople({
    ...options,
    mailboxes: { createAccount: async () => undefined, removeAccount: async () => undefined },
    hasher: createPasswordHasher(createWorkQueue(passwordWorkLimits)),
  });
  const anne = await people.add({
    address: 'anne@labo.example',
    aliases: ['a.durand@labo.example'],
    role: 'permanent',
    password: Buffer.from(own),
    lang: 'en',
  });
  const app = (name: string) =>
    auth.appPasswords.add(anne._id, { name, protocols: ['imap', 'submission'], zones: ['laboratory'] });
  interface Attempt extends Partial<ScramClientOptions> {
    readonly from?: string;
    readonly mechanism?: ScramMechanism;
    /** As the server sees it. */
    readonly exporter?: Buffer;
    readonly protocol?: 'imap' | 'pop3';
  }
  const attempt = ({ from = '192.0.2.1', mechanism = 'SCRAM-SHA-256', ...more }: Attempt = {}) => {
    const client = scramClient({ user: 'anne@labo.example', password: own, ...more });
    const peer = { address: from, port: 1, unix: false, local: false };
    const connection = { peer, secure: true, tlsExporter: () => more.exporter };
    const done: Promise<Principal> = auth.scram.login(
      { mechanism, connection, protocol: more.protocol ?? 'imap' },
      async (challenge) => client.answer(challenge),
    );
    return { done, told: client.told };
  };
  const login = async (given?: Attempt) => {
    const { done, told } = attempt(given);
    return { principal: await done, told: told() };
  };
  return { clock, database, lines, auth, people, anne, app, attempt, login };
}

describe('SCRAM', () => {
  test('with any of the app passwords, as shown or without dashes, under any name of the person', async () => {
    const { app, login, auth, anne, lines } = await world();
    const [one, two] = [await app('One'), await app('Two')];
    for (const { app: known, secret } of [one, two]) {
      for (const password of [secret, secret.replaceAll('-', '')]) {
        for (const user of ['anne', 'A.Durand@labo.example', 'an\u00adne']) {
          const { principal, told } = await login({ user, password });
          assert.equal(principal.app, known.id);
          assert.equal(told.iterations, 4096);
        }
      }
    }
    assert.equal((await login({ password: one.secret, authorize: 'a.durand' })).principal.account, anne._id);
    await assert.rejects(login({ password: one.secret, authorize: 'tom' }), { code: 'authorizationFailed' });
    assert.ok((await auth.appPasswords.list(anne._id))[0]?.used !== undefined);
    assert.match(lines.join(''), /"mechanism":"SCRAM-SHA-256"/);
    assert.doesNotMatch(lines.join(''), new RegExp(one.secret));
  });

  test('not with the own password, nor one that was made before, nor one taken back', async () => {
    const { app, login, auth, database, anne, clock } = await world();
    await assert.rejects(login(), wrong);
    const made = await app('Old');
    await database.credentials.removeApp(anne._id, made.app.id);
    await database.credentials.addApp(anne._id, made.app.id, { digest: 'x' });
    clock.move(personCacheMs);
    await assert.rejects(login({ password: made.secret }), wrong);
    const next = await app('New');
    await login({ password: next.secret });
    await auth.appPasswords.remove(anne._id, next.app.id);
    await assert.rejects(login({ password: next.secret }), wrong);
  });

  test('somebody who is not here looks like somebody who is', async () => {
    const { attempt } = await world();
    const salts = new Map<string, string>();
    for (const round of [1, 2]) {
      for (const user of ['nobody', 'somebody@elsewhere.example', 'no address at all', 'anne']) {
        const { told, done } = attempt({ user, password: `guess ${round}` });
        await assert.rejects(done, wrong);
        const { salt, iterations } = told();
        assert.equal(Buffer.from(salt, 'base64').length, 16);
        assert.equal(iterations, 4096);
        assert.equal(salts.get(user) ?? salt, salt, 'the salt stays');
        salts.set(user, salt);
      }
    }
    assert.equal(new Set(salts.values()).size, 4);
  });

  test('a right password at the wrong door is told which is right', async () => {
    const { app, login } = await world();
    const { secret } = await app('Here');
    await assert.rejects(login({ password: secret, from: '203.0.113.9' }), { code: 'authorizationFailed' });
    await assert.rejects(login({ password: secret, protocol: 'pop3' }), { code: 'authorizationFailed' });
    await assert.rejects(login({ password: 'x', from: '203.0.113.9' }), wrong);
  });

  test('guessing is slowed as that of any password, and what was given up counts for nothing', async () => {
    const { app, login, clock } = await world();
    const { secret } = await app('Here');
    for (let i = 0; i < 20; i++) await assert.rejects(login({ spoil: () => 'nonsense' }), { code: 'invalid' });
    for (let i = 0; i < 5; i++) await assert.rejects(login({ password: `guess ${i}`, from: '203.0.113.9' }), wrong);
    await assert.rejects(login({ password: secret, from: '203.0.113.9' }), { code: 'throttled' });
    await login({ password: secret });
    clock.move(2_000);
    await assert.rejects(login({ password: secret, from: '203.0.113.9' }), { code: 'authorizationFailed' });
  });

  test('what was signed cannot be changed on the way', async () => {
    const { app, login } = await world();
    const { secret } = await app('Here');
    const spoils: ((text: string) => string)[] = [
      (text) => text.replace(/r=/, 'r=x'),
      (text) => text.replace('c=biws', 'c=eSws'),
      (text) => text.replace(/p=(.)/, (_, letter: string) => `p=${letter === 'A' ? 'B' : 'A'}`),
      (text) => text.replace(',p=', ',z=1,p='),
    ];
    for (const spoil of spoils) await assert.rejects(login({ password: secret, spoil }), wrong);
  });

  test('-PLUS holds to the one connection, and nobody can hide it', async () => {
    const { app, login, auth } = await world();
    const { secret: password } = await app('Here');
    const exporter = randomBytes(32);
    const plus = { mechanism: 'SCRAM-SHA-256-PLUS', flag: 'p=tls-exporter', password, exporter } as const;
    await login({ ...plus, channel: exporter });
    // Somebody in the middle has two connections.
    await assert.rejects(login({ ...plus, channel: randomBytes(32) }), wrong);
    await assert.rejects(login({ ...plus, flag: 'p=tls-unique', channel: exporter }), { code: 'invalid' });
    await assert.rejects(login({ ...plus, flag: 'n' }), { code: 'invalid' });
    await assert.rejects(login({ ...plus, mechanism: 'SCRAM-SHA-256', channel: exporter }), { code: 'invalid' });
    // It could, and was told that we could not (RFC 5802 6).
    await assert.rejects(login({ password, flag: 'y', exporter }), { code: 'authenticationFailed' });
    await login({ password, flag: 'y' });
    await login({ password, flag: 'n', exporter });
    const peer = { address: '192.0.2.1', port: 1, unix: false, local: false };
    const offered = (secure: boolean, given?: Buffer) =>
      auth.scram.mechanisms({ peer, secure, tlsExporter: () => given });
    assert.deepEqual(offered(true, exporter), ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256']);
    assert.deepEqual(offered(true), ['SCRAM-SHA-256']);
    assert.deepEqual(offered(false), []);
  });
});
