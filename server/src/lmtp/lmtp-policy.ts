/**
 * Who may deliver over LMTP, and whom to believe. Loopback peers, Unix sockets and listed networks may deliver. *Trusted* are
 * peers that authenticated as `relay`, listed networks, and holders of a client certificate: only their XCLIENT, ENVID and
 * verdict count, for who can name an ENVID can make mail disappear, and who can say `clean` can pass any filter.
 */
import type { Directory, DirectoryEntry } from '../auth/authenticator.js';
import { reply } from '../codec/smtp/reply.js';
import type { Clock } from '../kernel/clock.js';
import { MailError } from '../kernel/errors.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import type { Networks } from '../net/address.js';
import type { Connection } from '../net/connection.js';
import { SmtpRefusal } from '../smtp/error-replies.js';
import type { SmtpPolicy } from '../smtp/policy.js';
import { createDeliverySink, type LmtpRecipient } from './delivery-sink.js';
import { isSecret, relayIdentity } from './secret.js';

export interface LmtpPolicyOptions {
  readonly mailstore: Pick<Mailstore, 'beginDelivery' | 'openAccount'>;
  readonly directory: Directory;
  /** In the greeting and the Received field. */
  readonly hostname: string;
  /** ensureLmtpSecret. */
  readonly secret: string;
  /** May deliver, besides this machine. */
  readonly peers: Networks;
  /** May deliver and are believed. */
  readonly trusted: Networks;
  readonly maxMessageBytes: number;
  readonly clock: Clock;
}

export function createLmtpPolicy(connection: Connection, options: LmtpPolicyOptions): SmtpPolicy<LmtpRecipient> {
  const { peer } = connection;
  let authenticated = false;
  let transactions = 0;
  /** Of the transaction under way. */
  let declaredBytes: number | undefined;
  let repeatable = false;
  const isTrusted = (): boolean =>
    authenticated || connection.clientCertificate !== undefined || options.trusted.has(peer.address);
  return {
    // A secret in clear stays on the machine or it is not asked for.
    mechanisms: () => (connection.secure || peer.local ? ['PLAIN'] : []),
    login: async ({ authorize, identity, password }) => {
      const right = isSecret(password, options.secret);
      if (!right || identity !== relayIdentity || (authorize !== '' && authorize !== identity)) {
        throw new MailError('authenticationFailed', 'Authentication failed');
      }
      authenticated = true;
    },
    get trusted() {
      return isTrusted();
    },
    mail: async (_client, _from, { sizeBytes, envid }) => {
      declaredBytes = sizeBytes;
      repeatable = envid !== undefined && isTrusted();
      if (peer.local || options.peers.has(peer.address) || isTrusted()) return;
      throw new SmtpRefusal(reply(530, '5.7.0', 'Authentication required: your network is not listed'));
    },
    rcpt: async (to, { orcpt }) => {
      const entry = await options.directory.resolve(to.address);
      if (entry === undefined) throw new MailError('nonexistent', 'No such person here');
      // A repeated hand-over may be what filled the mailbox: only the content tells, and then it is no refusal.
      if (!repeatable) await refuseWhenFull(options.mailstore, entry, declaredBytes, connection.id);
      return { address: to.address, entry, orcpt };
    },
    data: async (transaction) =>
      createDeliverySink(transaction, {
        ...options,
        trusted: isTrusted(),
        id: `${connection.id}.${(++transactions).toString(36)}`,
      }),
  };
}

/** Before the octets travel (RFC 1870 6.1). What is declared is an estimate and others deliver too: the commit decides. */
async function refuseWhenFull(
  mailstore: Pick<Mailstore, 'openAccount'>,
  { account, quotaBytes }: DirectoryEntry,
  declaredBytes: number | undefined,
  by: string,
): Promise<void> {
  if (quotaBytes === undefined) return;
  const handle = await mailstore.openAccount(account, { by });
  const { usedBytes } = handle.quota();
  handle.release();
  if (usedBytes + Math.max(1, declaredBytes ?? 0) > quotaBytes) throw new MailError('overQuota', 'The mailbox is full');
}
