/**
 * Two ends of a stream inside the process: what is written to one is read from the other, with the backpressure of streams and no
 * descriptor. `SocketConnection` takes one for a socket.
 */

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

class End extends Duplex {
  other: End | undefined;
  /** The other end's write, which waits until this one is read. */
  #waiting: (() => void) | undefined;

  override _read(): void {
    const go = this.#waiting;
    this.#waiting = undefined;
    go?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const { other } = this;
    if (other === undefined || other.destroyed) done();
    else if (other.push(chunk)) process.nextTick(done);
    else other.#waiting = done;
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#waiting?.();
    if (this.other?.destroyed === false) this.other.push(null);
    done(error);
  }
}

export function streamPair(): { readonly near: Duplex; readonly far: Socket } {
  const near = new End({ allowHalfOpen: true });
  const far = new End({ allowHalfOpen: true });
  near.other = far;
  far.other = near;
  return { near, far: far as unknown as Socket };
}
