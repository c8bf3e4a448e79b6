/**
 * Retryable writes: the reply of the last numbered write of each session, stored in the transaction of the write itself,
 * so that the same number is answered the same way and done once, also after the server was restarted.
 */

import { bsonType, field, type Value } from '../bson/element.js';
import { asNumber } from '../bson/scalar.js';
import { prefixEnd } from '../engine/index-keys.js';
import type { Storage } from '../engine/storage.js';
import { MongoError } from '../errors.js';

export interface Sessions {
  /** Inside a write job: the fields of the reply to this number if it was done, undefined if it is new. */
  find(session: Buffer, txnNumber: bigint): Buffer | undefined;
  /** Inside a write job. */
  save(session: Buffer, txnNumber: bigint, replyFields: Buffer): void;
  end(sessions: readonly Buffer[]): Promise<void>;
  /** Forgets sessions that were not used for as long as a driver may remember them. */
  expire(): Promise<void>;
}

/** As told in `hello`: a driver does not use a session again that was idle for longer. */
export const sessionTimeoutMinutes = 30;

const headBytes = 16;
const idName = Buffer.from('id');
/** A reply larger than this is not kept: it would be the document of a findAndModify, written a third time. */
const maxReplyBytes = 16 * 1024 * 1024;

export function sessionId(lsid: Value | undefined): Buffer | undefined {
  if (lsid === undefined) return undefined;
  const id = lsid.type === bsonType.object ? field(lsid.buf, idName, lsid.at) : undefined;
  if (id?.type !== bsonType.binary || id.end - id.at !== 21) {
    throw new MongoError('TypeMismatch', "BSON field 'lsid.id' must be a UUID");
  }
  return id.buf.subarray(id.at + 5, id.end);
}

export function createSessions(storage: Storage): Sessions {
  return {
    find(session, txnNumber) {
      const stored = storage.get('sessions', session);
      if (stored === undefined) return undefined;
      const last = stored.readBigInt64BE(0);
      if (txnNumber > last) return undefined;
      if (txnNumber < last) {
        throw new MongoError(
          'TransactionTooOld',
          `Retryable write with txnNumber ${txnNumber} is prohibited on session because a newer retryable write with txnNumber ${last} has already started on this session.`,
        );
      }
      return stored.subarray(headBytes);
    },
    save(session, txnNumber, replyFields) {
      if (replyFields.length > maxReplyBytes) return;
      const stored = Buffer.allocUnsafe(headBytes + replyFields.length);
      stored.writeBigInt64BE(txnNumber, 0);
      stored.writeDoubleBE(Date.now(), 8);
      replyFields.copy(stored, headBytes);
      storage.put('sessions', session, stored);
    },
    async end(sessions) {
      const known = sessions.filter((session) => storage.has('sessions', session));
      if (known.length === 0) return;
      await storage.write(() => {
        for (const session of known) storage.delete('sessions', session);
      });
    },
    async expire() {
      const before = Date.now() - sessionTimeoutMinutes * 60_000;
      await storage.write(() => {
        const old: Buffer[] = [];
        const entries = storage.scan('sessions', { from: Buffer.alloc(1), to: prefixEnd(Buffer.alloc(16, 0xff)) });
        for (let step = entries.next(); !step.done && old.length < 1000; step = entries.next()) {
          if (step.value.value.readDoubleBE(8) < before) old.push(Buffer.from(step.value.key));
        }
        entries.return?.();
        for (const key of old) storage.delete('sessions', key);
      });
    },
  };
}

/** The number of a retryable write, if the command has one; anything that belongs to a transaction is refused. */
export function txnNumberOf(args: ReadonlyMap<string, Value>): bigint | undefined {
  if (args.has('startTransaction') || args.has('autocommit')) {
    throw new MongoError('OperationNotSupportedInTransaction', 'Transactions are not supported by this server');
  }
  const value = args.get('txnNumber');
  if (value === undefined) return undefined;
  const number = asNumber(value);
  if (number === undefined || number < 0) throw new MongoError('TypeMismatch', "BSON field 'txnNumber' must be a long");
  if (!args.has('lsid'))
    throw new MongoError('InvalidOptions', 'Transaction number requires a session ID to also be specified');
  return BigInt(number);
}
