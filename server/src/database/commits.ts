import type { Collections } from './collections.js';
import { int64 } from './collections.js';
import { commitGroups } from './commit-groups.js';
import type { Connection } from './connection.js';
import type {
  ChangeDocument,
  ContentDocument,
  MessageDocument,
  SegmentDocument,
  SignatureDocument,
} from './documents.js';
import { duplicatesOf, repeating } from './failure.js';
import { type DirectCommands, directInserts, driverInserts, type Insert, type InsertOutcome } from './inserts.js';

/**
 * The writes of the commit protocol (store design section 2). What entries name is written before them: in one ordered
 * command across collections where the server has it, else in two round trips, the first acknowledged before the second is
 * sent. Nothing here retries beyond the driver: the commit queue decides what an outcome means.
 */
export interface SupportWrites {
  readonly contents: readonly ContentDocument[];
  readonly messages: readonly MessageDocument[];
  readonly signatures: readonly SignatureDocument[];
  readonly segments: readonly SegmentDocument[];
}

export const noSupportWrites: SupportWrites = { contents: [], messages: [], signatures: [], segments: [] };

export type CommitOutcome =
  /** Every entry is durable. */
  | { readonly kind: 'committed' }
  /** Entry `index` has another's or an old attempt's number; those before it are durable, those after were not tried. */
  | { readonly kind: 'taken'; readonly index: number }
  /** Anything may have happened. */
  | { readonly kind: 'unknown'; readonly error: unknown };

export interface Commits {
  /** The first attempt: supports, then entries in order. */
  write(supports: SupportWrites, entries: readonly ChangeDocument[]): Promise<CommitOutcome>;
  /** The next attempts, and deliveries to many: supports alone, unordered, what is there already ignored. Throws MailError
   *  unavailable when not every one is known to be durable. */
  writeSupports(supports: SupportWrites): Promise<void>;
  /** Entries of one account, ordered. */
  insertEntries(entries: readonly ChangeDocument[]): Promise<CommitOutcome>;
  /** One entry each of different accounts, unordered: one outcome each. Never two of one account (store design section 2). */
  insertEntryOfEach(entries: readonly ChangeDocument[]): Promise<readonly CommitOutcome[]>;
}

const committed: CommitOutcome = { kind: 'committed' };

/** With the embedded store's own client, everything goes as one command that it sends, flags in groups too. */
export function commits(connection: Connection, collections: Collections, client?: DirectCommands): Commits {
  const direct = connection.oneCommandCommits ? client : undefined;
  const driver = driverInserts(connection.client);
  const insertAll = direct === undefined ? driver : directInserts(direct, driver);
  const namespaces = {
    contents: collections.contents.namespace,
    messages: collections.messages.namespace,
    sigs: collections.sigs.namespace,
    segments: collections.segments.namespace,
    changes: collections.changes.namespace,
  };

  function insertsOf(supports: SupportWrites): Insert[] {
    const list: Insert[] = [];
    for (const document of supports.contents) list.push({ namespace: namespaces.contents, document });
    for (const document of supports.messages) list.push({ namespace: namespaces.messages, document });
    for (const document of supports.signatures) list.push({ namespace: namespaces.sigs, document });
    for (const document of supports.segments) list.push({ namespace: namespaces.segments, document });
    return list;
  }

  const insertOf = (entry: ChangeDocument): Insert => ({ namespace: namespaces.changes, document: stored(entry) });
  const grouped = commitGroups((list) => insertAll(list, true));

  const writeSupports = (supports: SupportWrites): Promise<void> => repeating(() => writeSupportsOnce(supports));

  async function writeSupportsOnce(supports: SupportWrites): Promise<void> {
    if (connection.oneCommandCommits) {
      const list = insertsOf(supports);
      if (list.length === 0) return;
      const outcome = await insertAll(list, false);
      if (outcome.kind === 'unknown') throw outcome.error;
      return;
    }
    // Different documents of different collections: no order between them is needed, only that all are acknowledged.
    const writes: Promise<void>[] = [];
    const unordered = { ordered: false };
    if (supports.contents.length > 0) {
      writes.push(ignoringDuplicates(collections.contents.insertMany([...supports.contents], unordered)));
    }
    if (supports.messages.length > 0) {
      writes.push(ignoringDuplicates(collections.messages.insertMany([...supports.messages], unordered)));
    }
    if (supports.signatures.length > 0) {
      writes.push(ignoringDuplicates(collections.sigs.insertMany([...supports.signatures], unordered)));
    }
    if (supports.segments.length > 0) {
      writes.push(ignoringDuplicates(collections.segments.insertMany([...supports.segments], unordered)));
    }
    const results = await Promise.allSettled(writes);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async function insertEntries(entries: readonly ChangeDocument[]): Promise<CommitOutcome> {
    if (direct !== undefined) {
      const outcome = await insertAll(entries.map(insertOf), true);
      if (outcome.kind === 'inserted') return committed;
      return outcome.kind === 'unknown' ? outcome : { kind: 'taken', index: outcome.indexes[0]! };
    }
    try {
      await collections.changes.insertMany(entries.map(stored), { ordered: true });
      return committed;
    } catch (error) {
      const first = duplicatesOf(error)?.[0];
      return first === undefined ? { kind: 'unknown', error } : { kind: 'taken', index: first };
    }
  }

  return {
    writeSupports,
    insertEntries,
    async write(supports, entries) {
      const list = insertsOf(supports);
      if (list.length === 0 && direct === undefined) return insertEntries(entries);
      if (!connection.oneCommandCommits) {
        try {
          await writeSupports(supports);
        } catch (error) {
          return { kind: 'unknown', error };
        }
        return insertEntries(entries);
      }
      const bytes = supports.contents.reduce((sum, content) => sum + content.b.length, 0);
      return grouped({
        supports: list,
        entries: entries.map(insertOf),
        bytes,
      });
    },
    async insertEntryOfEach(entries) {
      if (direct !== undefined) return outcomesOfEach(entries, await insertAll(entries.map(insertOf), false));
      try {
        await collections.changes.insertMany(entries.map(stored), { ordered: false });
        return entries.map(() => committed);
      } catch (error) {
        const indexes = duplicatesOf(error);
        return outcomesOfEach(
          entries,
          indexes === undefined ? { kind: 'unknown', error } : { kind: 'duplicates', indexes },
        );
      }
    },
  };
}

/** Of an unordered command. */
function outcomesOfEach(entries: readonly ChangeDocument[], outcome: InsertOutcome): readonly CommitOutcome[] {
  if (outcome.kind === 'unknown') return entries.map(() => outcome);
  const lost = new Set(outcome.kind === 'duplicates' ? outcome.indexes : []);
  return entries.map((_, index) => (lost.has(index) ? { kind: 'taken', index: 0 } : committed));
}

async function ignoringDuplicates(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (duplicatesOf(error) === undefined) throw error;
  }
}

function stored(entry: ChangeDocument): ChangeDocument {
  return { ...entry, n: int64(entry.n) as unknown as number };
}
