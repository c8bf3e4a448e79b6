/**
 * A POP3 server on a real socket over the model of a mailstore: what the protocol tests talk to. `alice` (keeps her mail for the
 * webmail), `bob` (removes it), `eve` (keeps a Eudora, and removes) log in with the password `secret`; `staff` has the right
 * password and may not use POP3; `closed` finds the store away.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authenticator, PasswordLogin, Principal } from '@vaguemestre/server/auth/authenticator';
import { createMaildropLocks } from '@vaguemestre/server/auth/maildrop-locks';
import { messageFacts } from '@vaguemestre/server/codec/mime/message-facts';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { MailError } from '@vaguemestre/server/kernel/errors';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { listen } from '@vaguemestre/server/net/listener';
import { ensureSelfSigned } from '@vaguemestre/server/net/self-signed';
import { createTlsContext } from '@vaguemestre/server/net/tls-context';
import { createPop3Server, type Pop3Server, type Pop3ServerOptions } from '@vaguemestre/server/pop3/pop3-server';
import { accountOf } from './imap-service.js';
import { createMemoryMailstore, type MemoryMailstore, type ModelMessage } from './memory-mailstore.js';
import { connectPop3, type Pop3Client } from './pop3-client.js';

export interface Pop3TestService {
  readonly port: number;
  readonly server: Pop3Server;
  readonly mailstore: MemoryMailstore;
  /** As the authenticator saw them. */
  readonly logins: PasswordLogin[];
  deliver(name: string, octets: string | Buffer, flags?: readonly string[]): number;
  inbox(name: string): readonly ModelMessage[];
  /** Keywords and flags of a message of somebody's inbox. */
  keywords(name: string, uid: number): readonly string[];
  connect(): Promise<Pop3Client>;
  login(name?: string): Promise<Pop3Client>;
  close(): Promise<void>;
}

export interface Pop3TestOptions extends Partial<Pop3ServerOptions> {
  readonly tls?: boolean;
  /** Peers that are not local. */
  readonly remote?: boolean;
  readonly legacy?: boolean;
}

export async function startPop3Service(options: Pop3TestOptions = {}): Promise<Pop3TestService> {
  const { tls: wantTls, remote, legacy, ...server } = options;
  const folder = wantTls === true ? await mkdtemp(join(tmpdir(), 'pop3-service-')) : undefined;
  const tls = folder === undefined ? undefined : await createTlsContext(await ensureSelfSigned(folder));
  const mailstore = createMemoryMailstore((octets) => {
    const facts = messageFacts(octets);
    return { envelope: facts.envelope, bodyStructure: facts.bodyStructure, headers: facts.headers };
  });
  const logins: PasswordLogin[] = [];
  const pop3 = createPop3Server({
    mailstore,
    authenticator: authenticator(logins),
    clearDoor: { possible: () => false, opens: async () => false },
    locks: createMaildropLocks(),
    admissions: { watch: () => () => undefined },
    clock: systemClock,
    log: silentLog,
    startTlsAvailable: tls !== undefined,
    loginDelaySeconds: 0,
    ...server,
  });
  const listener = await listen(
    { name: 'pop3', address: { kind: 'tcp', host: '127.0.0.1', port: 0 }, log: silentLog, ...(tls && { tls }) },
    async (connection) => {
      if (remote === true) Object.defineProperty(connection, 'peer', { value: { ...connection.peer, local: false } });
      await pop3.handle(connection, legacy);
    },
  );
  const { port } = listener.address as { port: number };
  const clients: Pop3Client[] = [];
  const connect = async (): Promise<Pop3Client> => {
    const client = await connectPop3(port);
    clients.push(client);
    return client;
  };
  const inbox = (name: string) => mailstore.state(accountOf(name)).mailboxes.find(({ path }) => path === 'INBOX')!;
  return {
    port,
    server: pop3,
    mailstore,
    logins,
    deliver: (name, octets, flags) => mailstore.deliver(accountOf(name), 'INBOX', octets, flags),
    inbox: (name) => inbox(name).messages,
    keywords(name, uid) {
      const { keywords } = mailstore.state(accountOf(name));
      const message = inbox(name).messages.find((one) => one.uid === uid);
      if (message === undefined) throw new Error(`no message ${uid}`);
      const names = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft', ...keywords];
      return names.filter((_, bit) => (message.flags[(bit >>> 5) as 0] & (1 << (bit & 31))) !== 0);
    },
    connect,
    async login(name = 'alice') {
      const client = await connect();
      await client.login(name, 'secret');
      return client;
    },
    async close() {
      for (const client of clients) client.destroy();
      await pop3.close(1_000);
      await listener.close(1_000);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

const people = ['alice', 'bob', 'eve', 'staff'];

function authenticator(logins: PasswordLogin[]): Authenticator {
  return {
    async login(login): Promise<Principal> {
      logins.push(login);
      const { identity, password, authorize } = login;
      if (identity === 'closed') throw new MailError('unavailable', 'Try again later');
      const [name = ''] = identity.split('@');
      const right = people.includes(name) && Buffer.from(password).toString() === 'secret';
      if (!right || (authorize !== undefined && authorize !== identity)) {
        throw new MailError('authenticationFailed', 'The address or the password is wrong.');
      }
      if (name === 'staff') {
        throw new MailError('authorizationFailed', 'Your account is read over IMAPS, not over this protocol.');
      }
      return {
        account: accountOf(name),
        address: `${name}@labo.example`,
        name,
        role: name === 'alice' ? 'intern' : 'permanent',
        lang: 'en',
        admin: false,
        quotaBytes: undefined,
        eudora: name === 'eve',
        takenMail: name === 'alice' ? 'keep' : 'remove',
      };
    },
  };
}
