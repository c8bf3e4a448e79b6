/**
 * STORE commands under way (RFC 9051 5.5). A client that sends a thousand STOREs in one write would else pay a commit for
 * each; the mailstore lets commits of one mailbox share a database command if the next is asked for before the last has
 * resolved. So a STORE may begin while others wait, under these rules: all of one kind (UID or not), no message twice (the
 * FETCH that answers a STORE tells of that STORE's effect and no later one), and answers in the order of the commands. Every
 * other command waits until all are answered.
 */

/** How many STOREs may wait: what a slow database can make this process hold for one connection. */
const maxWaiting = 256;
/** Messages named by all that wait. */
const maxMessages = 20_000;

export interface StorePipeline {
  /** Whether a STORE of these messages may begin now. */
  fits(uid: boolean, uids: Uint32Array): boolean;
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

  return {
    fits(uid, uids) {
      if (waiting === 0) return true;
      if (uid !== kindUid || waiting >= maxWaiting || messages.size + uids.length > maxMessages) return false;
      for (let i = 0; i < uids.length; i++) if (messages.has(uids[i]!)) return false;
      return true;
    },
    add(uid, uids, answer) {
      waiting++;
      kindUid = uid;
      for (let i = 0; i < uids.length; i++) messages.add(uids[i]!);
      const before = tail;
      const mine = (async () => {
        if (before !== undefined) await before;
        try {
          await answer();
        } catch {
          // The connection is gone: the command loop meets that at its next read.
        }
        waiting--;
        if (waiting > 0) return;
        messages.clear();
        tail = undefined;
      })();
      tail = mine;
    },
    settled: () => tail,
  };
}
