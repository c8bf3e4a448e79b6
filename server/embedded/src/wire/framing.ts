/**
 * Messages out of a stream of chunks. A message that comes in one chunk is a view of it; one that does not is gathered in a
 * buffer of its own size, which is bounded by the protocol.
 */
import { maxMessageBytes, ProtocolError } from './message.js';

export interface Framing {
  /** Takes a chunk, calls `deliver` with each message it completes. Throws ProtocolError on a bad length. */
  push(chunk: Buffer): void;
}

const headerBytes = 16;

export function createFraming(deliver: (frame: Buffer) => void): Framing {
  let gathered: Buffer | undefined;
  let filled = 0;
  let head = Buffer.alloc(0);

  function lengthOf(buf: Buffer, at: number): number {
    const length = buf.readInt32LE(at);
    if (length < headerBytes || length > maxMessageBytes) throw new ProtocolError(`message of ${length} bytes`);
    return length;
  }

  return {
    push(chunk) {
      let at = 0;
      if (gathered) {
        const taken = Math.min(gathered.length - filled, chunk.length);
        chunk.copy(gathered, filled, 0, taken);
        filled += taken;
        at = taken;
        if (filled < gathered.length) return;
        const frame = gathered;
        gathered = undefined;
        deliver(frame);
      }
      let rest = at === 0 ? chunk : chunk.subarray(at);
      if (head.length > 0) {
        rest = Buffer.concat([head, rest]);
        head = Buffer.alloc(0);
      }
      while (rest.length >= 4) {
        const length = lengthOf(rest, 0);
        if (rest.length < length) {
          gathered = Buffer.allocUnsafeSlow(length);
          filled = rest.copy(gathered);
          return;
        }
        deliver(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
      if (rest.length > 0) head = Buffer.from(rest);
    },
  };
}
