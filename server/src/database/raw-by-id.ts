import type { Collection, Document } from 'mongodb';
import type { CommittedReads } from './committed-documents.js';
import { RawDocument } from './raw-document.js';

/** Documents of an account by `_id`, as octets; what is not there is not among them. */
export type RawById = (
  account: string,
  ids: readonly string[],
  projection?: Readonly<Record<string, 1>>,
) => Promise<readonly RawDocument[]>;

/** Through the driver, `perFind` ids a command (store design section 13), or out of the embedded store's files. */
export function rawById<T extends Document>(
  collection: Collection<T>,
  perFind: number,
  committed: CommittedReads | undefined,
): RawById {
  if (committed !== undefined) return async (_account, ids) => [...(await committed(ids)).values()];
  return async (account, ids, projection) => {
    const found: RawDocument[] = [];
    for (let i = 0; i < ids.length; i += perFind) {
      const filter = { a: account, _id: { $in: ids.slice(i, i + perFind) } };
      const replies = await (collection as unknown as Collection)
        .find(filter as never, { raw: true, batchSize: perFind + 1, ...(projection && { projection }) })
        .toArray();
      for (const reply of replies as unknown as Buffer[]) found.push(new RawDocument(reply));
    }
    return found;
  };
}
