/**
 * The gate of routes (`route-gate.ts`): each begins with five at a time, one more for every success up to twenty, half as many
 * after a host could not be reached; after three such in a row nobody goes there for five minutes, and then one alone to look.
 * What one route does changes nothing for another, so a dead domain costs its own mail and nobody else's.
 */
import type { Clock } from '@vaguemestre/server/kernel/clock';
import type { RouteGate } from './route-gate.js';

export interface GateLimits {
  readonly initial: number;
  readonly most: number;
  /** Failures in a row that close a route. */
  readonly failures: number;
  readonly closedMs: number;
  /** Routes remembered: a sender of mail to a million domains must not fill memory. */
  readonly routes: number;
}

export const standardGateLimits: GateLimits = {
  initial: 5,
  most: 20,
  failures: 3,
  closedMs: 5 * 60_000,
  routes: 10_000,
};

interface RouteState {
  active: number;
  limit: number;
  failures: number;
  /** Wall clock; 0: open. */
  untilMs: number;
}

export function openRouteGate(clock: Clock, limits: GateLimits = standardGateLimits): RouteGate {
  const states = new Map<string, RouteState>();

  const isClosed = (state: RouteState): boolean => {
    const leftMs = state.untilMs - clock.nowMs();
    // A clock that was set back must not keep a route closed for a year.
    return leftMs > 0 && leftMs <= limits.closedMs;
  };
  const mayEnter = (state: RouteState): boolean => {
    if (isClosed(state)) return false;
    return state.active < (state.failures >= limits.failures ? 1 : state.limit);
  };
  /** Nothing is known of it that a new one would not say as well. */
  const isPlain = (state: RouteState): boolean =>
    state.active === 0 && state.failures === 0 && state.limit === limits.initial;
  /** Room for one more: the one longest idle goes. */
  const makeRoom = (): void => {
    if (states.size < limits.routes) return;
    for (const [key, state] of states) {
      if (state.active > 0) continue;
      states.delete(key);
      return;
    }
  };

  const left = (key: string, state: RouteState, unreachable: boolean): void => {
    state.active--;
    if (unreachable) {
      state.failures++;
      state.limit = Math.max(1, state.limit >> 1);
      if (state.failures >= limits.failures) state.untilMs = clock.nowMs() + limits.closedMs;
    } else {
      state.failures = 0;
      state.untilMs = 0;
      state.limit = Math.min(limits.most, state.limit + 1);
    }
    if (states.get(key) !== state) return;
    // Last in the order of use.
    states.delete(key);
    if (!isPlain(state)) states.set(key, state);
  };

  return {
    enter(key) {
      let state = states.get(key);
      if (state === undefined) {
        makeRoom();
        state = { active: 0, limit: limits.initial, failures: 0, untilMs: 0 };
        states.set(key, state);
      }
      if (!mayEnter(state)) return undefined;
      state.active++;
      const entered = state;
      let told = false;
      return ({ unreachable }) => {
        if (told) return;
        told = true;
        left(key, entered, unreachable);
      };
    },
    closed() {
      const result = new Map<string, number>();
      for (const [key, state] of states) {
        if (!mayEnter(state)) result.set(key, isClosed(state) ? state.untilMs : 0);
      }
      return result;
    },
    reopen(key) {
      const state = states.get(key);
      if (state === undefined) return;
      state.failures = 0;
      state.untilMs = 0;
      state.limit = Math.max(state.limit, limits.initial);
    },
  };
}
