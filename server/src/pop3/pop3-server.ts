/**
 * The POP3 server: RFC 1939 with the extensions of commands/capa.ts. It is given connections and owns their sessions; whoever
 * listens owns the sockets and TLS.
 */
import type { Connection } from '../net/connection.js';
import { serve } from './command-loop.js';
import { defaultPop3Timeouts, type Pop3Services, type Pop3Timeouts } from './services.js';
import { createPop3Session, endPop3Session, type Pop3Session } from './session.js';

export interface Pop3ServerOptions extends Omit<Pop3Services, 'timeouts'> {
  readonly timeouts?: Partial<Pop3Timeouts>;
}

export interface Pop3Server {
  /** Serves one connection; resolves when its session is over. Never rejects. `legacy`: it came by a listener of old TLS. */
  handle(connection: Connection, legacy?: boolean): Promise<void>;
  readonly sessions: number;
  /** Tells every session to end: at once if it waits for its client, else after the command under way. Resolves when all
   *  have; connections still there after `graceMs` are destroyed. */
  close(graceMs: number): Promise<void>;
}

export function createPop3Server(options: Pop3ServerOptions): Pop3Server {
  const services: Pop3Services = { ...options, timeouts: { ...defaultPop3Timeouts, ...options.timeouts } };
  const running = new Map<Pop3Session, Promise<void>>();
  let closing = false;
  return {
    get sessions() {
      return running.size;
    },
    async handle(connection, legacy = false) {
      if (closing) {
        connection.write('-ERR [SYS/TEMP] The service is stopping\r\n');
        connection.end();
        return;
      }
      const session = createPop3Session(connection, services, legacy);
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
      for (const session of running.keys()) endPop3Session(session);
      await Promise.all(running.values());
      clearTimeout(timer);
    },
  };
}
