import type { Admissions } from '../auth/admissions.js';
import type { Authenticator, Principal } from '../auth/authenticator.js';
import type { ClearDoor } from '../auth/clear-door.js';
import type { MaildropLocks } from '../auth/maildrop-locks.js';
import type { ScramAuthenticator } from '../auth/scram-authenticator.js';
import type { Clock } from '../kernel/clock.js';
import { loginTimeoutMs, pop3IdleTimeoutMs } from '../kernel/limits.js';
import type { Log } from '../kernel/log.js';
import type { Mailstore } from '../mailstore/mailstore.js';

export interface Pop3Timeouts {
  /** From the greeting to the login. */
  readonly loginMs: number;
  /** Between commands (RFC 1939 3: at least 10 minutes). */
  readonly idleMs: number;
  /** Until what was taken is marked in the store, if the session goes on. */
  readonly markMs: number;
}

export const defaultPop3Timeouts: Pop3Timeouts = { loginMs: loginTimeoutMs, idleMs: pop3IdleTimeoutMs, markMs: 5_000 };

/** What every POP3 session of a process shares. */
export interface Pop3Services {
  readonly mailstore: Mailstore;
  readonly authenticator: Authenticator;
  /** Undefined: SCRAM is not offered. */
  readonly scram?: ScramAuthenticator | undefined;
  readonly clearDoor: ClearDoor;
  readonly locks: MaildropLocks;
  readonly admissions: Admissions;
  /** Notices that this person did not get yet are put into the mailbox, before it is looked at. */
  readonly tellNotices?: (principal: Principal) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** There is a certificate: STLS can be offered on connections in clear. */
  readonly startTlsAvailable: boolean;
  /** Rest between two sessions of an account; 0: none. */
  readonly loginDelaySeconds: number;
  readonly timeouts: Pop3Timeouts;
}
