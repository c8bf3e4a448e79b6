/**
 * Drafts kept in the browser, so that a dead session, network or tab loses nothing. On a person's own computer they are in
 * the vault, sealed, until they are sent; on any other they live with the tab (sessionStorage), so that nothing readable is
 * left when it closes. Both are emptied at sign-out.
 */
import type { Vault } from '../vault/vault.js';
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

const newestFirst = (drafts: readonly LocalDraft[]): LocalDraft[] => [...drafts].sort((a, b) => b.at - a.at);

export function openLocalDrafts(account: string, vault: Vault | undefined): LocalDrafts {
  return vault?.account === account ? inVault(vault) : inTab(account);
}

function inVault(vault: Vault): LocalDrafts {
  return {
    async put(draft) {
      const value: LocalDraft = { draft, at: Date.now() };
      await vault.put('drafts', [{ name: draft.key, value }]);
    },
    async remove(key) {
      await vault.put('drafts', [{ name: key, value: undefined }]);
    },
    all: async () => newestFirst([...(await vault.all<LocalDraft>('drafts')).values()]),
    clear: () => vault.clear('drafts'),
  };
}

function inTab(account: string): LocalDrafts {
  const prefix = `vaguemestre-drafts/${account}/`;
  const keys = (): string[] => Object.keys(sessionStorage).filter((key) => key.startsWith(prefix));
  return {
    put: async (draft) => sessionStorage.setItem(prefix + draft.key, JSON.stringify({ draft, at: Date.now() })),
    remove: async (key) => sessionStorage.removeItem(prefix + key),
    all: async () =>
      newestFirst(
        keys()
          .map((key) => JSON.parse(sessionStorage.getItem(key) ?? 'null') as LocalDraft | null)
          .filter((one) => one !== null),
      ),
    clear: async () => {
      for (const key of keys()) sessionStorage.removeItem(key);
    },
  };
}
