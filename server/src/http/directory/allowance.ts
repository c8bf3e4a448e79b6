import type { Clock } from '../../kernel/clock.js';

/** How much each of many may ask: so much at once, then so much a second. In memory; those who asked least lately are forgotten. */
export interface Allowance {
  /** False: not now. */
  take(who: string): boolean;
}

const maxRemembered = 5_000;

export function createAllowance(
  { burst, perSecond }: { readonly burst: number; readonly perSecond: number },
  clock: Clock,
): Allowance {
  const left = new Map<string, { readonly tokens: number; readonly atMs: number }>();
  return {
    take(who) {
      const nowMs = clock.monotonicMs();
      const before = left.get(who);
      const refilled = before === undefined ? burst : before.tokens + ((nowMs - before.atMs) * perSecond) / 1000;
      const tokens = Math.min(burst, refilled);
      left.delete(who);
      left.set(who, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
      if (left.size > maxRemembered) {
        const [oldest] = left.keys();
        if (oldest !== undefined) left.delete(oldest);
      }
      return tokens >= 1;
    },
  };
}
