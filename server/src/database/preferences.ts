import type { Connection } from './connection.js';
import { versionedDocuments } from './versioned-documents.js';

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

export function preferences(connection: Connection): PreferencesCollection {
  const documents = versionedDocuments<Pick<PreferencesDocument, 'entries'>>(connection, 'preferences', {
    entries: [],
  });
  return { ...documents, put: (account, { entries, v }) => documents.put(account, { entries }, v) };
}
