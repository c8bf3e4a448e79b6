/** The metrics listener of a service: what its workers count and what the main process sees. */
import { AggregatorRegistry, Registry } from 'prom-client';
import type { Config } from '../config/config.js';
import { showListenAddress } from '../config/listen-address.js';
import { ConfigError } from '../config/load-config.js';
import { systemClock } from '../kernel/clock.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import { createMetrics } from '../observe/metrics.js';
import { serveMetrics } from '../observe/metrics-server.js';
import { watchOutbox } from '../observe/watch-outbox.js';
import type { Outbox } from '../outbox/outbox.js';
import type { BoundListener } from './messages.js';
import { listenerProblem, listenReason } from './preflight.js';

export async function openMainMetrics(
  config: Config,
  log: Log,
  lifetime: Lifetime,
  outbox: Outbox,
): Promise<readonly BoundListener[]> {
  const address = config.listen.metrics;
  if (address === undefined || !config.values.parts.includes('web')) return [];
  const workers = new AggregatorRegistry();
  const own = new Registry();
  const refresh = watchOutbox(createMetrics(own, 'vaguemestre_main_'), outbox, systemClock);
  try {
    const server = await serveMetrics(
      address,
      async () => {
        await refresh();
        const text = `${await workers.clusterMetrics()}\n${await own.metrics()}`;
        return { contentType: workers.contentType, text };
      },
      log,
    );
    lifetime.onClose(() => server.close());
    return [{ name: 'metrics', address: showListenAddress(server.address) }];
  } catch (error) {
    throw new ConfigError([listenerProblem(config, 'metrics', listenReason(error))]);
  }
}
