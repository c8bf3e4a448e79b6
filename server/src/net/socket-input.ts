/**
 * The reading half of a connection: octets flow from the socket into an `InputBuffer` while somebody waits for them or little is
 * there; past `readAheadBytes` with nobody reading the socket is paused, so that the kernel holds the peer back. In one turn of
 * the event loop one connection gets its share and no more, and all together get theirs (`turn-share.ts`).
 */
import type { Socket } from 'node:net';
import { InputBuffer } from './input-buffer.js';
import { thisTurn } from './loop-turn.js';
import { wakeInTurn } from './turn-share.js';

/** What is read ahead of a session that is busy. Small: a thousand busy sessions must not hold the memory of their peers. */
const readAheadBytes = 64 * 1024;
/** Octets taken from one socket in one turn. The loop itself reads up to 32 buffers of 64 KiB from a socket before it looks at
 *  another: ten fast senders would keep everybody else waiting for half a second. */
const bytesPerTurn = 64 * 1024;
/** Lines handed out in one turn: then other connections get theirs. */
const linesPerTurn = 128;

export class SocketInput {
  readonly buffer = new InputBuffer();
  /** The peer closed its side. */
  ended = false;
  #socket!: Socket;
  #waiter: { resolve(): void; reject(error: Error): void } | undefined;
  #paused = false;
  /** Had its share of this turn. */
  #resting = false;
  #turn = 0;
  #bytesInTurn = 0;
  #linesInTurn = 0;
  /** What still comes is thrown away. */
  #discarding = false;
  /** Waits in line to be woken for what has come. */
  #queued = false;

  attach(socket: Socket): void {
    this.#socket = socket;
    this.ended = false;
    this.#paused = false;
    this.#resting = false;
    socket.on('data', this.#received);
    socket.on('end', this.#peerEnd);
  }

  /** Also forgets what was read. */
  detach(): void {
    this.#socket.off('data', this.#received);
    this.#socket.off('end', this.#peerEnd);
    this.buffer.clear();
  }

  get waiting(): boolean {
    return this.#waiter !== undefined;
  }

  /** Counts a line; false when this turn had enough of them, until `nextTurn` resolved. */
  mayTakeLine(): boolean {
    return ++this.#linesInTurn < linesPerTurn;
  }

  async nextTurn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#linesInTurn = 0;
  }

  /** Resolves when something came or the peer closed; call `took` after taking from `buffer`. */
  more(): Promise<void> {
    if (this.#waiter !== undefined) return Promise.reject(new Error('two reads of one connection at a time'));
    const came = new Promise<void>((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
    this.took();
    return came;
  }

  took(): void {
    if (!this.#paused || this.#resting) return;
    // Who waits needs more than is there, however much that is: a line may be as long as what is read ahead.
    if ((this.#waiter === undefined || this.#queued) && this.buffer.length >= readAheadBytes) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** Rejects the read under way. */
  fail(error: Error): void {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.reject(error);
  }

  /** Reads on to the peer's end and keeps nothing: closing with unread input would reset the connection. */
  discard(): void {
    this.#discarding = true;
    this.buffer.clear();
    this.#paused = false;
    this.#socket.resume();
  }

  /** Called when the next turn has begun. */
  rested(): void {
    this.#resting = false;
    if (!this.#discarding) this.took();
  }

  readonly #received = (chunk: Buffer): void => {
    if (this.#discarding) return;
    const turn = thisTurn();
    if (this.#turn !== turn) {
      this.#turn = turn;
      this.#bytesInTurn = 0;
      this.#linesInTurn = 0;
    }
    this.#bytesInTurn += chunk.length;
    if (this.#bytesInTurn >= bytesPerTurn && !this.#resting) {
      this.#resting = true;
      this.#pause();
      setImmediate(rest, this);
    }
    this.buffer.push(chunk);
    if (this.#waiter !== undefined && !this.#queued) this.#queued = !wakeInTurn(this, chunk.length);
    if ((this.#waiter === undefined || this.#queued) && this.buffer.length >= readAheadBytes) this.#pause();
  };

  readonly #peerEnd = (): void => {
    this.ended = true;
    this.wake();
  };

  /** What has come is there for whoever waits for it. */
  wake(): void {
    this.#queued = false;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    waiter?.resolve();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }
}

function rest(input: SocketInput): void {
  input.rested();
}
