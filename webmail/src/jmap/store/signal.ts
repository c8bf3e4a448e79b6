/**
 * What the model tells the views: "this changed". Reading `track()` in a component or an effect makes it run again after
 * `bump()`. Outside a browser (tests) both do nothing that matters. The model itself needs no compiler, and no rune.
 */
import { SvelteMap } from 'svelte/reactivity';

export interface Signal {
  track(): void;
  bump(): void;
}

export function createSignal(): Signal {
  const value = new SvelteMap<'version', number>([['version', 0]]);
  let version = 0;
  return {
    track: () => void value.get('version'),
    bump: () => void value.set('version', ++version),
  };
}

/** A value that views can watch. */
export interface Watched<T> {
  value: T;
}

export function watched<T>(initial: T): Watched<T> {
  const cell = new SvelteMap<'value', T>([['value', initial]]);
  return {
    get value(): T {
      return cell.get('value') as T;
    },
    set value(value: T) {
      cell.set('value', value);
    },
  };
}
