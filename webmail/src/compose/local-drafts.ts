/**
 * Drafts kept in the browser, so that a dead session, network or tab loses nothing. On a person's own computer they are in
 * IndexedDB until they are sent; on any other they live with the tab (sessionStorage), so that nothing readable is left
 * when it closes. Both are emptied at sign-out.
 */
import { type DBSchema, openDB } from 'idb';
import type { Draft } from './draft.js';

export interface LocalDraft {
  readonly draft: Draft;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface LocalDrafts {
  put(draft: Draft): Promise<void>;
  remove(key: string): Promise<void>;
  /** Newest first. */
  all(): Promise<readonly LocalDraft[]>;
  clear(): Promise<void>;
}

interface Schema extends DBSchema {
  drafts: { key: string; value: LocalDraft };
}

const databaseName = 'vaguemestre-drafts';

export async function openLocalDrafts(account: string, ownComputer: boolean): Promise<LocalDrafts> {
  return ownComputer ? inDatabase(account) : inTab(account);
}

async function inDatabase(account: string): Promise<LocalDrafts> {
  const database = await openDB<Schema>(`${databaseName}-${account}`, 1, {
    upgrade: (db) => void db.createObjectStore('drafts'),
  });
  return {
    put: async (draft) => void (await database.put('drafts', { draft, at: Date.now() }, draft.key)),
    remove: (key) => database.delete('drafts', key),
    all: async () => (await database.getAll('drafts')).sort((a, b) => b.at - a.at),
    clear: () => database.clear('drafts'),
  };
}

async function inTab(account: string): Promise<LocalDrafts> {
  const prefix = `${databaseName}/${account}/`;
  const keys = (): string[] => Object.keys(sessionStorage).filter((key) => key.startsWith(prefix));
  return {
    put: async (draft) => sessionStorage.setItem(prefix + draft.key, JSON.stringify({ draft, at: Date.now() })),
    remove: async (key) => sessionStorage.removeItem(prefix + key),
    all: async () =>
      keys()
        .map((key) => JSON.parse(sessionStorage.getItem(key) ?? 'null') as LocalDraft | null)
        .filter((one) => one !== null)
        .sort((a, b) => b.at - a.at),
    clear: async () => {
      for (const key of keys()) sessionStorage.removeItem(key);
    },
  };
}

/** Without making a database where there is none. */
export async function hasLocalDrafts(account: string, ownComputer: boolean): Promise<boolean> {
  if (ownComputer) {
    const name = `${databaseName}-${account}`;
    if (!(await indexedDB.databases()).some((one) => one.name === name)) return false;
  }
  return (await (await openLocalDrafts(account, ownComputer)).all()).length > 0;
}
