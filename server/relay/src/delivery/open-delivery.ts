/**
 * The outgoing half of the relay made from its settings: router, deliverer, gate, and what they are made of. What the settings say
 * wrongly rejects with MailError invalid, before anything is sent.
 */

import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SettingValues } from '@vaguemestre/server/config/settings';
import type { TlsRule } from '@vaguemestre/server/config/tls-rules';
import type { NextHop } from '@vaguemestre/server/config/transport';
import type { Clock } from '@vaguemestre/server/kernel/clock';
import { MailError } from '@vaguemestre/server/kernel/errors';
import type { Log } from '@vaguemestre/server/kernel/log';
import { isLoopback, ownAddresses } from '@vaguemestre/server/net/address';
import { isPublicAddress } from '@vaguemestre/server/net/public-address';
import type { RouteTold } from '@vaguemestre/server/outbox/relay-outlook';
import type { Dns } from '../dns/answer.js';
import { createDns } from '../dns/resolver.js';
import { openRouteGate } from '../queue/open-route-gate.js';
import type { RouteGate } from '../queue/route-gate.js';
import { canonicalDomain, enclosingDomains } from '../routing/domain.js';
import type { Family, Hop, HopParts } from '../routing/hops.js';
import { type Route, type Router, routeKey } from '../routing/route.js';
import { createRouter, type RouterSettings } from '../routing/router.js';
import type { TlsLevel } from '../routing/tls-level.js';
import { policyFetcher } from '../sts/fetch-policy.js';
import { createStsPolicies, type PolicyStore } from '../sts/sts-policies.js';
import { countTls, type TlsCount } from '../sts/tls-counts.js';
import { type ClientTimeouts, standardTimeouts } from './client-timeouts.js';
import type { ConnectTarget } from './connect.js';
import type { Deliverer } from './deliverer.js';
import { createDeliverer, type RouteDemand } from './host-deliverer.js';
import { ownReply } from './remote-reply.js';
import type { Login } from './session.js';
import { hopsOfRoute } from './stops.js';

export interface DeliveryOptions extends RouterSettings {
  /** By which the DNS knows this relay: in EHLO, and in the MX of domains that it serves. */
  readonly hostname: string;
  /** Other names that it has there. */
  readonly ownNames?: readonly string[];
  readonly mailboxes: { readonly target: ConnectTarget; readonly login?: Login };
  readonly dnsServers: readonly string[];
  readonly families: readonly ('4' | '6')[];
  readonly tlsRules: readonly TlsRule[];
  /** First line the user, second the password. */
  readonly smartHostLoginFile: string | undefined;
  readonly policies: PolicyStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Tests play the outside on this machine. */
  readonly outside?: {
    readonly port: number;
    readonly httpsPort?: number;
    readonly authorities?: string;
    readonly timeouts?: ClientTimeouts;
    readonly isOwnAddress?: (address: string) => boolean;
  };
}

/** What of it the settings say. */
export const deliverySettings = (settings: SettingValues, hostname: string) =>
  ({
    domain: settings.domain,
    domains: settings['relay-domains'],
    partners: settings['relay-partners'],
    transports: settings['relay-transports'],
    smartHost: settings['relay-smart-host'],
    smartHostLoginFile: settings['relay-smart-host-login'],
    hostname,
    dnsServers: settings['relay-dns'],
    families: settings['relay-families'],
    tlsRules: settings['relay-tls'],
  }) satisfies Partial<DeliveryOptions>;

export interface OutgoingDelivery {
  readonly router: Router;
  readonly deliverer: Deliverer;
  readonly gate: RouteGate;
  readonly dns: Dns;
  tlsCounts(): readonly TlsCount[];
  /** Whom it would speak to, without doing so. */
  lookAt(route: Route, signal: AbortSignal): Promise<Omit<RouteTold, 'route'>>;
}

