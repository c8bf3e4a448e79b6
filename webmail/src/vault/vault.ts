/**
 * What the webmail keeps in the browser for its next start and for days without network: on a reader's own computer only,
 * and sealed (sealing.ts). It belongs to one account and one session. Without the session's half of the key nothing in it
 * can be read; when another reader signs in it is emptied.
 *
 * On failure (no database, no room, another key) nothing is kept, and nothing else changes: every promise here resolves.
 */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from 'idb';
import { importHalf, newWrappedKey, rewrapKey, type Sealed, seal, unseal, unwrapKey } from './sealing.js';
import { type SessionHalves, sessionHalves } from './session-half.js';

const kinds = ['mail', 'messages', 'drafts', 'changes'] as const;
export type VaultStore = (typeof kinds)[number];
const stores = ['lock', ...kinds, 'uses'] as const;

interface Lock {
  readonly account: string;
  readonly key: Sealed;
}

interface Schema extends DBSchema {
  lock: { key: string; value: Lock };
  mail: { key: string; value: Sealed };
  messages: { key: string; value: Sealed };
  drafts: { key: string; value: Sealed };
  changes: { key: string; value: Sealed };
  /** Of `messages`: how large, and when last read. */
  uses: { key: string; value: Use };
}

export interface Use {
  readonly octets: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Entry {
  readonly name: string;
  /** undefined: no longer kept. */
  readonly value: unknown;
}

export interface Vault {
  readonly account: string;
  get<T>(store: VaultStore, name: string): Promise<T | undefined>;
  all<T>(store: VaultStore): Promise<ReadonlyMap<string, T>>;
  /** All or none of them. Resolves with whether they are kept, and how large each is sealed. */
  put(store: VaultStore, entries: readonly Entry[]): Promise<readonly number[] | undefined>;
  clear(store: VaultStore | 'uses'): Promise<void>;
  uses(): Promise<ReadonlyMap<string, Use>>;
  /** undefined: the message and its use go. */
  noteUses(uses: ReadonlyMap<string, Use | undefined>): Promise<void>;
  /** After the same reader signed in again: what is kept goes on under the new session. */
  renew(): Promise<void>;
  /** Nothing stays. */
  wipe(): Promise<void>;
}

/** What this browser keeps: `own` opens without asking anybody, `claim` when it is known who reads. */
export interface Vaults {
  /** The vault of this session, if there is one. */
  readonly own: Vault | undefined;
  /** The reader's vault: the one that is here, or an empty one. undefined where nothing is to be kept. */
  claim(account: string): Promise<Vault | undefined>;
}

const databaseName = 'vaguemestre-vault';
/** Kept by earlier editions, not all of it sealed. */
const formerDatabases = /^vaguemestre$|^vaguemestre-drafts-/;

export async function openVaults(halves: SessionHalves = sessionHalves()): Promise<Vaults> {
  const nothing: Vaults = { own: undefined, claim: async () => undefined };
  // Plain http from another machine has neither.
  if (typeof indexedDB === 'undefined' || globalThis.crypto?.subtle === undefined) return nothing;
  void forgetFormer();
  if (halves.now === undefined) {
    deleteDB(databaseName).catch(() => {});
    return nothing;
  }
  try {
    const half = await importHalf(halves.now);
    const db = await openDatabase();
    const lock = await db.get('lock', 'lock');
    const key = lock && (await unwrapKey(lock.key, half).catch(() => undefined));
    const own = lock && key ? vaultOf(db, lock, key, half) : undefined;
    return {
      own,
      async claim(account) {
        if (own?.account === account) return own;
        try {
          return await newOrBefore(db, lock, account, half, halves.before);
        } catch {
          return undefined;
        }
      },
    };
  } catch {
    return nothing;
  }
}

async function newOrBefore(
  db: IDBPDatabase<Schema>,
  lock: Lock | undefined,
  account: string,
  half: CryptoKey,
  before: string | undefined,
): Promise<Vault> {
  let wrapped: Sealed | undefined;
  if (lock?.account === account && before !== undefined) {
    wrapped = await rewrapKey(lock.key, await importHalf(before), half).catch(() => undefined);
  }
  if (wrapped === undefined) {
    await empty(db);
    wrapped = await newWrappedKey(half);
  }
  const next = { account, key: wrapped };
  await db.put('lock', next, 'lock');
  return vaultOf(db, next, await unwrapKey(wrapped, half), half);
}

function openDatabase(): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(databaseName, 2, {
    upgrade(db) {
      for (const name of stores) if (!db.objectStoreNames.contains(name)) db.createObjectStore(name);
    },
    // Somebody wants it gone: sign-out in another tab.
    blocking: (_was, _is, event) => (event.target as IDBDatabase).close(),
  });
}

