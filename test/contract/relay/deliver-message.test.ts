/** What the relay says to another host, and what it makes of the answers: RFC 5321 3.3 and 4.5, RFC 2033, 2920, 3030, 3461. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Attempt, Deliverer } from '@vaguemestre/relay/delivery/deliverer';
import { type MailHost, type MailHostOptions, startMailHost, usualExtensions } from '../../harness/mail-host.js';
import { attemptTo, hostRoute, never, shortTimeouts, testDeliverer } from '../../harness/relay-deliverer.js';
import { chance } from '../../harness/seeded-random.js';

describe('a message to another host', () => {
  let deliverer: Deliverer;
  let host: MailHost | undefined;
  before(() => {
    deliverer = testDeliverer();
  });
  after(() => deliverer.close());
  afterEach(async () => {
    await host?.close();
    host = undefined;
  });
  const start = async (options: MailHostOptions = {}): Promise<MailHost> => {
    host = await startMailHost(options);
    return host;
  };
  const to = (recipients: readonly string[], content?: string | Uint8Array, envelope?: Partial<Attempt['envelope']>) =>
    attemptTo(hostRoute(host!.port), recipients, content, envelope);

  it('arrives as it is, with its dots, whatever the host offers', async () => {
    const content = '.begin\r\n..two\r\n.\r\n\r\n.x\r\nend\r\n.';
    for (const extensions of [usualExtensions, [], ['PIPELINING'], [...usualExtensions, 'CHUNKING'], ['CHUNKING']]) {
      const { messages } = await start({ extensions });
      const report = await deliverer.deliver(to(['a@x.example', 'b@x.example'], content), never);
      assert.deepEqual(
        report.outcomes.map(({ kind }) => kind),
        ['delivered', 'delivered'],
        extensions.join(),
      );
      assert.equal(report.outcomes[0]!.reply, '250 2.0.0 taken');
      assert.deepEqual(messages[0]!.recipients, ['a@x.example', 'b@x.example']);
      // A chunk keeps the last line as it is; DATA ends it (RFC 5321 4.1.1.4).
      const expected = extensions.includes('CHUNKING') ? content : `${content}\r\n`;
      assert.equal(messages[0]!.content.toString('latin1'), expected);
      await host!.close();
    }
  });

  it('arrives as it is, however its octets are made up', async () => {
    const random = chance();
    const { messages } = await start();
    const pieces = ['.', '\r\n', '..', 'a', '\r\n.\r\n', ' ', 'é', '\r\n..\r\n'];
    for (let round = 0; round < 40; round++) {
      let text = 'Subject: x\r\n\r\n';
      for (let i = random.below(3000); i > 0; i--) text += random.pick(pieces);
      text += '\r\n';
      const sent = Buffer.from(text, 'utf8');
      const report = await deliverer.deliver(to(['a@x.example'], sent, { eightBit: true }), never);
      assert.equal(report.outcomes[0]!.kind, 'delivered', `seed ${random.seed}`);
      assert.ok(messages.at(-1)!.content.equals(sent), `seed ${random.seed}, round ${round}`);
    }
    assert.equal(host!.connections, 1, 'one connection serves them all');
  });

  it('tells the host what it may know, and nothing that it does not offer', async () => {
    const envelope = { envid: 'QQ+=1', ret: 'hdrs', eightBit: true } as const;
    const { commands } = await start();
    const attempt = to(['a@x.example'], 'x\r\n', envelope);
    const asked: Attempt = {
      ...attempt,
      recipients: [{ address: 'a@x.example', notify: ['success', 'delay'], orcpt: 'rfc822;old+name@x.example' }],
    };
    const report = await deliverer.deliver(asked, never);
    assert.ok(commands.includes('MAIL FROM:<anne@labo.example> SIZE=3 BODY=8BITMIME RET=HDRS ENVID=QQ+2B+3D1'));
    assert.ok(commands.includes('RCPT TO:<a@x.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;old+2Bname@x.example'));
    assert.deepEqual(report.outcomes, [{ kind: 'delivered', reply: '250 2.0.0 taken', dsn: true }]);
    await host!.close();
    const bare = await start({ extensions: ['8BITMIME'] });
    const plain = await deliverer.deliver({ ...asked, route: hostRoute(bare.port) }, never);
    assert.ok(bare.commands.includes('MAIL FROM:<anne@labo.example> BODY=8BITMIME'));
    assert.ok(bare.commands.includes('RCPT TO:<a@x.example>'));
    assert.equal(plain.outcomes[0]!.kind === 'delivered' && plain.outcomes[0]!.dsn, false);
  });

  it('gives each recipient an outcome of its own', async () => {
    for (const extensions of [usualExtensions, [], [...usualExtensions, 'CHUNKING']]) {
      await start({
        extensions,
        answer: (command) =>
          command.startsWith('RCPT TO:<unknown')
            ? '550 5.1.1 no such person'
            : command.startsWith('RCPT TO:<full')
              ? '452-4.2.2 mailbox\r\n452 4.2.2 full'
              : undefined,
      });
      const report = await deliverer.deliver(to(['unknown@x.example', 'a@x.example', 'full@x.example']), never);
      assert.deepEqual(report.outcomes, [
        { kind: 'failed', reply: '550 5.1.1 no such person' },
        { kind: 'delivered', reply: '250 2.0.0 taken', dsn: extensions.includes('DSN') },
        { kind: 'later', reply: '452 4.2.2 mailbox full', doubt: false },
      ]);
      assert.deepEqual(host!.messages[0]!.recipients, ['a@x.example']);
      await host!.close();
    }
  });

  it('gives each recipient of LMTP an outcome of its own', async () => {
    const { port, messages } = await start({
      protocol: 'lmtp',
      answer: (command, _host, recipient) =>
        command === 'content' && recipient === 'full@x.example' ? '452 4.2.2 mailbox full' : undefined,
    });
    const attempt = attemptTo(hostRoute(port, 'lmtp'), ['a@x.example', 'full@x.example', 'b@x.example']);
    const report = await deliverer.deliver(attempt, never);
    assert.deepEqual(
      report.outcomes.map(({ kind }) => kind),
      ['delivered', 'later', 'delivered'],
    );
    assert.deepEqual(messages[0]!.recipients, ['a@x.example', 'b@x.example']);
  });

  it('goes in several transactions to a host that takes a few recipients at a time', async () => {
    const { messages } = await start({
      answer: (command, { commands }) => {
        if (!command.startsWith('RCPT')) return undefined;
        const last = commands.findLastIndex((line) => line.startsWith('MAIL'));
        return commands.length - last > 4 ? '452 4.5.3 too many recipients' : undefined;
      },
    });
    const recipients = Array.from({ length: 8 }, (_, i) => `r${i}@x.example`);
    const report = await deliverer.deliver(to(recipients), never);
    assert.ok(report.outcomes.every(({ kind }) => kind === 'delivered'));
    assert.deepEqual(
      messages.map((message) => message.recipients.length),
      [3, 3, 2],
    );
  });

  it('is refused here when the host could not take it', async () => {
    await start({ extensions: ['SIZE 10'] });
    const cases: [Attempt, RegExp][] = [
      [to(['a@x.example'], 'far too long for it\r\n'), /^552 5\.3\.4 /],
      [to(['a@x.example'], 'é\r\n', { eightBit: true }), /^554 5\.6\.3 /],
      [to(['a@x.example'], 'x\r\n', { smtpUtf8: true }), /^554 5\.6\.9 /],
      [to(['hélène@x.example'], 'x\r\n'), /^553 5\.6\.7 /],
      [to(['a@x.example\r\nDATA'], 'x\r\n'), /^553 /],
    ];
    for (const [attempt, reply] of cases) {
      const report = await deliverer.deliver(attempt, never);
      assert.equal(report.outcomes[0]!.kind, 'failed');
      assert.match(report.outcomes[0]!.reply, reply);
    }
    assert.ok(!host!.commands.some((command) => command.startsWith('MAIL')));
  });

  it('writes a domain beyond ASCII as the DNS knows it', async () => {
    const { messages } = await start({ extensions: [] });
    await deliverer.deliver(to(['a@crèche.example']), never);
    assert.deepEqual(messages[0]!.recipients, ['a@xn--crche-5ra.example']);
  });

  it('waits when the answer to its last octet does not come, and says that it may have arrived', async () => {
    for (const extensions of [usualExtensions, ['CHUNKING']]) {
      for (const answer of ['hangUp', 'silence'] as const) {
        await start({ extensions, answer: (command) => (command === 'content' ? answer : undefined) });
        const short = testDeliverer({ timeouts: { ...shortTimeouts, finalMs: 200 } });
        const report = await short.deliver(to(['a@x.example']), never);
        assert.equal(report.outcomes[0]!.kind, 'later');
        assert.equal(report.outcomes[0]!.kind === 'later' && report.outcomes[0]!.doubt, true);
        assert.equal(host!.connections, 1, 'it is not sent a second time');
        assert.equal(report.unreachable, false);
        await short.close();
        await host!.close();
      }
    }
  });

  it('ends clearly with hosts that make no sense', async () => {
    const endless = `${'250-more\r\n'.repeat(5_000)}250 end`;
    const cases: [string, (command: string) => string | undefined][] = [
      ['a web server', (command) => (command === 'greeting' ? 'HTTP/1.1 400 Bad Request' : undefined)],
      ['an endless greeting', (command) => (command === 'greeting' ? endless.replaceAll('250', '220') : undefined)],
      ['an endless line', (command) => (command.startsWith('EHLO') ? `250 ${'x'.repeat(100_000)}` : undefined)],
      ['an endless answer', (command) => (command.startsWith('MAIL') ? endless : undefined)],
      ['changing codes', (command) => (command.startsWith('MAIL') ? '250-a\r\n550 b' : undefined)],
      ['zeros', (command) => (command.startsWith('RCPT') ? '\0\0\0\0' : undefined)],
      ['out of step', (command) => (command.startsWith('DATA') ? '250 2.0.0 fine' : undefined)],
      ['too early', (command) => (command.startsWith('RCPT') ? '354 go on' : undefined)],
      ['gone at MAIL', (command) => (command.startsWith('MAIL') ? 'hangUp' : undefined)],
      ['gone at DATA', (command) => (command.startsWith('DATA') ? 'hangUp' : undefined)],
    ];
    for (const [name, answer] of cases) {
      await start({ answer });
      const report = await deliverer.deliver(to(['a@x.example']), never);
      const [outcome] = report.outcomes;
      assert.equal(outcome!.kind, 'later', `${name}: ${outcome!.reply}`);
      assert.equal(outcome!.kind === 'later' && outcome!.doubt, false, name);
      assert.match(outcome!.reply, /^4\d\d 4\.\d\.\d [ -~]+$/, name);
      assert.ok(outcome!.reply.length < 1_100, name);
      assert.equal(host!.messages.length, 0, name);
      await host!.close();
    }
  });

  it('stops when the host refuses it half-way', async () => {
    // The host answers before it has read the message: what is pipelined behind 354 stands for that.
    await start({ answer: (command) => (command.startsWith('DATA') ? '354 go on\r\n552 5.3.4 too long' : undefined) });
    const report = await deliverer.deliver(to(['a@x.example'], Buffer.alloc(2_000_000, 'x\r\n')), never);
    assert.deepEqual(report.outcomes, [{ kind: 'failed', reply: '552 5.3.4 too long' }]);
  });

  it('waits when its own octets cannot be read', async () => {
    await start();
    const attempt = to(['a@x.example']);
    const broken: Attempt = {
      ...attempt,
      body: {
        sizeBytes: 10,
        async *octets() {
          yield await Promise.reject<Buffer>(new Error('EIO'));
        },
      },
    };
    const report = await deliverer.deliver(broken, never);
    assert.deepEqual(report.outcomes, [
      { kind: 'later', reply: '450 4.3.0 the message cannot be read at the moment', doubt: false },
    ]);
    assert.equal(host!.messages.length, 0);
  });

  it('finds a kept connection dead, and makes another', async () => {
    const { messages } = await start({
      answer: (command, { messages: taken, connections }) =>
        command.startsWith('MAIL') && taken.length === 1 && connections === 1 ? '421 4.4.2 too long idle' : undefined,
    });
    for (let i = 0; i < 2; i++) {
      const report = await deliverer.deliver(to(['a@x.example']), never);
      assert.equal(report.outcomes[0]!.kind, 'delivered');
    }
    assert.deepEqual(
      messages.map(({ connection }) => connection),
      [1, 2],
    );
  });

  it('is given up when the service ends, and its connection with it', async () => {
    await start({ answer: (command) => (command.startsWith('RCPT') ? 'silence' : undefined) });
    const ending = new AbortController();
    const delivery = deliverer.deliver(to(['a@x.example']), ending.signal);
    setTimeout(() => ending.abort(new Error('the service ends')), 100);
    await assert.rejects(delivery, /the service ends/);
  });
});
