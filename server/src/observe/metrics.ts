/**
 * The figures of one process for Prometheus. Workers keep theirs; the main process gathers all of them when it is asked
 * (metrics-server.ts). Names begin with `vaguemestre_`; labels are closed lists, never addresses or accounts.
 */
import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  /** Adds a figure that is read when somebody asks. */
  watch(name: string, help: string, labels: Readonly<Record<string, string>>, read: () => number): void;
  /** Adds to a counter. */
  count(name: string, help: string, labels: Readonly<Record<string, string>>, by?: number): void;
}

export function createMetrics(registry: Registry, prefix = 'vaguemestre_'): Metrics {
  const gauges = new Map<string, { labels: Readonly<Record<string, string>>; read: () => number }[]>();
  const counters = new Map<string, Counter>();
  collectDefaultMetrics({ register: registry, prefix });
  return {
    registry,
    watch(name, help, labels, read) {
      const watched = gauges.get(name);
      if (watched) {
        watched.push({ labels, read });
        return;
      }
      const all = [{ labels, read }];
      gauges.set(name, all);
      new Gauge({
        name: prefix + name,
        help,
        labelNames: Object.keys(labels),
        registers: [registry],
        collect() {
          for (const one of all) this.set(one.labels, one.read());
        },
      });
    },
    count(name, help, labels, by = 1) {
      let counter = counters.get(name);
      if (!counter) {
        counter = new Counter({ name: prefix + name, help, labelNames: Object.keys(labels), registers: [registry] });
        counters.set(name, counter);
      }
      counter.inc(labels, by);
    },
  };
}
