/** Puts the services of a worker together and opens its listeners, in the order that was given. */
import type { Door, ServiceInfo } from '@vaguemestre/shared/service-info';
import { AggregatorRegistry, Registry } from 'prom-client';
import type { ListenerName } from '../config/config.js';
import { showListenAddress } from '../config/listen-address.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { ListenAddress } from '../net/address.js';
import { createMetrics } from '../observe/metrics.js';
import { builtListeners } from './built-listeners.js';
import type { WorkerOrder } from './messages.js';
import type { WorkerPlaces } from './worker-places.js';
import { createServices, type OpenListener } from './worker-services.js';

export interface OpenListeners {
  readonly addresses: readonly { readonly name: ListenerName; readonly address: ListenAddress }[];
  reload(): Promise<void>;
  close(graceMs: number): Promise<void>;
}

export interface RefusedListener {
  readonly refused: ListenerName;
  readonly error: unknown;
}

/** MailError unavailable when the store cannot be reached. What was opened is closed by `close` and the lifetime. */
export async function openWorkerListeners(
  order: WorkerOrder,
  places: WorkerPlaces,
  lifetime: Lifetime,
  log: Log,
): Promise<OpenListeners | RefusedListener> {
  const registry = new Registry();
  AggregatorRegistry.setRegistries([registry]);
  // Without an instance a worker does not answer the main process.
  new AggregatorRegistry();
  const metrics = createMetrics(registry);
  const opened: OpenListener[] = [];
  const services = await createServices(order, () => serviceInfo(order, opened), metrics, places, lifetime, log);
  for (const [protocol, count] of Object.entries(services.sessions)) {
    metrics.watch('sessions', 'Sessions', { protocol }, count);
  }

  const closeAll = async (graceMs: number): Promise<void> => {
    // Listeners first, so that nobody comes while sessions are told to go; both take their time together.
    await Promise.all([...opened.map((listener) => listener.close(graceMs)), services.close(graceMs)]);
  };

  for (const name of order.listeners) {
    const address = order.settings[`listen-${name}`];
    if (address === undefined) continue;
    try {
      const listener = await services.open(name, address);
      opened.push(listener);
      metrics.watch('connections', 'Open connections', { listener: name }, () => listener.connections);
      log.debug({ listener: name, address: showListenAddress(listener.address) }, 'listening');
    } catch (error) {
      await closeAll(0);
      return { refused: name, error };
    }
  }
  await services.opened(opened);
  return {
    addresses: opened,
    reload: async () => {
      try {
        await services.reload();
        for (const listener of opened) await listener.reload?.();
        log.info('certificates were read again');
      } catch (error) {
        log.error({ err: error }, 'the new certificate cannot be used; the old one stays');
      }
    },
    close: closeAll,
  };
}

function serviceInfo(order: WorkerOrder, opened: readonly OpenListener[]): ServiceInfo {
  const doors: Door[] = [];
  const inside: Door[] = [];
  for (const { name, address } of opened) {
    const built = builtListeners[name];
    if (!built || address.kind !== 'tcp') continue;
    (built.forPeople ? doors : inside).push({ name, port: address.port, security: built.security });
  }
  return {
    product: 'Vaguemestre',
    version: order.version,
    domain: order.settings.domain,
    host: order.hostname,
    selfSigned: order.tls.selfSigned,
    doors,
    inside,
  };
}
