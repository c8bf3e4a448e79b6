/**
 * Sessions kept open for a moment, so that the next message to the same host goes without a greeting, a handshake and a login.
 * Bounded in number, messages, age and idleness: other people's connections are not ours to hold. One that died meanwhile is
 * found out at its next use, before anything was sent.
 */
import { type HostSession, leave } from './session.js';

export interface SessionPool {
  /** A session that was kept under `key`, for the caller alone. */
  take(key: string): HostSession | undefined;
  /** Keeps it, or ends it. */
  give(key: string, session: HostSession): void;
  /** Ends all. */
  close(): void;
}

export interface PoolLimits {
  readonly perKey: number;
  readonly all: number;
  readonly idleMs: number;
  /** Messages of one session: some hosts count them and get rude. */
  readonly uses: number;
  readonly ageMs: number;
}

export const standardPoolLimits: PoolLimits = { perKey: 20, all: 200, idleMs: 5_000, uses: 100, ageMs: 5 * 60_000 };

interface Idle {
  readonly session: HostSession;
  readonly timer: NodeJS.Timeout;
}

export function createSessionPool(limits: PoolLimits = standardPoolLimits): SessionPool {
  const idle = new Map<string, Idle[]>();
  let count = 0;
  let closed = false;

  const remove = (key: string, entry: Idle): void => {
    clearTimeout(entry.timer);
    const entries = idle.get(key) ?? [];
    const left = entries.filter((one) => one !== entry);
    if (left.length < entries.length) count--;
    if (left.length === 0) idle.delete(key);
    else idle.set(key, left);
  };

  return {
    take(key) {
      for (;;) {
        // The one used last: the others may close for want of use.
        const entry = idle.get(key)?.at(-1);
        if (entry === undefined) return undefined;
        remove(key, entry);
        const { connection } = entry.session;
        if (connection.destroyed) continue;
        // A host that speaks unasked says goodbye (421), or makes no sense.
        if (!connection.hasBufferedInput) return entry.session;
        leave(connection);
      }
    },
    give(key, session) {
      const entries = idle.get(key) ?? [];
      const worn = session.uses >= limits.uses || performance.now() - session.openedMs >= limits.ageMs;
      if (closed || worn || entries.length >= limits.perKey || count >= limits.all) {
        leave(session.connection);
        return;
      }
      const timer = setTimeout(() => {
        remove(key, entry);
        leave(session.connection);
      }, limits.idleMs);
      // An idle session keeps no process alive.
      timer.unref();
      const entry: Idle = { session, timer };
      idle.set(key, [...entries, entry]);
      count++;
    },
    close() {
      closed = true;
      for (const entries of idle.values()) {
        for (const { session, timer } of entries) {
          clearTimeout(timer);
          leave(session.connection);
        }
      }
      idle.clear();
      count = 0;
    },
  };
}
