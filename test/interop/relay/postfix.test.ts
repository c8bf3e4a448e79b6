/** Debian's Postfix on either side of the relay: it takes what the relay sends, and the relay takes what it sends. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type MailHost, startMailHost } from '../../harness/mail-host.js';
import { type Postfix, startPostfix, unlessPostfix } from '../../harness/postfix.js';
import { attemptTo, hostRoute, never, testDeliverer } from '../../harness/relay-deliverer.js';
import { type RelayService, startRelayService, until } from '../../harness/relay-service.js';

describe('Postfix behind the relay', { skip: unlessPostfix() }, () => {
  let postfix: Postfix;
  let sink: MailHost;
  before(async () => {
    sink = await startMailHost({ protocol: 'lmtp' });
    postfix = await startPostfix({
      mydestination: 'lists.labo.example',
      local_recipient_maps: 'inline:{ list=x, a=x, b=x, c=x, d=x, e=x }',
      local_transport: `lmtp:inet:127.0.0.1:${sink.port}`,
      smtpd_recipient_limit: '3',
      message_size_limit: '200000',
    });
  });
  after(async () => {
    await postfix?.close();
    await sink?.close();
  });
  const deliverer = testDeliverer();
  after(() => deliverer.close());

  it('takes a message with all its extensions, and hands it on octet for octet', async () => {
    const body = `Subject: =?utf-8?q?accentu=C3=A9?=\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n.dot\r\n..\r\naccentué\r\n`;
    const attempt = attemptTo(hostRoute(postfix.port), ['list@lists.labo.example'], Buffer.from(body), {
      eightBit: true,
      ret: 'hdrs',
      envid: 'QQ314+x',
    });
    const report = await deliverer.deliver(attempt, never);
    assert.equal(report.outcomes[0]!.kind, 'delivered', report.outcomes[0]!.reply);
    assert.match(report.outcomes[0]!.reply, /^250 2\.0\.0 /);
    assert.equal(report.outcomes[0]!.kind === 'delivered' && report.outcomes[0]!.dsn, true);
    await until('the message at the end', () => sink.messages.length === 1);
    const [taken] = sink.messages;
    assert.ok(taken!.content.toString('utf8').endsWith(body.slice(body.indexOf('\r\n\r\n'))));
    assert.match(taken!.mail, /RET=HDRS.*ENVID=QQ314\+2Bx|ENVID=QQ314\+2Bx.*RET=HDRS/);
  });

  it('refuses some and takes others, a few at a time, and says when a message is too long', async () => {
    sink.messages.length = 0;
    const to = ['a', 'nobody', 'b', 'c', 'd', 'e'].map((name) => `${name}@lists.labo.example`);
    const report = await deliverer.deliver(attemptTo(hostRoute(postfix.port), to), never);
    assert.deepEqual(
      report.outcomes.map(({ kind }) => kind),
      ['delivered', 'failed', 'delivered', 'delivered', 'delivered', 'delivered'],
    );
    assert.match(report.outcomes[1]!.reply, /^550 5\.1\.1 /);
    await until('all of them at the end', () => sink.messages.flatMap(({ recipients }) => recipients).length === 5);
    const long = await deliverer.deliver(
      attemptTo(hostRoute(postfix.port), ['list@lists.labo.example'], Buffer.alloc(300_000, 'x\r\n')),
      never,
    );
    assert.match(long.outcomes[0]!.reply, /^552 5\.3\.4 .* takes 200000 at most$/);
  });
});

describe('Postfix before the relay', { skip: unlessPostfix() }, () => {
  let relay: RelayService;
  let postfix: Postfix;
  before(async () => {
    relay = await startRelayService(['alice']);
    postfix = await startPostfix({
      mydestination: '',
      relay_domains: 'labo.example',
      transport_maps: `inline:{ labo.example=smtp:[127.0.0.1]:${relay.service.port('smtp')} }`,
      smtpd_relay_restrictions: 'permit_mynetworks, reject',
      myhostname: 'smtp1.campus.example',
    });
  });
  after(async () => {
    await postfix?.close();
    await relay?.close();
  });

  it('brings mail as the campus does, and its returns say what the relay said', async () => {
    const campus = testDeliverer();
    const route = hostRoute(postfix.port);
    const content = 'From: eve@outside.example\r\nSubject: par le campus\r\n\r\n.point\r\n';
    const sent = await campus.deliver(
      attemptTo(route, ['alice@labo.example'], content, { from: 'eve@outside.example' }),
      never,
    );
    assert.equal(sent.outcomes[0]!.kind, 'delivered', sent.outcomes[0]!.reply);
    const [message] = await relay.inbox('alice', 1);
    assert.ok(message!.endsWith('\r\n\r\n.point\r\n'));
    assert.match(message!, /^Return-Path: <eve@outside\.example>/);
    assert.match(message!, /Received: from smtp1\.campus\.example /);
    // Somebody who is not there: the campus hears it at RCPT, and returns it itself.
    await campus.deliver(attemptTo(route, ['ghost@labo.example'], content, { from: 'alice@labo.example' }), never);
    const [, notice] = await relay.inbox('alice', 2);
    assert.match(notice!, /550 5\.1\.1/);
    await campus.close();
  });
});
