import { MailError } from '../kernel/errors.js';

/**
 * Expensive work (password hashing) with two lanes, so that a flood of guesses cannot starve the people: `known` is for a
 * person who logged in from that network before, `stranger` for everything else. Known work goes first, but every fourth
 * turn is a stranger's if one waits. What does not fit is refused at once: waiting longer than a client's patience helps
 * nobody.
 */
export type WorkLane =
  | { readonly kind: 'known' }
  /** `network` so that one network cannot fill the lane by itself. */
  | { readonly kind: 'stranger'; readonly network: string };

export interface WorkQueue {
  run<T>(lane: WorkLane, work: () => Promise<T>): Promise<T>;
  readonly waiting: number;
}

export interface WorkQueueLimits {
  /** At a time: more than cores only adds latency, and each takes 19 MiB. */
  readonly running: number;
  readonly knownWaiting: number;
  readonly strangersWaiting: number;
  readonly strangersWaitingPerNetwork: number;
}

/** About 4 s of work for a core each: 1,000 people coming back at once after a restart still get in. */
export const passwordWorkLimits: WorkQueueLimits = {
  running: 2,
  knownWaiting: 1_000,
  strangersWaiting: 400,
  strangersWaitingPerNetwork: 100,
};

interface Waiting {
  readonly network: string | undefined;
  start(): void;
}

export function createWorkQueue(limits: WorkQueueLimits): WorkQueue {
  const known: Waiting[] = [];
  const strangers: Waiting[] = [];
  const perNetwork = new Map<string, number>();
  let running = 0;
  let turn = 0;

  const admit = (lane: WorkLane): void => {
    const full =
      lane.kind === 'known'
        ? known.length >= limits.knownWaiting
        : strangers.length >= limits.strangersWaiting ||
          (perNetwork.get(lane.network) ?? 0) >= limits.strangersWaitingPerNetwork;
    if (full) throw new MailError('throttled', 'Too many logins are waiting; try again in a few seconds.');
  };

  const leave = (network: string): void => {
    const rest = (perNetwork.get(network) ?? 1) - 1;
    if (rest === 0) perNetwork.delete(network);
    else perNetwork.set(network, rest);
  };

  const next = (): void => {
    if (running >= limits.running) return;
    turn = (turn + 1) % 4;
    const waiting = turn === 0 ? (strangers.shift() ?? known.shift()) : (known.shift() ?? strangers.shift());
    if (waiting === undefined) return;
    if (waiting.network !== undefined) leave(waiting.network);
    running++;
    waiting.start();
  };

  return {
    get waiting() {
      return known.length + strangers.length;
    },
    async run(lane, work) {
      if (running >= limits.running || this.waiting > 0) admit(lane);
      const network = lane.kind === 'stranger' ? lane.network : undefined;
      if (network !== undefined) perNetwork.set(network, (perNetwork.get(network) ?? 0) + 1);
      await new Promise<void>((start) => {
        (network === undefined ? known : strangers).push({ network, start });
        next();
      });
      try {
        return await work();
      } finally {
        running--;
        next();
      }
    },
  };
}
