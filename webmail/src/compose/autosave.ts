/**
 * When a draft is kept: here 2 s after the last key (and at the latest 5 s after the first), on the server 10 s after a
 * change, one copy at a time. A copy that fails is tried again, later each time; the local one is there meanwhile.
 */
export interface AutosaveClock {
  now(): number;
  /** Calls back once after `ms`; the function that comes back stops it. */
  after(ms: number, then: () => void): () => void;
}

export interface AutosaveTargets {
  saveHere(): Promise<void>;
  saveOnServer(): Promise<void>;
}

export type SaveState =
  | { readonly kind: 'clean' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'saved'; readonly at: number }
  /** Kept here; the server could not be asked. */
  | { readonly kind: 'kept'; readonly error: unknown };

export interface Autosave {
  readonly state: SaveState;
  /** To be called at every change of the draft. */
  changed(): void;
  /** Everything on the server now: before sending, when the composer closes. Rejects if the server refuses. */
  flush(): Promise<void>;
  stop(): void;
}

export const autosaveTimes = {
  hereMs: 2_000,
  hereAtMostMs: 5_000,
  serverMs: 10_000,
  retryMs: 10_000,
  retryAtMostMs: 120_000,
};

export function createAutosave(
  targets: AutosaveTargets,
  clock: AutosaveClock,
  onState: (state: SaveState) => void,
): Autosave {
  let state: SaveState = { kind: 'clean' };
  let version = 0;
  let onServer = 0;
  let firstUnsaved: number | undefined;
  let failures = 0;
  let stopHere: (() => void) | undefined;
  let stopServer: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  const show = (next: SaveState): void => {
    state = next;
    onState(next);
  };

  function scheduleHere(): void {
    stopHere?.();
    firstUnsaved ??= clock.now();
    const left = firstUnsaved + autosaveTimes.hereAtMostMs - clock.now();
    stopHere = clock.after(Math.max(0, Math.min(autosaveTimes.hereMs, left)), () => {
      firstUnsaved = undefined;
      stopHere = undefined;
      // A browser without room for it still has the server's copy.
      targets.saveHere().catch(() => undefined);
    });
  }

  function scheduleServer(ms: number): void {
    if (stopped) return;
    stopServer ??= clock.after(ms, () => {
      stopServer = undefined;
      if (running === undefined) void save().catch(() => undefined);
    });
  }

  function stopTimers(): void {
    stopHere?.();
    stopServer?.();
    stopHere = stopServer = firstUnsaved = undefined;
  }

  function save(): Promise<void> {
    const saved = version;
    show({ kind: 'saving' });
    running = targets.saveOnServer().then(
      () => {
        running = undefined;
        failures = 0;
        onServer = saved;
        if (version === saved) show({ kind: 'saved', at: clock.now() });
        else {
          show({ kind: 'changed' });
          scheduleServer(autosaveTimes.serverMs);
        }
      },
      (error: unknown) => {
        running = undefined;
        failures++;
        show({ kind: 'kept', error });
        scheduleServer(Math.min(autosaveTimes.retryMs * 2 ** (failures - 1), autosaveTimes.retryAtMostMs));
        throw error;
      },
    );
    return running;
  }

  return {
    get state() {
      return state;
    },
    changed() {
      if (stopped) return;
      version++;
      if (state.kind !== 'saving') show(state.kind === 'kept' ? state : { kind: 'changed' });
      scheduleHere();
      scheduleServer(autosaveTimes.serverMs);
    },
    async flush() {
      stopTimers();
      await running?.catch(() => undefined);
      while (onServer !== version) await save();
      stopTimers();
    },
    stop() {
      stopped = true;
      stopTimers();
    },
  };
}
