/**
 * An IMAP server on a real socket over the model of a mailstore: what the protocol tests talk to. `alice` and `bob` log in
 * with the password `secret`; `intern` has the right password and may not use IMAP; `closed` finds the store away.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authenticator, Principal } from '@vaguemestre/server/auth/authenticator';
import { createConnectionPlaces } from '@vaguemestre/server/auth/connection-places';
import { messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import { createImapServer, type ImapServer, type ImapServerOptions } from '@vaguemestre/server/imap/server';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { AccountId } from '@vaguemestre/server/kernel/ids';
import { type Log, silentLog } from '@vaguemestre/server/kernel/log';
import { listen } from '@vaguemestre/server/net/listener';
import { ensureSelfSigned } from '@vaguemestre/server/net/self-signed';
import { createTlsContext } from '@vaguemestre/server/net/tls-context';
import { ImapClient } from './imap-client.js';
import { createMemoryMailstore, type MemoryMailstore, type ModelState } from './memory-mailstore.js';

export interface ImapService {
  readonly port: number;
  readonly server: ImapServer;
  readonly mailstore: MemoryMailstore;
  /** Alice's. */
  readonly alice: ModelState;
  deliver(path: string, octets: string | Buffer, flags?: readonly string[]): number;
  connect(): Promise<ImapClient>;
  /** Logged in as alice; with `rev2`, after ENABLE IMAP4rev2. */
  login(mode?: 'rev1' | 'rev2'): Promise<ImapClient>;
  close(): Promise<void>;
}

export interface ImapServiceOptions extends Partial<ImapServerOptions> {
  readonly tls?: boolean;
  readonly quotaBytes?: number;
  /** Peers that are not local: no password before TLS. */
  readonly remote?: boolean;
  readonly log?: Log;
}

export const accountOf = (name: string): AccountId => `account-${name}`.padEnd(16, '0') as AccountId;

export async function startImapService(options: ImapServiceOptions = {}): Promise<ImapService> {
  const { tls: wantTls, quotaBytes, remote, log = silentLog, ...server } = options;
  const folder = wantTls === true ? await mkdtemp(join(tmpdir(), 'imap-service-')) : undefined;
  const tls = folder === undefined ? undefined : await createTlsContext(await ensureSelfSigned(folder));
  const mailstore = createMemoryMailstore((octets) => {
    const facts = messageFacts(octets);
    return { envelope: facts.envelope, bodyStructure: facts.bodyStructure, headers: facts.headers };
  });
  const alice = mailstore.state(accountOf('alice'));
  const imap = createImapServer({
    mailstore,
    authenticator: authenticator(quotaBytes),
    clock: systemClock,
    log,
    startTlsAvailable: tls !== undefined,
    maxMessageBytes: 64 * 1024 * 1024,
    places: createConnectionPlaces(60),
    admissions: { watch: () => () => undefined },
    ...server,
  });
  const listener = await listen(
    {
      name: 'imap',
      address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
      log,
      ...(tls === undefined ? {} : { tls }),
    },
    async (connection) => {
      if (remote === true) Object.defineProperty(connection, 'peer', { value: { ...connection.peer, local: false } });
      await imap.handle(connection);
    },
  );
  const port = (listener.address as { port: number }).port;
  const clients: ImapClient[] = [];
  const connect = async (): Promise<ImapClient> => {
    const client = await ImapClient.connect({ port });
    clients.push(client);
    return client;
  };
  return {
    port,
    server: imap,
    mailstore,
    alice,
    deliver: (path, octets, flags) => mailstore.deliver(alice.id, path, octets, flags),
    connect,
    async login(mode = 'rev1') {
      const client = await connect();
      await client.login('alice', 'secret');
      if (mode === 'rev2') await client.ok('ENABLE IMAP4rev2');
      return client;
    },
    async close() {
      for (const client of clients) client.destroy();
      await imap.close(1_000);
      await listener.close(1_000);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function authenticator(quotaBytes: number | undefined): Authenticator {
  return {
    async login({ identity, password, authorize }): Promise<Principal> {
      if (identity === 'closed') throw new MailError('unavailable', 'Try again later');
      const right = ['alice', 'bob', 'intern'].includes(identity) && Buffer.from(password).toString() === 'secret';
      if (!right || (authorize !== undefined && authorize !== identity)) {
        throw new MailError('authenticationFailed', 'Wrong name or password');
      }
      if (identity === 'intern')
        throw new MailError('authorizationFailed', 'Interns read their mail by POP3 or webmail');
      return {
        account: accountOf(identity),
        address: `${identity}@labo.example`,
        name: identity,
        role: 'permanent',
        lang: 'en',
        admin: false,
        quotaBytes,
        eudora: false,
        takenMail: 'remove',
      };
    },
  };
}

/** A message of a few lines. */
export function mail(subject: string, body = 'Hello\r\n', headers = ''): string {
  return `From: Ann <ann@labo.example>\r\nTo: bob@labo.example\r\nSubject: ${subject}\r\nDate: Mon, 7 Feb 1994 21:52:25 -0800\r\nMessage-ID: <${subject.replaceAll(' ', '.')}@labo.example>\r\n${headers}\r\n${body}`;
}
