/** Pseudo-random numbers that are the same everywhere: a bench corpus is a pure function of its name and an index. */
export type Random = () => number;

/** mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** FNV-1a. */
export function hash32(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return hash >>> 0;
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[Math.trunc(random() * list.length)]!;
}

export function letters(random: Random, count: number): string {
  let text = '';
  while (text.length < count) text += ((random() * 4294967296) >>> 0).toString(36);
  return text.slice(0, count);
}
