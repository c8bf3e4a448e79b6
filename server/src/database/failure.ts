import { MongoBulkWriteError, MongoClientBulkWriteError, MongoError, MongoServerError } from 'mongodb';
import { MailError } from '../kernel/errors.js';

/**
 * What a failure of the driver means. A read that failed is `unavailable`: trying again is harmless. A write that failed
 * is one of two things: a duplicate `_id`, which the commit protocol lives on, or unknown (store design 2.5): whatever is
 * not a duplicate may have been written, and is never answered with "no".
 */
export const duplicateKeyCode = 11000;

/** Wraps a read: what the driver throws becomes a MailError that a client may see. */
export async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw asMailError(error);
  }
}

export function asMailError(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
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
