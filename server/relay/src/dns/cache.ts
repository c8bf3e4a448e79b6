/**
 * Answers that are remembered, and questions under way that are not asked twice. Bounded in number: who sends mail to a
 * million domains gets the oldest of them forgotten. Time is the monotonic clock's, so that a clock set back keeps nothing alive.
 */
import type { Clock } from '@vaguemestre/server/kernel/clock';

export interface Kept<V> {
  readonly value: V;
  readonly forMs: number;
}

export interface AnswerCache {
  /** The remembered value of `key`, or what `ask` gives, which is remembered for as long as it says. */
  get<V>(key: string, ask: () => Promise<Kept<V>>): Promise<V>;
  readonly size: number;
  clear(): void;
}

export function createAnswerCache(clock: Clock, maxEntries: number): AnswerCache {
  const kept = new Map<string, { readonly value: unknown; readonly untilMs: number }>();
  const underWay = new Map<string, Promise<unknown>>();
  let generation = 0;

  const ask = async <V>(key: string, question: () => Promise<Kept<V>>): Promise<V> => {
    const began = generation;
    try {
      const { value, forMs } = await question();
      if (forMs > 0 && began === generation) {
        kept.delete(key);
        kept.set(key, { value, untilMs: clock.monotonicMs() + forMs });
        if (kept.size > maxEntries) kept.delete(kept.keys().next().value!);
      }
      return value;
    } finally {
      if (began === generation) underWay.delete(key);
    }
  };

  return {
    get<V>(key: string, question: () => Promise<Kept<V>>): Promise<V> {
      const known = kept.get(key);
      if (known !== undefined && known.untilMs > clock.monotonicMs()) return Promise.resolve(known.value as V);
      const asked = underWay.get(key);
      if (asked !== undefined) return asked as Promise<V>;
      const asking = ask(key, question);
      underWay.set(key, asking);
      return asking;
    },
    get size() {
      return kept.size;
    },
    clear() {
      generation++;
      kept.clear();
      underWay.clear();
    },
  };
}
