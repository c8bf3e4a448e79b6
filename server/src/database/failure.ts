import { setTimeout as sleep } from 'node:timers/promises';
import {
  MongoBulkWriteError,
  MongoClientBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb';
import { MailError } from '../kernel/errors.js';

/**
 * What a failure of the driver means. A read that failed is `unavailable`: trying again is harmless. A write that failed
 * is one of two things: a duplicate `_id`, which the commit protocol lives on, or unknown (store design 2.5): whatever is
 * not a duplicate may have been written, and is never answered with "no".
 */
export const duplicateKeyCode = 11000;

/** What went wrong on the direct way to the embedded store. */
export class StoreFailure extends Error {
  override readonly name = 'StoreFailure';
  /** Trying again may help. */
  readonly passing: boolean;

  constructor(text: string, passing: boolean, cause?: unknown) {
    super(text, { cause });
    this.passing = passing;
  }
}

export function isPassingCode(code: unknown): boolean {
  return typeof code === 'number' && passingCodes.has(code);
}

/** Wraps a read: what the driver throws becomes a MailError that a client may see. */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw asMailError(error);
  }
}

/** False if there is a document of that name. */
export async function inserted(insert: () => Promise<unknown>): Promise<boolean> {
  return await reading(async () => {
    try {
      await insert();
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  });
}

/** Further tries of what may be repeated, beyond the driver's own, and the pauses before them. */
const pausesMs = [5, 30, 150];
/**
 * MongoDB's codes for "this server cannot now, ask again": a step-down, a shutdown, an election, a network between servers.
 * The driver asks again once; a failover takes longer than that.
 */
const passingCodes: ReadonlySet<number> = new Set([
  6, 7, 89, 91, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436,
]);

/**
 * Like `reading`, for what may be done twice without harm: reads, and inserts of documents whose `_id` nobody else has. Tries
 * again while the failure is one that passes.
 */
export async function repeating<T>(action: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await action();
    } catch (error) {
      if (!passes(error)) throw asMailError(error);
    }
    await sleep(pauseMs / 2 + (Math.random() * pauseMs) / 2);
  }
  return reading(action);
}

/** As `repeating`, for an upsert whose filter leaves others' documents alone: false when such a document is what is there. */
export async function unlessTaken(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await repeating(action);
    return true;
  } catch (error) {
    if (isDuplicateKey(error instanceof MailError ? error.cause : error)) return false;
    throw error;
  }
}

/**
 * The driver lets a failed write to its socket through as the system's own error, not as one of its family: "write EPIPE" in
 * the moment after the server went.
 */
function isSocketFailure(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && socketCalls.has(String(error.syscall));
}
const socketCalls: ReadonlySet<string> = new Set(['connect', 'read', 'write', 'shutdown']);

function passes(error: unknown): boolean {
  if (isSocketFailure(error)) return true;
  if (error instanceof StoreFailure) return error.passing;
  // A server that was looked for in vain for the whole selection time will not be there a moment later.
  if (!(error instanceof MongoError) || error instanceof MongoServerSelectionError) return false;
  if (error instanceof MongoNetworkError || error.hasErrorLabel('RetryableWriteError')) return true;
  // Written, but not known to be durable (store design section 13).
  if (error instanceof MongoWriteConcernError) return true;
  if (error instanceof MongoBulkWriteError && error.result.getWriteConcernError() !== undefined) return true;
  if (error instanceof MongoClientBulkWriteError) return error.writeConcernErrors.length > 0 || passes(error.cause);
  if (error.hasErrorLabel('ResetPool') || error.hasErrorLabel('RetryableError')) return true;
  return error instanceof MongoServerError && isPassingCode(error.code);
}

export function asMailError(error: unknown): unknown {
  if (!(error instanceof MongoError || error instanceof StoreFailure) && !isSocketFailure(error)) return error;
  return new MailError('unavailable', 'The mail store cannot be reached, try again later', { cause: error });
}

export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === duplicateKeyCode;
}

/**
 * Indexes of the operations of a bulk write or insertMany that failed with a duplicate `_id`, ascending, or undefined when
 * anything else went wrong as well. A write concern error beside them means that even what succeeded is not yet durable:
 * unknown (store design section 13).
 */
export function duplicatesOf(error: unknown): readonly number[] | undefined {
  if (error instanceof MongoClientBulkWriteError) {
    if (error.writeConcernErrors.length > 0 || error.cause !== undefined || error.writeErrors.size === 0)
      return undefined;
    const indexes: number[] = [];
    for (const [index, writeError] of error.writeErrors) {
      if (writeError.code !== duplicateKeyCode) return undefined;
      indexes.push(index);
    }
    return indexes.sort((x, y) => x - y);
  }
  if (error instanceof MongoBulkWriteError) {
    if (error.result.getWriteConcernError() !== undefined) return undefined;
    const errors = error.result.getWriteErrors();
    if (errors.length === 0 || errors.some((one) => one.code !== duplicateKeyCode)) return undefined;
    return errors.map((one) => one.index).sort((x, y) => x - y);
  }
  return undefined;
}
