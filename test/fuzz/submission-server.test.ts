/**
 * A running submission server in every state under sessions that are mutated at random: every reply is well-formed, nobody sends
 * without a password or as somebody else, what was called queued is whole, and nothing fails inside. The seed is printed on failure.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { pino } from 'pino';
import { connectLines } from '../harness/line-client.js';
import { pieceOf, replyLine, sendCut } from '../harness/smtp-fuzz.js';
import { type SubmissionUnderTest, submissionUnderTest } from '../harness/submission-listener.js';
import { temporaryTls } from '../harness/temporary-tls.js';

const rounds = Number(process.env['VAGUEMESTRE_TEST_FUZZ_ROUNDS'] ?? 300);

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const auth = `AUTH PLAIN ${base64('\0anne\0secret')}\r\n`;
const hello = 'EHLO x.example\r\n';
const mail = 'MAIL FROM:<anne@labo.example>\r\n';
const envelope = `${mail}RCPT TO:<b@labo.example>\r\n`;
const letter = 'From: anne@labo.example\r\nTo: Bob <b@labo.example>\r\nSubject: x\r\n\r\nbody\r\n';

const states: Readonly<Record<string, string>> = {
  new: '',
  ready: hello,
  sasl: `${hello}AUTH LOGIN\r\n`,
  authenticated: `${hello}${auth}`,
  mail: `${hello}${auth}${mail}`,
  recipients: `${hello}${auth}${envelope}`,
  data: `${hello}${auth}${envelope}DATA\r\n`,
  'in the body': `${hello}${auth}${envelope}DATA\r\n${letter}`,
  chunking: `${hello}${auth}${envelope}BDAT 6\r\nFrom: `,
};

const words = [
  hello,
  'HELO x\r\n',
  auth,
  `AUTH PLAIN ${base64('\0anne\0wrong')}\r\n`,
  'AUTH PLAIN\r\n',
  'AUTH LOGIN\r\n',
  'AUTH SCRAM-SHA-256 biws\r\n',
  `${base64('anne')}\r\n`,
  '*\r\n',
  mail,
  'MAIL FROM:<> SIZE=100\r\n',
  'MAIL FROM:<other@labo.example>\r\n',
  'MAIL FROM:<anne@labo.example> HOLDFOR=10 RET=FULL ENVID=q\r\n',
  'MAIL FROM:<anne@labo.example> HOLDFOR=99999999999\r\n',
  'RCPT TO:<b@labo.example> NOTIFY=DELAY,FAILURE ORCPT=rfc822;b\r\n',
  'RCPT TO:<unknown@labo.example>\r\n',
  'RCPT TO:<broken@labo.example>\r\n',
  'RCPT TO:<jean@elsewhere.example>\r\n',
  'DATA\r\n',
  letter,
  'From: boss@labo.example\r\n\r\nforged\r\n',
  'From: anne@labo.example\r\nSender: boss@labo.example\r\n\r\nx\r\n',
  '\r\n.\r\n',
  '.\r\n',
  '\n.\n',
  'BDAT 5\r\n12345',
  `BDAT ${letter.length} LAST\r\n${letter}`,
  'BDAT 0 LAST\r\n',
  'RSET\r\n',
  'NOOP\r\n',
  'VRFY x\r\n',
  'XCLIENT ADDR=192.0.2.1\r\n',
  '\0',
  'é',
  'STARTTLS\r\n',
  'QUIT\r\n',
];

const piece = pieceOf(words);

describe('submission under fuzz', () => {
  let submission: SubmissionUnderTest;
  const faults: string[] = [];
  before(async () => {
    const tls = await temporaryTls();
    const log = pino({ level: 'error' }, { write: (line: string) => void faults.push(line) });
    submission = await submissionUnderTest({ tls: tls.context, maxMessageBytes: 10_000, log });
    after(() => tls.remove());
  });
  after(() => submission.close());

  for (const [state, start] of Object.entries(states)) {
    it(`stays whole in state ${state}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(piece, { maxLength: 12 }),
          fc.array(fc.nat(2000), { maxLength: 4 }),
          async (pieces, cuts) => {
            const client = await connectLines({ port: submission.port });
            client.socket.on('error', () => undefined);
            client.send(start);
            await sendCut(client, pieces, cuts);
            const before = submission.taken.length;
            client.socket.end();
            const lines = (await client.rest()).split('\r\n');
            // After STARTTLS what is no handshake is answered by a TLS alert.
            const tlsAt = lines.findIndex((line) => line.startsWith('220 2.0.0'));
            if (tlsAt < 0) assert.equal(lines.pop(), '', 'the last reply is whole');
            const plain = tlsAt < 0 ? lines : lines.slice(0, tlsAt);
            for (const line of plain) assert.match(line, replyLine);
            const queued = plain.filter((line) => line.startsWith('250 2.0.0 Queued as ')).length;
            assert.ok(submission.taken.length - before <= queued + 1);
            if (!plain.some((line) => line.startsWith('235 '))) assert.equal(queued, 0, 'nobody was let in');
            client.close();
          },
        ),
        { numRuns: Math.ceil(rounds / Object.keys(states).length) },
      );
      while (submission.server.sessions > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(submission.reading(), 0, 'a message given up is let go of');
      for (const { octets, account, envelope, recipients } of submission.taken) {
        const text = octets.toString('latin1');
        const [head = ''] = text.split(/\r?\n\r?\n/, 1);
        assert.match(head, /^Received: from /);
        assert.match(head, /From: anne@labo\.example/);
        assert.doesNotMatch(head, /boss@/);
        assert.equal(account, 'anne');
        assert.ok(['', 'anne@labo.example'].includes(envelope.from));
        assert.ok(recipients.length > 0);
      }
      submission.taken.length = 0;
      const sober = await connectLines({ port: submission.port });
      sober.send(`${hello}${auth}${envelope}DATA\r\n`);
      while (!(await sober.line()).startsWith('354'));
      sober.send(`${letter}.\r\n`);
      assert.equal(await sober.line(), '250 2.0.0 Queued as 1');
      assert.ok(submission.taken.pop()?.octets.toString().endsWith(letter));
      assert.deepEqual(submission.noted.at(-1), { address: 'b@labo.example', name: 'Bob' });
      sober.close();
      // `broken` is a fault of the directory, which is logged as such.
      assert.deepEqual(
        faults.filter((line) => !line.includes('a fault of ours')),
        [],
      );
    });
  }
});
