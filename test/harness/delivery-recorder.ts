import { createHash } from 'node:crypto';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { Account } from '@vaguemestre/server/mailstore/account';
import type {
  Delivery,
  DeliveryOptions,
  DeliveryOutcome,
  DeliveryRecipient,
} from '@vaguemestre/server/mailstore/delivery';

export interface RecordedDelivery {
  readonly recipients: readonly DeliveryRecipient[];
  readonly options: DeliveryOptions;
  content: Buffer;
  state: 'open' | 'committed' | 'aborted';
}

/** The delivery side of a mailstore, which remembers what it was given; faults can be planted. */
export interface DeliveryRecorder {
  readonly deliveries: RecordedDelivery[];
  beginDelivery(recipients: readonly DeliveryRecipient[], options: DeliveryOptions): Delivery;
  /** `begin`, `write`, `commit`: the next one throws it. */
  readonly failNext: Map<'begin' | 'write' | 'commit', unknown>;
  /** Accounts over their quota. */
  readonly full: Set<string>;
  /** Octets in the mailboxes of accounts; others are empty. */
  readonly used: Map<string, number>;
  openAccount(account: string): Promise<Account>;
  /** Every write waits for it. */
  slow: (() => Promise<void>) | undefined;
}

export function deliveryRecorder(): DeliveryRecorder {
  const seen = new Set<string>();
  const fail = (step: 'begin' | 'write' | 'commit'): void => {
    if (!recorder.failNext.has(step)) return;
    const error = recorder.failNext.get(step);
    recorder.failNext.delete(step);
    throw error;
  };
  const recorder: DeliveryRecorder = {
    deliveries: [],
    failNext: new Map(),
    full: new Set(),
    used: new Map(),
    openAccount: async (account) => {
      const quota = () => ({ usedBytes: recorder.used.get(account) ?? 0, limitBytes: undefined, messages: 0 });
      return { quota, release: () => undefined } as Partial<Account> as Account;
    },
    slow: undefined,
    beginDelivery: (recipients, options) => {
      fail('begin');
      const record: RecordedDelivery = { recipients, options, content: Buffer.alloc(0), state: 'open' };
      recorder.deliveries.push(record);
      const chunks: Uint8Array[] = [];
      return {
        write: async (chunk) => {
          await recorder.slow?.();
          fail('write');
          chunks.push(chunk);
        },
        commit: async () => {
          fail('commit');
          record.content = Buffer.concat(chunks);
          record.state = 'committed';
          const digest = createHash('sha256').update(record.content).digest('hex');
          return recipients.map((recipient): DeliveryOutcome => {
            if (recorder.full.has(recipient.account)) {
              return { kind: 'refused', error: new MailError('overQuota', 'Mailbox is full') };
            }
            const key = `${options.envid} ${recipient.account} ${digest}`;
            if (options.envid !== undefined && seen.has(key)) return { kind: 'duplicate' };
            seen.add(key);
            return { kind: 'stored', uid: 1 };
          });
        },
        abort: () => {
          record.state = 'aborted';
        },
      };
    },
  };
  return recorder;
}
