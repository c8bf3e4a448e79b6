import type { Collections } from './collections.js';
import { accountRange, type ChangeDocument, type ContentDocument } from './documents.js';
import { repeating } from './failure.js';

/**
 * What only `check` reads: whole collections of an account in `_id` order, a batch at a time, and contents with what verifies
 * them. Nothing here is on a path that a client waits for.
 */
export interface CheckReads {
  /** Accounts that have a root. */
  accounts(): Promise<readonly string[]>;
  /** Every entry that is kept, ascending. */
  entries(account: string): AsyncIterable<ChangeDocument>;
  /** Ids of everything the account has in a collection, without the account. */
  ids(account: string, collection: 'segments' | 'messages' | 'contents' | 'pieces'): AsyncIterable<string>;
  contents(ids: readonly string[]): Promise<readonly CheckedContent[]>;
  piece(content: string, number: number): Promise<Buffer | undefined>;
}

export type CheckedContent = Omit<ContentDocument, 'b' | 'sha256'> & { readonly b: Buffer; readonly sha256: Buffer };

const batchSize = 1_000;
/** Of contents: each may hold a megabyte. */
const contentsPerFind = 50;

export function checkReads(collections: Collections): CheckReads {
  /** Pages by `_id`, so that no cursor has to live while a large account is gone through. */
  async function* pages<T extends { readonly _id: string }>(
    range: { readonly $gt: string; readonly $lt: string },
    read: (from: { readonly $gt: string; readonly $lt: string }) => Promise<readonly T[]>,
  ): AsyncGenerator<T> {
    let from = range;
    for (;;) {
      const page = await repeating(() => read(from));
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < batchSize) return;
      from = { $gt: last._id, $lt: range.$lt };
    }
  }
  const page = { sort: { _id: 1 }, hint: { _id: 1 }, limit: batchSize } as const;

  return {
    accounts: () =>
      repeating(async () => {
        const found = await collections.roots.find({}, { projection: { _id: 1 } }).toArray();
        return found.map((root) => root._id);
      }),
    entries: (account) =>
      pages(accountRange(account), (_id) => collections.changes.find({ a: account, _id }, page).toArray()),
    async *ids(account, name) {
      // The projection is the same for the four; their types are not.
      const collection = collections[name] as unknown as Collections['segments'];
      const found = pages(accountRange(account), (_id) =>
        collection.find({ a: account, _id }, { ...page, projection: { _id: 1 } }).toArray(),
      );
      for await (const { _id } of found) yield _id.slice(account.length + 1);
    },
    contents: (ids) =>
      repeating(async () => {
        const found: CheckedContent[] = [];
        for (let i = 0; i < ids.length; i += contentsPerFind) {
          const some = ids.slice(i, i + contentsPerFind);
          const shards = [...new Set(some.map((id) => id.slice(0, id.indexOf('/'))))];
          const filter = { a: shards.length === 1 ? (shards[0] ?? '') : { $in: shards }, _id: { $in: some } };
          const documents = await collections.contents.find(filter).toArray();
          found.push(...(documents as unknown as CheckedContent[]));
        }
        return found;
      }),
    piece: (content, number) =>
      repeating(async () => {
        const _id = `${content}/${number.toString(16).padStart(6, '0')}`;
        const document = await collections.pieces.findOne({ a: content.slice(0, content.indexOf('/')), _id });
        return document === null ? undefined : (document.b as Buffer);
      }),
  };
}
