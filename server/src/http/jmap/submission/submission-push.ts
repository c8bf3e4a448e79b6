import type { Outbox } from '../../../outbox/outbox.js';
import type { PushSource } from '../../../push/push-source.js';

/** Tells what becomes of mail that is sent. */
export function submissionPushSource(outbox: Pick<Outbox, 'state' | 'watch'>): PushSource {
  return {
    types: ['EmailSubmission'],
    states: async (account) => ({ EmailSubmission: await outbox.state(account.id) }),
    watch: (account, changed) => outbox.watch(account.id, changed),
  };
}
