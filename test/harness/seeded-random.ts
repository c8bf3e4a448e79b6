/** A source of chance that a failure can be repeated with: the seed is printed by whoever makes one. */
export interface Chance {
  readonly seed: number;
  /** An integer from 0 up to and without `below`. */
  below(below: number): number;
  pick<T>(list: readonly T[]): T;
}

export function chance(
  seed = Number(process.env['VAGUEMESTRE_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31)),
): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  const below = (limit: number) => next() % limit;
  return { seed, below, pick: (list) => list[below(list.length)]! };
}
