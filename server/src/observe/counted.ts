/** Figures that are counted from outside, around the contracts: logins by outcome, deliveries by outcome. */
import type { Authenticator } from '../auth/authenticator.js';
import { MailError } from '../kernel/errors.js';
import type { Delivery } from '../mailstore/delivery.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import type { Metrics } from './metrics.js';

const codeOf = (error: unknown): string => (error instanceof MailError ? error.code : 'internal');

export function countLogins(authenticator: Authenticator, metrics: Metrics): Authenticator {
  const count = (protocol: string, result: string): void =>
    metrics.count('logins_total', 'Logins by protocol and outcome', { protocol, result });
  return {
    async login(login) {
      try {
        const principal = await authenticator.login(login);
        count(login.protocol, 'ok');
        return principal;
      } catch (error) {
        count(login.protocol, codeOf(error));
        throw error;
      }
    },
  };
}

export function countDeliveries(
  mailstore: Mailstore,
  metrics: Metrics,
): Pick<Mailstore, 'beginDelivery' | 'openAccount'> {
  const count = (outcome: string): void =>
    metrics.count('deliveries_total', 'Recipients of delivered messages by outcome', { outcome });
  return {
    openAccount: (account, options) => mailstore.openAccount(account, options),
    beginDelivery(recipients, options): Delivery {
      const delivery = mailstore.beginDelivery(recipients, options);
      return {
        write: (chunk) => delivery.write(chunk),
        abort: () => delivery.abort(),
        async commit() {
          try {
            const outcomes = await delivery.commit();
            for (const outcome of outcomes) {
              count(outcome.kind === 'refused' ? outcome.error.code : outcome.kind);
            }
            return outcomes;
          } catch (error) {
            for (const _ of recipients) count(codeOf(error));
            throw error;
          }
        },
      };
    },
  };
}
