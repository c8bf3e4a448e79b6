/**
 * Drives the running LMTP server in every state with sessions that are mutated at random: whatever comes, every reply is
 * well-formed, the server goes on serving others, and each message it called delivered was whole.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { connectLines } from '../../harness/line-client.js';
import { authRelay, type LmtpUnderTest, lmtpUnderTest } from '../../harness/lmtp-listener.js';
import { pieceOf, replyLine, sendCut } from '../../harness/smtp-fuzz.js';
import { temporaryTls } from '../../harness/temporary-tls.js';

const rounds = Number(process.env['VAGUEMESTRE_TEST_FUZZ_ROUNDS'] ?? 300);

const states: Readonly<Record<string, string>> = {
  new: '',
  ready: 'LHLO x.example\r\n',
  authenticated: `LHLO x.example\r\n${authRelay}\r\n`,
  mail: 'LHLO x.example\r\nMAIL FROM:<>\r\n',
  recipients: 'LHLO x.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<a@labo.example>\r\nRCPT TO:<b@labo.example>\r\n',
  data: 'LHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nDATA\r\n',
  chunking: 'LHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nBDAT 3\r\nabc',
  sasl: 'LHLO x.example\r\nAUTH PLAIN\r\n',
};

const words = [
  'LHLO x.example\r\n',
  'EHLO x\r\n',
  'MAIL FROM:<s@x.example> SIZE=10 BODY=8BITMIME ENVID=a+2B RET=HDRS\r\n',
  'MAIL FROM:<"q \\" "@x.example> SMTPUTF8\r\n',
  'RCPT TO:<a@labo.example> NOTIFY=NEVER ORCPT=rfc822;a\r\n',
  'RCPT TO:<unknown@labo.example>\r\n',
  'RCPT TO:<broken@labo.example>\r\n',
  'DATA\r\n',
  'BDAT 5\r\n12345',
  'BDAT 5 LAST\r\n12345',
  'BDAT 0 LAST\r\n',
  'RSET\r\n',
  'NOOP\r\n',
  'VRFY x\r\n',
  'XCLIENT ADDR=192.0.2.1 HELO=h\r\n',
  `${authRelay}\r\n`,
  'AUTH LOGIN\r\n',
  '*\r\n',
  'Subject: x\r\n\r\nbody\r\n.\r\n',
  '.\r\n',
  '\n.\n',
  '..x\r\n',
  '\r\n',
  '\0',
  'é',
  'STARTTLS\r\n',
  'QUIT\r\n',
];

const piece = pieceOf(words);

describe('LMTP under fuzz', () => {
  let lmtp: LmtpUnderTest;
  before(async () => {
    const tls = await temporaryTls();
    lmtp = await lmtpUnderTest({ listener: { tls: tls.context }, maxMessageBytes: 10_000 });
    after(() => tls.remove());
  });
  after(() => lmtp.close());

  for (const [state, start] of Object.entries(states)) {
    it(`stays whole in state ${state}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(piece, { maxLength: 12 }),
          fc.array(fc.nat(2000), { maxLength: 4 }),
          async (pieces, cuts) => {
            const client = await connectLines({ port: lmtp.port });
            client.socket.on('error', () => undefined);
            client.send(start);
            await sendCut(client, pieces, cuts);
            client.socket.end();
            const text = await client.rest();
            const lines = text.split('\r\n');
            // After STARTTLS what is no handshake is answered by a TLS alert.
            const tlsAt = lines.findIndex((line) => line.startsWith('220 2.0.0'));
            if (tlsAt < 0) assert.equal(lines.pop(), '', 'the last reply is whole');
            for (const line of tlsAt < 0 ? lines : lines.slice(0, tlsAt)) assert.match(line, replyLine);
            client.close();
          },
        ),
        { numRuns: Math.ceil(rounds / Object.keys(states).length) },
      );
      const sober = await connectLines({ port: lmtp.port });
      sober.send('LHLO x.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@labo.example>\r\nDATA\r\n');
      while (!(await sober.line()).startsWith('354'));
      sober.send('sober\r\n.\r\n');
      assert.equal(await sober.line(), '250 2.1.5 Delivered');
      assert.equal(lmtp.recorder.deliveries.at(-1)?.content.toString(), 'sober\r\n');
      sober.close();
      while (lmtp.server.sessions > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      for (const delivery of lmtp.recorder.deliveries) assert.notEqual(delivery.state, 'open');
      lmtp.recorder.deliveries.length = 0;
    });
  }
});
