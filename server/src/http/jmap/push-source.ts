/**
 * Who says that types of objects changed (RFC 8620 7.1). Each part of the service that has objects of its own is a source: the
 * mailbox's is here, the outbox has another. A source tells states as its types' /get would, and calls back when they may have
 * moved; telling too often is harmless, for only what differs is pushed.
 */
import type { Account } from '../../mailstore/account.js';
import { quotaState } from './methods/quota.js';
import { accountState } from './standard/state.js';

export interface PushSource {
  readonly types: readonly string[];
  /** Of each of its types. */
  states(account: Account): Promise<Readonly<Record<string, string>>>;
  /** `changed` is called until what this returns is called. */
  watch(account: Account, changed: () => void): () => void;
}

const logTypes = ['Mailbox', 'Email', 'Thread'] as const;

/** Everything that lives in the account's log. */
export const mailPushSource: PushSource = {
  types: [...logTypes, 'EmailDelivery', 'Quota'],
  states: async (account) => ({
    ...Object.fromEntries(logTypes.map((type) => [type, accountState(account)])),
    // RFC 8621 1.5: moves when new mail comes, so that a telephone need not wake for every flag.
    EmailDelivery: String(account.arrivedAt),
    Quota: quotaState(account),
  }),
  watch: (account, changed) => account.onChange(changed),
};
