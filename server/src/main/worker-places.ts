/**
 * The connections of an account counted over all workers: the main process counts, a worker asks before it lets somebody in.
 * One message each way at a login (about 0.1 ms), one when the connection ends. A worker that dies gives back what it held.
 * Several machines on one MongoDB count each for itself. POP3 takes the one place of a maildrop in the same way (decision 0025).
 */
import { type ConnectionPlaces, createPlaceCounter, once } from '../auth/connection-places.js';
import { type MaildropLocks, maildropInUse, maildropResting } from '../auth/maildrop-locks.js';
import type { AccountId } from '../kernel/ids.js';
import type { FromWorker, ToWorker } from './messages.js';

export type PlaceRequest = Extract<FromWorker, { kind: 'takePlace' | 'givePlace' }>;
type PlaceAnswer = Extract<ToWorker, { kind: 'place' }>;
type TakePlace = Extract<FromWorker, { kind: 'takePlace' }>;

/** In the main process: the book of all places, with one page a worker. */
export interface PlaceBook {
  page(answer: (message: PlaceAnswer) => void): {
    take(request: PlaceRequest): void;
    /** The worker is gone. */
    close(): void;
  };
}

/** Keys whose last taking is remembered; past it those that may be forgotten are. */
const maxRests = 10_000;

export function createPlaceBook(most: number, monotonicMs: () => number = () => performance.now()): PlaceBook {
  const counter = createPlaceCounter(most);
  const rests = new Map<string, number>();

  /** How long the key still has to rest, if it has. */
  const resting = ({ key, restMs = 0 }: TakePlace): number => {
    if (restMs <= 0) return 0;
    const until = rests.get(key) ?? 0;
    return Math.max(0, until - monotonicMs());
  };
  const rest = ({ key, restMs = 0 }: TakePlace): void => {
    if (restMs <= 0) return;
    const now = monotonicMs();
    if (rests.size >= maxRests) for (const [old, until] of rests) if (until <= now) rests.delete(old);
    rests.set(key, now + restMs);
  };

  return {
    page(answer) {
      const held = new Map<number, string>();
      const grant = (request: TakePlace): void => {
        const { id, key, most: ownMost } = request;
        const restMs = resting(request);
        const granted = restMs === 0 && counter.take(key, ownMost);
        if (granted) {
          held.set(id, key);
          rest(request);
        }
        answer({ kind: 'place', id, granted, ...(restMs > 0 && { restMs }) });
      };
      return {
        take(request) {
          if (request.kind === 'takePlace') {
            grant(request);
            return;
          }
          const key = held.get(request.id);
          if (key === undefined) return;
          held.delete(request.id);
          counter.give(key);
        },
        close() {
          for (const key of held.values()) counter.give(key);
          held.clear();
        },
      };
    },
  };
}

/** In a worker: the places of one protocol. */
export interface WorkerPlaces {
  of(protocol: string): ConnectionPlaces;
  maildrops(restMs: number): MaildropLocks;
  answered(message: PlaceAnswer): void;
}

export function createWorkerPlaces(ask: (request: PlaceRequest) => void): WorkerPlaces {
  const waiting = new Map<number, (answer: PlaceAnswer) => void>();
  let lastId = 0;
  const request = (place: Omit<TakePlace, 'kind' | 'id'>): Promise<PlaceAnswer> =>
    new Promise((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      ask({ kind: 'takePlace', id, ...place });
    });
  const giving = (id: number): (() => void) => once(() => ask({ kind: 'givePlace', id }));
  return {
    of: (protocol) => ({
      async take(account: AccountId) {
        const { id, granted } = await request({ key: `${protocol} ${account}` });
        return granted ? giving(id) : undefined;
      },
    }),
    maildrops: (restMs) => ({
      async take(account) {
        const { id, granted, restMs: left } = await request({ key: `maildrop ${account}`, most: 1, restMs });
        if (granted) return giving(id);
        throw left === undefined ? maildropInUse() : maildropResting(left);
      },
    }),
    answered(message) {
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    },
  };
}
