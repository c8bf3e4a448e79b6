import type { PushSource } from '../../push/push-source.js';
import { quotaState } from './methods/quota.js';
import { accountState } from './standard/state.js';

const logTypes = ['Mailbox', 'Email', 'Thread'] as const;

/** Tells of everything that lives in the account's log. */
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
