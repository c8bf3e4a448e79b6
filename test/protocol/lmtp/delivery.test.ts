import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { LmtpClient } from '../../harness/lmtp-client.js';
import { authRelay, type LmtpUnderTest, lmtpUnderTest } from '../../harness/lmtp-listener.js';

const message = Buffer.from('From: <s@elsewhere.example>\r\nSubject: Hi\r\n\r\n.dot\r\n..dots\r\nbody\r\n');

describe('delivery over LMTP', () => {
  let lmtp: LmtpUnderTest;
  before(async () => {
    lmtp = await lmtpUnderTest();
  });
  after(() => lmtp.close());
  beforeEach(() => {
    lmtp.recorder.deliveries.length = 0;
  });

  async function client(trusted = false): Promise<LmtpClient> {
    const fresh = await LmtpClient.connect({ port: lmtp.port });
    await fresh.lhlo();
    if (trusted) assert.equal((await fresh.command(authRelay)).code, 235);
    return fresh;
  }

  // RFC 1870 6.1: before the octets travel.
  it('refuses at RCPT what a mailbox has no room for, unless it may be there already', async () => {
    lmtp.recorder.used.set('small', 900);
    const lines = await client();
    const expect = async (line: string, code: number) => assert.equal((await lines.command(line)).code, code, line);
    const rcpt = async (parameters: string, code: number) => {
      await expect(`MAIL FROM:<a@b.example> ${parameters}`, 250);
      await expect('RCPT TO:<small@labo.example>', code);
      await expect('RSET', 250);
    };
    await rcpt('', 250);
    await rcpt('SIZE=100', 250);
    await rcpt('SIZE=101', 452);
    lmtp.recorder.used.set('small', 1_000);
    await rcpt('', 452);
    await rcpt('ENVID=once', 452);
    await expect(authRelay, 235);
    await rcpt('ENVID=once', 250);
    await rcpt('', 452);
  });

  it('stores the content bit for bit behind exactly three fields', async () => {
    const lines = await client();
    const [answer] = await lines.deliver({ to: ['Anne+Lists@labo.example'], message });
    assert.deepEqual(answer?.lines, ['250 2.1.5 Delivered']);
    const [delivery] = lmtp.recorder.deliveries;
    assert.deepEqual(delivery?.content, message);
    const [recipient] = delivery.recipients;
    assert.equal(recipient?.account, 'anne');
    assert.equal(recipient.detail, 'lists');
    assert.match(
      Buffer.from(recipient.prefix).toString(),
      /^Return-Path: <sender@elsewhere\.example>\r\nDelivered-To: Anne\+Lists@labo\.example\r\nReceived: from test\.example \(\[127\.0\.0\.1\]\)\r\n\tby mail\.labo\.example with LMTP id \S+\r\n\tfor <Anne\+Lists@labo\.example>;\r\n\t\w{3}, \d+ \w{3} \d{4} \d\d:\d\d:\d\d \+0000\r\n$/,
    );
    await lines.quit();
  });

  it('answers each recipient for itself, in order, and stores one content for a hundred', async () => {
    lmtp.recorder.full.add('full');
    const lines = await client();
    const to = Array.from({ length: 98 }, (_, i) => `person${i}@labo.example`);
    const answers = await lines.deliver({ to: ['full@labo.example', 'unknown@labo.example', ...to], message });
    assert.equal(answers[0]?.lines[0], '452 4.2.2 Mailbox is full');
    assert.equal(answers[1]?.lines[0], '550 5.1.1 No such person here');
    for (const answer of answers.slice(2)) assert.equal(answer.code, 250);
    assert.equal(lmtp.recorder.deliveries.length, 1);
    assert.equal(lmtp.recorder.deliveries[0]?.recipients.length, 99);
    await lines.quit();
  });

  it('gives one copy to somebody who is named twice, and two replies', async () => {
    const lines = await client();
    const answers = await lines.deliver({
      to: ['anne@labo.example', 'ANNE@labo.example', 'anne+x@labo.example'],
      message,
    });
    assert.deepEqual(
      answers.map((answer) => answer.code),
      [250, 250, 250],
    );
    assert.equal(lmtp.recorder.deliveries[0]?.recipients.length, 2);
    await lines.quit();
  });

  it('takes a thousand recipients and no more', async () => {
    const lines = await client();
    const to = Array.from({ length: 1001 }, (_, i) => `p${i}@labo.example`);
    const answers = await lines.deliver({ to, message });
    assert.equal(answers.filter((answer) => answer.code === 250).length, 1000);
    assert.equal(answers[1000]?.lines[0], '452 4.5.3 Too many recipients');
    await lines.quit();
  });

  for (const step of ['begin', 'write', 'commit'] as const) {
    it(`answers 451 when the store is away at ${step}, and goes on`, async () => {
      const lines = await client();
      lmtp.recorder.failNext.set(step, new MailError('unavailable', 'Try again later'));
      lines.write('MAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nRCPT TO:<b@labo.example>\r\nDATA\r\n');
      for (let i = 0; i < 3; i++) assert.equal((await lines.reply()).code, 250);
      const data = await lines.reply();
      if (step === 'begin') assert.equal(data.lines[0], '451 4.3.0 Try again later');
      else {
        assert.equal(data.code, 354);
        lines.write('x\r\n.\r\n');
        assert.equal((await lines.reply()).lines[0], '451 4.3.0 Try again later');
        assert.equal((await lines.reply()).lines[0], '451 4.3.0 Try again later');
      }
      const [again] = await lines.deliver({ to: ['a@labo.example'], message });
      assert.equal(again?.code, 250);
      await lines.quit();
    });
  }

  it('says nothing of its own faults but an id', async () => {
    const lines = await client();
    await lines.command('MAIL FROM:<>');
    assert.match(
      (await lines.command('RCPT TO:<broken@labo.example>')).lines[0] ?? '',
      /^451 4\.3\.0 Internal error, id \S+$/,
    );
    assert.equal((await lines.command('RCPT TO:<away@labo.example>')).lines[0], '451 4.3.0 Try again later');
    await lines.quit();
  });

  it('honours ENVID from the relay alone', async () => {
    const relay = await client(true);
    const stranger = await client();
    const deliver = async (from: LmtpClient): Promise<string | undefined> =>
      (await from.deliver({ to: ['anne@labo.example'], mailParameters: 'ENVID=id+2B1', message }))[0]?.lines[0];
    assert.equal(await deliver(relay), '250 2.1.5 Delivered');
    assert.equal(await deliver(relay), '250 2.1.5 Delivered before');
    assert.equal(await deliver(stranger), '250 2.1.5 Delivered');
    assert.equal(lmtp.recorder.deliveries[0]?.options.envid, 'id+1');
    assert.equal(lmtp.recorder.deliveries[2]?.options.envid, undefined);
    await Promise.all([relay.quit(), stranger.quit()]);
  });

  it('files spam as the verdict says, from the relay alone, and keeps the header', async () => {
    const relay = await client(true);
    const stranger = await client();
    const marked = (verdict: string): Buffer =>
      Buffer.concat([Buffer.from(`Received: x\r\nx-vaguemestre-VERDICT: ${verdict}\r\n`), message]);
    for (const [from, verdict, junk] of [
      [relay, 'spam; score=12.5; id=a1', true],
      [relay, 'SPAM', true],
      [relay, 'clean; score=0', undefined],
      [relay, 'spamming', undefined],
      [stranger, 'spam', undefined],
    ] as const) {
      lmtp.recorder.deliveries.length = 0;
      await from.deliver({ to: ['anne@labo.example'], message: marked(verdict) });
      assert.equal(lmtp.recorder.deliveries[0]?.recipients[0]?.junk, junk, verdict);
      assert.deepEqual(lmtp.recorder.deliveries[0]?.content, marked(verdict));
    }
    lmtp.recorder.deliveries.length = 0;
    const inBody = Buffer.concat([message, Buffer.from('X-Vaguemestre-Verdict: spam\r\n')]);
    await relay.deliver({ to: ['anne@labo.example'], message: inBody });
    assert.equal(lmtp.recorder.deliveries[0]?.recipients[0]?.junk, undefined);
    await Promise.all([relay.quit(), stranger.quit()]);
  });

  it('keeps ORCPT in a comment of Received, and takes the first hop from XCLIENT of the relay', async () => {
    const relay = await client(true);
    assert.equal((await relay.command('XCLIENT NAME=mx.example ADDR=192.0.2.7 HELO=there.example')).code, 220);
    await relay.lhlo();
    await relay.command('MAIL FROM:<s@x.example>');
    await relay.command('RCPT TO:<anne@labo.example> ORCPT=rfc822;old+2Bname(x)@labo.example NOTIFY=FAILURE,DELAY');
    await relay.command('DATA');
    assert.equal((await relay.command('Subject: x\r\n\r\n.')).code, 250);
    const prefix = Buffer.from(lmtp.recorder.deliveries[0]!.recipients[0]!.prefix).toString();
    assert.match(prefix, /Received: from there\.example \(mx\.example \[192\.0\.2\.7\]\)\r\n/);
    assert.match(prefix, /with LMTPA id/);
    assert.match(prefix, /\r\n\t\(original recipient rfc822;old\+2Bname\\\(x\\\)@labo\.example\);/);
    const stranger = await client();
    assert.equal((await stranger.command('XCLIENT ADDR=192.0.2.7')).lines[0], '550 5.7.0 XCLIENT is not for you');
    await Promise.all([relay.quit(), stranger.quit()]);
  });

  it('refuses a wrong secret, and closes after five', async () => {
    const lines = await client();
    const wrong = `AUTH PLAIN ${Buffer.from('\0relay\0wrong').toString('base64')}`;
    for (let i = 0; i < 4; i++) assert.equal((await lines.command(wrong)).lines[0], '535 5.7.8 Authentication failed');
    lines.write(`${wrong}\r\n`);
    assert.equal((await lines.reply()).code, 535);
    assert.equal((await lines.reply()).code, 421);
  });

  it('takes a message in BDAT pieces, with one reply a recipient after the last', async () => {
    const lines = await client();
    lines.write('MAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nRCPT TO:<b@labo.example>\r\n');
    lines.write('BDAT 10\r\n0123\n.\n\r\n.BDAT 0\r\nBDAT 4 LAST\r\nlast');
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 7; i++) codes.push((await lines.reply()).lines[0]);
    assert.deepEqual(codes.slice(3), [
      '250 2.0.0 10 octets received',
      '250 2.0.0 0 octets received',
      '250 2.1.5 Delivered',
      '250 2.1.5 Delivered',
    ]);
    assert.equal(lmtp.recorder.deliveries[0]?.content.toString(), '0123\n.\n\r\n.last');
    await lines.quit();
  });
});
