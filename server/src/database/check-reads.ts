import type { Collections } from './collections.js';
import { accountRange, type ChangeDocument, type ContentDocument } from './documents.js';
import { repeating } from './failure.js';

/**
 * What only `check` reads: the whole log of an account in order, a batch at a time, and contents with what
 * verifies them. Nothing here is on a path that a client waits for.
 */
export interface CheckReads {
  /** Every entry that is kept, ascending. */
  entries(account: string): AsyncIterable<ChangeDocument>;
  contents(ids: readonly string[]): Promise<readonly CheckedContent[]>;
  piece(content: string, number: number): Promise<Buffer | undefined>;
}

export type CheckedContent = Omit<ContentDocument, 'b' | 'sha256'> & { readonly b: Buffer; readonly sha256: Buffer };

const batchSize = 1_000;
/** Of contents: each may hold a megabyte. */
const contentsPerFind = 50;

export function checkReads(collections: Collections): CheckReads {
  return {
    async *entries(account) {
      // Pages by `_id`, so that no cursor has to live while a large account is gone through.
      const range = accountRange(account);
      for (let _id = range; ; ) {
        const page = await repeating(() =>
          collections.changes
            .find({ a: account, _id }, { sort: { _id: 1 }, hint: { _id: 1 }, limit: batchSize })
            .toArray(),
        );
        yield* page;
        const last = page.at(-1);
        if (last === undefined || page.length < batchSize) return;
        _id = { $gt: last._id, $lt: range.$lt };
      }
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
