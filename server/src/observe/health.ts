/**
 * Whether this process can serve: the store answers. The answer is kept for a second, so that no crowd of probes becomes a
 * load on the store, and a store that does not answer at all counts as away after two.
 */
import type { Clock } from '../kernel/clock.js';

export type Health = { readonly status: 'ok' } | { readonly status: 'unavailable'; readonly reason: string };

export interface HealthCheck {
  check(): Promise<Health>;
}

const keepMs = 1_000;
const patienceMs = 2_000;

export function createHealthCheck(ping: (signal: AbortSignal) => Promise<void>, clock: Clock): HealthCheck {
  let last: { readonly atMs: number; readonly health: Promise<Health> } | undefined;
  return {
    check() {
      const nowMs = clock.monotonicMs();
      if (last === undefined || nowMs - last.atMs >= keepMs) last = { atMs: nowMs, health: ask(ping) };
      return last.health;
    },
  };
}

async function ask(ping: (signal: AbortSignal) => Promise<void>): Promise<Health> {
  const signal = AbortSignal.timeout(patienceMs);
  const away: Health = { status: 'unavailable', reason: 'the mail store does not answer' };
  const late = new Promise<Health>((resolve) => signal.addEventListener('abort', () => resolve(away), { once: true }));
  const answer = ping(signal).then(
    (): Health => ({ status: 'ok' }),
    () => away,
  );
  return Promise.race([answer, late]);
}
