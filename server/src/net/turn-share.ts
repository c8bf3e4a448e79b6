/**
 * How much of what came from all peers is worked on in one turn of the event loop. What a connection is woken for is worked on
 * before the loop looks at anything else: ten senders of large messages, each with a share of its own, would keep somebody who
 * asks a small question waiting for ten shares, and for what follows them (hashing, reading, handing on to the store).
 *
 * So there is one share for all, and who comes when it is used up waits in a line for the next turns. Small pieces, which
 * commands are, never wait. Nothing is lost or overtaken within a connection: only the waking is put off.
 */
import { thisTurn } from './loop-turn.js';

export interface Sleeper {
  wake(): void;
}

/** About a millisecond of work on a message. */
const bytesForAll = 128 * 1024;
/** A command, or a few. */
const smallBytes = 4096;

const line: { readonly sleeper: Sleeper; readonly bytes: number }[] = [];
let turn = 0;
let used = 0;

/** Wakes now, or in one of the next turns; false when it will be later. `bytes`: what has come for it. */
export function wakeInTurn(sleeper: Sleeper, bytes: number): boolean {
  const now = thisTurn();
  if (now !== turn) {
    turn = now;
    used = 0;
  }
  // Whoever is first is never put off, however much it is.
  if (bytes < smallBytes || (line.length === 0 && (used === 0 || used + bytes <= bytesForAll))) {
    used += bytes;
    sleeper.wake();
    return true;
  }
  line.push({ sleeper, bytes });
  if (line.length === 1) setImmediate(serveLine);
  return false;
}

function serveLine(): void {
  let served = 0;
  while (line.length > 0 && (served === 0 || served + line[0]!.bytes <= bytesForAll)) {
    const { sleeper, bytes } = line.shift()!;
    served += bytes;
    sleeper.wake();
  }
  if (line.length > 0) setImmediate(serveLine);
}
