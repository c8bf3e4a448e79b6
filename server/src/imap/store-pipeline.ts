/**
 * STORE commands under way (RFC 9051 5.5). A client that sends a thousand STOREs in one write would else pay a commit for
 * each; the mailstore lets commits of one mailbox share a database command if the next is asked for before the last has
 * resolved. So a STORE may begin while others wait, under these rules: all of one kind (UID or not), no message twice (the
 * FETCH that answers a STORE tells of that STORE's effect and no later one), and answers in the order of the commands. Every
 * other command waits until all are answered.
 */

/** How many STOREs may wait: what a slow database can make this process hold for one connection. Twice what a commit takes
 *  (store design 2.1), so that the next commit is full when one ends. */
const maxWaiting = 512;
/** Messages named by all that wait. */
const maxMessages = 20_000;

export interface StorePipeline {
  /** undefined: a STORE of these messages may begin now. Else ask again when it resolves. */
  room(uid: boolean, uids: Uint32Array): Promise<void> | undefined;
  /** `answer` is called when all before it were answered. It must not throw, except for a closed connection. */
  add(uid: boolean, uids: Uint32Array, answer: () => Promise<void>): void;
  /** Resolves when everything is answered. undefined if nothing waits. */
  settled(): Promise<void> | undefined;
}

export function createStorePipeline(): StorePipeline {
  let waiting = 0;
  let kindUid = false;
  const messages = new Set<number>();
  let tail: Promise<void> | undefined;
  let onRoom: (() => void) | undefined;

  /** Woken when half is answered: to go on one by one would cost a turn each. */
  const halfEmpty = (): Promise<void> =>
    new Promise((resolve) => {
      onRoom = resolve;
    });

  return {
    room(uid, uids) {
      if (waiting === 0) return undefined;
      if (uid !== kindUid || messages.size + uids.length > maxMessages) return tail;
      for (let i = 0; i < uids.length; i++) if (messages.has(uids[i]!)) return tail;
      return waiting >= maxWaiting ? halfEmpty() : undefined;
    },
    add(uid, uids, answer) {
      waiting++;
      kindUid = uid;
      for (let i = 0; i < uids.length; i++) messages.add(uids[i]!);
      const before = tail;
      tail = (async () => {
        if (before !== undefined) await before;
        try {
          await answer();
        } catch {
          // The connection is gone: the command loop meets that at its next read.
        }
        waiting--;
        for (let i = 0; i < uids.length; i++) messages.delete(uids[i]!);
        if (waiting === 0) tail = undefined;
        if (waiting <= maxWaiting / 2) {
          onRoom?.();
          onRoom = undefined;
        }
      })();
    },
    settled: () => tail,
  };
}
