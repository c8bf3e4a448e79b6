/**
 * Questions to the DNS by Node's own stub resolver (c-ares), which asks the servers that are configured and no file of this
 * machine. What it can tell is kept apart as mail needs it (`answer.ts`). On failure it answers `failed` within `tries` times
 * `timeoutMs`, one server after the other; it does not throw.
 *
 * It cannot tell whether an answer was signed: c-ares does not hand on the AD bit, so DANE (RFC 7672) is not built on it. The time
 * to live is known for addresses only; other records are kept for `otherTtlMs`, which is shorter than what zones commonly say.
 */
import { Resolver } from 'node:dns/promises';
import { abortable } from '@vaguemestre/server/kernel/abortable';
import { type Clock, systemClock } from '@vaguemestre/server/kernel/clock';
import type { Dns, DnsAnswer, DnsFailure, MxRecord } from './answer.js';
import { createAnswerCache, type Kept } from './cache.js';

export interface ResolverOptions {
  /** `address` or `address:port`; undefined: those of the system. */
  readonly servers?: readonly string[];
  readonly timeoutMs?: number;
  readonly tries?: number;
  readonly clock?: Clock;
}

const defaultTimeoutMs = 3_000;
const defaultTries = 2;
/** Each is a few hundred octets: whoever makes us look up names must not fill memory with them. */
const maxAnswers = 10_000;
/** MX, TXT, NS. */
const otherTtlMs = 5 * 60_000;
/** A time to live of zero means "for this transaction": one message to a hundred recipients asks once. */
const minTtlMs = 5_000;
const maxTtlMs = 3_600_000;
/** RFC 2308 5 takes it from the SOA, which is not handed on. Short: a name that was just made is often mailed to at once. */
const noneTtlMs = 60_000;
/** A dead name server is asked by one message, not by each of five thousand. */
const failureTtlMs = 10_000;

export function createDns(options: ResolverOptions = {}): Dns & { forget(): void } {
  const resolver = new Resolver({
    timeout: options.timeoutMs ?? defaultTimeoutMs,
    tries: options.tries ?? defaultTries,
  });
  if (options.servers !== undefined) resolver.setServers([...options.servers]);
  const cache = createAnswerCache(options.clock ?? systemClock, maxAnswers);

  function ask<T>(
    type: string,
    name: string,
    question: (name: string) => Promise<{ readonly records: readonly T[]; readonly ttlMs: number }>,
    signal: AbortSignal | undefined,
  ): Promise<DnsAnswer<T>> {
    const plain = plainName(name);
    if (plain === undefined) return Promise.resolve({ kind: 'failed', why: 'badName' });
    return abortable(
      cache.get<DnsAnswer<T>>(`${type} ${plain}`, () => answerOf(question(plain))),
      signal,
    );
  }

  return {
    mx: (name, signal) =>
      ask<MxRecord>(
        'MX',
        name,
        async (asked) => ({
          records: (await resolver.resolveMx(asked)).map(({ exchange, priority }) => ({
            exchange: lowerName(exchange),
            preference: priority,
          })),
          ttlMs: otherTtlMs,
        }),
        signal,
      ),
    addresses: (name, family, signal) =>
      ask<string>(
        family === 4 ? 'A' : 'AAAA',
        name,
        async (asked) => {
          const found =
            family === 4
              ? await resolver.resolve4(asked, { ttl: true })
              : await resolver.resolve6(asked, { ttl: true });
          const ttlMs = found.reduce((least, { ttl }) => Math.min(least, ttl * 1000), maxTtlMs);
          return { records: found.map(({ address }) => address), ttlMs: Math.max(ttlMs, minTtlMs) };
        },
        signal,
      ),
    txt: (name, signal) =>
      ask<string>(
        'TXT',
        name,
        async (asked) => ({
          records: (await resolver.resolveTxt(asked)).map((strings) => strings.join('')),
          ttlMs: otherTtlMs,
        }),
        signal,
      ),
    nameServers: (name, signal) =>
      ask<string>(
        'NS',
        name,
        async (asked) => ({ records: (await resolver.resolveNs(asked)).map(lowerName), ttlMs: otherTtlMs }),
        signal,
      ),
    forget: () => cache.clear(),
  };
}

async function answerOf<T>(
  question: Promise<{ readonly records: readonly T[]; readonly ttlMs: number }>,
): Promise<Kept<DnsAnswer<T>>> {
  try {
    const { records, ttlMs } = await question;
    if (records.length === 0) return { value: { kind: 'none', why: 'noData' }, forMs: noneTtlMs };
    return { value: { kind: 'records', records }, forMs: ttlMs };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOTFOUND') return { value: { kind: 'none', why: 'noName' }, forMs: noneTtlMs };
    if (code === 'ENODATA') return { value: { kind: 'none', why: 'noData' }, forMs: noneTtlMs };
    return { value: { kind: 'failed', why: failureOf(code) }, forMs: failureTtlMs };
  }
}

function failureOf(code: string): DnsFailure {
  switch (code) {
    case 'ESERVFAIL':
      return 'servfail';
    case 'EBADNAME':
    case 'EBADSTR':
      return 'badName';
    case 'ETIMEOUT':
    case 'ECONNREFUSED':
    case 'ECANCELLED':
      return 'timeout';
    default:
      return 'refused';
  }
}

/** RFC 1035 2.3.4: 255 octets with lengths. Undefined for what no name is. */
function plainName(name: string): string | undefined {
  const lower = lowerName(name);
  if (lower === '' || lower.length > 253) return undefined;
  for (const label of lower.split('.')) if (label === '' || label.length > 63) return undefined;
  return lower;
}

const lowerName = (name: string): string => (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();
