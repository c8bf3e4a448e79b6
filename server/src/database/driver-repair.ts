/**
 * Mends one fault of the MongoDB driver (seen in 7.9.0). A command larger than the socket's buffer waits for `drain`. When the
 * server says goodbye at that moment (a shutdown, a step-down: FIN, no error), Node ends the socket without `drain` and without
 * `error`, and the driver tells only who waits for an answer: the command then waits for ever, no timeout covers it, and with
 * it waits the queue of the account it was to change. Here the wait ends with the connection; the driver then looks at the
 * connection's state and fails the command with its own MongoNetworkError.
 *
 * Throws at the first connection if the driver's inside is not what it was, so that an upgrade cannot lose this unseen.
 */
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

interface DriverConnection {
  readonly closed: boolean;
  readonly socket: Socket;
  cleanup(error: Error): void;
}

let mended = false;

export function mendDriver(): void {
  if (mended) return;
  const { Connection } = createRequire(import.meta.url)('mongodb/lib/cmap/connection.js') as {
    Connection?: { prototype: Partial<DriverConnection> };
  };
  const cleanup = Connection?.prototype.cleanup;
  if (Connection === undefined || cleanup === undefined) {
    throw new Error('the MongoDB driver closes its connections in another way than this program was written for');
  }
  Connection.prototype.cleanup = function (this: DriverConnection, error: Error): void {
    if (this.closed) return;
    cleanup.call(this, error);
    // Who comes now, between the driver's look at the state and its write, must not wait either.
    this.socket.write = () => true;
    this.socket.emit('drain');
  };
  mended = true;
}
