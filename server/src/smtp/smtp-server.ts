/**
 * The sessions of one SMTP or LMTP server: it is given connections and owns what goes on on them; whoever listens owns the sockets
 * and TLS. LMTP, submission and the relay differ in their policy alone.
 */
import { MailError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Connection } from '../net/connection.js';
import type { SmtpPolicy, SmtpProfile } from './policy.js';
import { runSmtpSession } from './run-session.js';

export interface SmtpServer {
  /** Serves one connection; resolves when its session is over. Never rejects. */
  handle(connection: Connection): Promise<void>;
  readonly sessions: number;
  /** Tells every session to end: at once if it waits for its client, else after the command under way. Resolves when all
   *  have; connections still there after `graceMs` are destroyed. */
  close(graceMs: number): Promise<void>;
}

export interface SmtpServerOptions<R> {
  readonly profile: SmtpProfile;
  /** For the log. */
  readonly name: string;
  /** `over`, if it is there, is called when the session has ended. */
  policyFor(connection: Connection): { readonly policy: SmtpPolicy<R>; over?(): void };
  readonly log: Log;
}

export function createSmtpServer<R>({ profile, name, policyFor, log }: SmtpServerOptions<R>): SmtpServer {
  const stopping = new AbortController();
  const running = new Map<Connection, Promise<void>>();

  const serve = async (connection: Connection): Promise<void> => {
    const { policy, over } = policyFor(connection);
    try {
      await runSmtpSession(connection, profile, policy, log, stopping.signal);
    } catch (error) {
      const fields = { err: error, connection: connection.id, peer: connection.peer.address };
      if (error instanceof MailError && error.code === 'closed') log.debug(fields, `${name} connection lost`);
      else log.error(fields, `${name} session failed`);
    } finally {
      over?.();
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
