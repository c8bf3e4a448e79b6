import type { Admissions } from '../auth/admissions.js';
import type { Authenticator } from '../auth/authenticator.js';
import type { ConnectionPlaces } from '../auth/connection-places.js';
import type { ScramAuthenticator } from '../auth/scram-authenticator.js';
import type { Clock } from '../kernel/clock.js';
import { idleKeepaliveMs, idleTimeoutMs, loginTimeoutMs } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import type { ResponseWriter } from './response-writer.js';

export interface ImapTimeouts {
  /** From the greeting to the login. */
  readonly loginMs: number;
  /** Between commands (RFC 9051 5.4: at least 30 minutes). */
  readonly idleMs: number;
  /** Between two words of the server in IDLE. */
  readonly keepaliveMs: number;
}

export const defaultTimeouts: ImapTimeouts = {
  loginMs: loginTimeoutMs,
  idleMs: idleTimeoutMs,
  keepaliveMs: idleKeepaliveMs,
};

/** What every IMAP session of a process shares. */
export interface ImapServices {
  readonly mailstore: Mailstore;
  readonly authenticator: Authenticator;
  /** Undefined: SCRAM is not offered. */
  readonly scram?: ScramAuthenticator | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** There is a certificate: STARTTLS can be offered on connections in clear. */
  readonly startTlsAvailable: boolean;
  /** APPENDLIMIT (RFC 7889). */
  readonly maxMessageBytes: number;
  readonly places: ConnectionPlaces;
  readonly admissions: Admissions;
  readonly timeouts: ImapTimeouts;
  readonly responses: ResponseWriter;
}
