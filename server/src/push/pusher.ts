/**
 * Tells push subscriptions of changes (RFC 8620 7.2). Every process that serves people watches those it holds a lease of; what a dead
 * process watched is taken over when its lease ends. Before each request the subscription is read again: nothing is sent to one that
 * was removed, has expired, is not verified or whose credential was revoked.
 *
 * Changes are gathered, and only the newest states are told. An address that does not answer is asked again, ever more rarely; one that
 * says that it is gone is forgotten. After a process died its successor tells the present states once more, which is harmless.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PushVerification, TypeState } from '@vaguemestre/shared/jmap/core';
import {
  type Lease,
  type PushSubscriptionDocument,
  type PushSubscriptions,
  subscriptionIdOf,
} from '../database/push-subscriptions.js';
import type { Clock } from '../kernel/clock.js';
import { type AccountId, newProcessNonce } from '../kernel/ids.js';
import type { Lifetime } from '../kernel/lifetime.js';
import type { Log } from '../kernel/log.js';
import type { Account } from '../mailstore/account.js';
import type { Mailstore } from '../mailstore/mailstore.js';
import { movedStates, type PushSource, stateChange, statesOf } from './push-source.js';

/** What became of a request to the address of a subscription. */
export type Posted =
  | { readonly kind: 'taken' }
  /** There is nothing at that address any more. */
  | { readonly kind: 'gone' }
  /** Nobody answered, or nobody now; `tooOften`: the other side wants fewer. */
  | { readonly kind: 'later'; readonly afterMs?: number; readonly tooOften?: boolean };

export type PostPush = (
  subscription: Pick<PushSubscriptionDocument, 'url' | 'keys'>,
  message: object,
  urgent: boolean,
  signal: AbortSignal,
) => Promise<Posted>;

export interface PusherParts {
  readonly collection: PushSubscriptions;
  readonly mailstore: Pick<Mailstore, 'openAccount'>;
  readonly sources: readonly PushSource[];
  /** Whose the credential is, and with which quota; undefined: it opens nothing any more. */
  readonly holder: (
    account: string,
    credential: string,
  ) => Promise<{ readonly quotaBytes: number | undefined } | undefined>;
  readonly post: PostPush;
  readonly clock: Clock;
  readonly lifetime: Lifetime;
  readonly log: Log;
}

export interface Pusher {
  /** What a subscription that was made or changed here is held by. */
  lease(): Lease;
  made(subscription: PushSubscriptionDocument): void;
  changed(subscription: PushSubscriptionDocument): void;
}

const leaseMs = 60_000;
const lookMs = 10_000;
/** In one look: a process that starts does not ask for all at once. */
const takenAtMost = 200;
/** Credentials of those that have nothing to tell are looked at so often. */
const credentialsMs = 60_000;
/** One that was not verified by then will not be. */
const unverifiedMs = 24 * 3600_000;
/** A burst of deliveries is one request. */
const gatherMs = 100;
const leastIntervalMs = 1_000;
const longestIntervalMs = 15 * 60_000;
const firstRetryMs = 5_000;
const longestRetryMs = 3600_000;
const verificationPausesMs = [0, 2_000, 10_000, 60_000];
/** The type that moves when mail comes: a telephone may be woken for it (RFC 8621 1.5). */
const wakingType = 'EmailDelivery';

interface Watched {
  readonly account: Account;
  readonly quotaBytes: number | undefined;
  stop(): void;
  told: TypeState | undefined;
  telling: boolean;
  again: boolean;
  notBeforeMs: number;
  intervalMs: number;
  failures: number;
}

