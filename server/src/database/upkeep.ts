import type { Collection, Document } from 'mongodb';
import type { Collections } from './collections.js';
import type { Connection } from './connection.js';
import { afterOutboxShards, contentShard, outboxShard } from './contents.js';
import { accountRange, type ChangeDocument, changeKey } from './documents.js';
import { repeating } from './failure.js';
import { RawDocument } from './raw-document.js';

/** Collections whose documents of an account may be left over, and how their `_id` begins. */
export type OwnedCollection = 'messages' | 'contents' | 'pieces' | 'segments' | 'cards' | 'sigs' | 'slices';

/** One document, as far as it says what it belongs to. */
export interface OwnedDocument {
  /** What stands behind `account/` in its `_id`. */
  readonly id: string;
  /** Of a message: the content it names. */
  readonly content: string | undefined;
}

export interface OwnedContent {
  readonly content: string;
  readonly owners: readonly string[];
}

/**
 * What the collector and `check` ask of the database (store design sections 4 and 9): which documents are there, and the
 * removal of those that nothing names. Repeating any of it is harmless.
 */
export interface Upkeep {
  /** The server's clock in ms since 1970: pruning and collecting take their time from it. */
  serverTimeMs(): Promise<number>;
  /** Ids in order, a batch at a time. */
  scan(collection: OwnedCollection, account: string): AsyncIterable<readonly OwnedDocument[]>;
  remove(collection: OwnedCollection, account: string, ids: readonly string[]): Promise<void>;
  /** The oldest entries above `above` and at or below `n`, ascending, without their ops. */
  oldestChanges(
    account: string,
    n: number,
    limit: number,
    above?: number,
  ): Promise<readonly Pick<ChangeDocument, 'n' | 't'>[]>;
  newestChange(account: string): Promise<Pick<ChangeDocument, 'n' | 't'> | undefined>;
  /** Entries up to and with `n`: only ever from the front. */
  prune(account: string, n: number): Promise<void>;
  /** Ids of the shared contents that the account is an owner of. */
  sharedContents(account: string): Promise<readonly string[]>;
  /** Contents of the outbox, which no account owns. */
  outboxContents(): AsyncIterable<readonly OwnedContent[]>;
  /** Takes the account from the owners, and the content away if it was the last (a set: repeating is harmless). */
  disown(account: string, contents: readonly string[]): Promise<void>;
  /** Removes pieces of shared contents that never came to be, for which `isOld` says so by the id of their content. */
  removeStrayPieces(isOld: (content: string) => boolean): Promise<number>;
}

const batchSize = 1_000;
const idsPerCommand = 200;

export function upkeep({ db }: Connection, collections: Collections): Upkeep {
  const any = (name: OwnedCollection) => collections[name] as unknown as Collection<Document & { _id: string }>;

  return {
    serverTimeMs: () =>
      repeating(async () => {
        const hello = await db.command({ hello: 1 });
        const time: unknown = hello['localTime'];
        return time instanceof Date ? time.getTime() : Number.NaN;
      }),
    async *scan(name, account) {
      const projection: Record<string, 1> = name === 'messages' ? { _id: 1, content: 1 } : { _id: 1 };
      let after = `${account}/`;
      for (;;) {
        const filter = { a: account, _id: { $gt: after, $lt: `${account}0` } };
        const replies = (await repeating(() =>
          any(name)
            .find(filter, {
              projection,
              sort: { _id: 1 },
              hint: { _id: 1 },
              limit: batchSize,
              batchSize: batchSize + 1,
              raw: true,
            })
            .toArray(),
        )) as unknown as Buffer[];
        const documents = replies.map((reply) => {
          const document = new RawDocument(reply);
          after = document.string('_id')!;
          return { id: after.slice(account.length + 1), content: document.string('content') };
        });
        if (documents.length > 0) yield documents;
        if (documents.length < batchSize) return;
      }
    },
    remove: (name, account, ids) =>
      repeating(async () => {
        for (let i = 0; i < ids.length; i += idsPerCommand) {
          const some = ids.slice(i, i + idsPerCommand).map((id) => `${account}/${id}`);
          await any(name).deleteMany({ a: account, _id: { $in: some } });
        }
      }),
    oldestChanges: (account, n, limit, above = 0) =>
      repeating(() =>
        collections.changes
          .find(
            { a: account, _id: { $gt: changeKey(account, above), $lte: changeKey(account, n) } },
            { projection: { n: 1, t: 1 }, sort: { _id: 1 }, hint: { _id: 1 }, limit, batchSize: limit + 1 },
          )
          .toArray(),
      ),
    newestChange: (account) =>
      repeating(async () => {
        const [newest] = await collections.changes
          .find(
            { a: account, _id: accountRange(account) },
            { projection: { n: 1, t: 1 }, sort: { _id: -1 }, hint: { _id: 1 }, limit: 1 },
          )
          .toArray();
        return newest;
      }),
    prune: (account, n) =>
      repeating(async () => {
        await collections.changes.deleteMany({ a: account, _id: { $gt: `${account}/`, $lte: changeKey(account, n) } });
      }),
    sharedContents: (account) =>
      repeating(async () => {
        const found = await collections.contents.find({ owners: account }, { projection: { _id: 1 } }).toArray();
        return found.map((content) => content._id);
      }),
    async *outboxContents() {
      for (let after: string = outboxShard; ; ) {
        const found = await repeating(() =>
          collections.contents
            .find(
              { _id: { $gt: after, $lt: afterOutboxShards } },
              {
                projection: { owners: 1 },
                sort: { _id: 1 },
                hint: { _id: 1 },
                limit: batchSize,
                batchSize: batchSize + 1,
              },
            )
            .toArray(),
        );
        if (found.length > 0) yield found.map(({ _id, owners = [] }) => ({ content: _id, owners }));
        if (found.length < batchSize) return;
        after = found.at(-1)!._id;
      }
    },
    disown: (account, contents) =>
      repeating(async () => {
        for (const _id of contents) {
          const a = contentShard(_id);
          await collections.contents.updateOne({ _id, a }, { $pull: { owners: account } });
          const gone = await collections.contents.deleteOne({ _id, a, owners: { $size: 0 } });
          if (gone.deletedCount > 0) {
            await collections.pieces.deleteMany({ a, _id: { $gt: `${_id}/`, $lt: `${_id}0` } });
          }
        }
      }),
    async removeStrayPieces(isOld) {
      let removed = 0;
      // Shared contents stand at the end: their ids begin with `~`.
      for (let after = '~'; ; ) {
        const pieces = await repeating(() =>
          collections.pieces
            .find({ _id: { $gt: after } }, { projection: { _id: 1 }, sort: { _id: 1 }, limit: batchSize })
            .toArray(),
        );
        const contents = [...new Set(pieces.map(({ _id }) => _id.slice(0, _id.lastIndexOf('/'))))].filter(isOld);
        for (const content of contents) {
          const a = contentShard(content);
          const there = await repeating(() =>
            collections.contents.findOne({ _id: content, a }, { projection: { _id: 1 } }),
          );
          if (there !== null) continue;
          const gone = await repeating(() =>
            collections.pieces.deleteMany({ a, _id: { $gt: `${content}/`, $lt: `${content}0` } }),
          );
          removed += gone.deletedCount;
        }
        if (pieces.length < batchSize) return removed;
        after = pieces.at(-1)!._id;
      }
    },
  };
}
