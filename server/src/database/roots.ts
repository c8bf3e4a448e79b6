import { BSON } from 'mongodb';
import type { Collections } from './collections.js';
import { int64 } from './collections.js';
import type { CommittedRead } from './committed-documents.js';
import type { RootDocument } from './documents.js';
import { isDuplicateKey, reading, repeating } from './failure.js';

/** The roots: one document an account, changed only by comparing and setting its generation `g` (store design section 4). */
export interface Roots {
  get(account: string): Promise<RootDocument | undefined>;
  /** Generation only: what a process reads before it folds. */
  generation(account: string): Promise<number | undefined>;
  /** Which of them have no root: accounts that were removed. */
  missing(accounts: readonly string[]): Promise<readonly string[]>;
  /** Every account there is, a batch at a time. */
  accounts(): AsyncIterable<readonly string[]>;
  /** False when the account has a root already. */
  insert(root: RootDocument): Promise<boolean>;
  /** True when the root was of generation `expected` and is now `root`. Throws when the outcome is unknown. */
  replace(root: RootDocument, expected: number): Promise<boolean>;
  remove(account: string): Promise<void>;
}

const accountsPerRead = 500;
/** Store design section 13: what `$in` takes. */
const accountsPerQuestion = 200;

export function roots({ roots: collection }: Collections, committed?: CommittedRead): Roots {
  return {
    get: (account) =>
      repeating(async () => {
        if (committed === undefined) return (await collection.findOne({ _id: account, a: account })) ?? undefined;
        const root = committed(account);
        return root && (BSON.deserialize(root, { promoteBuffers: true }) as RootDocument);
      }),
    generation: (account) =>
      repeating(async () => {
        const found = await collection.findOne({ _id: account, a: account }, { projection: { g: 1 } });
        return found === null ? undefined : found.g;
      }),
    missing: (accounts) =>
      repeating(async () => {
        const there = new Set<string>();
        for (let at = 0; at < accounts.length; at += accountsPerQuestion) {
          const asked = accounts.slice(at, at + accountsPerQuestion);
          const found = collection.find({ _id: { $in: asked } }, { projection: { _id: 1 } });
          for (const root of await found.toArray()) there.add(root._id);
        }
        return accounts.filter((account) => !there.has(account));
      }),
    async *accounts() {
      let after = '';
      for (;;) {
        const found = await repeating(() =>
          collection
            .find({ _id: { $gt: after } }, { projection: { _id: 1 }, sort: { _id: 1 }, limit: accountsPerRead })
            .toArray(),
        );
        if (found.length > 0) yield found.map((root) => root._id);
        if (found.length < accountsPerRead) return;
        after = found.at(-1)!._id;
      }
    },
    insert: (root) =>
      repeating(async () => {
        try {
          await collection.insertOne(stored(root));
          return true;
        } catch (error) {
          if (isDuplicateKey(error)) return false;
          throw error;
        }
      }),
    replace: (root, expected) =>
      // Not repeated: after a lost reply the second try would find another generation, and call a fold lost that was won.
      reading(async () => {
        const { _id, a, ...fields } = stored(root);
        const result = await collection.updateOne({ _id, a, g: expected }, { $set: fields });
        return result.matchedCount === 1;
      }),
    remove: (account) =>
      repeating(async () => {
        await collection.deleteOne({ _id: account, a: account });
      }),
  };
}

/** With its entry number as int64; the types say number because that is what reading gives. */
function stored(root: RootDocument): RootDocument {
  return { ...root, n: int64(root.n) as unknown as number };
}
