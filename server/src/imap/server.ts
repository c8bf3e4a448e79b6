/**
 * The IMAP server: RFC 9051 (IMAP4rev2) and RFC 3501 (IMAP4rev1) with the extensions of capabilities.ts. It is given
 * connections and owns their sessions; whoever listens owns the sockets and TLS.
 */

import type { Connection } from '../net/connection.js';
import { serve } from './command-loop.js';
import { createResponseWriter } from './response-writer.js';
import { defaultTimeouts, type ImapServices, type ImapTimeouts } from './services.js';
import { createSession, endSession, type Session } from './session.js';

export interface ImapServerOptions extends Omit<ImapServices, 'timeouts' | 'responses'> {
  readonly timeouts?: ImapTimeouts;
}

export interface ImapServer {
  /** Serves one connection; resolves when its session is over. Never rejects. */
  handle(connection: Connection): Promise<void>;
  readonly sessions: number;
  /** Tells every session to end: at once if it waits for its client, else after the command under way. Resolves when all
   *  have; connections still there after `graceMs` are destroyed. */
  close(graceMs: number): Promise<void>;
}

export function createImapServer(options: ImapServerOptions): ImapServer {
  const services: ImapServices = { timeouts: defaultTimeouts, ...options, responses: createResponseWriter() };
  const running = new Map<Session, Promise<void>>();
  let closing = false;
  return {
    get sessions() {
      return running.size;
    },
    async handle(connection) {
      if (closing) {
        connection.write('* BYE Service is stopping\r\n');
        connection.end();
        return;
      }
      const session = createSession(connection, services);
      const done = serve(session);
      running.set(session, done);
      await done;
      running.delete(session);
    },
    async close(graceMs) {
      closing = true;
      const timer = setTimeout(() => {
        for (const session of running.keys()) session.connection.destroy('service stopped');
      }, graceMs);
      await Promise.all([...running.keys()].map((session) => endSession(session, 'Service is stopping')));
      await Promise.all(running.values());
      clearTimeout(timer);
    },
  };
}
