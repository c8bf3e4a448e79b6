import type { Authenticator } from '../auth/authenticator.js';
import type { Clock } from '../kernel/clock.js';
import type { AccountId } from '../kernel/ids.js';
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
  readonly clock: Clock;
  readonly log: Log;
  /** There is a certificate: STARTTLS can be offered on connections in clear. */
  readonly startTlsAvailable: boolean;
  /** APPENDLIMIT (RFC 7889). */
  readonly maxMessageBytes: number;
  readonly accountSlots: AccountSlots;
  readonly timeouts: ImapTimeouts;
  readonly responses: ResponseWriter;
}

/** Counts the sessions of each account, so that one person's runaway client cannot use up what all share. */
export interface AccountSlots {
  /** undefined when the account has as many sessions as it may; else the way to give the place back. */
  take(account: AccountId): (() => void) | undefined;
}

export function createAccountSlots(maxPerAccount: number): AccountSlots {
  const taken = new Map<AccountId, number>();
  return {
    take(account) {
      const count = taken.get(account) ?? 0;
      if (count >= maxPerAccount) return undefined;
      taken.set(account, count + 1);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        const now = taken.get(account)! - 1;
        if (now === 0) taken.delete(account);
        else taken.set(account, now);
      };
    },
  };
}
