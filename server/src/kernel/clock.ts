/** Time as a dependency, so that tests can move it. Wall time is for people and dates; `monotonicMs` is for durations. */
export interface Clock {
  /** Milliseconds since 1970, the machine's wall clock. */
  nowMs(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
