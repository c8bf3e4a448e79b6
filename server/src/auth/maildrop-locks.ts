/**
 * One POP3 session of an account at a time (RFC 1939 4: the maildrop is locked), and a rest between two of them if the laboratory
 * wants one (RFC 2449 6.5 LOGIN-DELAY). Only POP3 asks: IMAP and the webmail are never locked out, and nothing that is stored
 * rests on the lock. Where it stands is decision 0025.
 */
import { MailError } from '../kernel/errors.js';
import type { AccountId } from '../kernel/ids.js';

export interface MaildropLocks {
  /** Resolves with the way to give it back. MailError inUse; `throttled` with `loginDelay` in its details; unavailable. */
  take(account: AccountId): Promise<() => void>;
}

export const maildropInUse = (): MailError =>
  new MailError('inUse', 'Another program is taking mail of this account by POP3; try again when it has finished');

export function maildropResting(waitMs: number): MailError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new MailError('throttled', `This account took its mail a moment ago; try again in ${seconds} seconds`, {
    details: { loginDelay: true },
  });
}

/** The locks of this process alone. */
export function createMaildropLocks(): MaildropLocks {
  const held = new Set<AccountId>();
  return {
    async take(account) {
      if (held.has(account)) throw maildropInUse();
      held.add(account);
      return () => void held.delete(account);
    },
  };
}
