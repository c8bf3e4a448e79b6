/**
 * The LMTP server (RFC 2033): mail from the relay into mailboxes.
 *
 * Guarantees: 250 to a recipient after the message is durable for this recipient; memory per connection does not grow with the
 * message. While the store is away: 451 4.3.0, and the relay tries again.
 */
import type { Log } from '../kernel/log.js';
import { createSmtpServer, type SmtpServer } from '../smtp/smtp-server.js';
import { createLmtpPolicy, type LmtpPolicyOptions } from './lmtp-policy.js';

export interface LmtpServerOptions extends LmtpPolicyOptions {
  readonly startTlsAvailable: boolean;
  readonly log: Log;
}

export type LmtpServer = SmtpServer;

export function createLmtpServer(options: LmtpServerOptions): LmtpServer {
  return createSmtpServer({
    profile: {
      protocol: 'lmtp',
      hostname: options.hostname,
      maxMessageBytes: options.maxMessageBytes,
      startTls: options.startTlsAvailable,
    },
    name: 'LMTP',
    policyFor: (connection) => ({ policy: createLmtpPolicy(connection, options) }),
    log: options.log,
  });
}
