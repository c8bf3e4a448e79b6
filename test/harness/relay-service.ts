/** A whole service with its relay, some people, and a host outside that takes what it sends. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetched, ImapClient } from './imap-client.js';
import { LmtpClient, type SmtpReply } from './lmtp-client.js';
import { type MailHost, type MailHostOptions, startMailHost } from './mail-host.js';
import { type RunningService, runCommand, type ServiceOptions, startService } from './running-service.js';

export interface RelayService {
  readonly service: RunningService;
  /** Takes mail for outside.example. */
  readonly outside: MailHost;
  readonly password: string;
  /** Says EHLO as `client.example`. */
  talk(door: 'smtp' | 'internal'): Promise<LmtpClient>;
  imap(person: string): Promise<ImapClient>;
  /** Waits until the inbox of a person holds so many messages, and gives them whole. */
  inbox(person: string, count: number): Promise<readonly string[]>;
  run(...args: string[]): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }>;
  close(): Promise<void>;
}

export const password = 'correct horse battery';
const patienceMs = 60_000;

export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `in vain: ${what}`);
    await sleep(25);
  }
}

export async function startRelayService(
  people: readonly string[],
  options: { readonly outside?: MailHostOptions; readonly service?: ServiceOptions } = {},
): Promise<RelayService> {
  const outside = await startMailHost(options.outside);
  const service = await startService({
    ...options.service,
    environment: {
      VAGUEMESTRE_PARTS: 'mailbox,web,relay',
      VAGUEMESTRE_HOSTNAME: 'relay.labo.example',
      VAGUEMESTRE_DOMAIN: 'labo.example',
      VAGUEMESTRE_LISTEN_INTERNAL: '127.0.0.1:0',
      VAGUEMESTRE_RELAY_UPSTREAMS: '127.0.0.1',
      VAGUEMESTRE_RELAY_DOMAINS: '*.labo.example',
      VAGUEMESTRE_RELAY_TRANSPORTS: `outside.example=smtp:[127.0.0.1]:${outside.port}`,
      // Nothing is asked: whoever asks gets no answer.
      VAGUEMESTRE_RELAY_DNS: '127.0.0.1:9',
      VAGUEMESTRE_WORKERS: '1',
      ...options.service?.environment,
    },
  });
  const run = (...args: string[]) => runCommand([...args, '--data', service.folder], {}, `${password}\n`);
  for (const person of people) {
    const added = await run('user', 'add', `${person}@labo.example`, '--role', 'permanent', '--password-stdin');
    assert.equal(added.code, 0, added.errors);
  }
  const imap = async (person: string): Promise<ImapClient> => {
    const client = await ImapClient.connect({ port: service.port('imaps'), tls: true });
    await client.login(`${person}@labo.example`, password);
    return client;
  };
  return {
    service,
    outside,
    password,
    async talk(door) {
      const client = await LmtpClient.connect({ port: service.port(door) });
      assert.equal((await client.command('EHLO client.example')).code, 250);
      return client;
    },
    imap,
    async inbox(person, count) {
      const client = await imap(person);
      try {
        await until(`${count} messages for ${person}`, async () => {
          const reply = await client.command('EXAMINE INBOX');
          return reply.untagged.some(({ name, number }) => name === 'EXISTS' && (number ?? 0) >= count);
        });
        const reply = await client.command('UID FETCH 1:* (BODY.PEEK[])');
        return [...fetched(reply.untagged).values()].map((items) => textOf(items.get('BODY[]')));
      } finally {
        client.destroy();
      }
    },
    run,
    async close() {
      await service.stop();
      await outside.close();
    },
  };
}

/** A transaction: the replies to MAIL, each RCPT, DATA and its end, as far as they come. */
export async function sendMail(
  client: LmtpClient,
  mail: { readonly from: string; readonly to: readonly string[]; readonly content: string },
): Promise<readonly SmtpReply[]> {
  const replies: SmtpReply[] = [await client.command(`MAIL FROM:${mail.from}`)];
  for (const to of mail.to) replies.push(await client.command(`RCPT TO:${to}`));
  const data = await client.command('DATA');
  replies.push(data);
  if (data.code === 354) {
    client.write(`${mail.content.replaceAll(/^\./gm, '..')}\r\n.\r\n`);
    replies.push(await client.reply());
  } else await client.command('RSET');
  return replies;
}

const textOf = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value));
