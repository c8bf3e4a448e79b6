/**
 * Message submission (RFC 6409, RFC 8314): people's programs hand in mail on the ESMTP engine, after AUTH (RFC 4954), as
 * themselves. What is answered 250 lies in the outbox, durable; from there it goes as what the webmail sends.
 */
import { maxDelayedSendSeconds } from '../kernel/limits.js';
import type { Connection } from '../net/connection.js';
import { createSmtpServer, type SmtpServer } from '../smtp/smtp-server.js';
import { createSubmissionPolicy, type SubmissionPolicyOptions } from './submission-policy.js';

export interface SubmissionServerOptions extends SubmissionPolicyOptions {
  readonly startTlsAvailable: boolean;
}

export interface SubmissionServer extends Pick<SmtpServer, 'sessions' | 'close'> {
  /** Serves one connection; resolves when its session is over. Never rejects. `legacy`: it came by a listener of old TLS. */
  handle(connection: Connection, legacy?: boolean): Promise<void>;
}

export function createSubmissionServer(options: SubmissionServerOptions): SubmissionServer {
  const legacies = new WeakSet<Connection>();
  const server = createSmtpServer({
    profile: {
      protocol: 'smtp',
      hostname: options.hostname,
      maxMessageBytes: options.maxMessageBytes,
      startTls: options.startTlsAvailable,
      maxHoldSeconds: maxDelayedSendSeconds,
    },
    name: 'submission',
    policyFor: (connection) => createSubmissionPolicy(connection, options, legacies.has(connection)),
    log: options.log,
  });
  return {
    get sessions() {
      return server.sessions;
    },
    handle(connection, legacy = false) {
      if (legacy) legacies.add(connection);
      return server.handle(connection);
    },
    close: (graceMs) => server.close(graceMs),
  };
}