export function startPusher(parts: PusherParts): Pusher {
  const { collection, mailstore, sources, clock, lifetime, log } = parts;
  const owner = newProcessNonce();
  const watched = new Map<string, Watched>();
  const opening = new Map<string, Promise<Watched | undefined>>();
  let credentialsAt = Number.NEGATIVE_INFINITY;

  const lease = (): Lease => ({ owner, leaseUntil: new Date(clock.nowMs() + leaseMs) });
  const isOver = ({ expires, verified, made }: PushSubscriptionDocument): boolean => {
    const now = clock.nowMs();
    return expires.getTime() <= now || (!verified && made.getTime() + unverifiedMs <= now);
  };

  function forget(key: string): void {
    watched.get(key)?.stop();
    watched.delete(key);
  }

  async function remove(document: PushSubscriptionDocument): Promise<void> {
    forget(document._id);
    await collection.remove(document.a, subscriptionIdOf(document));
  }

  /** undefined: its credential opens nothing any more, and it was removed. */
  async function watch(
    document: PushSubscriptionDocument,
    told: TypeState | 'now' | undefined,
  ): Promise<Watched | undefined> {
    const key = document._id;
    const known = watched.get(key) ?? opening.get(key);
    if (known !== undefined) return known;
    const open = openWatched(document, told).finally(() => opening.delete(key));
    opening.set(key, open);
    return open;
  }

  async function openWatched(
    document: PushSubscriptionDocument,
    told: TypeState | 'now' | undefined,
  ): Promise<Watched | undefined> {
    const { a, credential, _id: key } = document;
    const holder = await parts.holder(a, credential);
    if (holder === undefined) {
      await remove(document);
      return undefined;
    }
    const { quotaBytes } = holder;
    const quota = quotaBytes === undefined ? {} : { quotaBytes };
    const account = await mailstore.openAccount(a as AccountId, { by: `push-${owner}`, ...quota });
    const stops: (() => void)[] = [];
    let timer: NodeJS.Timeout | undefined;
    const one: Watched = {
      account,
      quotaBytes,
      stop() {
        for (const stop of stops) stop();
        clearTimeout(timer);
        account.release();
      },
      told: undefined,
      telling: false,
      again: false,
      notBeforeMs: 0,
      intervalMs: leastIntervalMs,
      failures: 0,
    };
    const changed = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        tellSoon(document);
      }, gatherMs);
    };
    for (const source of sources) stops.push(source.watch(account, changed));
    try {
      await account.refresh();
      one.told = told === 'now' ? await statesOf(account, sources) : told;
    } catch (error) {
      one.stop();
      throw error;
    }
    if (lifetime.closed) one.stop();
    else watched.set(key, one);
    return one;
  }

  const tellSoon = (document: PushSubscriptionDocument): void =>
    lifetime.run('push', (signal) => tell(document, signal));

  async function tell(document: PushSubscriptionDocument, signal: AbortSignal): Promise<void> {
    const key = document._id;
    const one = watched.get(key);
    if (one === undefined) return;
    if (one.telling) {
      one.again = true;
      return;
    }
    one.telling = true;
    try {
      do {
        one.again = false;
        const waitMs = one.notBeforeMs - clock.monotonicMs();
        if (waitMs > 0) await sleep(waitMs, undefined, { signal });
        if (watched.get(key) !== one) return;
        if (!(await tellNow(one, document.a, subscriptionIdOf(document), signal))) return;
      } while (one.again);
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'a push subscription cannot be told what changed');
    } finally {
      one.telling = false;
    }
  }

  /** False: there is nothing to be told, or nobody to tell it to. */
  async function tellNow(one: Watched, account: string, id: string, signal: AbortSignal): Promise<boolean> {
    const document = await collection.get(account, id);
    if (document === undefined || document.owner !== owner) {
      forget(`${account}/${id}`);
      return false;
    }
    if (isOver(document) || (await parts.holder(account, document.credential)) === undefined) {
      await remove(document);
      return false;
    }
    if (!document.verified) return false;
    const now = await statesOf(one.account, sources);
    const { types } = document;
    const moved = Object.entries(movedStates(one.told, now)).filter(([type]) => types?.includes(type) ?? true);
    if (moved.length === 0) {
      one.told = now;
      return true;
    }
    const changed = Object.fromEntries(moved);
    const posted = await parts.post(document, stateChange(account, changed), wakingType in changed, signal);
    switch (posted.kind) {
      case 'taken':
        one.told = now;
        one.failures = 0;
        one.notBeforeMs = clock.monotonicMs() + one.intervalMs;
        return true;
      case 'gone':
        await remove(document);
        return false;
      case 'later': {
        // RFC 8620 7.2: who gets too many gets fewer from then on.
        if (posted.tooOften === true) one.intervalMs = Math.min(longestIntervalMs, 4 * one.intervalMs);
        const pauseMs = Math.max(posted.afterMs ?? 0, one.intervalMs, firstRetryMs * 2 ** one.failures);
        one.failures += 1;
        one.notBeforeMs = clock.monotonicMs() + Math.min(longestRetryMs, pauseMs);
        one.again = true;
        return true;
      }
    }
  }

  /** RFC 8620 7.2.2: nothing else goes there before the code comes back. */
  async function verify(document: PushSubscriptionDocument, signal: AbortSignal): Promise<void> {
    const id = subscriptionIdOf(document);
    const message: PushVerification = {
      '@type': 'PushVerification',
      pushSubscriptionId: id,
      verificationCode: document.code,
    };
    for (const pauseMs of verificationPausesMs) {
      if (pauseMs > 0) {
        await sleep(pauseMs, undefined, { signal });
        const now = await collection.get(document.a, id);
        if (now === undefined || now.verified) return;
      }
      const posted = await parts.post(document, message, true, signal);
      if (posted.kind !== 'later') return;
    }
  }

  async function look(): Promise<void> {
    const held = await collection.hold(lease(), new Date(clock.nowMs()), takenAtMost);
    const keys = new Set(held.map(({ _id }) => _id));
    for (const key of [...watched.keys()]) if (!keys.has(key)) forget(key);
    const looksAtCredentials = clock.monotonicMs() - credentialsAt >= credentialsMs;
    if (looksAtCredentials) credentialsAt = clock.monotonicMs();
    for (const document of held) {
      try {
        if (isOver(document)) await remove(document);
        else if (!watched.has(document._id)) {
          await watch(document, undefined);
          tellSoon(document);
        } else if (looksAtCredentials) await check(document);
      } catch (error) {
        // One account that cannot be opened must not keep the others unwatched: it is tried again at the next look.
        log.debug({ err: error }, 'a push subscription cannot be watched');
      }
    }
  }

  /** A revoked credential ends the subscription; with another quota its states are others. */
  async function check(document: PushSubscriptionDocument): Promise<void> {
    const holder = await parts.holder(document.a, document.credential);
    const one = watched.get(document._id);
    if (holder === undefined) await remove(document);
    else if (one !== undefined && one.quotaBytes !== holder.quotaBytes) {
      forget(document._id);
      await watch(document, one.told);
    }
  }

  lifetime.run('watch push subscriptions', async (signal) => {
    for (;;) {
      try {
        await look();
      } catch (error) {
        log.debug({ err: error }, 'push subscriptions cannot be looked at');
      }
      await sleep(lookMs, undefined, { signal });
    }
  });
  lifetime.onClose(async () => {
    for (const key of [...watched.keys()]) forget(key);
    await collection.letGo(owner);
  });

  const taken = (document: PushSubscriptionDocument): void =>
    lifetime.run('watch a push subscription', async (signal) => {
      await watch(document, 'now');
      await tell(document, signal);
    });
  return {
    lease,
    made(document) {
      taken(document);
      lifetime.run('verify a push subscription', (signal) => verify(document, signal));
    },
    // What changed between its making and its verification is told now.
    changed: taken,
  };
}
