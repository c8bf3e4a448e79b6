/** The engine as SMTP: what LMTP does not use of it. Submission and the relay build on this. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PlainCredentials } from '@vaguemestre/server/codec/sasl/plain';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { type Listener, listen } from '@vaguemestre/server/net/listener';
import type { SmtpPolicy, SmtpTransaction } from '@vaguemestre/server/smtp/policy';
import { runSmtpSession } from '@vaguemestre/server/smtp/run-session';
import { connectLines, type LineClient } from '../../harness/line-client.js';
import { temporaryTls } from '../../harness/temporary-tls.js';

interface Seen {
  readonly transaction: SmtpTransaction<string>;
  readonly content: string;
}

describe('SMTP session', () => {
  let listener: Listener;
  let login: PlainCredentials | undefined;
  const seen: Seen[] = [];
  const stopping = new AbortController();

  before(async () => {
    const tls = await temporaryTls();
    after(() => tls.remove());
    const profile = { protocol: 'smtp', hostname: 'mail.labo.example', maxMessageBytes: 1000, startTls: true } as const;
    listener = await listen(
      { name: 'smtp', address: { kind: 'tcp', host: '127.0.0.1', port: 0 }, tls: tls.context, log: silentLog },
      (connection) => {
        const policy: SmtpPolicy<string> = {
          mechanisms: () => (connection.secure ? ['PLAIN', 'LOGIN'] : []),
          login: async (credentials) => {
            if (Buffer.from(credentials.password).toString() === 'away') {
              throw new MailError('unavailable', 'Try again later');
            }
            if (Buffer.from(credentials.password).toString() !== 'right') {
              throw new MailError('authenticationFailed', 'Authentication failed');
            }
            login = credentials;
          },
          trusted: false,
          mail: async () => undefined,
          rcpt: async (to) => to.address,
          data: async (transaction) => {
            const chunks: Buffer[] = [];
            return {
              write: (chunk) => {
                chunks.push(chunk);
                return undefined;
              },
              commit: async () => {
                seen.push({ transaction, content: Buffer.concat(chunks).toString('latin1') });
                return [{ code: 250, enhanced: '2.0.0', text: 'Queued as 7' }];
              },
              abort: () => undefined,
            };
          },
        };
        return runSmtpSession(connection, profile, policy, silentLog, stopping.signal);
      },
    );
  });
  after(() => listener.close(0));

  async function connect(): Promise<LineClient> {
    const client = await connectLines({ port: listener.address.kind === 'tcp' ? listener.address.port : 0 });
    assert.equal(await client.line(), '220 mail.labo.example ESMTP Vaguemestre');
    return client;
  }

  async function says(client: LineClient, line: string): Promise<string> {
    client.send(`${line}\r\n`);
    for (;;) {
      const answer = await client.line();
      if (answer[3] !== '-') return answer;
    }
  }

  it('answers a message once, whatever the number of recipients', async () => {
    const client = await connect();
    assert.equal(await says(client, 'LHLO x.example'), '500 5.5.1 This is SMTP: say EHLO');
    await says(client, 'EHLO x.example');
    client.send('MAIL FROM:<s@x.example>\r\nRCPT TO:<a@y.example>\r\nRCPT TO:<b@y.example>\r\nDATA\r\n');
    assert.equal((await client.lines(4))[3], '354 Send the message, end it with a dot on a line of its own');
    client.send('x\r\n.\r\nNOOP\r\n');
    assert.deepEqual(await client.lines(2), ['250 2.0.0 Queued as 7', '250 2.0.0 OK']);
    assert.deepEqual(seen.at(-1)?.transaction.recipients, ['a@y.example', 'b@y.example']);
    assert.equal(seen.at(-1)?.transaction.client.withProtocol, 'ESMTP');
    client.send('MAIL FROM:<>\r\nRCPT TO:<a@y.example>\r\nRCPT TO:<b@y.example>\r\nBDAT 1001 LAST\r\n');
    client.send('x'.repeat(1001));
    assert.equal((await client.lines(4))[3], '552 5.3.4 Message is larger than 1000 octets');
    assert.equal(await says(client, 'NOOP'), '250 2.0.0 OK');
    client.close();
  });

  it('speaks plain SMTP with who says HELO', async () => {
    const client = await connect();
    assert.equal(await says(client, 'HELO old.example'), '250 mail.labo.example at your service');
    client.send('MAIL FROM:<s@x.example>\r\nRCPT TO:<a@y.example>\r\nDATA\r\nx\r\n.\r\n');
    await client.lines(4);
    assert.equal(seen.at(-1)?.transaction.client.withProtocol, 'SMTP');
    assert.equal(seen.at(-1)?.transaction.client.helo, 'old.example');
    client.close();
  });

  it('asks for TLS before a password, and takes LOGIN and PLAIN under it', async () => {
    const client = await connect();
    await says(client, 'EHLO x.example');
    assert.equal(await says(client, 'AUTH PLAIN AGEAYg=='), '538 5.7.11 Start TLS first');
    assert.equal(await says(client, 'STARTTLS'), '220 2.0.0 Begin TLS');
    const secure = await client.startTls();
    await says(secure, 'EHLO x.example');
    assert.equal(await says(secure, `AUTH PLAIN ${base64('\0anne\0away')}`), '454 4.7.0 Try again later');
    assert.equal(await says(secure, `AUTH PLAIN ${base64('\0anne\0wrong')}`), '535 5.7.8 Authentication failed');
    assert.equal(await says(secure, 'AUTH LOGIN'), `334 ${base64('Username:')}`);
    assert.equal(await says(secure, base64('anne')), `334 ${base64('Password:')}`);
    assert.equal(await says(secure, base64('right')), '235 2.7.0 Authenticated');
    assert.equal(login?.identity, 'anne');
    secure.send('MAIL FROM:<s@x.example> SMTPUTF8\r\nRCPT TO:<a@y.example>\r\nDATA\r\nx\r\n.\r\n');
    await secure.lines(4);
    assert.equal(seen.at(-1)?.transaction.client.withProtocol, 'UTF8SMTPSA');
    secure.close();
  });
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
