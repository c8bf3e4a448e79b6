import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorStatus } from '@vaguemestre/server/http/error-status';
import { createHttpApp } from '@vaguemestre/server/http/http-app';
import { errorCodes, MailError } from '@vaguemestre/server/kernel/errors';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { createHealthCheck, type Health } from '@vaguemestre/server/observe/health';
import type { ServiceInfo } from '@vaguemestre/shared/service-info';
import { movingClock } from '../../harness/moving-clock.js';
import { webPeople } from '../../harness/web-people.js';

type HttpApp = Awaited<ReturnType<typeof createHttpApp>>;

const info: ServiceInfo = {
  product: 'Vaguemestre',
  version: '0.0.0',
  domain: 'labo.example',
  host: 'mail.labo.example',
  selfSigned: true,
  doors: [],
  inside: [{ name: 'lmtp', port: 24, security: 'starttls' }],
};

describe('the web application', () => {
  let folder: string;
  let app: HttpApp;
  let health: Health = { status: 'ok' };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vm-http-'));
    mkdirSync(join(folder, 'assets'));
    for (const name of ['index.html', 'setup.html'])
      writeFileSync(join(folder, name), '<!doctype html><title>x</title>');
    writeFileSync(join(folder, 'assets/a-1.js'), '');
    app = await createHttpApp({
      health: { check: async () => health },
      info: () => info,
      webmailFolder: folder,
      auth: webPeople().auth,
      log: silentLog,
    });
  });
  after(async () => {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has a status for every error code', () => {
    for (const code of errorCodes) assert.ok(errorStatus[code] >= 400 && errorStatus[code] < 600, code);
  });

  it('answers 200 while the store answers, and 503 with a reason when it does not', async () => {
    assert.equal((await app.inject('/healthz')).statusCode, 200);
    health = { status: 'unavailable', reason: 'the mail store does not answer' };
    const reply = await app.inject('/healthz');
    assert.equal(reply.statusCode, 503);
    assert.deepEqual(reply.json(), health);
    assert.equal(reply.headers['cache-control'], 'no-store');
    health = { status: 'ok' };
  });

  it('tells what is not there as a problem, under the same policy as everything', async () => {
    const reply = await app.inject('/nothing?x=<script>');
    assert.equal(reply.statusCode, 404);
    assert.equal(reply.headers['content-type'], 'application/problem+json; charset=utf-8');
    assert.deepEqual(reply.json(), { title: 'There is nothing here', status: 404, code: 'nonexistent' });
    assert.match(String(reply.headers['content-security-policy']), /^default-src 'none'/);
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
  });

  it('shows the page to GET and HEAD, and nothing outside its folder', async () => {
    assert.equal((await app.inject('/')).statusCode, 200);
    assert.equal((await app.inject({ method: 'HEAD', url: '/' })).statusCode, 200);
    assert.equal((await app.inject({ method: 'POST', url: '/' })).statusCode, 404);
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fpackage.json', '/.env']) {
      assert.ok((await app.inject(path)).statusCode >= 400, path);
    }
  });

  it('refuses a body that is too large, and one that is no JSON', async () => {
    const headers = { 'content-type': 'application/json' };
    const large = await app.inject({ method: 'POST', url: '/healthz', headers, payload: `"${'x'.repeat(100_000)}"` });
    assert.ok([404, 413].includes(large.statusCode));
  });

  it('keeps inner listeners from other machines', async () => {
    const near = (await app.inject({ url: '/api/service', remoteAddress: '192.0.2.1' })).json() as ServiceInfo;
    assert.deepEqual(near.inside, []);
  });
});

describe('errors of the web application', () => {
  let app: HttpApp;
  before(async () => {
    const fault = { check: () => Promise.reject(new Error('password=geheim')) };
    app = await createHttpApp({
      health: fault,
      info: () => info,
      webmailFolder: '/nonexistent',
      auth: webPeople().auth,
      log: silentLog,
    });
  });
  after(() => app.close());

  it('do not show what went wrong inside, only where to look', async () => {
    const reply = await app.inject('/healthz');
    assert.equal(reply.statusCode, 500);
    assert.doesNotMatch(reply.body, /geheim/);
    assert.match((reply.json() as { id: string }).id, /^[0-9a-f]{16}$/);
  });
});

describe('errors with a text for clients', () => {
  it('keep it, with the status of their code', async () => {
    const busy = { check: () => Promise.reject(new MailError('throttled', 'Too many attempts, try again later')) };
    const app = await createHttpApp({
      health: busy,
      info: () => info,
      webmailFolder: '/nonexistent',
      auth: webPeople().auth,
      log: silentLog,
    });
    const reply = await app.inject('/healthz');
    assert.equal(reply.statusCode, 429);
    assert.equal((reply.json() as { title: string }).title, 'Too many attempts, try again later');
    await app.close();
  });
});

describe('the health check', () => {
  it('asks the store at most once a second, and calls silence away', async () => {
    const clock = movingClock();
    let asked = 0;
    const check = createHealthCheck(async () => {
      asked++;
    }, clock);
    await Promise.all([check.check(), check.check(), check.check()]);
    assert.equal(asked, 1);
    clock.move(1_500);
    await check.check();
    assert.equal(asked, 2);

    const silent = createHealthCheck(() => sleep(2_500), clock);
    assert.deepEqual(await silent.check(), { status: 'unavailable', reason: 'the mail store does not answer' });
  });
});
