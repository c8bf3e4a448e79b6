import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../kernel/clock.js';

/**
 * What this process remembers of passwords it has verified, so that a client that comes back every minute costs a keyed
 * hash (5 microseconds) and not argon2 (8 milliseconds). Kept is an HMAC-SHA-256 of account, credential version and
 * password under a key that only this process has and that dies with it: neither memory nor a core file gives a password
 * back without guessing under that key. A new password has a new version, so old proofs simply are not found.
 *
 * Wrong passwords are remembered the same way: the telephone that repeats last year's password all day costs nothing and
 * does not count as guessing, and so cannot lock its owner out.
 */
export interface LoginProofs {
  /** `version` is undefined for an account that does not exist. */
  tag(subject: string, version: string | undefined, password: Uint8Array): string;
  verdict(tag: string): 'right' | 'wrong' | undefined;
  remember(tag: string, verdict: 'right' | 'wrong'): void;
}

/** Since argon2 last said so; never prolonged. */
export const rightForMs = 10 * 60_000;
/** Since it was last tried: longer than a telephone's polling, and than the throttle's memory. */
export const wrongForMs = 60 * 60_000;
/** 10,000 entries are about 2 MB. */
const maxEntries = 10_000;

export function createLoginProofs(clock: Clock): LoginProofs {
  const key = randomBytes(32);
  const right = new Map<string, number>();
  const wrong = new Map<string, number>();

  const put = (map: Map<string, number>, tag: string, until: number): void => {
    map.delete(tag);
    map.set(tag, until);
    if (map.size <= maxEntries) return;
    const [oldest] = map.keys();
    if (oldest !== undefined) map.delete(oldest);
  };
  const holds = (map: Map<string, number>, tag: string, now: number): boolean => {
    const until = map.get(tag);
    if (until === undefined) return false;
    if (until > now) return true;
    map.delete(tag);
    return false;
  };

  return {
    tag(subject, version, password) {
      // Lengths before texts: no two different triples give the same octets.
      const head = `${subject.length} ${subject} ${version === undefined ? '-' : `${version.length} ${version}`} `;
      return createHmac('sha256', key).update(head).update(password).digest('base64');
    },
    verdict(tag) {
      const now = clock.monotonicMs();
      if (holds(right, tag, now)) return 'right';
      if (!holds(wrong, tag, now)) return undefined;
      put(wrong, tag, now + wrongForMs);
      return 'wrong';
    },
    remember(tag, verdict) {
      const now = clock.monotonicMs();
      if (verdict === 'right') put(right, tag, now + rightForMs);
      else put(wrong, tag, now + wrongForMs);
    },
  };
}
