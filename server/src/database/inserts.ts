import { BSON, type Document, type MongoClient } from 'mongodb';
import { duplicatesOf, isPassingCode, StoreFailure } from './failure.js';

/**
 * Inserts over several collections in one command (`bulkWrite`): what every commit is made of. There are two ways to send
 * it, with the same outcomes: the driver's, to any MongoDB, and the embedded store's own client, which takes documents as
 * bytes. In the second, the driver's bookkeeping (sessions, models, results, events) was most of what a small commit cost.
 */
export interface Insert {
  readonly namespace: string;
  readonly document: Document;
}

export type InsertOutcome =
  /** All are durable. */
  | { readonly kind: 'inserted' }
  /** These were there before, ascending. Of an ordered command what stands before the first is durable and nothing behind
   *  it was tried; of an unordered one all others are durable. */
  | { readonly kind: 'duplicates'; readonly indexes: readonly number[] }
  /** Anything may have happened. */
  | { readonly kind: 'unknown'; readonly error: unknown };

/** Never rejects. */
export type InsertAll = (inserts: readonly Insert[], ordered: boolean) => Promise<InsertOutcome>;

const inserted: InsertOutcome = { kind: 'inserted' };

export function driverInserts(client: MongoClient): InsertAll {
  return async (inserts, ordered) => {
    // The driver's type of a bulk write takes every `_id` for an ObjectId; ours are strings.
    const models = inserts.map(({ namespace, document }) => ({ name: 'insertOne' as const, namespace, document }));
    try {
      await client.bulkWrite(models, { ordered });
      return inserted;
    } catch (error) {
      const indexes = duplicatesOf(error);
      return indexes === undefined ? { kind: 'unknown', error } : { kind: 'duplicates', indexes };
    }
  };
}

/** As the embedded store's package gives it. */
export interface DirectCommands {
  /** Resolves with undefined when all are inserted and durable, else with the reply. Rejects when the connection broke. */
  insertAll(
    inserts: readonly { readonly namespace: string; readonly document: Uint8Array }[],
    ordered: boolean,
  ): Promise<Uint8Array | undefined>;
}

/** More than this in one command goes by way of the driver, which cuts it into several. */
const maxDirectBytes = 16 * 1024 * 1024;
const maxDirectInserts = 50_000;

export function directInserts(direct: DirectCommands, driver: InsertAll): InsertAll {
  return async (inserts, ordered) => {
    const serialized = inserts.map(({ namespace, document }) => ({
      namespace,
      document: BSON.serialize(document, { ignoreUndefined: true }),
    }));
    const bytes = serialized.reduce((sum, { document }) => sum + document.length, 0);
    if (bytes > maxDirectBytes || inserts.length > maxDirectInserts) return driver(inserts, ordered);
    let reply: Uint8Array | undefined;
    try {
      reply = await direct.insertAll(serialized, ordered);
    } catch (error) {
      return { kind: 'unknown', error: new StoreFailure('the connection to the store broke', true, error) };
    }
    return reply === undefined ? inserted : outcomeOf(BSON.deserialize(reply));
  };
}

interface Reply {
  readonly ok?: number;
  readonly code?: number;
  readonly errmsg?: string;
  readonly writeConcernError?: { readonly code?: number; readonly errmsg?: string };
  readonly cursor?: { readonly id?: unknown; readonly firstBatch?: readonly WriteResult[] };
}

interface WriteResult {
  readonly ok?: number;
  readonly idx?: number;
  readonly code?: number;
  readonly errmsg?: string;
}

const duplicateKey = 11000;

/** What a reply says that is not "all inserted". */
function outcomeOf(document: Document): InsertOutcome {
  const reply: Reply = document;
  const unknown = (text: string | undefined, passing: boolean): InsertOutcome => ({
    kind: 'unknown',
    error: new StoreFailure(text ?? 'the store answered what was not expected', passing),
  });
  if (reply.ok !== 1) return unknown(reply.errmsg, isPassingCode(reply.code));
  // Written, but not known to be durable (store design section 13).
  if (reply.writeConcernError !== undefined) return unknown(reply.writeConcernError.errmsg, true);
  const failed = (reply.cursor?.firstBatch ?? []).filter((result) => result.ok !== 1);
  const other = failed.find((result) => result.code !== duplicateKey);
  if (other !== undefined) return unknown(other.errmsg, isPassingCode(other.code));
  // Results under a cursor would be more than sixteen megabytes of them.
  if (failed.length === 0 || Number(reply.cursor?.id ?? 0) !== 0) return unknown(undefined, false);
  return { kind: 'duplicates', indexes: failed.map((result) => result.idx!).sort((x, y) => x - y) };
}
