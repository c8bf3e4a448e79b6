/**
 * The world outside the laboratory, on this machine: a name server and mail hosts, each at a loopback address of its own and all at
 * one port, as real ones are at port 25. And the relay's way out to it.
 */

import { type DeliveryOptions, type OutgoingDelivery, openDelivery } from '@vaguemestre/relay/delivery/open-delivery';
import type { PolicyStore, StoredPolicy } from '@vaguemestre/relay/sts/sts-policies';
import { silentLog } from '@vaguemestre/server/kernel/log';
import { type MailHost, type MailHostOptions, startMailHost } from './mail-host.js';
import { type MovingClock, movingClock } from './moving-clock.js';
import { type NameRecord, type NameServer, startNameServer } from './name-server.js';
import { shortTimeouts } from './relay-deliverer.js';

export interface Outside {
  readonly dns: NameServer;
  /** The port of every host. */
  readonly port: number;
  readonly clock: MovingClock;
  /** A host that has this name in the DNS from now on. */
  host(name: string, options?: Omit<MailHostOptions, 'port' | 'address'>): Promise<MailHost>;
  /** A name at which nobody listens. */
  deadHost(name: string): void;
  /** `[preference, host]`. */
  mx(domain: string, ...records: readonly (readonly [number, string])[]): void;
  add(name: string, ...records: readonly NameRecord[]): void;
  delivery(options?: Partial<DeliveryOptions>): Promise<OutgoingDelivery>;
  readonly policies: Map<string, StoredPolicy>;
  close(): Promise<void>;
}

export async function startOutside(): Promise<Outside> {
  const dns = await startNameServer();
  // The first host takes the port that is free; it stands for nobody.
  const first = await startMailHost({ address: '127.0.0.2' });
  const { port } = first;
  const hosts: MailHost[] = [first];
  const opened: OutgoingDelivery[] = [];
  const clock = movingClock();
  const policies = new Map<string, StoredPolicy>();
  const store: PolicyStore = {
    get: (domain) => Promise.resolve(policies.get(domain)),
    put: (domain, stored) => {
      policies.set(domain, stored);
      return Promise.resolve();
    },
  };
  let last = 2;
  const add = (name: string, ...records: readonly NameRecord[]): void => {
    const before = dns.zones.get(name);
    dns.zones.set(name, [...(typeof before === 'object' ? before : []), ...records]);
  };
  return {
    dns,
    port,
    clock,
    policies,
    add,
    async host(name, options = {}) {
      const address = `127.0.0.${++last}`;
      const host = await startMailHost({ ...options, address, port });
      hosts.push(host);
      add(name, { type: 'A', value: address });
      return host;
    },
    deadHost(name) {
      add(name, { type: 'A', value: `127.0.0.${++last}` });
    },
    mx(domain, ...records) {
      add(domain, ...records.map(([preference, value]) => ({ type: 'MX', value, preference }) as const));
    },
    async delivery(options = {}) {
      const delivery = await openDelivery({
        domain: 'labo.example',
        domains: [],
        partners: [],
        transports: [],
        smartHost: undefined,
        hostname: 'relay.labo.example',
        mailboxes: { target: { path: '/nowhere' } },
        dnsServers: [dns.address],
        families: ['4'],
        tlsRules: [],
        smartHostLoginFile: undefined,
        policies: store,
        clock,
        log: silentLog,
        ...options,
        outside: {
          port,
          timeouts: shortTimeouts,
          isOwnAddress: (address) => address === '127.0.0.1',
          ...options.outside,
        },
      });
      opened.push(delivery);
      return delivery;
    },
    async close() {
      for (const { deliverer } of opened) await deliverer.close();
      for (const host of hosts) await host.close();
      await dns.close();
    },
  };
}
