/**
 * The LMTP server (RFC 2033): mail from the relay into mailboxes. It is given connections and owns their sessions; whoever
 * listens owns the sockets and TLS.
 *
 * Guarantees: 250 to a recipient after the message is durable for this recipient; memory per connection does not grow with the
 * message. While the store is away: 451 4.3.0, and the relay tries again.
 */
import { MailError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Connection } from '../net/connection.js';
import { runSmtpSession } from '../smtp/run-session.js';
import { createLmtpPolicy, type LmtpPolicyOptions } from './lmtp-policy.js';

export interface LmtpServerOptions extends LmtpPolicyOptions {
  readonly startTlsAvailable: boolean;
  readonly log: Log;
}

export interface LmtpServer {
  /** Serves one connection; resolves when its session is over. Never rejects. */
  handle(connection: Connection): Promise<void>;
  readonly sessions: number;
  /** Tells every session to end: at once if it waits for its client, else after the command under way. Resolves when all
   *  have; connections still there after `graceMs` are destroyed. */
  close(graceMs: number): Promise<void>;
}

export function createLmtpServer(options: LmtpServerOptions): LmtpServer {
  const { log } = options;
  const profile = {
    protocol: 'lmtp',
    hostname: options.hostname,
    maxMessageBytes: options.maxMessageBytes,
    startTls: options.startTlsAvailable,
  } as const;
  const stopping = new AbortController();
  const running = new Map<Connection, Promise<void>>();

  const serve = async (connection: Connection): Promise<void> => {
    try {
      await runSmtpSession(connection, profile, createLmtpPolicy(connection, options), log, stopping.signal);
    } catch (error) {
      const fields = { err: error, connection: connection.id, peer: connection.peer.address };
      if (error instanceof MailError && error.code === 'closed') log.debug(fields, 'LMTP connection lost');
      else log.error(fields, 'LMTP session failed');
    } finally {
      connection.end();
    }
  };

  return {
    get sessions() {
      return running.size;
    },
    handle: async (connection) => {
      const done = serve(connection);
      running.set(connection, done);
      await done;
      running.delete(connection);
    },
    close: async (graceMs) => {
      stopping.abort();
      const timer = setTimeout(() => {
        for (const connection of running.keys()) connection.destroy('service stopped');
      }, graceMs);
      await Promise.all(running.values());
      clearTimeout(timer);
    },
  };
}
