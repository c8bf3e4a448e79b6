/** The POP3 server of a worker. Its locks are this machine's; machines that share a MongoDB have leases in it beside them. */
import type { Authenticator } from '../auth/authenticator.js';
import { leasedMaildrops } from '../auth/leased-maildrops.js';
import type { ScramAuthenticator } from '../auth/scram-authenticator.js';
import { systemClock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import { createPop3Server, type Pop3Server } from '../pop3/pop3-server.js';
import type { WorkerOrder } from './messages.js';
import type { OpenMail } from './open-mail.js';
import type { WorkerPlaces } from './worker-places.js';

export interface Pop3Parts {
  readonly order: WorkerOrder;
  readonly mail: OpenMail;
  readonly authenticator: Authenticator;
  readonly scram: ScramAuthenticator | undefined;
  readonly places: WorkerPlaces;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

export function createPop3({ order, mail, authenticator, scram, places, lifetime, log }: Pop3Parts): Pop3Server {
  const restMs = order.settings['pop3-login-delay'];
  const locks = places.maildrops(restMs);
  return createPop3Server({
    mailstore: mail.mailstore,
    authenticator,
    scram,
    clearDoor: mail.auth.clearDoor,
    locks:
      order.storeFolder === undefined
        ? leasedMaildrops({ locks, leases: mail.maildropLeases, restMs, clock: systemClock, lifetime, log })
        : locks,
    admissions: mail.auth.admissions,
    tellNotices: ({ account, quotaBytes }) => mail.bulletins.tell(account, quotaBytes),
    clock: systemClock,
    log,
    startTlsAvailable: true,
    loginDelaySeconds: Math.ceil(restMs / 1000),
  });
}
