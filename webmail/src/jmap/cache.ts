/**
 * What the page keeps for its next start, on the reader's own computer only: the head of the lists last opened, so that
 * rows show before the server has answered. It lies in the browser's database as one encrypted record per account. The key
 * comes from the server with each session and is never kept here: after sign-out, nobody can read what is left.
 *
 * On failure (no database, no room, another key) there is no cache, and nothing else changes.
 */
import { type IDBPDatabase, openDB } from 'idb';
import type { Snapshot } from './store/mail-store.js';

export interface MailCache {
  load(): Promise<Snapshot | undefined>;
  save(snapshot: Snapshot): Promise<void>;
  wipe(): Promise<void>;
}

const databaseName = 'vaguemestre';
const storeName = 'snapshots';
/** Of what is kept; an older page's record is not read. */
const formatVersion = 1;

interface Sealed {
  readonly version: number;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: ArrayBuffer;
}

/** `secret`: 32 bytes in base64url, of the session. */
export function openCache(accountId: string, secret: string): MailCache {
  const key = importKey(secret);
  const database = openDB(databaseName, 1, { upgrade: (db) => void db.createObjectStore(storeName) });
  key.catch(() => {});
  database.catch(() => {});

  async function withStore<T>(what: (db: IDBPDatabase, key: CryptoKey) => Promise<T>): Promise<T | undefined> {
    try {
      return await what(await database, await key);
    } catch {
      return undefined; // see above
    }
  }

  return {
    load: () =>
      withStore(async (db, aes) => {
        const sealed = (await db.get(storeName, accountId)) as Sealed | undefined;
        if (sealed?.version !== formatVersion) return undefined;
        const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv }, aes, sealed.data);
        return JSON.parse(new TextDecoder().decode(plain)) as Snapshot;
      }),
    async save(snapshot) {
      await withStore(async (db, aes) => {
        const iv = crypto.getRandomValues(new Uint8Array(12));
        const plain = new TextEncoder().encode(JSON.stringify(snapshot));
        const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, aes, plain);
        await db.put(storeName, { version: formatVersion, iv, data } satisfies Sealed, accountId);
      });
    },
    async wipe() {
      await withStore((db) => db.clear(storeName));
    },
  };
}

async function importKey(secret: string): Promise<CryptoKey> {
  const bytes = Uint8Array.from(atob(secret.replaceAll('-', '+').replaceAll('_', '/')), (letter) =>
    letter.charCodeAt(0),
  );
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}
