import type { Connection } from './connection.js';
import { isDuplicateKey, repeating } from './failure.js';

/** How a person likes the webmail: one document a person, rewritten whole, read once when a page starts. */
export interface PreferencesDocument {
  readonly _id: string;
  readonly a: string;
  readonly entries: readonly PreferenceEntry[];
  /** Counts the changes: what a change compares. */
  readonly v: number;
}

/** The value as JSON text: nothing in it is a name or an operator to the store. */
export interface PreferenceEntry {
  readonly key: string;
  readonly json: string;
}

export type Preferences = Pick<PreferencesDocument, 'entries' | 'v'>;

export interface PreferencesCollection {
  ensureIndexes(): Promise<void>;
  get(account: string): Promise<Preferences>;
  /** False when another process wrote meanwhile: version `v` is taken. */
  put(account: string, preferences: Preferences): Promise<boolean>;
  remove(account: string): Promise<void>;
}

export function preferences({ db, sharded }: Connection): PreferencesCollection {
  const collection = db.collection<PreferencesDocument>('preferences');
  return {
    ensureIndexes: () =>
      repeating(async () => {
        if (sharded) await collection.createIndex({ a: 1 }, { name: 'account' });
      }),
    get: (account) =>
      repeating(async () => (await collection.findOne({ _id: account, a: account })) ?? { entries: [], v: 0 }),
    put: (account, { entries, v }) =>
      repeating(async () => {
        if (v > 1) {
          const result = await collection.replaceOne(
            { _id: account, a: account, v: v - 1 },
            { a: account, entries, v },
          );
          return result.matchedCount === 1;
        }
        try {
          await collection.insertOne({ _id: account, a: account, entries, v });
          return true;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          return false;
        }
      }),
    remove: (account) =>
      repeating(async () => {
        await collection.deleteOne({ _id: account, a: account });
      }),
  };
}
