/** Choices that look random and are the same at every run: the demonstration can be looked at twice and talked about. */
export interface SeededChoice {
  /** 0 <= x < 1. */
  next(): number;
  /** from <= n <= to. */
  integer(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** `count` different ones, in random order. */
  some<T>(from: readonly T[], count: number): T[];
}

export function seededChoice(seed: number): SeededChoice {
  let state = seed >>> 0;
  const next = (): number => {
    // xorshift32: short, and even enough for choosing sentences.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const integer = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick(from) {
      const one = from[integer(0, from.length - 1)];
      if (one === undefined) throw new Error('nothing to pick from');
      return one;
    },
    some(from, count) {
      const left = [...from];
      const taken = [];
      while (taken.length < count && left.length > 0) taken.push(...left.splice(integer(0, left.length - 1), 1));
      return taken;
    },
  };
}
