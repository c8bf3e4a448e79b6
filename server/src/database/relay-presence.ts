import type { Connection } from './connection.js';
import { repeating } from './failure.js';

interface PresenceDocument {
  readonly _id: 'presence';
  readonly at: Date;
}

/**
 * Whether a relay runs anywhere on this store: then the outbox is its, and processes without one leave it alone. One document that
 * every relay writes.
 */
export interface RelayPresence {
  beat(at: Date): Promise<void>;
  /** When one was last heard of. */
  lastSeen(): Promise<Date | undefined>;
}

export function relayPresence({ db }: Connection): RelayPresence {
  const collection = db.collection<PresenceDocument>('relay_state');
  return {
    beat: (at) =>
      repeating(async () => {
        await collection.updateOne({ _id: 'presence' }, { $max: { at } }, { upsert: true });
      }),
    lastSeen: () => repeating(async () => (await collection.findOne({ _id: 'presence' }))?.at),
  };
}
