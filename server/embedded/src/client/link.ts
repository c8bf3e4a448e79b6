/**
 * One connection of a command client, and the command under way on it. What is sent is composed in one buffer that serves
 * again and again, and what comes is read into another: a command allocates its reply and nothing else. When the connection
 * breaks, the command rejects with ConnectionLost, and nothing is known of its outcome.
 */
import { connect } from 'node:net';
import { BsonWriter } from '../bson/writer.js';
import { createFraming } from '../wire/framing.js';
import { finishRequest, parseMessage, requestHead } from '../wire/message.js';

export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';

  constructor(cause?: unknown) {
    super('the connection to the store broke', { cause });
  }
}

/** Writes the sections of a message behind its head. */
export type Fill = (writer: BsonWriter) => void;

export interface Link {
  /** One at a time: the next after the reply. */
  send(fill: Fill): Promise<Buffer>;
  readonly broken: boolean;
  close(): void;
}

/** A buffer that grew beyond this for one large command is not kept for the next. */
const keptBytes = 512 * 1024;
const firstBytes = 16 * 1024;
const readBytes = 64 * 1024;

interface Waiting {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

export function openLink(socketPath: string): Promise<Link> {
  return new Promise((opened, failed) => {
    let waiting: Waiting | undefined;
    let broken = false;
    let writer = new BsonWriter(requestHead, firstBytes);

    function lose(cause?: unknown): void {
      broken = true;
      socket.destroy();
      const error = new ConnectionLost(cause);
      waiting?.reject(error);
      waiting = undefined;
      failed(error);
    }

    const framing = createFraming((frame) => {
      const current = waiting;
      waiting = undefined;
      // Copied, for the frame may be a view of the buffer that is read into next.
      if (current === undefined) lose(new Error('a reply that nobody asked for'));
      else current.resolve(Buffer.from(parseMessage(frame).body));
    });

    const socket = connect({
      path: socketPath,
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytes),
        callback(length, buffer) {
          try {
            framing.push((buffer as Buffer).subarray(0, length));
          } catch (error) {
            lose(error);
          }
          return true;
        },
      },
    });
    socket.on('error', lose);
    socket.on('close', () => lose());
    socket.on('connect', () =>
      opened({
        send,
        get broken() {
          return broken;
        },
        close: () => void socket.destroy(),
      }),
    );

    function send(fill: Fill): Promise<Buffer> {
      return new Promise((resolve, reject) => {
        if (broken) return reject(new ConnectionLost());
        waiting = { resolve, reject };
        if (writer.buf.length > keptBytes) writer = new BsonWriter(requestHead, firstBytes);
        writer.pos = requestHead;
        fill(writer);
        // The reply shows that all of it was read: then the buffer is free.
        socket.write(finishRequest(writer));
      });
    }
  });
}
