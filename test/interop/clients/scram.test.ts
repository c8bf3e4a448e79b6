/**
 * SCRAM with app passwords over the real service: IMAP, POP3 and submission, bound to the channel and not, by GNU SASL and by a
 * client of our own; not offered unless it is switched on.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type Laboratory, openLaboratory } from '../../harness/laboratory.js';
import { connectTlsLines, type LineClient } from '../../harness/line-client.js';
import { program, unlessInstalled } from '../../harness/programs.js';
import { exporterOf, type ScramClientOptions, scramClient } from '../../harness/scram-client.js';
import { webClient } from '../../harness/web-client.js';

const base64 = (octets: Uint8Array): string => Buffer.from(octets).toString('base64');

/** How a protocol begins and what it says: the rest of SASL is the same in all. */
const protocols = {
  imaps: {
    greeting: async (client: LineClient) => void (await client.line()),
    command: (mechanism: string, initial: string) => `a AUTHENTICATE ${mechanism} ${initial}`,
    challenge: '+ ',
    right: /^a OK \[CAPABILITY /,
    wrong: 'a NO [AUTHENTICATIONFAILED] The address or the password is wrong.',
  },
  pop3s: {
    greeting: async (client: LineClient) => void (await client.line()),
    command: (mechanism: string, initial: string) => `AUTH ${mechanism} ${initial}`,
    challenge: '+ ',
    right: /^\+OK 0 messages/,
    wrong: '-ERR [AUTH] The address or the password is wrong.',
  },
  submissions: {
    async greeting(client: LineClient) {
      await client.line();
      client.send('EHLO me\r\n');
      while (/^250-/.test(await client.line()));
    },
    command: (mechanism: string, initial: string) => `AUTH ${mechanism} ${initial}`,
    challenge: '334 ',
    right: /^235 2\.7\.0 /,
    wrong: '535 5.7.8 The address or the password is wrong.',
  },
} as const;
type Listener = keyof typeof protocols;

describe('SCRAM', { timeout: 120_000 }, () => {
  let laboratory: Laboratory;
  let secret: string;
  let address: string;

  before(async () => {
    laboratory = await openLaboratory([], { environment: { VAGUEMESTRE_SCRAM: 'on' } });
    await laboratory.add('anne', '--role', 'permanent', '--eudora');
    address = laboratory.address('anne');
    const web = webClient({ port: laboratory.service.port('http') });
    await web.signIn(address, laboratory.password);
    const made = await web.post('/api/auth/apps', {
      current: laboratory.password,
      name: 'Programs',
      protocols: ['imap', 'pop3', 'submission'],
      zones: ['laboratory', 'vpn', 'outside'],
    });
    assert.equal(made.status, 201, made.text);
    ({ secret } = made.json<{ secret: string }>());
  });
  after(() => laboratory.stop());

  /** The last line of the exchange. */
  async function exchange(
    listener: Listener,
    mechanism: string,
    options: Partial<ScramClientOptions> & { readonly bind?: boolean; readonly maxVersion?: 'TLSv1.2' } = {},
  ): Promise<string> {
    const { bind = false, maxVersion, ...more } = options;
    const tls = maxVersion === undefined ? {} : { maxVersion };
    const client = await connectTlsLines(laboratory.service.port(listener), tls);
    const { greeting, command, challenge } = protocols[listener];
    try {
      await greeting(client);
      const channel = bind ? { flag: 'p=tls-exporter', channel: exporterOf(client.socket as TLSSocket) } : {};
      const scram = scramClient({ user: address, password: secret, ...channel, ...more });
      client.send(`${command(mechanism, base64(scram.answer(Buffer.alloc(0))))}\r\n`);
      for (;;) {
        const line = await client.line();
        if (!line.startsWith(challenge)) return line;
        client.send(`${base64(scram.answer(Buffer.from(line.slice(challenge.length), 'base64')))}\r\n`);
      }
    } finally {
      client.close();
    }
  }

  for (const listener of Object.keys(protocols) as Listener[]) {
    const { right, wrong } = protocols[listener];

    test(`${listener}: with and without binding to the channel`, async () => {
      assert.match(await exchange(listener, 'SCRAM-SHA-256'), right);
      assert.match(await exchange(listener, 'SCRAM-SHA-256-PLUS', { bind: true }), right);
      assert.match(await exchange(listener, 'SCRAM-SHA-256', { maxVersion: 'TLSv1.2', flag: 'y' }), right);
    });

    test(`${listener}: one text for every wrong password`, async () => {
      const plus = 'SCRAM-SHA-256-PLUS';
      assert.equal(await exchange(listener, 'SCRAM-SHA-256', { password: laboratory.password }), wrong);
      assert.equal(await exchange(listener, 'SCRAM-SHA-256', { user: 'nobody', password: 'x' }), wrong);
      const elsewhere = { flag: 'p=tls-exporter', channel: Buffer.alloc(32) };
      assert.equal(await exchange(listener, plus, elsewhere), wrong);
    });
  }

  async function offered(at: Laboratory, maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<readonly string[]> {
    const open = (name: Listener) => connectTlsLines(at.service.port(name), { maxVersion });
    const imap = await open('imaps');
    const pop3 = await open('pop3s');
    const smtp = await open('submissions');
    try {
      const greeting = await imap.line();
      await pop3.line();
      pop3.send('CAPA\r\n');
      let sasl = '';
      for (let line = ''; line !== '.'; line = await pop3.line()) if (line.startsWith('SASL ')) sasl = line;
      await smtp.line();
      smtp.send('EHLO me\r\n');
      let auth = '';
      for (let line = '250-'; line.startsWith('250-'); ) {
        line = await smtp.line();
        if (line.slice(4).startsWith('AUTH ')) auth = line.slice(4);
      }
      return [greeting.match(/AUTH=[\w-]+/g)?.join(' ') ?? '', sasl, auth];
    } finally {
      for (const client of [imap, pop3, smtp]) client.close();
    }
  }

  test('is offered where it can be used, bound to the channel over TLS 1.3', async () => {
    assert.deepEqual(await offered(laboratory, 'TLSv1.3'), [
      'AUTH=PLAIN AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256',
      'SASL PLAIN SCRAM-SHA-256-PLUS SCRAM-SHA-256',
      'AUTH PLAIN LOGIN SCRAM-SHA-256-PLUS SCRAM-SHA-256',
    ]);
    assert.deepEqual(await offered(laboratory, 'TLSv1.2'), [
      'AUTH=PLAIN AUTH=SCRAM-SHA-256',
      'SASL PLAIN SCRAM-SHA-256',
      'AUTH PLAIN LOGIN SCRAM-SHA-256',
    ]);
  });

  test('can be given up, and begins without an initial response', async () => {
    const client = await connectTlsLines(laboratory.service.port('imaps'));
    await client.line();
    client.send('a AUTHENTICATE SCRAM-SHA-256\r\n');
    assert.equal(await client.line(), '+ ');
    client.send(`${base64(Buffer.from(`n,,n=${address},r=abc`))}\r\n`);
    assert.match(await client.line(), /^\+ /);
    client.send('*\r\nb AUTHENTICATE SCRAM-SHA-256 bm9uc2Vuc2U=\r\nc NOOP\r\n');
    assert.match(await client.line(), /^a BAD /);
    assert.equal(await client.line(), 'b BAD [CLIENTBUG] The SCRAM message is malformed.');
    assert.match(await client.line(), /^c OK /);
    client.close();
  });

  /** It upgrades by STARTTLS, and so is the test of binding to a channel that began in clear. */
  async function gsasl(listener: 'imap' | 'submission', mechanism: string, password: string) {
    const child = spawn(program('gsasl'), [
      listener === 'imap' ? '--imap' : '--smtp',
      `--connect=127.0.0.1:${laboratory.service.port(listener)}`,
      '--x509-ca-file=',
      ...(mechanism.endsWith('-PLUS') ? [] : ['--no-cb']),
      `--mechanism=${mechanism}`,
      `--authentication-id=${address}`,
      `--authorization-id=${address}`,
      `--password=${password}`,
    ]);
    let out = '';
    const heard = (chunk: Buffer): void => {
      out += chunk.toString();
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', heard);
    child.stdin.end();
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out };
  }

  test('GNU SASL', { skip: unlessInstalled('gsasl') }, async () => {
    for (const listener of ['imap', 'submission'] as const) {
      for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS']) {
        const right = await gsasl(listener, mechanism, secret);
        assert.match(right.out, listener === 'imap' ? /OK \[CAPABILITY/ : /235 2\.7\.0/, right.out);
        assert.equal(right.code, 0, right.out);
        const wrong = await gsasl(listener, mechanism, 'wrong');
        assert.notEqual(wrong.code, 0, wrong.out);
      }
    }
  });
});

test('SCRAM is not offered unless it is switched on', { timeout: 60_000 }, async () => {
  const laboratory = await openLaboratory([]);
  const client = await connectTlsLines(laboratory.service.port('imaps'));
  assert.doesNotMatch(await client.line(), /SCRAM/);
  client.send('a AUTHENTICATE SCRAM-SHA-256 bm9uc2Vuc2U=\r\n');
  assert.match(await client.line(), /^a NO /);
  client.close();
  await laboratory.stop();
});
