import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { exportRecipients, recipientHash } from '@vaguemestre/relay/continuity/recipient-export';
import { selfTest } from '@vaguemestre/relay/continuity/self-test';
import { standardWatch, watchUpstreams } from '@vaguemestre/relay/continuity/upstream-watch';
import { createDns } from '@vaguemestre/relay/dns/resolver';
import type { Finding } from '@vaguemestre/server/outbox/relay-outlook';
import { movingClock } from '../../harness/moving-clock.js';
import { type NameServer, startNameServer } from '../../harness/name-server.js';
import { never } from '../../harness/relay-deliverer.js';

const minuteMs = 60_000;

describe('the list of recipients for upstreams', () => {
  const people = ['bob@labo.example', 'Anne@labo.example', 'bob@labo.example', 'bad address@labo.example', 'x@a\ny OK'];

  it('is the same for the same people, and safe in a map', () => {
    assert.equal(exportRecipients(people, 'text', '').body, 'anne@labo.example\nbob@labo.example\n');
    assert.equal(exportRecipients(people, 'postfix', '').body, 'anne@labo.example OK\nbob@labo.example OK\n');
    const json = exportRecipients(people, 'json', '');
    assert.deepEqual(JSON.parse(json.body), { recipients: ['anne@labo.example', 'bob@labo.example'] });
    assert.equal(json.etag, exportRecipients([...people].reverse(), 'json', '').etag);
    assert.notEqual(json.etag, exportRecipients(people.slice(1, 2), 'json', '').etag);
    assert.match(json.etag, /^"[\w-]{22}"$/);
  });

  it('can tell whether an address exists without telling which', () => {
    const { body } = exportRecipients(people, 'hashes', 's1');
    assert.ok(!body.includes('anne'));
    const { recipients } = JSON.parse(body) as { recipients: string[] };
    assert.ok(recipients.includes(recipientHash('ANNE@labo.example', 's1')));
    assert.ok(!recipients.includes(recipientHash('anne@labo.example', 's2')));
  });
});

describe('the heartbeat of an upstream', () => {
  // A Monday, 8 in UTC: 9 in Paris.
  const start = () => {
    const clock = movingClock();
    const watch = watchUpstreams({ ...standardWatch, upstreams: ['192.0.2.1', '198.51.100.0/24'] }, clock);
    const pass = (minutes: number): string[] => {
      const news: string[] = [];
      for (let i = 0; i < minutes; i++) {
        clock.move(minuteMs);
        news.push(...watch.check().map(({ kind, upstream }) => `${kind} ${upstream}`));
      }
      return news;
    };
    return { clock, watch, pass };
  };

  it('raises one alert for a silence, and says when it is over', () => {
    const { watch, pass, clock } = start();
    watch.saw('192.0.2.1');
    watch.saw('198.51.100.7');
    assert.deepEqual(pass(20), []);
    watch.saw('198.51.100.8');
    const seen = clock.nowMs();
    assert.deepEqual(pass(29), ['silent 192.0.2.1']);
    assert.deepEqual(pass(2), ['silent 198.51.100.0/24']);
    assert.deepEqual(pass(120), [], 'once');
    assert.deepEqual(watch.states()[1], { upstream: '198.51.100.0/24', lastSeenMs: seen, silent: true });
    watch.saw('::ffff:198.51.100.9');
    assert.deepEqual(pass(1), ['back 198.51.100.0/24']);
    assert.deepEqual(pass(31), ['silent 198.51.100.0/24']);
  });

  it('does not miss anybody at night, nor at the week-end', () => {
    const { watch, clock, pass } = start();
    watch.saw('192.0.2.1');
    watch.saw('198.51.100.1');
    clock.move(12 * 3_600_000);
    watch.check();
    watch.saw('192.0.2.1');
    watch.saw('198.51.100.1');
    assert.deepEqual(pass(10 * 60), [], 'the night');
    assert.deepEqual(pass(90).length, 2, 'the morning after, half an hour into it');
  });

  it('takes a machine that slept for no silence', () => {
    const { watch, clock } = start();
    watch.saw('192.0.2.1');
    watch.check();
    clock.move(3 * 3_600_000);
    assert.deepEqual(watch.check(), []);
  });
});