async function empty(db: IDBPDatabase<Schema>): Promise<void> {
  const change = db.transaction(stores, 'readwrite');
  await Promise.all([...stores.map((name) => change.objectStore(name).clear()), change.done]);
}

function vaultOf(db: IDBPDatabase<Schema>, lock: Lock, key: CryptoKey, openedWith: CryptoKey): Vault {
  let half = openedWith;
  let wrapped = lock.key;

  async function attempt<T>(what: () => Promise<T>): Promise<T | undefined> {
    try {
      return await what();
    } catch {
      return undefined; // see above
    }
  }

  return {
    account: lock.account,
    get: (store, name) =>
      attempt(async () => {
        const sealed = await db.get(store, name);
        return sealed && (await unseal(key, `${store}/${name}`, sealed));
      }),
    async all<T>(store: VaultStore) {
      const found = await attempt(async () => {
        const [names, sealed] = await Promise.all([db.getAllKeys(store), db.getAll(store)]);
        const values = await Promise.all(
          sealed.map((one, index) => unseal<T>(key, `${store}/${names[index]}`, one).catch(() => undefined)),
        );
        return new Map(names.flatMap((name, index) => (values[index] === undefined ? [] : [[name, values[index]]])));
      });
      return found ?? new Map<string, T>();
    },
    put: (store, entries) =>
      attempt(async () => {
        const sealed = await Promise.all(
          entries.map(({ name, value }) => (value === undefined ? undefined : seal(key, `${store}/${name}`, value))),
        );
        const change = db.transaction(store, 'readwrite');
        entries.forEach(({ name }, index) => {
          const one = sealed[index];
          (one === undefined ? change.store.delete(name) : change.store.put(one, name)).catch(() => {});
        });
        await change.done;
        return sealed.map((one) => one?.data.byteLength ?? 0);
      }),
    async clear(store) {
      await attempt(() => db.clear(store));
    },
    async uses() {
      const found = await attempt(async () => {
        const [names, uses] = await Promise.all([db.getAllKeys('uses'), db.getAll('uses')]);
        return new Map(names.flatMap((name, index) => (uses[index] === undefined ? [] : [[name, uses[index]]])));
      });
      return found ?? new Map<string, Use>();
    },
    async noteUses(uses) {
      await attempt(async () => {
        const change = db.transaction(['uses', 'messages'], 'readwrite');
        for (const [name, use] of uses) {
          const noted = change.objectStore('uses');
          (use === undefined ? noted.delete(name) : noted.put(use, name)).catch(() => {});
          if (use === undefined)
            change
              .objectStore('messages')
              .delete(name)
              .catch(() => {});
        }
        await change.done;
      });
    },
    async renew() {
      await attempt(async () => {
        const { now } = sessionHalves();
        if (now === undefined) return;
        const next = await importHalf(now);
        wrapped = await rewrapKey(wrapped, half, next);
        half = next;
        await db.put('lock', { account: lock.account, key: wrapped }, 'lock');
      });
    },
    async wipe() {
      // First what makes the rest readable.
      await attempt(() => db.clear('lock'));
      await attempt(() => empty(db));
      db.close();
      await attempt(() => deleteDB(databaseName));
    },
  };
}

async function forgetFormer(): Promise<void> {
  try {
    for (const { name } of await indexedDB.databases()) {
      if (name !== undefined && formerDatabases.test(name)) await deleteDB(name);
    }
  } catch {
    // Not every browser can say which there are.
  }
}
