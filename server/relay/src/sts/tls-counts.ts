/**
 * What sessions with other domains' hosts were like, counted by domain and day: the data of a report (RFC 8460 4). Kept in memory
 * of the process, bounded; the oldest days go first. A failure that was seen once is worth a look, so each keeps one example.
 */
import type { Clock } from '@vaguemestre/server/kernel/clock';
import type { TlsEvent } from '../delivery/host-deliverer.js';
import type { TlsFailure } from '../delivery/tls-failure.js';

export interface TlsCount {
  /** `2026-11-24`, UTC (RFC 8460 4.1). */
  readonly day: string;
  readonly domain: string;
  readonly policy: 'sts' | 'no-policy-found';
  readonly successes: number;
  readonly failures: readonly TlsFailureCount[];
}

export interface TlsFailureCount {
  readonly kind: TlsFailure['kind'];
  readonly host: string;
  readonly address: string;
  readonly text: string;
  readonly count: number;
}

interface Entry {
  readonly day: string;
  readonly domain: string;
  readonly policy: TlsCount['policy'];
  successes: number;
  readonly failures: Map<string, TlsFailureCount>;
}

const maxEntries = 5_000;
/** Hosts and kinds of failure of one domain in a day. */
const maxFailures = 50;

export function countTls(clock: Clock): { readonly add: (event: TlsEvent) => void; list(): readonly TlsCount[] } {
  const entries = new Map<string, Entry>();
  return {
    add({ domain, host, address, promised, failure }) {
      const day = new Date(clock.nowMs()).toISOString().slice(0, 10);
      const policy = promised ? 'sts' : 'no-policy-found';
      const key = `${day} ${policy} ${domain}`;
      let entry = entries.get(key);
      if (entry === undefined) {
        entry = { day, domain, policy, successes: 0, failures: new Map() };
        entries.set(key, entry);
        if (entries.size > maxEntries) entries.delete(entries.keys().next().value!);
      }
      if (failure === undefined) {
        entry.successes++;
        return;
      }
      const { kind, text } = failure;
      const which = `${kind} ${host} ${address}`;
      const before = entry.failures.get(which);
      if (before === undefined && entry.failures.size >= maxFailures) return;
      entry.failures.set(which, { kind, host, address, text, count: (before?.count ?? 0) + 1 });
    },
    list: () => [...entries.values()].map((entry) => ({ ...entry, failures: [...entry.failures.values()] })),
  };
}
