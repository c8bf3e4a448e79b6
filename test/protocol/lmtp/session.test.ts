import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseNetworks } from '@vaguemestre/server/net/address';
import { connectLines, type LineClient } from '../../harness/line-client.js';
import { authRelay, type LmtpUnderTest, lmtpUnderTest } from '../../harness/lmtp-listener.js';
import { temporaryTls } from '../../harness/temporary-tls.js';

const tls = await temporaryTls();
after(() => tls.remove());

describe('LMTP session', () => {
  let lmtp: LmtpUnderTest;
  before(async () => {
    lmtp = await lmtpUnderTest({ listener: { tls: tls.context }, maxMessageBytes: 100_000 });
  });
  after(() => lmtp.close());

  async function connect(hello = true): Promise<LineClient> {
    const client = await connectLines({ port: lmtp.port });
    assert.equal(await client.line(), '220 mail.labo.example LMTP Vaguemestre');
    if (hello) await ehlo(client);
    return client;
  }

  async function ehlo(client: LineClient): Promise<string[]> {
    client.send('LHLO test.example\r\n');
    const lines = [await client.line()];
    while (lines.at(-1)?.[3] === '-') lines.push(await client.line());
    return lines.map((line) => line.slice(4));
  }

  async function says(client: LineClient, line: string): Promise<string> {
    client.send(Buffer.from(`${line}\r\n`, 'utf8'));
    return client.line();
  }

  it('lists what it can', async () => {
    const client = await connect(false);
    assert.deepEqual(await ehlo(client), [
      'mail.labo.example at your service',
      'PIPELINING',
      'SIZE 100000',
      '8BITMIME',
      'SMTPUTF8',
      'ENHANCEDSTATUSCODES',
      'CHUNKING',
      'DSN',
      'STARTTLS',
      'AUTH PLAIN',
    ]);
    assert.equal(await says(client, authRelay), '235 2.7.0 Authenticated');
    const trusted = await ehlo(client);
    assert.ok(!trusted.includes('AUTH PLAIN'));
    assert.ok(trusted.includes('XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT'));
    assert.equal(await says(client, authRelay), '503 5.5.1 Already authenticated');
    client.close();
  });

  it('minds the order of commands', async () => {
    const client = await connect(false);
    for (const [line, answer] of [
      ['MAIL FROM:<>', '503 5.5.1 Say LHLO first'],
      ['RCPT TO:<a@labo.example>', '503 5.5.1 Say LHLO first'],
      ['DATA', '503 5.5.1 Say LHLO first'],
      [authRelay, '503 5.5.1 Say LHLO first'],
      ['EHLO test.example', '500 5.5.1 This is LMTP: say LHLO'],
      ['HELO test.example', '500 5.5.1 This is LMTP: say LHLO'],
      ['NOOP whatever', '250 2.0.0 OK'],
      ['RSET', '250 2.0.0 OK'],
      ['HELP', '214 2.0.0 See RFC 5321 and RFC 2033'],
      ['VRFY anne', '252 2.5.0 Cannot verify; send the message and see'],
      ['EXPN list', '502 5.5.1 EXPN is not offered'],
    ]) {
      assert.equal(await says(client, line!), answer, line);
    }
    await ehlo(client);
    for (const [line, answer] of [
      ['RCPT TO:<a@labo.example>', '503 5.5.1 Say MAIL first'],
      ['DATA', '503 5.5.1 Say MAIL first'],
      ['MAIL FROM:<s@x.example>', '250 2.1.0 OK'],
      ['MAIL FROM:<s@x.example>', '503 5.5.1 A transaction is open already'],
      ['STARTTLS', '503 5.5.1 Not in a mail transaction'],
      [authRelay, '503 5.5.1 Not in a mail transaction'],
      ['DATA', '503 5.5.1 No valid recipients'],
      ['RCPT TO:<unknown@labo.example>', '550 5.1.1 No such person here'],
      ['RCPT TO:<é@labo.example>', '553 5.6.7 Address beyond ASCII needs the SMTPUTF8 parameter'],
      ['DATA', '503 5.5.1 No valid recipients'],
      ['RSET', '250 2.0.0 OK'],
      ['DATA', '503 5.5.1 Say MAIL first'],
    ]) {
      assert.equal(await says(client, line!), answer, line);
    }
    client.close();
  });

  it('forgets a transaction at LHLO and RSET', async () => {
    const client = await connect();
    for (const forget of ['LHLO again.example', 'RSET']) {
      await says(client, 'MAIL FROM:<>');
      await says(client, 'RCPT TO:<a@labo.example>');
      client.send(`${forget}\r\n`);
      while ((await client.line())[3] === '-');
      assert.equal(await says(client, 'DATA'), '503 5.5.1 Say MAIL first');
    }
    client.close();
  });

  it('answers a whole pipelined group, whatever fails in it', async () => {
    const client = await connect();
    client.send(
      'RSET\r\nMAIL FROM:<>\r\nRCPT TO:<unknown@labo.example>\r\nRCPT TO:<a@labo.example>\r\nFOO\r\nDATA\r\n',
    );
    assert.deepEqual(
      (await client.lines(6)).map((line) => line.slice(0, 3)),
      ['250', '250', '550', '250', '500', '354'],
    );
    client.send('x\r\n.\r\nNOOP\r\nQUIT\r\n');
    assert.deepEqual(await client.lines(3), ['250 2.1.5 Delivered', '250 2.0.0 OK', '221 2.0.0 Bye']);
    assert.equal(await client.rest(), '');
  });

  it('does the same when a session comes octet by octet', async () => {
    const client = await connect();
    const session = 'MAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nDATA\r\n..a\r\n.b\r\n.\r\nQUIT\r\n';
    for (const octet of Buffer.from(session)) {
      client.send(Uint8Array.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(
      (await client.rest()).split('\r\n').map((line) => line.slice(0, 3)),
      ['250', '250', '354', '250', '221', ''],
    );
    assert.equal(lmtp.recorder.deliveries.at(-1)?.content.toString(), '.a\r\nb\r\n');
  });

  for (const [name, end] of [
    ['LF.LF', '\n.\n'],
    ['LF.CRLF', '\n.\r\n'],
    ['CRLF.LF', '\r\n.\n'],
  ] as const) {
    it(`takes a message smuggled behind ${name} for neither message nor command`, async () => {
      const client = await connect();
      client.send('MAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nRCPT TO:<b@labo.example>\r\nDATA\r\n');
      await client.lines(4);
      client.send(
        `first${end}MAIL FROM:<evil@x.example>\r\nRCPT TO:<a@labo.example>\r\nDATA\r\nsecond\r\n.\r\nNOOP\r\n`,
      );
      assert.deepEqual(await client.lines(3), [
        '554 5.6.0 End of data written with a bare line feed',
        '554 5.6.0 End of data written with a bare line feed',
        '250 2.0.0 OK',
      ]);
      assert.equal(lmtp.recorder.deliveries.at(-1)?.state, 'aborted');
      client.close();
    });
  }

  it('refuses commands that end in a bare line feed', async () => {
    const client = await connect();
    client.send('NOOP\nNOOP\r\n');
    assert.deepEqual(await client.lines(2), ['500 5.5.2 Lines end in CRLF, not in a bare line feed', '250 2.0.0 OK']);
    client.close();
  });

  it('keeps to the size: at MAIL, in DATA, in BDAT', async () => {
    const client = await connect();
    const tooBig = '552 5.3.4 Message is larger than 100000 octets';
    assert.equal(await says(client, 'MAIL FROM:<> SIZE=100001'), tooBig);
    client.send('MAIL FROM:<> SIZE=100000\r\nRCPT TO:<a@labo.example>\r\nRCPT TO:<b@labo.example>\r\nDATA\r\n');
    await client.lines(4);
    client.send(`${'x'.repeat(98)}\r\n`.repeat(2000));
    assert.deepEqual([await says(client, '.'), await client.line()], [tooBig, tooBig]);
    assert.equal(lmtp.recorder.deliveries.at(-1)?.state, 'aborted');
    client.send(
      `MAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nBDAT 100000\r\n${'x'.repeat(100_000)}BDAT 1\r\nyBDAT 0 LAST\r\n`,
    );
    assert.deepEqual(await client.lines(5), [
      '250 2.1.0 OK',
      '250 2.1.5 OK',
      '250 2.0.0 100000 octets received',
      tooBig,
      tooBig,
    ]);
    client.send(`MAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nBDAT 100000 LAST\r\n${'x'.repeat(100_000)}`);
    assert.equal((await client.lines(3))[2], '250 2.1.5 Delivered');
    client.send('BDAT 999999999999\r\n');
    assert.equal(await client.rest(), `${tooBig}\r\n`);
  });

  it('cuts who sends without end', async () => {
    const small = await lmtpUnderTest({ maxMessageBytes: 1000 });
    const client = await connectLines({ port: small.port });
    client.send('LHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nDATA\r\n');
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    for (; !client.socket.destroyed && sent < 200; sent++) {
      client.socket.write(chunk);
      while (client.socket.writableLength > 0 && !client.socket.destroyed) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    assert.ok(sent < 100, `${sent} MiB`);
    assert.match(await client.rest(), /552 5\.3\.4/);
    await small.close();
  });

  it('reads what BDAT announces, also where it is refused', async () => {
    const client = await connect();
    client.send('BDAT 6 LAST\r\nNOOP\r\nNOOP\r\n');
    assert.deepEqual(await client.lines(2), ['503 5.5.1 Say MAIL first', '250 2.0.0 OK']);
    client.send(
      'MAIL FROM:<>\r\nBDAT 6\r\nNOOP\r\nRCPT TO:<a@labo.example>\r\nBDAT 3\r\nabcDATA\r\nRCPT TO:<b@labo.example>\r\nMAIL FROM:<>\r\n',
    );
    assert.deepEqual(await client.lines(7), [
      '250 2.1.0 OK',
      '503 5.5.1 No valid recipients',
      '250 2.1.5 OK',
      '250 2.0.0 3 octets received',
      '503 5.5.1 BDAT has begun',
      '503 5.5.1 BDAT has begun',
      '503 5.5.1 A transaction is open already',
    ]);
    const delivery = lmtp.recorder.deliveries.at(-1);
    assert.equal(await says(client, 'RSET'), '250 2.0.0 OK');
    assert.equal(delivery?.state, 'aborted');
    client.close();
  });

  it('closes after too many errors, and at once on a browser', async () => {
    const client = await connect();
    client.send('FOO\r\n'.repeat(30));
    const lines = (await client.rest()).split('\r\n');
    assert.equal(lines.length, 22);
    assert.equal(lines[20], '421 4.7.0 Too many errors');
    const browser = await connect(false);
    browser.send('POST / HTTP/1.1\r\nMAIL FROM:<>\r\n');
    assert.equal(await browser.rest(), '500 5.5.2 Command is not known\r\n');
  });

  it('goes on after a line that is too long', async () => {
    const client = await connect();
    client.send(`NOOP ${'x'.repeat(100_000)}\r\nNOOP\r\n`);
    assert.deepEqual(await client.lines(2), ['500 5.5.2 Line is too long', '250 2.0.0 OK']);
    client.close();
  });

  it('takes AUTH step by step, and its cancelling', async () => {
    const client = await connect();
    assert.equal(await says(client, 'AUTH CRAM-MD5'), '504 5.5.4 This mechanism is not offered');
    assert.equal(await says(client, 'AUTH PLAIN'), '334 ');
    assert.equal(await says(client, '*'), '501 5.7.0 Authentication cancelled');
    assert.equal(await says(client, 'AUTH PLAIN'), '334 ');
    assert.equal(await says(client, '????'), '501 5.5.2 Response is not base64');
    assert.equal(await says(client, 'AUTH PLAIN ='), '501 5.5.2 Credentials are malformed');
    assert.equal(await says(client, 'AUTH PLAIN'), '334 ');
    assert.equal(await says(client, 'x'.repeat(20_000)), '500 5.5.6 Authentication line is too long');
    assert.equal(await says(client, 'AUTH PLAIN'), '334 ');
    assert.equal(await says(client, authRelay.slice('AUTH PLAIN '.length)), '235 2.7.0 Authenticated');
    client.close();
  });

  it('starts TLS, forgets what it knew, and runs nothing that was injected', async () => {
    const client = await connect();
    client.send('STARTTLS\r\nMAIL FROM:<injected@x.example>\r\n');
    assert.equal(await client.line(), '220 2.0.0 Begin TLS');
    const secure = await client.startTls();
    assert.equal(await says(secure, 'MAIL FROM:<>'), '503 5.5.1 Say LHLO first');
    const offered = await ehlo(secure);
    assert.ok(!offered.includes('STARTTLS') && offered.includes('AUTH PLAIN'));
    assert.equal(await says(secure, 'STARTTLS'), '503 5.5.1 TLS is active already');
    secure.send('MAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nDATA\r\n');
    await secure.lines(3);
    assert.equal(await says(secure, 'x\r\n.'), '250 2.1.5 Delivered');
    const prefix = Buffer.from(lmtp.recorder.deliveries.at(-1)!.recipients[0]!.prefix).toString();
    assert.match(prefix, /\(using TLSv1\.3 with cipher TLS_\w+\)\r\n\tby mail\.labo\.example with LMTPS id/);
    secure.close();
  });

  it('writes who the client is without letting it write more', async () => {
    const client = await connect();
    assert.equal(await says(client, 'LHLO evil\u0001.example'), '500 5.5.2 Control characters in a command');
    assert.equal(await says(client, 'LHLO a(b)\\'), '501 5.5.4 LHLO takes your host name');
    assert.equal(await says(client, 'MAIL FROM:<"a b\\"c"@x.example>'), '250 2.1.0 OK');
    await says(client, 'RCPT TO:<a@labo.example>');
    await says(client, 'DATA');
    await says(client, '.');
    const prefix = Buffer.from(lmtp.recorder.deliveries.at(-1)!.recipients[0]!.prefix).toString();
    assert.ok(prefix.startsWith('Return-Path: <"a b\\"c"@x.example>\r\n'));
    assert.equal(prefix.split('\r\n').filter((line) => line !== '' && line[0] !== '\t').length, 3);
    client.close();
  });

  it('takes SMTPUTF8 addresses', async () => {
    const client = await connect();
    const text =
      'MAIL FROM:<élodie@exämple.example> SMTPUTF8 BODY=8BITMIME\r\nRCPT TO:<zoé@labo.example>\r\nDATA\r\n.\r\n';
    client.send(Buffer.from(text, 'utf8'));
    assert.deepEqual(
      (await client.lines(4)).map((line) => line.slice(0, 3)),
      ['250', '250', '354', '250'],
    );
    const delivery = lmtp.recorder.deliveries.at(-1);
    assert.equal(delivery?.recipients[0]?.account, 'zoé');
    assert.match(
      Buffer.from(delivery.recipients[0].prefix).toString('utf8'),
      /^Return-Path: <élodie@exämple\.example>\r\nDelivered-To: zoé@labo\.example\r\nReceived: [^;]* with UTF8LMTP id/,
    );
    client.close();
  });
});

describe('LMTP service', () => {
  it('says 421 to who waits when it stops, and finishes what it began', async () => {
    const lmtp = await lmtpUnderTest();
    const idle = await connectLines({ port: lmtp.port });
    await idle.line();
    const busy = await connectLines({ port: lmtp.port });
    busy.send('LHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nDATA\r\n');
    while (!(await busy.line()).startsWith('354'));
    const closed = lmtp.server.close(5000);
    assert.equal(await idle.rest(), '421 4.3.2 Service is stopping\r\n');
    busy.send('late\r\n.\r\n');
    assert.equal(await busy.line(), '250 2.1.5 Delivered');
    assert.equal(await busy.rest(), '421 4.3.2 Service is stopping\r\n');
    await closed;
    await lmtp.close();
  });

  it('lets a slow store hold the client back', async () => {
    const lmtp = await lmtpUnderTest({ maxMessageBytes: 1024 ** 3 });
    let release: (() => void) | undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    lmtp.recorder.slow = () => gate;
    const client = await connectLines({ port: lmtp.port });
    client.send('LHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nDATA\r\n');
    while (!(await client.line()).startsWith('354'));
    const line = Buffer.from(`${'x'.repeat(998)}\r\n`);
    for (let i = 0; i < 30_000; i++) client.send(line);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(client.socket.writableLength > 10_000_000, String(client.socket.writableLength));
    release?.();
    client.send('.\r\n');
    assert.equal(await client.line(), '250 2.1.5 Delivered');
    assert.equal(lmtp.recorder.deliveries[0]?.content.length, 30_000_000);
    client.close();
    await lmtp.close();
  });

  it('forgets a message whose sender vanished', async () => {
    const lmtp = await lmtpUnderTest();
    for (const part of ['DATA\r\nhalf a mess', 'BDAT 100\r\nhalf', 'BDAT 4\r\nhalf']) {
      const client = await connectLines({ port: lmtp.port });
      client.send(`LHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\n${part}`);
      while (lmtp.recorder.deliveries.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      client.socket.resetAndDestroy();
      while (lmtp.server.sessions > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(lmtp.recorder.deliveries.pop()?.state, 'aborted', part);
    }
    await lmtp.close();
  });

  it('lets only who may deliver', async () => {
    const proxied = { proxies: parseNetworks(['127.0.0.1']) };
    const lmtp = await lmtpUnderTest({
      listener: proxied,
      peers: parseNetworks(['192.0.2.0/24']),
      trusted: parseNetworks(['198.51.100.0/24']),
    });
    const from = async (address: string): Promise<[string, boolean, boolean]> => {
      const client = await connectLines({ port: lmtp.port });
      client.send(`PROXY TCP4 ${address} 10.0.0.1 1 2\r\nLHLO x.example\r\n`);
      const lines: string[] = [];
      while (lines.at(-1)?.startsWith('250 ') !== true) lines.push(await client.line());
      client.send('MAIL FROM:<>\r\n');
      const offers = (word: string): boolean => lines.some((line) => line.slice(4).startsWith(word));
      return [(await client.line()).slice(0, 9), offers('XCLIENT'), offers('AUTH')];
    };
    assert.deepEqual(await from('192.0.2.9'), ['250 2.1.0', false, false]);
    assert.deepEqual(await from('198.51.100.9'), ['250 2.1.0', true, false]);
    assert.deepEqual(await from('203.0.113.9'), ['530 5.7.0', false, false]);
    assert.deepEqual(await from('127.0.0.1'), ['530 5.7.0', false, false]);
    await lmtp.close();
  });
});
