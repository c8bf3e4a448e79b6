import { type Collection, type Db, Long } from 'mongodb';
import type { Connection } from './connection.js';
import type {
  CardPackDocument,
  ChangeDocument,
  ContentDocument,
  MessageDocument,
  PieceDocument,
  RootDocument,
  SegmentDocument,
  SignatureDocument,
  SliceDocument,
} from './documents.js';

/**
 * The mail collections and their indexes (store design section 1). `_id` is the only index but for two: threads look up
 * `refs`, the collector looks up `owners`. Sharded collections get the index on the shard key that MongoDB demands; where
 * nothing is sharded it would only cost.
 */
export interface Collections {
  readonly roots: Collection<RootDocument>;
  readonly changes: Collection<ChangeDocument>;
  readonly segments: Collection<SegmentDocument>;
  readonly messages: Collection<MessageDocument>;
  readonly contents: Collection<ContentDocument>;
  readonly pieces: Collection<PieceDocument>;
  readonly cards: Collection<CardPackDocument>;
  readonly sigs: Collection<SignatureDocument>;
  readonly slices: Collection<SliceDocument>;
}

export function mailCollections(db: Db): Collections {
  return {
    roots: db.collection('roots'),
    changes: db.collection('changes'),
    segments: db.collection('segments'),
    messages: db.collection('messages'),
    contents: db.collection('contents'),
    pieces: db.collection('pieces'),
    cards: db.collection('cards'),
    sigs: db.collection('sigs'),
    slices: db.collection('slices'),
  };
}

/** The index of messages on their references. */
export const refsIndex = 'refs';

/** Idempotent; safe beside other processes that do the same. */
export async function createIndexes(connection: Connection, collections: Collections): Promise<void> {
  await collections.messages.createIndex({ a: 1, refs: 1 }, { name: refsIndex });
  await collections.contents.createIndex({ owners: 1 }, { name: 'owners', sparse: true });
  if (!connection.sharded) return;
  for (const collection of Object.values(collections) as Collection[]) {
    await collection.createIndex({ a: 1 }, { name: 'account' });
  }
}

/** Modseqs and hashes are int64 in the store whatever their value (store design section 13). */
export function int64(n: number): Long {
  return Long.fromNumber(n);
}
