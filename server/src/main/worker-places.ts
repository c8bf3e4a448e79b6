/**
 * The connections of an account counted over all workers: the main process counts, a worker asks before it lets somebody in.
 * One message each way at a login (about 0.1 ms), one when the connection ends. A worker that dies gives back what it held.
 * Several machines on one MongoDB count each for itself.
 */
import { type ConnectionPlaces, createPlaceCounter, once } from '../auth/connection-places.js';
import type { AccountId } from '../kernel/ids.js';
import type { FromWorker, ToWorker } from './messages.js';

export type PlaceRequest = Extract<FromWorker, { kind: 'takePlace' | 'givePlace' }>;
type PlaceAnswer = Extract<ToWorker, { kind: 'place' }>;

/** In the main process: the book of all places, with one page a worker. */
export interface PlaceBook {
  page(answer: (message: PlaceAnswer) => void): {
    take(request: PlaceRequest): void;
    /** The worker is gone. */
    close(): void;
  };
}

export function createPlaceBook(most: number): PlaceBook {
  const counter = createPlaceCounter(most);
  return {
    page(answer) {
      const held = new Map<number, string>();
      return {
        take(request) {
          if (request.kind === 'takePlace') {
            const granted = counter.take(request.key);
            if (granted) held.set(request.id, request.key);
            answer({ kind: 'place', id: request.id, granted });
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
  answered(message: PlaceAnswer): void;
}

export function createWorkerPlaces(ask: (request: PlaceRequest) => void): WorkerPlaces {
  const waiting = new Map<number, (granted: boolean) => void>();
  let lastId = 0;
  return {
    of: (protocol) => ({
      async take(account: AccountId) {
        const id = ++lastId;
        const granted = await new Promise<boolean>((resolve) => {
          waiting.set(id, resolve);
          ask({ kind: 'takePlace', id, key: `${protocol} ${account}` });
        });
        return granted ? once(() => ask({ kind: 'givePlace', id })) : undefined;
      },
    }),
    answered({ id, granted }) {
      waiting.get(id)?.(granted);
      waiting.delete(id);
    },
  };
}
