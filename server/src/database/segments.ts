import type { Collections } from './collections.js';
import type { CommittedReads } from './committed-documents.js';
import { accountRange, type SegmentColumn, type SegmentDocument } from './documents.js';
import { duplicatesOf, repeating } from './failure.js';
import { RawDocument } from './raw-document.js';

/** One folded run of messages as it was read: the columns that were asked for, as subarrays of the reply. */
export interface SegmentRows {
  readonly s: string;
  readonly count: number;
  readonly modBase: number;
  column(name: SegmentColumn | 'uidl'): Buffer | undefined;
}

/** Segments: immutable columns of up to 4,096 messages (store design sections 1, 3 and 4). */
export interface Segments {
  /** In the order asked for. undefined when one is missing: the root that named it was replaced (section 3). */
  load(
    account: string,
    ids: readonly string[],
    columns: readonly (SegmentColumn | 'uidl')[],
  ): Promise<readonly SegmentRows[] | undefined>;
  insert(documents: readonly SegmentDocument[]): Promise<void>;
  remove(account: string): Promise<void>;
}

const segmentsPerFind = 200;

export function segments({ segments: collection }: Collections, committed?: CommittedReads): Segments {
  async function fromFiles(read: CommittedReads, account: string, ids: readonly string[]): Promise<SegmentRows[]> {
    const documents = await read(ids.map((s) => `${account}/${s}`));
    return [...documents.values()].map((document) => rowsOf(document, account));
  }

  return {
    load: (account, ids, columns) =>
      repeating(async () => {
        const found = new Map<string, SegmentRows>();
        if (committed !== undefined) {
          for (const rows of await fromFiles(committed, account, ids)) found.set(rows.s, rows);
          return inOrder(ids, found);
        }
        const projection: Record<string, 1> = { c: 1, modBase: 1 };
        for (const column of columns) projection[column] = 1;
        for (let i = 0; i < ids.length; i += segmentsPerFind) {
          const some = ids.slice(i, i + segmentsPerFind).map((s) => `${account}/${s}`);
          const replies = (await collection
            .find({ a: account, _id: { $in: some } }, { projection, raw: true, batchSize: segmentsPerFind + 1 })
            .toArray()) as unknown as Buffer[];
          for (const reply of replies) {
            const rows = rowsOf(new RawDocument(reply), account);
            found.set(rows.s, rows);
          }
        }
        return inOrder(ids, found);
      }),
    insert: (documents) =>
      repeating(async () => {
        if (documents.length === 0) return;
        try {
          await collection.insertMany([...documents], { ordered: false });
        } catch (error) {
          // The driver's own retry may meet what it wrote; ids are random, so nobody else did.
          if (duplicatesOf(error) === undefined) throw error;
        }
      }),
    remove: (account) =>
      repeating(async () => {
        await collection.deleteMany({ a: account, _id: accountRange(account) });
      }),
  };
}

function inOrder(ids: readonly string[], found: ReadonlyMap<string, SegmentRows>): readonly SegmentRows[] | undefined {
  const list: SegmentRows[] = [];
  for (const s of ids) {
    const rows = found.get(s);
    if (rows === undefined) return undefined;
    list.push(rows);
  }
  return list;
}

function rowsOf(document: RawDocument, account: string): SegmentRows {
  return {
    s: document.string('_id')!.slice(account.length + 1),
    count: document.number('c')!,
    modBase: document.number('modBase')!,
    column: (name) => document.binary(name),
  };
}
