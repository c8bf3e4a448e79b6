/**
 * A submission listener on a port of its own over an outbox that keeps what it took in memory. `anne` (password `secret`, one address of
 * her own) may send; `unknown` is nobody here.
 */
import type { Authenticator, Principal } from '@vaguemestre/server/auth/authenticator';
import type { SenderPerson } from '@vaguemestre/server/auth/senders';
import { systemClock } from '@vaguemestre/server/kernel/clock';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { AccountId } from '@vaguemestre/server/kernel/ids';
import type { Log } from '@vaguemestre/server/kernel/log';
import { listen } from '@vaguemestre/server/net/listener';
import type { TlsContext } from '@vaguemestre/server/net/tls-context';
import type { NewSubmission, Submission } from '@vaguemestre/server/outbox/submission';
import { createSubmissionServer, type SubmissionServer } from '@vaguemestre/server/submission/submission-server';
import { everybody } from './lmtp-listener.js';

export interface TakenSubmission extends NewSubmission {
  readonly octets: Buffer;
}

export interface SubmissionUnderTest {
  readonly port: number;
  readonly server: SubmissionServer;
  /** Whole messages, in the order of their acceptance. */
  readonly taken: TakenSubmission[];
  /** Submissions whose octets are being read. */
  reading(): number;
  /** Addresses that were noted for completion. */
  readonly noted: { readonly address: string; readonly name: string }[];
  close(): Promise<void>;
}

const anne: Principal = {
  account: 'anne' as AccountId,
  address: 'anne@labo.example',
  name: 'Anne',
  role: 'permanent',
  lang: 'en',
  admin: false,
  quotaBytes: undefined,
  eudora: false,
  takenMail: 'remove',
};

const person: SenderPerson = {
  name: 'Anne',
  lang: 'en',
  addresses: [anne.address],
  owns: (address) => address.toLowerCase() === anne.address,
};

const authenticator: Authenticator = {
  async login({ identity, password }) {
    const [name] = identity.split('@');
    if (name === 'anne' && Buffer.from(password).toString() === 'secret') return anne;
    throw new MailError('authenticationFailed', 'The address or the password is wrong.');
  },
};

export async function submissionUnderTest(options: {
  readonly tls?: TlsContext;
  readonly maxMessageBytes: number;
  readonly log: Log;
}): Promise<SubmissionUnderTest> {
  const { log, tls, maxMessageBytes } = options;
  const taken: TakenSubmission[] = [];
  const noted: { address: string; name: string }[] = [];
  let reading = 0;
  const server = createSubmissionServer({
    authenticator,
    senders: { of: async () => person, refusal: async () => undefined },
    admissions: { watch: () => () => undefined },
    directory: everybody,
    places: { take: async () => () => undefined },
    outbox: {
      async submit(submission, message) {
        reading++;
        try {
          const chunks: Uint8Array[] = [];
          let size = 0;
          for await (const chunk of message.octets) {
            size += chunk.length;
            if (size > message.maxBytes) throw new MailError('tooBig', 'The message is larger than is accepted here');
            chunks.push(chunk);
          }
          taken.push({ ...submission, octets: Buffer.concat(chunks) });
          return { id: String(taken.length) } as Submission;
        } finally {
          reading--;
        }
      },
    },
    correspondents: {
      list: async () => [],
      note: async (_account, written) => void noted.push(...written),
      removeAccount: async () => undefined,
    },
    hostname: 'mail.labo.example',
    domain: 'labo.example',
    maxMessageBytes,
    clock: systemClock,
    startTlsAvailable: tls !== undefined,
    log,
  });
  const listener = await listen(
    { name: 'submission', address: { kind: 'tcp', host: '127.0.0.1', port: 0 }, log, ...(tls && { tls }) },
    (connection) => server.handle(connection),
  );
  return {
    port: (listener.address as { port: number }).port,
    server,
    taken,
    reading: () => reading,
    noted,
    async close() {
      await server.close(1_000);
      await listener.close(1_000);
    },
  };
}
