import type { Collections } from './collections.js';
import type { CommittedReads } from './committed-documents.js';
import { accountRange, type CardPackDocument, numberKey } from './documents.js';
import { duplicatesOf, repeating } from './failure.js';
import { rawById } from './raw-by-id.js';
import type { RawDocument } from './raw-document.js';

/** The octets of one card pack that were asked for, as subarrays of the reply. */
export interface CardPackRows {
  readonly pack: number;
  /** Message ids, 12 octets a slot. */
  readonly ids: Buffer;
  /** End offsets of each message in `env`, `struct` and `heads`: three runs of 128 u32. */
  readonly ends: Buffer;
  readonly env: Buffer | undefined;
  readonly struct: Buffer | undefined;
  readonly heads: Buffer | undefined;
}

export type CardColumn = 'env' | 'struct' | 'heads';

/** Cards: what lists show of 128 messages end to end (store design section 1). Derived: a pack that is missing is no damage. */
export interface Cards {
  read(account: string, packs: readonly number[], columns: readonly CardColumn[]): Promise<readonly CardPackRows[]>;
  /** Which of these packs are there. */
  existing(account: string, packs: readonly number[]): Promise<ReadonlySet<number>>;
  /** A pack that is there stays as it is (store design section 4). */
  insert(packs: readonly CardPackDocument[]): Promise<void>;
  /** Only a rebuild replaces. */
  replace(pack: CardPackDocument): Promise<void>;
  remove(account: string): Promise<void>;
}

/** Packs of about 150 KB: a reply stays far below 16 MB. */
const packsPerFind = 32;

export const cardPackKey = (account: string, pack: number): string => `${account}/${numberKey(pack)}`;

export function cards({ cards: collection }: Collections, committed?: CommittedReads): Cards {
  const read = rawById(collection, packsPerFind, committed);

  async function each(
    account: string,
    packs: readonly number[],
    projection: Readonly<Record<string, 1>>,
    take: (pack: number, document: RawDocument) => void,
  ): Promise<void> {
    const keys = packs.map((pack) => cardPackKey(account, pack));
    for (const document of await read(account, keys, projection)) {
      take(Number.parseInt(document.string('_id')!.slice(account.length + 1), 16), document);
    }
  }

  return {
    read: (account, packs, columns) =>
      repeating(async () => {
        const projection: Record<string, 1> = { ids: 1, ends: 1 };
        for (const column of columns) projection[column] = 1;
        const found: CardPackRows[] = [];
        await each(account, packs, projection, (pack, document) => {
          found.push({
            pack,
            ids: document.binary('ids')!,
            ends: document.binary('ends')!,
            env: document.binary('env'),
            struct: document.binary('struct'),
            heads: document.binary('heads'),
          });
        });
        return found;
      }),
    existing: (account, packs) =>
      repeating(async () => {
        const found = new Set<number>();
        await each(account, packs, { _id: 1 }, (pack) => found.add(pack));
        return found;
      }),
    insert: (packs) =>
      repeating(async () => {
        if (packs.length === 0) return;
        try {
          await collection.insertMany([...packs], { ordered: false });
        } catch (error) {
          if (duplicatesOf(error) === undefined) throw error;
        }
      }),
    replace: (pack) =>
      repeating(async () => {
        await collection.replaceOne({ _id: pack._id, a: pack.a }, pack, { upsert: true });
      }),
    remove: (account) =>
      repeating(async () => {
        await collection.deleteMany({ a: account, _id: accountRange(account) });
      }),
  };
}
