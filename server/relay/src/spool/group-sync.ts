/**
 * Makes the entries of a folder durable, for all who ask at once: a sync that has begun may miss what was made since, so whoever
 * comes meanwhile shares the next one. With twenty senders the folder is synced a few times, not twenty.
 */
export interface GroupSync {
  /** Resolves when everything that was in the folder at the call is durable. Rejects for all who shared a sync that failed. */
  sync(): Promise<void>;
}

export function createGroupSync(syncFolder: () => Promise<void>): GroupSync {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const start = (): Promise<void> => {
    const mine = syncFolder().finally(() => {
      if (running === mine) running = undefined;
    });
    running = mine;
    return mine;
  };

  return {
    sync() {
      if (running === undefined) return start();
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = undefined;
          return start();
        });
      return next;
    },
  };
}
