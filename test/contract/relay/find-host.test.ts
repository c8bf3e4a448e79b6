/** From a domain to the host that takes its mail: RFC 5321 5.1, RFC 7505, over real sockets and a real name server. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { AttemptReport } from '@vaguemestre/relay/delivery/deliverer';
import type { OutgoingDelivery } from '@vaguemestre/relay/delivery/open-delivery';
import type { MailHost } from '../../harness/mail-host.js';
import { type Outside, startOutside } from '../../harness/outside.js';
import { attemptTo, never } from '../../harness/relay-deliverer.js';

describe('the hosts of a domain', () => {
  let outside: Outside;
  let delivery: OutgoingDelivery;
  let a: MailHost;
  let partner: MailHost;
  before(async () => {
    outside = await startOutside();
    a = await outside.host('a.x.example');
    partner = await outside.host('smtpx.partner.example');
    await outside.host('busy.x.example', {
      answer: (command) => (command === 'greeting' ? '421 4.3.2 busy' : undefined),
    });
    await outside.host('closed.x.example', {
      answer: (command) => (command === 'greeting' ? '521 no mail' : undefined),
    });
    await outside.host('broken.x.example', { answer: (command) => (command === 'greeting' ? '554 down' : undefined) });
    await outside.host('grey.x.example', {
      answer: (command) => (command.startsWith('RCPT') ? '451 4.7.1 come again' : undefined),
    });
    await outside.host('strict.x.example', {
      answer: (command) => (command.startsWith('RCPT') ? '550 5.7.1 not from you' : undefined),
    });
    await outside.host('vague.x.example', { answer: (command) => (command === 'content' ? 'hangUp' : undefined) });
    outside.deadHost('dead.x.example');
    outside.add('relay.labo.example', { type: 'A', value: '127.0.0.1' });
    outside.add('other-name.example', { type: 'A', value: '127.0.0.1' });
    delivery = await outside.delivery();
  });
  after(() => outside.close());
  beforeEach(() => {
    a.messages.length = 0;
    partner.messages.length = 0;
  });
  let count = 0;
  const send = (...mx: readonly (readonly [number, string])[]): Promise<AttemptReport> => {
    const domain = `d${++count}.example`;
    outside.mx(domain, ...mx);
    return sendTo(domain);
  };
  const sendTo = (domain: string): Promise<AttemptReport> =>
    delivery.deliverer.deliver(attemptTo(delivery.router.routeOf(`bob@${domain}`), [`bob@${domain}`]), never);
  const kindOf = (report: AttemptReport): string => report.outcomes[0]!.kind;

  it('are tried in order until one takes the message', async () => {
    const report = await send(
      [10, 'dead.x.example'],
      [10, 'broken.x.example'],
      [20, 'busy.x.example'],
      [50, 'smtpx.partner.example'],
    );
    assert.equal(kindOf(report), 'delivered');
    assert.equal(report.unreachable, false);
    assert.match(report.host!, /^smtpx\.partner\.example \[127\.0\.0\.\d+\]$/);
    assert.equal(partner.messages.length, 1);
  });

  it('are the domain itself when it names none', async () => {
    await outside.host('plain.example');
    assert.equal(kindOf(await sendTo('plain.example')), 'delivered');
  });

  it('may be an alias', async () => {
    outside.add('alias.example', { type: 'CNAME', value: 'a.x.example' });
    assert.equal(kindOf(await send([10, 'alias.example'])), 'delivered');
    assert.equal(a.messages.length, 1);
  });

  it('leave a message that one will not have now to the next, and to none after a refusal or a doubt', async () => {
    assert.equal(kindOf(await send([10, 'grey.x.example'], [20, 'a.x.example'])), 'delivered');
    assert.equal(a.messages.length, 1);
    assert.equal(kindOf(await send([10, 'strict.x.example'], [20, 'a.x.example'])), 'failed');
    const doubt = await send([10, 'vague.x.example'], [20, 'a.x.example']);
    assert.deepEqual(doubt.outcomes[0], {
      kind: 'later',
      reply: '450 4.4.2 the host closed the connection',
      doubt: true,
    });
    assert.equal(a.messages.length, 1, 'nobody got it twice');
  });

  it('that are all away make the route wait, with what the last one said', async () => {
    const report = await send([10, 'dead.x.example'], [20, 'broken.x.example']);
    assert.deepEqual(report.outcomes, [
      { kind: 'later', reply: '450 4.3.2 the host takes no mail now, it says: 554 down', doubt: false },
    ]);
    assert.equal(report.unreachable, true);
    const refused = await send([10, 'dead.x.example']);
    assert.match(refused.outcomes[0]!.reply, /^450 4\.4\.1 no connection to the host \(ECONNREFUSED\)$/);
    assert.equal(refused.unreachable, true);
  });

  it('that never take mail say so for good (RFC 7504)', async () => {
    const report = await send([10, 'closed.x.example']);
    assert.deepEqual(report.outcomes, [{ kind: 'failed', reply: '521 no mail' }]);
    assert.equal(report.unreachable, false);
  });

  it('end before this relay, under whatever name', async () => {
    const before = await send([10, 'a.x.example'], [50, 'relay.labo.example'], [60, 'smtpx.partner.example']);
    assert.equal(kindOf(before), 'delivered');
    const behind = await send([10, 'dead.x.example'], [50, 'relay.labo.example'], [60, 'smtpx.partner.example']);
    assert.equal(kindOf(behind), 'later', 'it waits for those that are nearer');
    assert.equal(partner.messages.length, 0);
    for (const own of ['relay.labo.example', 'other-name.example']) {
      const loop = await send([10, own], [20, 'a.x.example']);
      assert.equal(kindOf(loop), 'failed');
      assert.match(loop.outcomes[0]!.reply, /^550 5\.4\.6 /);
    }
  });

  it('are told apart when there are none: no domain, no mail, no address, no answer', async () => {
    const cases: [Promise<AttemptReport>, string, RegExp, boolean][] = [
      [sendTo('nowhere.example'), 'failed', /^550 5\.1\.2 nowhere\.example does not exist$/, false],
      [send([0, '']), 'failed', /^556 5\.1\.10 /, false],
      [send([10, 'gone.x.example']), 'failed', /^550 5\.4\.4 /, false],
    ];
    outside.dns.zones.set('sick.example', 'servfail');
    cases.push([sendTo('sick.example'), 'later', /^450 4\.4\.3 /, true]);
    outside.dns.zones.set('sick.x.example', 'servfail');
    cases.push([send([10, 'sick.x.example']), 'later', /^450 4\.4\.3 /, true]);
    cases.push([sendTo('[127.0.0.1]'), 'failed', /^550 5\.4\.6 /, false]);
    for (const [report, kind, reply, unreachable] of cases) {
      const { outcomes, unreachable: away } = await report;
      assert.equal(outcomes[0]!.kind, kind, outcomes[0]!.reply);
      assert.match(outcomes[0]!.reply, reply);
      assert.equal(away, unreachable, outcomes[0]!.reply);
    }
  });

  it('of a sick domain cost a healthy one nothing', async () => {
    outside.mx('silent.example', [10, 'mute.x.example']);
    await outside.host('mute.x.example', { answer: () => 'silence' });
    outside.mx('healthy.example', [10, 'a.x.example']);
    const ending = new AbortController();
    const sick = Array.from({ length: 50 }, () =>
      delivery.deliverer.deliver(
        attemptTo({ kind: 'mx', domain: 'silent.example' }, ['x@silent.example']),
        ending.signal,
      ),
    );
    for (let i = 0; i < 20; i++) assert.equal(kindOf(await sendTo('healthy.example')), 'delivered');
    ending.abort(new Error('over'));
    for (const { status } of await Promise.allSettled(sick)) assert.equal(status, 'rejected');
  });
});
