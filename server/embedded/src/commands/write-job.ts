/**
 * How a write command runs: as one job of the write queue, with its reply, and for a retryable write with the record that
 * makes the same number answered the same way again. The job may run twice (when another job of its commit was undone), so
 * it begins its reply anew each time.
 */
import type { BsonWriter } from '../bson/writer.js';
import { MongoError } from '../errors.js';
import type { Call } from '../server/call.js';
import { ConnectionCut } from '../server/fail-points.js';

export async function writeJob(call: Call, execute: (reply: BsonWriter) => void): Promise<void> {
  const { engine, sessions, session, txnNumber, reply } = call;
  const start = reply.pos;
  let cut: 'before' | 'after' | undefined;
  try {
    await engine.storage.write(() => {
      reply.rewind(start);
      if (session !== undefined && txnNumber !== undefined) {
        const done = sessions.find(session, txnNumber);
        if (done !== undefined) {
          reply.raw(done, 0, done.length);
          return;
        }
        cut = call.failPoints.meetRetryable();
        if (cut === 'before') throw new ConnectionCut();
      }
      execute(reply);
      if (session !== undefined && txnNumber !== undefined) sessions.save(session, txnNumber, reply.bytes(start));
    }, call.request.bytes);
  } catch (error) {
    if (error instanceof ConnectionCut) throw error;
    throw storageError(call, error);
  }
  if (cut === 'after') throw new ConnectionCut();
}

/** A disk that is full or fails: said in a way that a client may try again later. Reading goes on. */
export function storageError(call: Call, error: unknown): unknown {
  if (error instanceof MongoError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/closing|closed/.test(text)) return new MongoError('ShutdownInProgress', 'the server is shutting down');
  call.log('error', `write failed: ${call.command}`, error);
  if (/Commit failed|Input\/output error|No space left|ENOSPC|EIO|MDB_/.test(text)) {
    return new MongoError('OutOfDiskSpace', 'the write could not be brought to disk; the log of the server has more');
  }
  return error;
}
