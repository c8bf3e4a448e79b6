import { BSON } from 'mongodb';
import type { Collections } from './collections.js';
import type { CommittedRange } from './committed-documents.js';
import { type ChangeDocument, changeKey } from './documents.js';
import { repeating } from './failure.js';

/** Reads of the log (store design section 3). Writes are commits: `commits.ts`. */
export interface Changes {
  /** Entries above `n`, at most `limit`, ascending: majority-committed, so a prefix of the log. */
  after(account: string, n: number, limit: number): Promise<readonly ChangeDocument[]>;
  /** Entries above `above` and up to `upTo`. */
  between(account: string, above: number, upTo: number, limit: number): Promise<readonly ChangeDocument[]>;
  /** Of the accounts given with the newest entry a process knows: those that have a newer one. One command for 200. */
  behind(heads: readonly { readonly account: string; readonly n: number }[]): Promise<readonly string[]>;
  remove(account: string): Promise<void>;
}

/** As the driver decodes the replies of this connection. */
function decodeChange(bytes: Uint8Array): ChangeDocument {
  return BSON.deserialize(bytes, { promoteBuffers: true }) as ChangeDocument;
}

/** Largest `$in` list of one find. */
const headsPerFind = 200;

/**
 * With `files`, what is new is looked up in the embedded store's files: on most SELECTs, NOOPs and STATUSes it is nothing,
 * and to learn that costs a few microseconds there, a hundred by way of the driver. Both see what was acknowledged.
 */
export function changes({ changes: collection }: Collections, files?: CommittedRange): Changes {
  return {
    after: async (account, n, limit) => {
      const above = changeKey(account, n);
      const below = `${account}0`;
      if (files !== undefined) return files(above, below, limit).map(decodeChange);
      return repeating(() =>
        collection
          .find(
            { a: account, _id: { $gt: above, $lt: below } },
            { sort: { _id: 1 }, hint: { _id: 1 }, limit, batchSize: limit + 1 },
          )
          .toArray(),
      );
    },
    between: (account, above, upTo, limit) =>
      repeating(() =>
        collection
          .find(
            { a: account, _id: { $gt: changeKey(account, above), $lte: changeKey(account, upTo) } },
            { sort: { _id: 1 }, hint: { _id: 1 }, limit, batchSize: limit + 1 },
          )
          .toArray(),
      ),
    behind: (heads) =>
      repeating(async () => {
        const behind: string[] = [];
        for (let i = 0; i < heads.length; i += headsPerFind) {
          const some = heads.slice(i, i + headsPerFind);
          const found = await collection
            .find(
              {
                a: { $in: some.map((head) => head.account) },
                _id: { $in: some.map((head) => changeKey(head.account, head.n + 1)) },
              },
              { projection: { a: 1 }, hint: { _id: 1 } },
            )
            .toArray();
          for (const entry of found) behind.push(entry.a);
        }
        return behind;
      }),
    remove: (account) =>
      repeating(async () => {
        await collection.deleteMany({ a: account, _id: { $gt: `${account}/`, $lt: `${account}0` } });
      }),
  };
}
