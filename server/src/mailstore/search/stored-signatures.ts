import type { Signatures } from '../../database/signatures.js';
import { groupBytes } from './bit-slices.js';
import type { SignatureStore } from './signature-index.js';

/** The signatures of an account whose root lists `packs`. A pack that is not whole stands for "always look". */
export function storedSignatures(database: Signatures, account: string, packs: readonly string[]): SignatureStore {
  return {
    packs,
    directory: (pack) => database.directory(account, pack),
    async groups(wantedPacks, groups) {
      const found = await database.groups(account, wantedPacks, groups);
      const whole = new Map<string, ReadonlyMap<number, Uint8Array>>();
      for (const [pack, rows] of found) {
        if (groups.every((group) => rows.get(group)?.length === groupBytes)) whole.set(pack, rows);
      }
      return whole;
    },
    single: (ids) => database.single(account, ids),
  };
}
