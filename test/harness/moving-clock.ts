import type { Clock } from '@vaguemestre/server/kernel/clock';

/** A clock that stands until a test moves it. */
export interface MovingClock extends Clock {
  move(ms: number): void;
}

export function movingClock(startMs = Date.UTC(2026, 2, 2, 8)): MovingClock {
  let elapsed = 0;
  return {
    nowMs: () => startMs + elapsed,
    monotonicMs: () => elapsed,
    move: (ms) => {
      elapsed += ms;
    },
  };
}
