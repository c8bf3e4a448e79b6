/**
 * The promises of domains about TLS (RFC 8461), remembered: a policy that was seen once holds for as long as it said, also while
 * the DNS, the web server or our store are away, which is what keeps an attacker from talking us out of it (5.1, 10.2). A
 * policy that cannot be got for the first time is none. Rejects only with the reason of the signal.
 */
import type { Clock } from '@vaguemestre/server/kernel/clock';
import type { Log } from '@vaguemestre/server/kernel/log';
import type { TlsPromise } from '../delivery/stops.js';
import type { Dns } from '../dns/answer.js';
import type { FetchPolicy } from './fetch-policy.js';
import { parseStsPolicy, type StsPolicy, stsAccepts, stsId } from './sts-policy.js';

export interface StoredPolicy {
  readonly id: string;
  readonly policy: StsPolicy;
  readonly until: Date;
}

/** May reject: then it is as if nothing were there. */
export interface PolicyStore {
  get(domain: string): Promise<StoredPolicy | undefined>;
  put(domain: string, stored: StoredPolicy): Promise<void>;
}

export interface StsParts {
  readonly dns: Dns;
  readonly fetch: FetchPolicy;
  readonly store: PolicyStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** RFC 8461 3.3: at most one try in five minutes. */
const retryMs = 5 * 60_000;
const maxDomains = 10_000;

interface Known {
  stored: StoredPolicy | undefined;
  /** The next look at the web server is not before. */
  notBeforeMs: number;
}

export interface StsPolicies {
  promiseOf(domain: string, signal: AbortSignal): Promise<TlsPromise | undefined>;
}

export function createStsPolicies({ dns, fetch, store, clock, log }: StsParts): StsPolicies {
  const known = new Map<string, Known>();
  const underWay = new Map<string, Promise<void>>();

  const remembered = async (domain: string): Promise<Known> => {
    const have = known.get(domain);
    if (have !== undefined) return have;
    let stored: StoredPolicy | undefined;
    try {
      stored = await store.get(domain);
    } catch (error) {
      log.warn({ err: error, domain }, 'the TLS policy of a domain could not be read from the store');
    }
    const entry = known.get(domain) ?? { stored, notBeforeMs: 0 };
    known.set(domain, entry);
    if (known.size > maxDomains) known.delete(known.keys().next().value!);
    return entry;
  };

  const refresh = async (domain: string, id: string, entry: Known, signal: AbortSignal): Promise<void> => {
    entry.notBeforeMs = clock.monotonicMs() + retryMs;
    try {
      const policy = parseStsPolicy(await fetch(domain, signal));
      if (policy === undefined) throw new Error('the policy is malformed');
      const stored = { id, policy, until: new Date(clock.nowMs() + policy.maxAgeSeconds * 1000) };
      entry.stored = stored;
      entry.notBeforeMs = 0;
      await store.put(domain, stored);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error, domain }, 'the TLS policy of a domain could not be had or kept');
    }
  };

  return {
    async promiseOf(domain, signal) {
      // A literal has no policy.
      if (domain.startsWith('[')) return undefined;
      const entry = await remembered(domain);
      const answer = await dns.txt(`_mta-sts.${domain}`, signal);
      const id = answer.kind === 'records' ? stsId(answer.records) : undefined;
      const fresh = entry.stored !== undefined && entry.stored.until.getTime() > clock.nowMs();
      const changed = id !== undefined && (!fresh || entry.stored?.id !== id);
      if (changed && clock.monotonicMs() >= entry.notBeforeMs) {
        const asked = underWay.get(domain);
        const asking = asked ?? refresh(domain, id, entry, signal).finally(() => underWay.delete(domain));
        if (asked === undefined) underWay.set(domain, asking);
        await asking;
      }
      const { stored } = entry;
      if (stored === undefined || stored.until.getTime() <= clock.nowMs() || stored.policy.mode === 'none') {
        return undefined;
      }
      const { policy } = stored;
      return { enforced: policy.mode === 'enforce', accepts: (host) => stsAccepts(policy, host) };
    },
  };
}
