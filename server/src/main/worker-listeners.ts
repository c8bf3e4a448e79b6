/** Puts the services of a worker together and opens its listeners, in the order that was given. */
import { join } from 'node:path';
import type { Door, ServiceInfo } from '@vaguemestre/shared/service-info';
import { AggregatorRegistry, Registry } from 'prom-client';
import type { ListenerName } from '../config/config.js';
import { showListenAddress } from '../config/listen-address.js';
import { createHttpApp } from '../http/http-app.js';
import { listenHttp } from '../http/http-listener.js';
import { systemClock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { ListenAddress } from '../net/address.js';
import { createHealthCheck } from '../observe/health.js';
import { createMetrics } from '../observe/metrics.js';
import { builtListeners } from './built-listeners.js';
import type { WorkerOrder } from './messages.js';

interface OpenListener {
  readonly name: ListenerName;
  readonly address: ListenAddress;
  readonly connections: number;
  reload(): Promise<void>;
  close(graceMs: number): Promise<void>;
}

export interface OpenListeners {
  readonly addresses: readonly { readonly name: ListenerName; readonly address: ListenAddress }[];
  reload(): Promise<void>;
  close(graceMs: number): Promise<void>;
}

export interface RefusedListener {
  readonly refused: ListenerName;
  readonly error: unknown;
}

const webmailFolder = join(import.meta.dirname, '../../../webmail/dist');
const maxWebConnections = 10_000;

export async function openWorkerListeners(
  order: WorkerOrder,
  _lifetime: Lifetime,
  log: Log,
): Promise<OpenListeners | RefusedListener> {
  const registry = new Registry();
  AggregatorRegistry.setRegistries([registry]);
  // Without an instance a worker does not answer the main process.
  new AggregatorRegistry();
  const metrics = createMetrics(registry);
  const opened: OpenListener[] = [];
  const app = await createHttpApp({
    health: createHealthCheck(async () => undefined, systemClock),
    info: () => serviceInfo(order, opened),
    webmailFolder,
    log,
  });

  const openOne = async (name: ListenerName, address: ListenAddress): Promise<Omit<OpenListener, 'name'>> => {
    switch (name) {
      case 'http':
        return listenHttp(app, { address, maxConnections: maxWebConnections });
      case 'https':
        return listenHttp(app, { address, maxConnections: maxWebConnections, tls: order.tls });
      default:
        throw new Error(`no service for listener ${name}`);
    }
  };

  const closeAll = async (graceMs: number): Promise<void> => {
    await Promise.all(opened.map((listener) => listener.close(graceMs)));
    await app.close();
  };

  for (const name of order.listeners) {
    const address = order.settings[`listen-${name}`];
    if (address === undefined) continue;
    try {
      const listener = await openOne(name, address);
      opened.push({
        name,
        address: listener.address,
        get connections() {
          return listener.connections;
        },
        reload: () => listener.reload(),
        close: (graceMs) => listener.close(graceMs),
      });
      metrics.watch('connections', 'Open connections', { listener: name }, () => listener.connections);
      log.info({ listener: name, address: showListenAddress(listener.address) }, 'listening');
    } catch (error) {
      await closeAll(0);
      return { refused: name, error };
    }
  }
  return {
    addresses: opened,
    reload: async () => {
      for (const listener of opened) {
        try {
          await listener.reload();
        } catch (error) {
          log.error({ err: error, listener: listener.name }, 'the new certificate cannot be used; the old one stays');
        }
      }
      log.info('certificates were read again');
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
