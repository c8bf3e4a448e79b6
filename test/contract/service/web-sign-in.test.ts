/** The web side of a running service: two workers, TLS, the embedded store; a session holds in both and ends in both. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { webClient } from '../../harness/web-client.js';

describe('signing in to a running service', () => {
  let laboratory: Laboratory;
  before(async () => {
    laboratory = await openLaboratory(['anne', 'bob']);
  });
  after(() => laboratory.stop());

  const signedIn = async (name: string) => {
    const client = webClient({ port: laboratory.service.port('https'), tls: true });
    await client.signIn(laboratory.address(name), laboratory.password);
    return client;
  };

  it('holds in every worker, for the pages and for JMAP', async () => {
    const anne = await signedIn('anne');
    assert.deepEqual([...anne.cookies.keys()], ['__Host-vaguemestre']);
    // Each is a connection of its own, and they take turns at the workers.
    for (let i = 0; i < 8; i++) assert.equal((await anne.get('/api/auth/session')).status, 200);
    assert.match((await anne.get('/mail/inbox')).text, /id="app"/);
    const { username } = (await anne.get('/jmap/session')).json<{ username: string }>();
    assert.equal(username, 'anne@labo.example');
    const call = { using: ['urn:ietf:params:jmap:core'], methodCalls: [['Core/echo', { hello: true }, 'a']] };
    assert.equal((await anne.post('/jmap/api', call)).status, 200);
    assert.equal((await anne.post('/jmap/api', call, { 'x-vaguemestre': undefined })).status, 403);
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    assert.equal((await anne.post('/jmap/api', call, foreign)).status, 403);
  });

  it('ends with the person within seconds: requests are refused, event streams close', async () => {
    const bob = await signedIn('bob');
    const stream = await bob.open('GET', '/jmap/eventsource/?types=*&closeafter=no&ping=0', {});
    assert.equal(stream.statusCode, 200);
    const closed = new Promise<string>((resolve) => {
      stream.resume().once('close', () => resolve('closed'));
      stream.once('error', () => resolve('closed'));
    });
    const done = await laboratory.command('user', 'disable', laboratory.address('bob'));
    assert.equal(done.code, 0, done.errors);
    assert.equal(await Promise.race([closed, sleep(6_000, 'open', { ref: false })]), 'closed');
    for (let i = 0; i < 4; i++) assert.equal((await bob.get('/api/auth/session')).status, 401);
    // A login believes what it knew of a person for two seconds.
    await sleep(2_100);
    const again = await bob.submit('/login', { username: 'bob', password: laboratory.password });
    assert.equal(again.status, 403);
  });
});