export async function openDelivery(options: DeliveryOptions): Promise<OutgoingDelivery> {
  const { clock, log, outside } = options;
  const router = createRouter(options);
  const login = await readLogin(options.smartHostLoginFile);
  const dns = createDns({ ...(options.dnsServers.length > 0 && { servers: options.dnsServers }), clock });
  const families = options.families.map((family): Family => (family === '4' ? 4 : 6));
  const own = new Set([options.hostname, ...(options.ownNames ?? [])].map((name) => canonicalDomain(name) ?? name));
  const tls = countTls(clock);
  const sts = createStsPolicies({
    dns,
    fetch: policyFetcher({
      dns,
      families,
      allowed: outside === undefined ? isPublicAddress : () => true,
      ...(outside?.httpsPort !== undefined && { port: outside.httpsPort }),
      ...(outside?.authorities !== undefined && { authorities: outside.authorities }),
    }),
    store: options.policies,
    clock,
    log,
  });
  const hops: HopParts = {
    dns,
    families,
    names: { isOwn: (host) => own.has(host), below: randomInt },
    // A stranger's domain that points here, or at any loopback, would have us talk to ourselves.
    isOwnAddress: outside?.isOwnAddress ?? ((address) => isLoopback(address) || ownAddresses().includes(address)),
  };
  const port = outside?.port ?? 25;
  const deliverer = createDeliverer({
    hostname: options.hostname,
    timeouts: outside?.timeouts ?? standardTimeouts,
    trust: outside?.authorities === undefined ? {} : { authorities: outside.authorities },
    hops,
    port,
    mailboxes: options.mailboxes,
    demandOf: demands(options.tlsRules, options.smartHost, login),
    promiseOf: (domain, signal) => sts.promiseOf(domain, signal),
    tlsEvent: tls.add,
    log,
  });
  const lookAt: OutgoingDelivery['lookAt'] = async (route, signal) => {
    const promise = route.kind === 'mx' ? await sts.promiseOf(route.domain, signal) : undefined;
    const found = hopsOfRoute(route, promise, { hops, port }, signal);
    const hosts: Hop[] = [];
    let step = await found.next();
    for (; step.done !== true; step = await found.next()) hosts.push(step.value);
    return {
      hosts,
      ...(step.value && { problem: ownReply(step.value.enhanced, step.value.text) }),
      ...(promise && { promise: promise.enforced ? 'enforce' : 'testing' }),
    };
  };
  return { router, deliverer, gate: openRouteGate(clock), dns, tlsCounts: tls.list, lookAt };
}

/** The rule of the domain, or of the host that is named in its place. */
function demands(
  rules: readonly TlsRule[],
  smartHost: NextHop | undefined,
  login: Login | undefined,
): (route: Route) => RouteDemand {
  const levels = new Map<string, TlsLevel>();
  for (const { pattern, level } of rules) levels.set(pattern.startsWith('*.') ? pattern.slice(1) : pattern, level);
  const smartKey = smartHost === undefined || smartHost.kind !== 'host' ? undefined : routeKey(smartHost);
  return (route) => {
    const name = route.kind === 'mx' ? route.domain : route.kind === 'host' ? route.host : undefined;
    const key = name === undefined ? undefined : [...enclosingDomains(name)].find((one) => levels.has(one));
    const tls = (key === undefined ? undefined : levels.get(key)) ?? levels.get('*') ?? 'may';
    const ours = login !== undefined && routeKey(route) === smartKey;
    return ours ? { tls, login } : { tls };
  };
}

async function readLogin(file: string | undefined): Promise<Login | undefined> {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new MailError('invalid', `relay-smart-host-login: ${file} cannot be read`, { cause: error });
  }
  const [user = '', password = ''] = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (user === '' || password === '') {
    throw new MailError(
      'invalid',
      `relay-smart-host-login: ${file} needs the user in its first line and the password in the second`,
    );
  }
  return { user, password };
}
