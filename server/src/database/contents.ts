import { ObjectId } from 'mongodb';
import type { Collections } from './collections.js';
import { accountRange, type PieceDocument } from './documents.js';
import { isDuplicateKey, repeating } from './failure.js';
import { RawDocument } from './raw-document.js';

/** Octets of the first piece and how many pieces follow. */
export interface ContentHead {
  readonly size: number;
  readonly first: Buffer;
  readonly pieces: number;
}

/**
 * How contents are read: through the driver, or from the embedded store's own committed reader where the process shares
 * its data folder (store design section 6). The same tests hold for both.
 */
export interface ContentReader {
  /** By content id; what is not there is missing from the map. */
  heads(ids: readonly string[]): Promise<ReadonlyMap<string, ContentHead>>;
  /** Piece `number` (from 1), undefined when it is not there. */
  piece(content: string, number: number): Promise<Buffer | undefined>;
}

export interface Contents extends ContentReader {
  /** Written while the message still comes in; repeating it is harmless. */
  writePiece(content: string, number: number, octets: Uint8Array): Promise<void>;
  remove(account: string): Promise<void>;
  /** Takes the account from the owners of shared contents; the collector removes those that have none left. */
  disown(account: string): Promise<void>;
}

/** Octets of the first and of every further piece (store design section 6). */
export const pieceBytes = 1024 * 1024;

/** A fresh id in hex: of a message, a segment, a content. Its first 4 octets are the time, so that its age is known. */
export const newObjectId = (): string => new ObjectId().toHexString();

/** When an id was made, in seconds since 1970. */
export const bornSeconds = (id: string): number => Number.parseInt(id.slice(0, 8), 16);

export function pieceKey(content: string, number: number): string {
  return `${content}/${number.toString(16).padStart(6, '0')}`;
}

/** How ids of the outbox's contents begin: never as those that recipients share (`~` and hex digits), so that they are one range. */
export const outboxShard = '~o';
export const afterOutboxShards = '~p';

/** The part of a content id before the slash: account, or `~` and 8 random digits when it is shared (`~o` of the outbox). */
export function contentShard(content: string): string {
  return content.slice(0, content.indexOf('/'));
}

export function contents({ contents: collection, pieces }: Collections): Contents {
  return {
    heads: (ids) =>
      repeating(async () => {
        const found = new Map<string, ContentHead>();
        if (ids.length === 0) return found;
        const shards = [...new Set(ids.map(contentShard))];
        const replies = (await collection
          .find(
            { a: shards.length === 1 ? shards[0]! : { $in: shards }, _id: { $in: [...ids] } },
            { projection: { size: 1, b: 1, pieces: 1 }, raw: true, batchSize: ids.length + 1 },
          )
          .toArray()) as unknown as Buffer[];
        for (const reply of replies) {
          const document = new RawDocument(reply);
          found.set(document.string('_id')!, {
            size: document.number('size')!,
            first: document.binary('b')!,
            pieces: document.number('pieces')!,
          });
        }
        return found;
      }),
    piece: (content, number) =>
      repeating(async () => {
        const reply = (await pieces.findOne(
          { a: contentShard(content), _id: pieceKey(content, number) },
          { raw: true },
        )) as unknown as Buffer | null;
        return reply === null ? undefined : new RawDocument(reply).binary('b');
      }),
    writePiece: (content, number, octets) =>
      repeating(async () => {
        const piece: PieceDocument = { _id: pieceKey(content, number), a: contentShard(content), b: octets };
        try {
          await pieces.insertOne(piece);
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      }),
    remove: (account) =>
      repeating(async () => {
        await pieces.deleteMany({ a: account, _id: accountRange(account) });
        await collection.deleteMany({ a: account, _id: accountRange(account) });
      }),
    disown: (account) =>
      repeating(async () => {
        await collection.updateMany({ owners: account }, { $pull: { owners: account } });
      }),
  };
}
