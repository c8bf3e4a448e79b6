/**
 * Open cursors. A cursor holds its place, not a snapshot: memory and pages are held only between the start and the end of a
 * batch, apart from results that were sorted, which are counted against one budget. Cursors that nobody reads go after
 * ten minutes, as at MongoDB.
 */
import { randomBytes } from 'node:crypto';
import type { BsonWriter } from '../bson/writer.js';
import { MongoError } from '../errors.js';

export interface BatchLimits {
  /** Documents at most; 0: none, Infinity: no limit. */
  readonly documents: number;
  /** Wall clock time at which the command fails. */
  readonly deadline: number;
  /** For a stream that waits: how long. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

export interface Source {
  /** Writes documents into the array that is open; true when nothing can follow. */
  fill(writer: BsonWriter, limits: BatchLimits): Promise<boolean>;
  /** Fields for the cursor document beside the batch (the resume token of a change stream). */
  describe?(writer: BsonWriter): void;
  readonly tailing?: boolean;
  close(): void;
}

export interface Cursor {
  readonly id: bigint;
  readonly namespace: string;
  readonly source: Source;
  lastUsed: number;
  busy: boolean;
}

export interface Cursors {
  open(namespace: string, source: Source): Cursor;
  /** Throws CursorNotFound. */
  take(id: bigint, namespace: string): Cursor;
  kill(id: bigint): boolean;
  expire(): void;
  closeAll(): void;
  readonly size: number;
}

const maxCursors = 10_000;
const idleMs = 10 * 60_000;

export function createCursors(): Cursors {
  const cursors = new Map<bigint, Cursor>();

  function drop(cursor: Cursor): void {
    cursors.delete(cursor.id);
    cursor.source.close();
  }

  return {
    get size() {
      return cursors.size;
    },
    open(namespace, source) {
      if (cursors.size >= maxCursors) throw new MongoError('OperationFailed', 'too many open cursors');
      let id = 0n;
      while (id === 0n || cursors.has(id)) id = randomBytes(8).readBigInt64LE() & 0x7fff_ffff_ffff_ffffn;
      const cursor = { id, namespace, source, lastUsed: Date.now(), busy: false };
      cursors.set(id, cursor);
      return cursor;
    },
    take(id, namespace) {
      const cursor = cursors.get(id);
      if (cursor === undefined) throw new MongoError('CursorNotFound', `cursor id ${id} not found`);
      if (cursor.namespace !== namespace) {
        throw new MongoError(
          'Unauthorized',
          `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
        );
      }
      if (cursor.busy) throw new MongoError('OperationFailed', `cursor id ${id} is already in use`);
      cursor.lastUsed = Date.now();
      return cursor;
    },
    kill(id) {
      const cursor = cursors.get(id);
      if (cursor === undefined) return false;
      drop(cursor);
      return true;
    },
    expire() {
      const before = Date.now() - idleMs;
      for (const cursor of cursors.values()) if (!cursor.busy && cursor.lastUsed < before) drop(cursor);
    },
    closeAll() {
      for (const cursor of [...cursors.values()]) drop(cursor);
    },
  };
}
