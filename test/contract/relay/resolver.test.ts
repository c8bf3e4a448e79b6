import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createDns } from '@vaguemestre/relay/dns/resolver';
import { movingClock } from '../../harness/moving-clock.js';
import { type NameServer, startNameServer } from '../../harness/name-server.js';

describe('questions to the DNS', () => {
  let server: NameServer;
  const clock = movingClock();
  before(async () => {
    server = await startNameServer();
    server.zones.set('x.example', [
      { type: 'MX', value: 'Mail.x.example', preference: 10 },
      { type: 'A', value: '192.0.2.1', ttl: 30 },
      { type: 'AAAA', value: '2001:db8::1' },
      { type: 'TXT', value: 'v'.repeat(400) },
      { type: 'NS', value: 'ns1.x.example' },
    ]);
    server.zones.set('null.example', [{ type: 'MX', value: '', preference: 0 }]);
    server.zones.set('alias.example', [{ type: 'CNAME', value: 'x.example' }]);
    server.zones.set('broken.example', 'servfail');
    server.zones.set('closed.example', 'refused');
    server.zones.set('silent.example', 'silent');
  });
  after(() => server.close());
  /** A loaded machine may take its time; only who waits for silence waits briefly. */
  const dns = (timeoutMs = 10_000) => createDns({ servers: [server.address], timeoutMs, tries: 1, clock });

  it('give records', async () => {
    const of = dns();
    assert.deepEqual(await of.mx('X.example.'), {
      kind: 'records',
      records: [{ exchange: 'mail.x.example', preference: 10 }],
    });
    assert.deepEqual(await of.addresses('x.example', 4), { kind: 'records', records: ['192.0.2.1'] });
    assert.deepEqual(await of.addresses('x.example', 6), { kind: 'records', records: ['2001:db8::1'] });
    assert.deepEqual(await of.txt('x.example'), { kind: 'records', records: ['v'.repeat(400)] });
    assert.deepEqual(await of.nameServers('x.example'), { kind: 'records', records: ['ns1.x.example'] });
    assert.deepEqual(await of.mx('null.example'), { kind: 'records', records: [{ exchange: '', preference: 0 }] });
  });

  it('follow aliases (RFC 5321 5.1)', async () => {
    assert.deepEqual(await dns().addresses('alias.example', 4), { kind: 'records', records: ['192.0.2.1'] });
  });

  it('tell what is not there from what is not known', async () => {
    const of = dns();
    assert.deepEqual(await of.mx('nowhere.example'), { kind: 'none', why: 'noName' });
    assert.deepEqual(await of.addresses('null.example', 4), { kind: 'none', why: 'noData' });
    assert.deepEqual(await of.mx('broken.example'), { kind: 'failed', why: 'servfail' });
    assert.equal((await of.mx('closed.example')).kind, 'failed');
    assert.deepEqual(await dns(200).mx('silent.example'), { kind: 'failed', why: 'timeout' });
    for (const name of ['', '.', 'a..b', `${'x'.repeat(64)}.example`, `${'x.'.repeat(130)}example`]) {
      assert.deepEqual(await of.mx(name), { kind: 'failed', why: 'badName' }, name);
    }
  });

  it('are asked once while an answer lasts, and once at a time', async () => {
    const of = dns();
    server.asked.length = 0;
    await Promise.all([of.addresses('x.example', 4), of.addresses('x.example', 4)]);
    await of.addresses('x.example', 4);
    assert.equal(server.asked.length, 1);
    clock.move(29_000);
    await of.addresses('x.example', 4);
    assert.equal(server.asked.length, 1);
    clock.move(1_000);
    await of.addresses('x.example', 4);
    assert.equal(server.asked.length, 2, 'its time to live is over');
    of.forget();
    await of.addresses('x.example', 4);
    assert.equal(server.asked.length, 3);
  });

  it('may be given up by one who waits', async () => {
    const ending = new AbortController();
    const waiting = dns().mx('silent.example', ending.signal);
    ending.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
  });
});
