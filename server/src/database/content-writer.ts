import { createHash } from 'node:crypto';
import { type Contents, contentShard, pieceBytes } from './contents.js';
import type { ContentDocument } from './documents.js';

/**
 * Octets on their way into a content: cut into pieces of 1 MiB, which are written as they fill, and hashed. In memory are the
 * first piece, the one that fills and the one that is being written. The content document itself is the caller's to write:
 * until then nothing is there, and what was written is found by the collector.
 */
export interface ContentWriter {
  /** Octets pushed so far. */
  readonly size: number;
  /** Resolves when more may come: a fast sender is slowed to what the store takes. */
  push(octets: Uint8Array): Promise<void>;
  /** After the last octets; resolves when every piece is durable. */
  finish(): Promise<ContentDocument>;
  /** Frees what is in memory. */
  abort(): void;
}

export interface ContentName {
  /** `a/` + ObjectId, or a shared one with its owners. */
  readonly id: string;
  readonly owners?: readonly string[];
}

export function writeContent(contents: Pick<Contents, 'writePiece'>, { id, owners }: ContentName): ContentWriter {
  const hash = createHash('sha256');
  let size = 0;
  let filling: Uint8Array[] = [];
  let filled = 0;
  let first: Uint8Array | undefined;
  let pieces = 0;
  /** The piece under way: the next one waits for it. */
  let writing: Promise<void> = Promise.resolve();

  async function pieceIsFull(): Promise<void> {
    const piece = filling.length === 1 ? filling[0]! : Buffer.concat(filling, filled);
    filling = [];
    filled = 0;
    if (first === undefined) {
      first = piece;
      return;
    }
    await writing;
    pieces += 1;
    writing = contents.writePiece(id, pieces, piece);
    // Seen by whoever awaits it next; until then it must not count as unhandled.
    writing.catch(() => undefined);
  }

  return {
    get size() {
      return size;
    },
    async push(octets) {
      size += octets.length;
      hash.update(octets);
      for (let at = 0; at < octets.length; ) {
        const part = octets.subarray(at, at + pieceBytes - filled);
        filling.push(part);
        filled += part.length;
        at += part.length;
        if (filled === pieceBytes) await pieceIsFull();
      }
    },
    async finish() {
      if (filled > 0 || first === undefined) await pieceIsFull();
      await writing;
      return {
        _id: id,
        a: contentShard(id),
        size,
        sha256: hash.digest(),
        b: first ?? new Uint8Array(0),
        pieces,
        ...(owners === undefined ? {} : { owners }),
      };
    },
    abort() {
      filling = [];
      first = undefined;
    },
  };
}
