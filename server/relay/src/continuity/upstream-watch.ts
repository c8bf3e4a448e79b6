/**
 * The heartbeat of the hosts that bring our mail: each of them brings something every few minutes on a working day, so one that has
 * been silent for half an hour is a sign that it, or the way from it, is down. One alert for a silence, and one word when it is over.
 * Silence at night and at week-ends is counted as none. A pure state that is asked from time to time.
 */
import type { Clock } from '@vaguemestre/server/kernel/clock';
import { type Networks, parseNetworks } from '@vaguemestre/server/net/address';

export interface WatchOptions {
  /** Each an address or a network; a name of its own in alerts. */
  readonly upstreams: readonly string[];
  readonly silentMs: number;
  readonly timeZone: string;
  /** Hours of the day in that zone, Monday to Friday. */
  readonly workingHours: { readonly from: number; readonly to: number };
}

export interface UpstreamNews {
  readonly kind: 'silent' | 'back';
  readonly upstream: string;
  /** Milliseconds since 1970; undefined: nothing came since the relay started. */
  readonly lastSeenMs: number | undefined;
}

export interface UpstreamState {
  readonly upstream: string;
  readonly lastSeenMs: number | undefined;
  readonly silent: boolean;
}

export interface UpstreamWatch {
  /** Mail came from this address. */
  saw(address: string): void;
  /** What changed since it was asked last; ask once a minute. */
  check(): readonly UpstreamNews[];
  states(): readonly UpstreamState[];
}

export const standardWatch: Omit<WatchOptions, 'upstreams'> = {
  silentMs: 30 * 60_000,
  timeZone: 'Europe/Paris',
  workingHours: { from: 8, to: 19 },
};

interface Watched {
  readonly upstream: string;
  readonly networks: Networks;
  lastSeenMs: number | undefined;
  /** Working time without a sign, up to the last check. */
  quietMs: number;
  silent: boolean;
  /** It spoke since the last check. */
  spoke: boolean;
}

/** A check that comes later than this (a machine that slept) counts for no more. */
const longestStepMs = 5 * 60_000;

export function watchUpstreams(options: WatchOptions, clock: Clock): UpstreamWatch {
  const hour = new Intl.DateTimeFormat('en-GB', {
    timeZone: options.timeZone,
    weekday: 'short',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const watched = options.upstreams.map(
    (upstream): Watched => ({
      upstream,
      networks: parseNetworks([upstream]),
      lastSeenMs: undefined,
      quietMs: 0,
      silent: false,
      spoke: false,
    }),
  );
  let checkedMs = clock.monotonicMs();

  const isWorkingTime = (): boolean => {
    const parts = hour.formatToParts(clock.nowMs());
    const value = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
    const now = Number(value('hour'));
    return !/^S/.test(value('weekday')) && now >= options.workingHours.from && now < options.workingHours.to;
  };

  return {
    saw(address) {
      for (const one of watched) {
        if (!one.networks.has(address)) continue;
        one.lastSeenMs = clock.nowMs();
        one.spoke = true;
      }
    },
    check() {
      const now = clock.monotonicMs();
      const step = Math.min(now - checkedMs, longestStepMs);
      checkedMs = now;
      const working = isWorkingTime();
      const news: UpstreamNews[] = [];
      for (const one of watched) {
        const { upstream, lastSeenMs } = one;
        if (one.spoke) {
          one.spoke = false;
          one.quietMs = 0;
          if (one.silent) news.push({ kind: 'back', upstream, lastSeenMs });
          one.silent = false;
          continue;
        }
        // A night says nothing about the morning.
        one.quietMs = working ? one.quietMs + step : 0;
        if (!one.silent && one.quietMs >= options.silentMs) {
          one.silent = true;
          news.push({ kind: 'silent', upstream, lastSeenMs });
        }
      }
      return news;
    },
    states: () => watched.map(({ upstream, lastSeenMs, silent }) => ({ upstream, lastSeenMs, silent })),
  };
}
