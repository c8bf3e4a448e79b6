import type { AccountId } from '../kernel/ids.js';
import type { Account } from './account.js';
import type { Delivery, DeliveryOptions, DeliveryRecipient } from './delivery.js';

/** The domain of the mailbox service: what every front end calls. Nothing here knows a protocol. */
export interface Mailstore {
  /** Creates the root of an account with INBOX and the special-use mailboxes named in `lang`. Idempotent. */
  createAccount(account: AccountId, options: { readonly lang: 'fr' | 'en' }): Promise<void>;
  /** Removes every document of an account. Idempotent; a crash in the middle is finished by calling it again. */
  removeAccount(account: AccountId): Promise<void>;
  /** A handle for one session; `by` is its session id. Loads root and tail if this process does not hold them. */
  openAccount(account: AccountId, options: { readonly by: string; readonly quotaBytes?: number }): Promise<Account>;
  /**
   * Removes what nobody can need any more from those accounts whose turn it is: every account once a day, spread over its hours.
   * MailError cannot when clocks disagree.
   */
  collect(signal: AbortSignal): Promise<void>;
  beginDelivery(recipients: readonly DeliveryRecipient[], options: DeliveryOptions): Delivery;
}
