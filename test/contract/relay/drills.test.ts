/**
 * What has to go on when the campus is away (its hosts, its names, its way out), played with hosts and names on this machine: mail
 * inside, mail out, word to somebody outside, a partner that keeps mail for us and we for it, and no storm when all is back.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AttemptReport } from '@vaguemestre/relay/delivery/deliverer';
import type { OutgoingDelivery } from '@vaguemestre/relay/delivery/open-delivery';
import { routeKey } from '@vaguemestre/relay/routing/route';
import { transportTable } from '@vaguemestre/server/config/transport';
import { type MailHost, startMailHost } from '../../harness/mail-host.js';
import { type Outside, startOutside } from '../../harness/outside.js';
import { attemptTo, never } from '../../harness/relay-deliverer.js';

describe('with the campus away', () => {
  let outside: Outside;
  before(async () => {
    outside = await startOutside();
  });
  after(() => outside.close());
  const send = ({ router, deliverer }: OutgoingDelivery, to: string, id = 'd1'): Promise<AttemptReport> =>
    deliverer.deliver({ ...attemptTo(router.routeOf(to), [to]), id }, never);
  const kindOf = (report: AttemptReport): string => report.outcomes[0]!.kind;

  it('mail inside arrives without any DNS, at once', async () => {
    const mailboxes = await startMailHost({ protocol: 'lmtp' });
    const target = { host: '127.0.0.1', address: '127.0.0.1', port: mailboxes.port };
    const delivery = await outside.delivery({ mailboxes: { target } });
    outside.dns.dead = true;
    outside.dns.asked.length = 0;
    try {
      for (let i = 0; i < 20; i++)
        assert.equal(kindOf(await send(delivery, 'alice@labo.example', `d${i}`)), 'delivered');
      assert.equal(outside.dns.asked.length, 0, 'nobody was asked for a name');
      assert.equal(mailboxes.messages.length, 20);
      assert.match(mailboxes.messages[3]!.mail, / ENVID=d3$/);
    } finally {
      outside.dns.dead = false;
      await mailboxes.close();
    }
  });

  it('mail for outside waits for the smart host, and goes by itself when the relay has none', async () => {
    outside.deadHost('out.campus.example');
    const friend = await outside.host('mx.sigma.example');
    outside.mx('sigma.example', [10, 'mx.sigma.example']);
    const smartHost = {
      kind: 'host',
      protocol: 'smtp',
      host: 'out.campus.example',
      port: outside.port,
      mx: false,
    } as const;
    const by = await outside.delivery({ smartHost });
    const waiting = await send(by, 'bob@sigma.example');
    assert.equal(kindOf(waiting), 'later');
    assert.equal(waiting.unreachable, true);
    const direct = await outside.delivery();
    assert.equal(kindOf(await send(direct, 'bob@sigma.example')), 'delivered');
    assert.equal(friend.messages.length, 1);
  });

  it('word reaches somebody outside past the smart host', async () => {
    const telephone = await outside.host('mx.phone.example');
    outside.mx('phone.example', [10, 'mx.phone.example']);
    const delivery = await outside.delivery({
      smartHost: { kind: 'host', protocol: 'smtp', host: 'out.campus.example', port: outside.port, mx: false },
      transports: transportTable().read('alert@phone.example=mx'),
    });
    assert.equal(kindOf(await send(delivery, 'somebody@phone.example')), 'later');
    assert.equal(kindOf(await send(delivery, 'alert@phone.example')), 'delivered');
    assert.deepEqual(telephone.messages[0]!.recipients, ['alert@phone.example']);
  });

  it('a partner keeps our mail and we keep its, and neither gives it back to the other', async () => {
    // Either is MX 50 of the other; the first hosts of both are away.
    const ours = await outside.host('relay.labo.example');
    const theirs = await outside.host('relay.ami.example');
    outside.deadHost('smtp1.campus.example');
    outside.deadHost('smtp1.ami.example');
    outside.mx('labo.example', [10, 'smtp1.campus.example'], [50, 'relay.ami.example']);
    outside.mx('ami.example', [10, 'smtp1.ami.example'], [50, 'relay.labo.example']);
    const atOurs = await outside.delivery({ partners: ['ami.example'] });
    const atTheirs = await outside.delivery({
      domain: 'ami.example',
      hostname: 'relay.ami.example',
      partners: ['labo.example'],
    });
    const stranger = await outside.delivery({ domain: 'elsewhere.example', hostname: 'mail.elsewhere.example' });
    assert.match((await send(stranger, 'bob@labo.example')).host!, /^relay\.ami\.example /);
    assert.match((await send(stranger, 'eve@ami.example')).host!, /^relay\.labo\.example /);
    assert.equal(atOurs.router.isRelayed('eve@ami.example'), true);
    assert.equal(kindOf(await send(atOurs, 'eve@ami.example')), 'later');
    assert.equal(kindOf(await send(atTheirs, 'bob@labo.example')), 'later');
    assert.equal(ours.messages.length, 1);
    assert.equal(theirs.messages.length, 1, 'nothing went round');
    // What waited comes when the first hosts are back.
    const back = await outside.host('back.campus.example');
    outside.dns.zones.set('smtp1.campus.example', outside.dns.zones.get('back.campus.example')!);
    atTheirs.gate.reopen('mx:labo.example');
    // Its address was remembered for a minute.
    outside.clock.move(10 * 60_000);
    assert.equal(kindOf(await send(atTheirs, 'bob@labo.example')), 'delivered');
    assert.equal(back.messages.length, 1);
  });

  it('five hundred messages that waited come back without a storm', async () => {
    let most = 0;
    let inside = 0;
    const host: MailHost = await outside.host('mx.big.example', {
      answer: (command) => {
        if (command.startsWith('MAIL')) most = Math.max(most, ++inside);
        if (command === 'content') inside--;
        return undefined;
      },
    });
    outside.mx('big.example', [10, 'mx.big.example']);
    const delivery = await outside.delivery();
    const key = routeKey(delivery.router.routeOf('x@big.example'));
    let left = 500;
    const worker = async (): Promise<void> => {
      while (left > 0) {
        const leave = delivery.gate.enter(key);
        if (leave === undefined) {
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        left--;
        const report = await send(delivery, 'x@big.example', `d${left}`);
        assert.equal(kindOf(report), 'delivered');
        leave(report);
      }
    };
    await Promise.all(Array.from({ length: 50 }, worker));
    assert.equal(host.messages.length, 500);
    assert.ok(most <= 20, `${most} at a time`);
    assert.ok(host.connections <= 100, `${host.connections} connections`);
  });
});
