/**
 * Shares one read among all that wait (store design section 3, Freshness). A call is answered by a read that was *sent after*
 * the call came: one that is under way already may have looked before what the caller wants to see, so callers that come
 * meanwhile share the next one.
 */
export interface Freshness {
  refresh(): Promise<void>;
}

export function freshness(read: () => Promise<void>): Freshness {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function start(): Promise<void> {
    const started = read().finally(() => {
      if (running === started) running = undefined;
    });
    running = started;
    return started;
  }

  async function after(previous: Promise<void>): Promise<void> {
    try {
      await previous;
    } catch {
      // Told to those who asked for it; this one asks for itself.
    }
    next = undefined;
    await start();
  }

  return {
    refresh() {
      if (running === undefined) return start();
      next ??= after(running);
      return next;
    },
  };
}
