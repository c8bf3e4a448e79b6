/**
 * What commands see of a session: its connection, its state, the services, and the one place where replies are written. The
 * loop that drives it is in command-loop.ts.
 */
import { randomBytes } from 'node:crypto';
import type { Lang, Principal } from '../auth/authenticator.js';
import { type Pop3ResponseCode, pop3ErrorCodes } from '../codec/pop3/error-codes.js';
import { MailError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Connection } from '../net/connection.js';
import type { Maildrop } from './maildrop.js';
import type { Pop3Services } from './services.js';
import { say, type Word } from './words.js';

/** RFC 1939 3. UPDATE is no state of its own here: QUIT does it and ends the session. */
export type Pop3State =
  /** `user`: what USER named. */
  | { readonly kind: 'authorization'; readonly user: string | undefined }
  | { readonly kind: 'transaction'; readonly principal: Principal; readonly maildrop: Maildrop }
  | { readonly kind: 'ended' };

export interface Pop3Session {
  readonly connection: Connection;
  readonly services: Pop3Services;
  readonly log: Log;
  /** Came by a listener of old TLS. */
  readonly legacy: boolean;
  state: Pop3State;
  lang: Lang;
  /** RFC 6856 2.1. */
  utf8: boolean;
  /** What a login took and the end gives back. */
  leave: (() => void) | undefined;
  authFailures: number;
  /** Between commands. */
  waiting: boolean;
  /** The session ends after the command that runs, without another word. */
  ending: boolean;
  /** Marks what was taken, some seconds after it was. */
  marking: { timer: NodeJS.Timeout | undefined; running: Promise<void> | undefined };
}

export function createPop3Session(connection: Connection, services: Pop3Services, legacy: boolean): Pop3Session {
  return {
    connection,
    services,
    legacy,
    log: services.log.child({ session: connection.id, peer: connection.peer.address }),
    state: { kind: 'authorization', user: undefined },
    lang: 'en',
    utf8: false,
    leave: undefined,
    authFailures: 0,
    waiting: false,
    ending: false,
    marking: { timer: undefined, running: undefined },
  };
}

export type Outcome = 'ok' | 'error' | 'bad';

export function ok(session: Pop3Session, text: string): Outcome {
  session.connection.write(text === '' ? '+OK\r\n' : `+OK ${text}\r\n`);
  return 'ok';
}

export function refuse(session: Pop3Session, text: string, code?: Pop3ResponseCode): Outcome {
  session.connection.write(code === undefined ? `-ERR ${text}\r\n` : `-ERR [${code}] ${text}\r\n`);
  return 'error';
}

export const refuseIn = (session: Pop3Session, word: Word, code?: Pop3ResponseCode): Outcome =>
  refuse(session, say(word, session.lang), code);

/** What a client must not see is logged under an id that the client is told. Errors of a lost connection are thrown on. */
export function refuseFor(session: Pop3Session, error: unknown): Outcome {
  if (error instanceof MailError) {
    if (error.code === 'closed') throw error;
    if (error.cause !== undefined) session.log.warn({ err: error, details: error.details }, 'command failed');
    const code = error.details?.['loginDelay'] === true ? 'LOGIN-DELAY' : pop3ErrorCodes[error.code];
    return refuse(session, error.public, code);
  }
  const reference = randomBytes(6).toString('hex');
  session.log.error({ err: error, reference }, 'internal error');
  return refuse(session, `${say('internal', session.lang)} ${reference}`, pop3ErrorCodes.internal);
}

/** A password would travel protected, or this peer may send one in clear if its person may. */
export function passwordWay(session: Pop3Session): 'open' | 'byPerson' | 'closed' {
  const { connection, services } = session;
  if (connection.secure || connection.peer.local) return 'open';
  return services.clearDoor.possible(connection.peer) ? 'byPerson' : 'closed';
}

/** SASL, where a password would travel protected. */
export const mechanismsOf = ({ connection, services }: Pop3Session): readonly string[] => [
  'PLAIN',
  ...(services.scram?.mechanisms(connection) ?? []),
];

/** Ends a session that waits for its client; one that works ends after its command. Nothing is deleted (RFC 1939 6). */
export function endPop3Session(session: Pop3Session): void {
  session.ending = true;
  if (session.waiting) session.connection.end();
}
