import type { Connection } from '@vaguemestre/server/database/connection';
import { repeating } from '@vaguemestre/server/database/failure';
import type { RelayMode } from '@vaguemestre/server/outbox/relay-desk';

export interface ModeDocument {
  readonly _id: 'mode';
  readonly mode: RelayMode;
  readonly by: string;
  readonly at: Date;
  readonly until?: Date;
}

/** What was said to all relays of this store, past the settings. */
export interface RelayState {
  mode(): Promise<ModeDocument | undefined>;
  setMode(mode: Omit<ModeDocument, '_id'>): Promise<void>;
}

export function relayState({ db }: Connection): RelayState {
  const collection = db.collection<ModeDocument>('relay_state');
  return {
    mode: () => repeating(async () => (await collection.findOne({ _id: 'mode' })) ?? undefined),
    setMode: (mode) =>
      repeating(async () => {
        await collection.replaceOne({ _id: 'mode' }, mode, { upsert: true });
      }),
  };
}
