import { randomInt } from 'node:crypto';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { AccountView } from './account-view.js';
import { type FoldContext, fold } from './fold-job.js';

/** When accounts are folded: at once when the tail is long, else a while after the last change (store design section 4). */
export interface FoldSchedule {
  /** This process changed the account. */
  committed(view: AccountView): void;
  /** Another process changed it: that one folds, this one only if it does not. */
  observed(view: AccountView): void;
  /** It was read from the store: whoever would have folded it may be gone. */
  loaded(view: AccountView): void;
}

/** Store design section 4: when the tail has so much. */
const foldEntries = 256;
const foldBytes = 512 * 1024;
/** With at least so many entries it is folded some time after the last change. */
const idleFoldEntries = 16;
const idleMs = 30_000;
/**
 * Of an account that is loaded with so many: each costs a kilobyte of memory in every process that holds it, and every process
 * that loads it has to read it. Everybody may come at once after a restart, so not all in the same moment.
 */
const loadedFoldEntries = 32;
const loadedPatienceMs = 1_000;
/** Longer than `idleMs` by a random amount, so that the processes that watch do not all begin at once. */
const observerPatienceMs = 20_000;
/** A watching process waits for so much more than the one that writes. */
const observerSlack = 1.25;
/** After a failure: the database is away or somebody else folds all the time. */
const pauseAfterFailureMs = 5_000;

export function foldSchedule(
  context: FoldContext,
  options: { readonly lifetime: Lifetime; readonly log: Log; readonly idleMs?: number },
): FoldSchedule {
  const { lifetime, log } = options;
  const quietMs = options.idleMs ?? idleMs;
  const timers = new Map<AccountView, NodeJS.Timeout>();
  const folding = new Set<AccountView>();
  lifetime.onClose(() => {
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  });

  function isDue(view: AccountView, slack = 1): boolean {
    return view.tail.length >= slack * (context.entries ?? foldEntries) || view.tailBytes >= slack * foldBytes;
  }

  function start(view: AccountView): void {
    if (folding.has(view) || lifetime.closed) return;
    folding.add(view);
    lifetime.run('fold', async () => {
      try {
        await fold(view, context);
      } catch (error) {
        log.warn({ err: error, account: view.account }, 'folding failed, trying again later');
        later(view, pauseAfterFailureMs);
      } finally {
        folding.delete(view);
      }
      if (isDue(view)) later(view, randomInt(50, 200));
    });
  }

  function later(view: AccountView, ms: number): void {
    clearTimeout(timers.get(view));
    if (lifetime.closed) return;
    const timer = setTimeout(() => {
      timers.delete(view);
      if (view.tail.length >= idleFoldEntries) start(view);
    }, ms);
    timer.unref();
    timers.set(view, timer);
  }

  return {
    committed(view) {
      if (isDue(view)) start(view);
      else if (view.tail.length >= idleFoldEntries) later(view, quietMs);
    },
    observed(view) {
      if (isDue(view, observerSlack)) start(view);
      else if (view.tail.length >= idleFoldEntries) later(view, quietMs + randomInt(1, observerPatienceMs));
    },
    loaded(view) {
      if (view.tail.length >= loadedFoldEntries) later(view, randomInt(1, loadedPatienceMs));
    },
  };
}
