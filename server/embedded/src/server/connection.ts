/**
 * One connection: messages in, one at a time through the commands, replies out in order. A client that sends faster than
 * it is served is not read from; one that does not read its replies is not served.
 */
import type { Socket } from 'node:net';
import { createFraming } from '../wire/framing.js';
import { parseMessage } from '../wire/message.js';
import type { Client, Services } from './call.js';
import { answer } from './dispatch.js';

/** Messages that wait on one connection; drivers send one at a time. */
const maxWaiting = 8;

export interface Connection {
  readonly done: Promise<void>;
  /** Ends the connection when the command that runs on it is answered. */
  stop(): void;
}

export function serveConnection(services: Services, socket: Socket, id: number): Connection {
  const closed = new AbortController();
  const client: Client = { id, appName: '', closed: closed.signal };
  const waiting: Buffer[] = [];
  let running: Promise<void> | undefined;
  let stopping = false;
  /** Replies that are not with the system yet. */
  let unsent = 0;
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const framing = createFraming((frame) => {
    waiting.push(frame);
    if (waiting.length >= maxWaiting) socket.pause();
    running ??= work();
  });

  async function work(): Promise<void> {
    for (let frame = waiting.shift(); frame !== undefined && !socket.destroyed; frame = waiting.shift()) {
      if (socket.isPaused() && waiting.length < maxWaiting) socket.resume();
      let message: Buffer | undefined | 'close';
      try {
        message = await answer(services, client, parseMessage(frame));
      } catch (error) {
        services.log('warn', `connection ${id} ended: it sent what is not a message`, error);
        message = 'close';
      }
      if (message === 'close') {
        socket.destroy();
        break;
      }
      if (message !== undefined && !socket.destroyed && !send(message)) await drained();
      if (stopping) break;
    }
    running = undefined;
    hangUpIfOver();
  }

  function send(message: Buffer): boolean {
    unsent++;
    return socket.write(message, () => {
      unsent--;
      hangUpIfOver();
    });
  }

  /**
   * At once, both ways, when the last reply is out. A polite end would go on reading: a client in the middle of a long request
   * would see it sent and nobody there, without an error, and the MongoDB driver then waits for ever (Node ends such a
   * socket without `drain`); one that is cut off gets an error.
   */
  function hangUpIfOver(): void {
    if (stopping && running === undefined && unsent === 0) socket.destroy();
  }

  function drained(): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        socket.off('drain', go);
        socket.off('close', go);
        resolve();
      };
      socket.on('drain', go);
      socket.on('close', go);
    });
  }

  socket.on('data', (chunk: Buffer) => {
    try {
      framing.push(chunk);
    } catch (error) {
      services.log('warn', `connection ${id} ended: it sent what is not a message`, error);
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    closed.abort();
    waiting.length = 0;
    void Promise.resolve(running).then(finish);
  });
  return {
    done,
    stop() {
      stopping = true;
      hangUpIfOver();
    },
  };
}
