/** Commands without the driver: what the driver would not send, and bytes that are no messages at all. */
import { connect, type Socket } from 'node:net';
import { BSON, type Document } from 'mongodb';

export interface RawClient {
  /** Fails when the connection ends before the answer is here. */
  command(document: Document): Promise<Document>;
  /** Sends bytes; resolves when the server has closed the connection. */
  sendAndAwaitClose(bytes: Buffer): Promise<void>;
  close(): void;
}

export function opMsg(document: Document, requestId = 1): Buffer {
  const body = BSON.serialize(document);
  const message = Buffer.alloc(21 + body.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(requestId, 4);
  message.writeInt32LE(2013, 12);
  message.set(body, 21);
  return message;
}

export async function connectRaw(path: string): Promise<RawClient> {
  const socket: Socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let received = Buffer.alloc(0);
  let waiting: ((document: Document) => void) | undefined;
  let fail: (error: Error) => void = () => undefined;
  socket.on('error', () => undefined);
  socket.on('close', () => fail(new Error('the connection ended')));
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    if (received.length < 4 || received.length < received.readInt32LE(0)) return;
    const length = received.readInt32LE(0);
    const document = BSON.deserialize(received.subarray(21, length));
    received = received.subarray(length);
    waiting?.(document);
  });
  return {
    command(document) {
      return new Promise((resolve, reject) => {
        waiting = resolve;
        fail = reject;
        socket.write(opMsg(document));
      });
    },
    sendAndAwaitClose(bytes) {
      return new Promise((resolve) => {
        socket.once('close', () => resolve());
        socket.write(bytes);
      });
    },
    close: () => socket.destroy(),
  };
}