describe('the self-test', () => {
  let server: NameServer;
  before(async () => {
    server = await startNameServer();
  });
  after(() => server.close());
  const run = async (mode: 'campus' | 'direct' = 'campus'): Promise<Record<string, Finding>> => {
    const dns = createDns({ servers: [server.address], timeoutMs: 10_000, tries: 1 });
    const options = { domains: ['labo.example'], hostname: 'relais.labo.example', mode };
    const findings = await selfTest(options, dns, never);
    return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
  };
  const host = (name: string, address: string) => server.zones.set(name, [{ type: 'A', value: address }]);
  const zone = (mx: readonly (readonly [number, string])[], ns: readonly string[], ...txt: readonly string[]) =>
    server.zones.set('labo.example', [
      ...mx.map(([preference, value]) => ({ type: 'MX', value, preference }) as const),
      ...ns.map((value) => ({ type: 'NS', value }) as const),
      ...txt.map((value) => ({ type: 'TXT', value }) as const),
    ]);
  const level = (findings: Record<string, Finding>) =>
    Object.fromEntries(Object.entries(findings).map(([check, finding]) => [check, finding.level]));

  it('warns of what the loss of one place would take (everything at the campus)', async () => {
    host('smtp1.campus.example', '192.0.1.1');
    host('smtp2.campus.example', '192.0.2.1');
    host('dns1.campus.example', '192.0.1.53');
    host('dns2.campus.example', '192.0.2.53');
    host('relais.labo.example', '192.0.80.1');
    zone(
      [
        [10, 'smtp1.campus.example'],
        [10, 'smtp2.campus.example'],
      ],
      ['dns1.campus.example', 'dns2.campus.example'],
    );
    const findings = await run();
    assert.deepEqual(level(findings), {
      address: 'good',
      mx: 'good',
      'mx-diversity': 'warning',
      'ns-diversity': 'warning',
      spf: 'warning',
      sts: 'good',
    });
    assert.match(findings['ns-diversity']!.text, /all in one place \(192\.0\.0\.0\/16\)/);
  });

  it('is content with a partner at 50 and a name server elsewhere', async () => {
    host('smtpx.partner.example', '198.51.1.1');
    host('ns.partner.example', '198.51.1.53');
    zone(
      [
        [10, 'smtp1.campus.example'],
        [50, 'smtpx.partner.example'],
      ],
      ['dns1.campus.example', 'ns.partner.example'],
      'v=spf1 mx -all',
    );
    assert.deepEqual(new Set(Object.values(level(await run()))), new Set(['good']));
  });

  it('knows which picture goes with which mode', async () => {
    zone(
      [
        [10, 'smtp1.campus.example'],
        [50, 'relais.labo.example'],
      ],
      ['dns1.campus.example'],
      'v=spf1 -all',
      'v=spf1 mx',
    );
    assert.equal((await run('campus'))['mx']!.level, 'error');
    const direct = await run('direct');
    assert.equal(direct['mx']!.level, 'good');
    assert.equal(direct['spf']!.level, 'error', 'two records');
    zone([[10, 'gone.campus.example']], ['dns1.campus.example'], 'v=spf1 ?all');
    const gone = await run('direct');
    assert.equal(gone['mx']!.level, 'warning');
    assert.match(gone['mx-diversity']!.text, /has no address/);
    assert.equal(gone['spf']!.level, 'warning');
  });

  it('never takes silence for an answer', async () => {
    server.zones.set('labo.example', 'servfail');
    const findings = await run();
    for (const check of ['mx', 'ns-diversity', 'spf'])
      assert.match(findings[check]!.text, /did not answer \(servfail\)/);
  });
});
