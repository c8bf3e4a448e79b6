/** The relay's outlook (`outbox/relay-outlook.ts`): its own router, resolver and policies, asked and not used. */

import { systemClock } from '@vaguemestre/server/kernel/clock';
import { silentLog } from '@vaguemestre/server/kernel/log';
import type { OpenRelayOutlook } from '@vaguemestre/server/main/relay-part';
import type { RouteTold } from '@vaguemestre/server/outbox/relay-outlook';
import { exportRecipients } from './continuity/recipient-export.js';
import { selfTest } from './continuity/self-test.js';
import { deliverySettings, openDelivery } from './delivery/open-delivery.js';
import { routeKey } from './routing/route.js';

export const openRelayOutlook: OpenRelayOutlook = async ({ settings, hostname }) => {
  const { router, dns, lookAt } = await openDelivery({
    ...deliverySettings(settings, hostname),
    mailboxes: { target: { path: '' } },
    // Nothing is remembered: it tells what is published today.
    policies: { get: () => Promise.resolve(undefined), put: () => Promise.resolve() },
    clock: systemClock,
    log: silentLog,
  });
  const domains = [settings.domain, ...settings['relay-domains'].filter((domain) => !domain.startsWith('*.'))];
  return {
    async testRoute(address, signal): Promise<RouteTold> {
      const route = router.routeOf(address);
      return { route: routeKey(route), ...(await lookAt(route, signal)) };
    },
    selfTest: (signal) => selfTest({ domains, hostname, mode: settings['relay-mode'] }, dns, signal),
    exportRecipients,
  };
};
