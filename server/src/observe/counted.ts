/** Figures that are counted from outside, around the contracts: logins by outcome, deliveries by outcome. */
import type { Authenticator, Principal } from '../auth/authenticator.js';
import type { ScramAuthenticator } from '../auth/scram-authenticator.js';
import type { TokenAuthenticator } from '../auth/token-authenticator.js';
import { MailError } from '../kernel/errors.js';
import type { Delivery } from '../mailstore/delivery.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import type { Metrics } from './metrics.js';

const codeOf = (error: unknown): string => (error instanceof MailError ? error.code : 'internal');

export function countLogins(authenticator: Authenticator, metrics: Metrics): Authenticator {
  return { login: (login) => countLogin(metrics, login.protocol, () => authenticator.login(login)) };
}

export function countScram(scram: ScramAuthenticator, metrics: Metrics): ScramAuthenticator {
  return {
    mechanisms: (connection) => scram.mechanisms(connection),
    login: (login, ask) => countLogin(metrics, login.protocol, () => scram.login(login, ask)),
  };
}

export function countTokens(tokens: TokenAuthenticator, metrics: Metrics): TokenAuthenticator {
  return { login: (token, way) => countLogin(metrics, way.protocol, () => tokens.login(token, way)) };
}

async function countLogin(metrics: Metrics, protocol: string, login: () => Promise<Principal>): Promise<Principal> {
  const count = (result: string): void =>
    metrics.count('logins_total', 'Logins by protocol and outcome', { protocol, result });
  try {
    const principal = await login();
    count('ok');
    return principal;
  } catch (error) {
    count(codeOf(error));
    throw error;
  }
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
