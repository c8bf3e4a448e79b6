/** TLS towards other hosts: as it is offered (RFC 7435), as a route demands, as a domain promises (RFC 8461), as a sender requires (RFC 8689). */
import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Attempt, AttemptReport } from '@vaguemestre/relay/delivery/deliverer';
import type { OutgoingDelivery } from '@vaguemestre/relay/delivery/open-delivery';
import { certificateFor, type NamedCertificate } from '../../harness/certificate.js';
import { type MailHost, usualExtensions } from '../../harness/mail-host.js';
import { type Outside, startOutside } from '../../harness/outside.js';
import { attemptTo, never } from '../../harness/relay-deliverer.js';

const minuteMs = 60_000;

describe('TLS towards other hosts', () => {
  let outside: Outside;
  let delivery: OutgoingDelivery;
  let good: NamedCertificate;
  let stranger: NamedCertificate;
  let proven: MailHost;
  let unproven: MailHost;
  let clear: MailHost;
  let broken: MailHost;
  const web = { policy: '', status: 200, type: 'text/plain', asked: 0 };
  let server: ReturnType<typeof createServer>;

  before(async () => {
    outside = await startOutside();
    const policyHosts = ['sts', 'late', 'test', 'none', 'moved', 'html', 'huge'].map(
      (name) => `mta-sts.${name}.example`,
    );
    good = await certificateFor('good.x.example', ...policyHosts);
    stranger = await certificateFor('somebody.else.example');
    proven = await outside.host('good.x.example', {
      tls: good.context,
      extensions: [...usualExtensions, 'REQUIRETLS'],
    });
    unproven = await outside.host('self.x.example', { tls: stranger.context });
    clear = await outside.host('clear.x.example');
    broken = await outside.host('broken.x.example', { brokenTls: true });
    server = createServer({ cert: good.cert, key: good.key }, (request, response) => {
      web.asked++;
      assert.equal(request.url, '/.well-known/mta-sts.txt');
      response.writeHead(web.status, { 'content-type': web.type, location: '/elsewhere' });
      response.end(web.policy);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: httpsPort } = server.address() as AddressInfo;
    delivery = await outside.delivery({
      tlsRules: [
        { pattern: 'clear-only.example', level: 'none' },
        { pattern: '*.must.example', level: 'encrypt' },
        { pattern: 'proof.example', level: 'verify' },
      ],
      outside: { port: outside.port, httpsPort, authorities: good.cert },
    });
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await outside.close();
    await good.remove();
    await stranger.remove();
  });
  beforeEach(() => {
    for (const host of [proven, unproven, clear, broken]) host.messages.length = 0;
    Object.assign(web, { policy: '', status: 200, type: 'text/plain', asked: 0 });
  });
  const send = (domain: string, envelope: Partial<Attempt['envelope']> = {}): Promise<AttemptReport> =>
    delivery.deliverer.deliver(attemptTo({ kind: 'mx', domain }, [`bob@${domain}`], 'x\r\n', envelope), never);
  const kindOf = ({ outcomes }: AttemptReport): string => outcomes[0]!.kind;
  const promise = (domain: string, id: string): void => {
    outside.dns.zones.set(`_mta-sts.${domain}`, [{ type: 'TXT', value: `v=STSv1; id=${id};` }]);
    outside.dns.zones.set(`mta-sts.${domain}`, [{ type: 'A', value: '127.0.0.1' }]);
  };

  it('is used where it is offered, whoever the host is, and done without where it is not or does not work', async () => {
    outside.mx('any1.example', [10, 'self.x.example']);
    const report = await send('any1.example');
    assert.equal(kindOf(report), 'delivered');
    assert.equal(unproven.messages[0]!.secure, true);
    assert.equal(report.tls?.verified, false);
    outside.mx('any2.example', [10, 'clear.x.example']);
    assert.equal(kindOf(await send('any2.example')), 'delivered');
    outside.mx('any3.example', [10, 'broken.x.example']);
    assert.equal(kindOf(await send('any3.example')), 'delivered');
    assert.equal(broken.messages[0]!.secure, false);
    outside.mx('any4.example', [10, 'good.x.example']);
    assert.equal((await send('any4.example')).tls?.verified, true);
    outside.mx('clear-only.example', [10, 'good.x.example']);
    await send('clear-only.example');
    assert.deepEqual(
      proven.messages.map(({ secure }) => secure),
      [true, false],
    );
  });

  it('is demanded where a rule says so, and a message waits rather than go without', async () => {
    const cases: [string, string, string][] = [
      ['a.must.example', 'self.x.example', 'delivered'],
      ['b.must.example', 'clear.x.example', 'later'],
      ['c.must.example', 'broken.x.example', 'later'],
    ];
    for (const [domain, host, kind] of cases) {
      outside.mx(domain, [10, host]);
      const report = await send(domain);
      assert.equal(kindOf(report), kind, report.outcomes[0]!.reply);
      if (kind === 'later') assert.match(report.outcomes[0]!.reply, /^450 4\.7\.[45] /);
    }
    assert.equal(clear.messages.length + broken.messages.length, 0);
    unproven.messages.length = 0;
    outside.mx('proof.example', [10, 'self.x.example'], [20, 'good.x.example']);
    const report = await send('proof.example');
    assert.equal(kindOf(report), 'delivered');
    assert.match(report.host!, /^good/);
    assert.equal(unproven.messages.length, 0);
  });

  it('is held to what a domain promises: its hosts, and certificates for their names', async () => {
    promise('sts.example', '1');
    web.policy = 'version: STSv1\r\nmode: enforce\r\nmx: good.x.example\r\nmx: self.x.example\r\nmax_age: 86400\r\n';
    outside.mx('sts.example', [5, 'clear.x.example'], [10, 'self.x.example'], [20, 'good.x.example']);
    const report = await send('sts.example');
    assert.equal(kindOf(report), 'delivered');
    assert.match(report.host!, /^good/);
    assert.equal(clear.messages.length + unproven.messages.length, 0);
    const count = delivery.tlsCounts().find(({ domain }) => domain === 'sts.example')!;
    assert.equal(count.policy, 'sts');
    assert.equal(count.successes, 1);
    assert.deepEqual(
      count.failures.map(({ kind, host, count: times }) => [kind, host, times]),
      [['certificate-not-trusted', 'self.x.example', 1]],
    );
    // Nobody who takes the record, the web server or the DNS away talks us out of it (RFC 8461 10.2).
    outside.dns.zones.delete('_mta-sts.sts.example');
    web.status = 500;
    outside.clock.move(10 * minuteMs);
    await outside.delivery();
    assert.match((await send('sts.example')).host!, /^good/);
    assert.equal(outside.policies.get('sts.example')?.policy.mode, 'enforce');
    outside.dns.zones.set('sts.example', [{ type: 'MX', value: 'clear.x.example', preference: 5 }]);
    outside.clock.move(10 * minuteMs);
    const diverted = await send('sts.example');
    assert.equal(kindOf(diverted), 'later');
    assert.match(diverted.outcomes[0]!.reply, /^450 4\.7\.5 /);
    assert.equal(clear.messages.length, 0);
    // It holds for as long as it said.
    outside.clock.move(86_400_000);
    assert.equal(kindOf(await send('sts.example')), 'delivered');
    assert.equal(clear.messages.length, 1);
  });

  it('follows a policy that changed, and keeps the old one while the new cannot be had', async () => {
    promise('late.example', '1');
    outside.mx('late.example', [10, 'clear.x.example']);
    web.policy = 'version: STSv1\nmode: enforce\nmx: *.x.example\nmax_age: 864000\n';
    assert.equal(kindOf(await send('late.example')), 'later');
    promise('late.example', '2');
    web.policy = 'version: STSv1\nmode: none\nmax_age: 864000\n';
    web.status = 503;
    outside.clock.move(6 * minuteMs);
    assert.equal(kindOf(await send('late.example')), 'later');
    const asked = web.asked;
    assert.equal(kindOf(await send('late.example')), 'later');
    assert.equal(web.asked, asked, 'not asked again within five minutes');
    web.status = 200;
    outside.clock.move(6 * minuteMs);
    assert.equal(kindOf(await send('late.example')), 'delivered');
  });

  it('is only counted where a domain tests, and is none where the policy is not one', async () => {
    promise('test.example', '1');
    outside.mx('test.example', [10, 'clear.x.example']);
    web.policy = 'version: STSv1\nmode: testing\nmx: good.x.example\nmax_age: 86400\n';
    assert.equal(kindOf(await send('test.example')), 'delivered');
    const count = delivery.tlsCounts().find(({ domain }) => domain === 'test.example')!;
    assert.deepEqual(
      count.failures.map(({ kind }) => kind),
      ['starttls-not-supported'],
    );
    const enforce = 'version: STSv1\nmode: enforce\nmx: good.x.example\nmax_age: 86400\n';
    const bad: [string, Partial<typeof web>][] = [
      ['moved.example', { policy: enforce, status: 301 }],
      ['html.example', { policy: enforce, type: 'text/html' }],
      ['huge.example', { policy: enforce + '#'.repeat(70_000) }],
    ];
    for (const [domain, how] of bad) {
      promise(domain, '1');
      outside.mx(domain, [10, 'clear.x.example']);
      Object.assign(web, how);
      assert.equal(kindOf(await send(domain)), 'delivered', domain);
      assert.equal(outside.policies.has(domain), false);
    }
  });

  it('goes all the way or not at all when the sender requires it', async () => {
    const requireTls = { requireTls: true };
    outside.mx('noproof.example', [10, 'good.x.example']);
    const noProof = await send('noproof.example', requireTls);
    assert.equal(kindOf(noProof), 'failed');
    assert.match(noProof.outcomes[0]!.reply, /^550 5\.7\.30 /);
    assert.equal(proven.messages.length, 0);
    promise('none.example', '1');
    outside.mx('none.example', [10, 'good.x.example']);
    web.policy = 'version: STSv1\nmode: enforce\nmx: good.x.example\nmax_age: 86400\n';
    assert.equal(kindOf(await send('none.example', requireTls)), 'delivered');
    assert.match(proven.messages[0]!.mail, / REQUIRETLS( |$)/);
  });
});
